//! The floor: an actix handler that reads and parses the same FORM body and answers constant bytes.

use std::io::Write;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};

/// The argument by which this program becomes the floor.
pub const ARGUMENT: &str = "--serve-floor";

/// Serves until it is killed; prints its address first.
pub fn serve(answer: &str) {
    let answer = Bytes::from(answer.to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let server = HttpServer::new(move || {
            let answer = answer.clone();
            App::new().route(
                "/nodes/{node}",
                web::post().to(move |body: Bytes| {
                    let answer = answer.clone();
                    async move {
                        let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(&body) else {
                            return HttpResponse::BadRequest().finish();
                        };
                        std::hint::black_box(&fields);
                        HttpResponse::Ok()
                            .insert_header((CONTENT_TYPE, "application/json"))
                            .insert_header((CACHE_CONTROL, "no-store"))
                            .body(answer)
                    }
                }),
            )
        })
        .bind("127.0.0.1:0")
        .unwrap();
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush().unwrap();
        server.run().await.unwrap();
    });
}
