//! The people's door, on the admin listener: what those who run the service ask of it. It answers no call of an IVR.

mod api;
mod home;
mod metrics;
mod openapi;

use std::fmt;
use std::sync::Arc;

use actix_web::web::{self, Data, ServiceConfig};

use crate::catalog::Catalog;
use crate::catalog::watch::Reloader;
use crate::http::meters::Meters;
use crate::lookup::Engine;
use crate::secret::Secret;

/// What the door's handlers share.
pub struct State {
    /// It never writes: nothing that is done here may change a customer's file.
    engine: Engine,
    catalog: Arc<Catalog>,
    reloader: Reloader,
    meters: Arc<Meters>,
    token: Option<Secret>,
    personal_token: Option<Secret>,
    /// Where callers reach the nodes, as far as this process knows.
    nodes_url: String,
}

impl State {
    /// A door to this engine and to the nodes in force, for those who hold the token; without one it stays shut.
    #[must_use]
    pub fn new(
        engine: &Engine,
        catalog: Arc<Catalog>,
        reloader: Reloader,
        meters: Arc<Meters>,
        token: Option<Secret>,
    ) -> Self {
        let (engine, nodes_url) = (engine.without_writes(), String::new());
        Self { engine, catalog, reloader, meters, token, personal_token: None, nodes_url }
    }

    /// The same door; who holds this token may see what is personal in past calls.
    #[must_use]
    pub fn showing_persons_to(self, token: Option<Secret>) -> Self {
        Self { personal_token: token, ..self }
    }

    /// The same door; the nodes are reached below this URL.
    #[must_use]
    pub fn beside(self, nodes_url: String) -> Self {
        Self { nodes_url, ..self }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State")
    }
}

/// Adds the first page, the API and its description, the metrics, and an answer for every other path.
pub fn configure(config: &mut ServiceConfig, state: Arc<State>) {
    config
        .app_data(Data::from(state))
        .service(web::resource("/").get(home::home))
        .service(api::scope())
        .service(web::resource("/openapi.json").get(openapi::openapi))
        .service(web::resource("/metrics").get(metrics::metrics))
        .default_service(web::to(api::refusal::nowhere));
}
