//! `/api/…`: purge, forget, warm, reload and status as JSON, for those who hold the admin token. It reads what is asked and
//! tells what was done; the cache and the engine do it.

mod asked;
mod explain;
mod naming;
mod receipt;
pub(super) mod refusal;
mod reload;
pub(super) mod status;
mod token;
mod warming;

use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Data, Json};
use actix_web::{HttpResponse, middleware};
use serde_json::Value;

use crate::cache;
use crate::console::State;
use crate::console::api::asked::{Forget, Purge, Warm, What};
use crate::console::api::refusal::Refusal;
use crate::node::customer::Customer;

/// The largest body that is read, in bytes.
const LIMIT: usize = 256 * 1024;

/// The API's paths, behind its token.
pub(super) fn scope() -> impl HttpServiceFactory {
    let json = web::JsonConfig::default()
        .limit(LIMIT)
        .content_type_required(false)
        .content_type(|_| true)
        .error_handler(|error, _| Refusal::of_body(&error, LIMIT).into());
    web::scope("/api")
        .app_data(json)
        .wrap(middleware::from_fn(token::check))
        .service(web::resource("/status").get(status))
        .service(web::resource("/purge").post(purge))
        .service(web::resource("/forget").post(forget))
        .service(web::resource("/warm").post(warm))
        .service(web::resource("/explain").get(explain::many))
        .service(web::resource("/explain/{trace}").get(explain::one))
        .service(web::resource("/reload").post(reload::reload))
        .default_service(web::to(refusal::nowhere))
}

async fn status(state: Data<State>) -> HttpResponse {
    let traces = state.engine.traces().map(|traces| traces.size());
    said(status::status(&state.catalog, &state.engine.cache().status(), traces))
}

async fn purge(state: Data<State>, asked: Json<Purge>) -> Result<HttpResponse, Refusal> {
    let (catalogue, cache) = (state.catalog.current(), state.engine.cache());
    let (what, done) = match asked.into_inner().what()? {
        What::All => ("everything".to_owned(), cache.purge(cache::Purge::All).await),
        What::Operation(name) => {
            let operation = naming::operation(&catalogue, &name)?;
            (format!("operation {name}"), cache.purge(cache::Purge::Operations(&[&operation])).await)
        }
        What::Node(name) => {
            let node = naming::node(&catalogue, &name)?;
            let operations: Vec<&str> = naming::operations(&node).into_iter().collect();
            (format!("node {name}"), cache.purge(cache::Purge::Operations(&operations)).await)
        }
        What::Customer(named) => {
            let customer = naming::customer(&catalogue, &named)?;
            let identifiers = identifiers(&customer);
            (known(&customer), cache.purge(cache::Purge::Customer(&identifiers)).await)
        }
    };
    Ok(said(receipt::note(&what, &done)))
}

async fn forget(state: Data<State>, asked: Json<Forget>) -> Result<HttpResponse, Refusal> {
    let customer = naming::customer(&state.catalog.current(), &asked)?;
    let done = state.engine.cache().forget(&identifiers(&customer)).await;
    Ok(said(receipt::note(&known(&customer), &done)))
}

fn identifiers(customer: &Customer) -> Vec<&str> {
    customer.identifiers.iter().map(String::as_str).collect()
}

/// Names only: a receipt is kept, and what was forgotten is not to be found in it.
fn known(customer: &Customer) -> String {
    format!("customer by {}", customer.known.join(", "))
}

async fn warm(state: Data<State>, asked: Json<Warm>) -> Result<HttpResponse, Refusal> {
    let node = naming::node(&state.catalog.current(), &asked.node)?;
    let calls = asked.calls(&node)?;
    Ok(said(warming::warm(&state.engine, &node, &calls).await))
}

fn said(body: Value) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body)
}
