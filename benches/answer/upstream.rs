//! A CRM that answers every question with one customer of about 2 KB.

use std::io::Write;

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

/// The argument by which this program becomes the upstream.
pub const ARGUMENT: &str = "--serve-upstream";

/// Serves until it is killed; prints its address first.
pub fn serve() {
    let body = Bytes::from(customer());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let server = HttpServer::new(move || {
            let body = body.clone();
            App::new().default_service(web::to(move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            }))
        })
        .bind("127.0.0.1:0")
        .unwrap();
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush().unwrap();
        server.run().await.unwrap();
    });
}

fn customer() -> String {
    let notes: Vec<_> = (0..16)
        .map(|n| json!({ "id": n, "at": "2026-01-01T00:00:00Z", "text": "called about an invoice" }))
        .collect();
    json!({ "data": [{
        "id": "C10001", "name": "Lim Mei Ling", "phone": "+6591234567", "email": "mei.lim@example.sg",
        "profile": { "vip": true, "tier": "gold", "since": "2019-04-01", "manager": { "name": "Mei Tan", "ext": "1001" } },
        "blocked": false, "tags": [{ "name": "Sailing" }, { "name": "Golf" }, { "name": "Fibre" }],
        "address": { "street": "1 Harbour Front", "city": "Singapore", "zip": "098633" }, "notes": notes
    }] })
    .to_string()
}
