//! Whether the process is alive, and whether it is ready: a catalogue with at least one node is in force.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::json;

use crate::catalog::Catalog;
use crate::plan::Slot;

/// Adds `/healthz` and `/readyz`, for either listener.
pub fn configure(config: &mut ServiceConfig, catalog: Arc<Catalog>) {
    config
        .app_data(web::Data::from(catalog))
        .service(web::resource("/healthz").route(web::get().to(alive)).route(web::head().to(alive)))
        .service(web::resource("/readyz").route(web::get().to(ready)).route(web::head().to(ready)));
}

async fn alive() -> HttpResponse {
    uncached(HttpResponse::Ok()).json(json!({ "status": "ok" }))
}

async fn ready(catalog: web::Data<Catalog>) -> HttpResponse {
    let catalogue = catalog.current();
    if catalogue.nodes.is_empty() {
        let error = "no node is in force: put a mapping file into the mappings folder";
        return uncached(HttpResponse::ServiceUnavailable())
            .json(json!({ "status": "empty", "error": error }));
    }
    let nodes = catalogue.nodes.values().filter(|slot| matches!(slot, Slot::Broken(_))).count();
    let hooks = catalogue.hooks.values().filter(|slot| matches!(slot, Slot::Broken(_))).count();
    let broken = nodes + hooks;
    let status = if broken == 0 { "ready" } else { "degraded" };
    uncached(HttpResponse::Ok()).json(json!({ "status": status, "broken": broken }))
}

fn uncached(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response
}
