//! The IVR's door: bytes to a call, an answer to bytes. It understands no input and makes no output; who may call
//! and what is no call is decided here, everything else by the engine.

pub mod extract;
pub mod guard;
pub mod health;
mod hooks;
pub mod meters;
pub mod problem;
mod refusal;
mod reply;
mod webhook;

use std::fmt;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};
use ipnet::IpNet;
use tokio::sync::Semaphore;

use crate::catalog::Catalog;
use crate::http::guard::Guard;
use crate::http::meters::Meters;
use crate::lookup::Engine;

/// The most calls that events have answered at the same time.
const MOST_WARMING: usize = 64;

/// The door's settings.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The proxies in front of the gateway. A call that comes from one of these networks is taken for one from the
    /// address that it names in `X-Forwarded-For`; from anywhere else that header means nothing.
    pub trusted_proxies: Vec<IpNet>,
}

/// What the door's handlers share. One for all workers: rates are counted in it.
pub struct State {
    engine: Arc<Engine>,
    catalog: Arc<Catalog>,
    guard: Guard,
    meters: Arc<Meters>,
    /// The engine without writes, for calls that have not come yet.
    reading: Arc<Engine>,
    /// Bounds how many of these are answered at the same time.
    warming: Arc<Semaphore>,
}

impl State {
    /// A door to this engine and to the nodes in force.
    #[must_use]
    pub fn new(engine: Arc<Engine>, catalog: Arc<Catalog>, config: Config) -> Self {
        let guard = Guard::new(config.trusted_proxies);
        let reading = Arc::new(engine.without_writes());
        let warming = Arc::new(Semaphore::new(MOST_WARMING));
        Self { engine, catalog, guard, meters: Arc::default(), reading, warming }
    }
}

impl State {
    /// Gets ready for calls on the worker that this is called on.
    pub fn warm(&self) {
        self.engine.warm(&self.catalog.current());
    }

    /// What is counted here.
    #[must_use]
    pub fn meters(&self) -> Arc<Meters> {
        Arc::clone(&self.meters)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State")
    }
}

/// The name behind `/nodes/` or `/hooks/`. A prefix and the rest of the path are found without the regular expression
/// that a route with a variable in it is.
fn name(request: &HttpRequest) -> &str {
    let rest = request.match_info().unprocessed();
    rest.strip_prefix('/').unwrap_or(rest)
}

/// Adds the data nodes and the hooks, and an answer for every other path.
pub fn configure(config: &mut ServiceConfig, state: Arc<State>) {
    config
        .app_data(Data::from(state))
        .service(web::scope("/nodes").default_service(web::to(webhook::webhook)))
        .service(web::scope("/hooks").default_service(web::to(hooks::hook)))
        .default_service(web::to(problem::nowhere));
}

#[cfg(test)]
mod tests;
