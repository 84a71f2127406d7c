//! The console's first page: what is in force, and what is not and why, for people. It needs no token, as readiness
//! needs none: it holds nothing of a caller, and no secret.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Data;
use serde_json::Value;
use tera::{Context, Tera, TeraResult};

use crate::console::State;
use crate::console::api::status::status;

/// The name under which the page stands; it ends so that every value in it is escaped.
const NAME: &str = "home.html";
/// Nothing is loaded, and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

static PAGES: LazyLock<TeraResult<Tera>> = LazyLock::new(|| {
    let mut pages = Tera::default();
    pages.add_raw_template(NAME, include_str!("../../templates/console/home.html"))?;
    Ok(pages)
});

/// Answers `GET /`.
pub(super) async fn home(state: Data<State>) -> HttpResponse {
    let mut status = status(&state.catalog, &state.engine.cache().status(), None);
    number_as_text(&mut status);
    let page = PAGES.as_ref().map_err(ToString::to_string).and_then(|pages| {
        let page = Context::from_serialize(&status).and_then(|context| pages.render(NAME, &context));
        page.map_err(|error| error.to_string())
    });
    match page {
        Ok(page) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(page),
        Err(reason) => HttpResponse::InternalServerError().body(reason),
    }
}

/// A number that keeps all its digits is no number to who reads it through serde.
fn number_as_text(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(number_as_text),
        Value::Object(members) => members.values_mut().for_each(number_as_text),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
