//! `/openapi.json`: the nodes in force and what runs beside them, for tools that read OpenAPI 3.1. It is made of the
//! plans, so that it says what is answered, and holds nothing of a caller and no secret.

mod admin;
mod node;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::console::State;
use crate::description::Description;
use crate::plan::hook::Hook;
use crate::plan::{Catalogue, Slot};

/// What may be asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// Where callers reach the nodes, if it is elsewhere than they are served.
    base: Option<String>,
}

/// Answers `GET /openapi.json`.
pub(super) async fn openapi(state: Data<State>, asked: Query<Asked>) -> HttpResponse {
    let base = asked.into_inner().base.unwrap_or_else(|| state.nodes_url.clone());
    HttpResponse::Ok().json(document(&state.catalog.current(), &base))
}

fn document(catalogue: &Catalogue, base: &str) -> Value {
    let mut paths = Map::new();
    let mut schemes = Map::new();
    for (name, slot) in &catalogue.nodes {
        let Slot::Ready(node) = slot else { continue };
        let described = Description::of(node, base);
        let scheme = described.access.as_ref().and_then(|access| access.header.as_deref()).map(security);
        schemes.extend(scheme.clone());
        paths.insert(format!("/nodes/{name}"), node::path(&described, scheme.map(|(name, _)| name)));
    }
    for (name, slot) in &catalogue.hooks {
        let Slot::Ready(hook) = slot else { continue };
        paths.insert(format!("/hooks/{name}"), hook_path(hook));
    }
    paths.extend(admin::paths());
    schemes.insert("admin".to_owned(), json!({ "type": "http", "scheme": "bearer" }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Datadip",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The data nodes that an IVR calls, and what runs beside them.",
        },
        "servers": [{ "url": base.trim_end_matches('/') }],
        "paths": paths,
        "components": {
            "headers": node::headers(),
            "schemas": {
                "Error": {
                    "type": "object",
                    "properties": { "error": { "type": "string", "description": "What is wrong, and where." } },
                    "required": ["error"],
                },
            },
            "securitySchemes": schemes,
        },
    })
}

/// How a key in this header is told, and under which name.
fn security(header: &str) -> (String, Value) {
    if header.eq_ignore_ascii_case("authorization") {
        return ("bearer".to_owned(), json!({ "type": "http", "scheme": "bearer" }));
    }
    let header = header.to_ascii_lowercase();
    (header.clone(), json!({ "type": "apiKey", "in": "header", "name": header }))
}

fn hook_path(hook: &Hook) -> Value {
    json!({
        "post": {
            "operationId": format!("hook-{}", hook.name),
            "summary": hook.about.as_deref().unwrap_or(&hook.name),
            "tags": ["hooks"],
            "parameters": [{
                "name": hook.proof.header,
                "in": "header",
                "required": true,
                "schema": { "type": "string" },
                "description": "Shows that the event is true.",
            }],
            "requestBody": {
                "content": { "application/json": {}, "application/x-www-form-urlencoded": {} },
            },
            "responses": {
                "202": { "description": "The event was taken." },
                "4XX": error("The event was not taken."),
            },
        },
    })
}

/// An answer that holds `error` alone.
fn error(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    })
}
