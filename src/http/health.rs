//! Whether the process is alive, and whether it is ready: a catalogue with at least one node is in force, and it
//! was not told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServiceResponse;
use actix_web::http::ConnectionType;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, HttpResponse, HttpResponseBuilder};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::catalog::reload::Refused;
use crate::plan::Slot;

/// What the checks look at. One for both listeners.
#[derive(Debug)]
pub struct Health {
    catalog: Arc<Catalog>,
    stopping: AtomicBool,
}

impl Health {
    /// The health of who answers by this catalogue.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, stopping: AtomicBool::new(false) }
    }

    /// From now on it is not ready any more, although it still answers.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }
}

/// Ends the connection with this answer once the process was told to stop: what its caller sent next would be cut.
///
/// # Errors
/// As the answer.
pub async fn see_off<B>(
    answer: impl Future<Output = Result<ServiceResponse<B>, Error>>,
) -> Result<ServiceResponse<B>, Error> {
    let mut answer = answer.await?;
    let health = answer.request().app_data::<web::Data<Health>>();
    if health.is_some_and(|health| health.stopping.load(Ordering::Acquire)) {
        answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(answer)
}

/// Adds `/healthz` and `/readyz`, for either listener.
pub fn configure(config: &mut ServiceConfig, health: Arc<Health>) {
    config
        .app_data(web::Data::from(health))
        .service(web::resource("/healthz").route(web::get().to(alive)).route(web::head().to(alive)))
        .service(web::resource("/readyz").route(web::get().to(ready)).route(web::head().to(ready)));
}

async fn alive() -> HttpResponse {
    uncached(HttpResponse::Ok()).json(json!({ "status": "ok" }))
}

async fn ready(health: web::Data<Health>) -> HttpResponse {
    if health.stopping.load(Ordering::Acquire) {
        let error = "the gateway was told to stop: send calls elsewhere";
        return uncached(HttpResponse::ServiceUnavailable())
            .json(json!({ "status": "stopping", "error": error }));
    }
    let (catalogue, standing) = (health.catalog.current(), health.catalog.standing());
    let refused = standing.refused.as_deref();
    if catalogue.nodes.is_empty() {
        let error = match refused {
            Some(refused) => format!("no node is in force: {}", refused.why),
            None => "no node is in force: put a mapping file into the mappings folder".to_owned(),
        };
        let body = json!({ "status": "empty", "error": error });
        return uncached(HttpResponse::ServiceUnavailable()).json(with_refusal(body, refused));
    }
    let nodes = catalogue.nodes.values().filter(|slot| matches!(slot, Slot::Broken(_))).count();
    let hooks = catalogue.hooks.values().filter(|slot| matches!(slot, Slot::Broken(_))).count();
    let broken = nodes + hooks;
    let status = if broken == 0 && refused.is_none() { "ready" } else { "degraded" };
    let body = json!({ "status": status, "broken": broken });
    uncached(HttpResponse::Ok()).json(with_refusal(body, refused))
}

fn with_refusal(mut body: Value, refused: Option<&Refused>) -> Value {
    if let (Some(body), Some(refused)) = (body.as_object_mut(), refused) {
        body.insert("refused".to_owned(), refusal(refused));
    }
    body
}

/// Mapping files that are not in force.
fn refusal(refused: &Refused) -> Value {
    json!({
        "why": refused.why,
        "files": refused.files,
        "errors": refused.findings.counts().errors,
        "since": Timestamp::try_from(refused.since).ok().map(|at| at.strftime("%FT%TZ").to_string()),
    })
}

fn uncached(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response
}
