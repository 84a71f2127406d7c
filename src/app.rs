//! The only place that builds and wires: settings in, a running service out. Everything that touches the outside
//! (environment, clock, wire) is handed in from here.

pub mod banner;
pub mod draft;
mod reload;
mod stop;
mod tokens;
pub mod unset;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::dev::{Server, Service};
use actix_web::{App as Actix, HttpServer};
use thiserror::Error;
use tokio::runtime::Handle;

use crate::app::stop::Signals;
use crate::cache::{self, Cache, ConfigError};
use crate::catalog::Catalog;
use crate::catalog::reload::{Offer, why};
use crate::catalog::watch::Watching;
use crate::clock::Clock;
use crate::console;
use crate::diagnostic::{Findings, Severity};
use crate::explain::Traces;
use crate::http::health::{self, Health};
use crate::http::{self, State};
use crate::lookup::Engine;
use crate::mapping::tables::Tables;
use crate::mapping::{self, FolderError};
use crate::node::phone;
use crate::plan::Slot;
use crate::rehearsal;
use crate::settings::Settings;
use crate::upstream::Upstreams;
use crate::upstream::http::HttpTransport;

/// Looks an environment variable up.
pub type Environment = fn(&str) -> Option<String>;

/// How long calls in flight may take to end after the service was told to stop, in seconds: a call's longest
/// budget, rounded up.
const SHUTDOWN_SEC: u64 = 5;
/// How long what waits for Redis may take to be written, after that.
const FLUSH: Duration = Duration::from_secs(1);

/// Why the service does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The mappings folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// `--strict`, and a mapping file has an error.
    #[error("{}, and --strict is set; see `datadip check`", why(*.0))]
    Strict(usize),
    /// The cache's settings cannot work.
    #[error(transparent)]
    Cache(#[from] ConfigError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The server ended by an error of the system.
    #[error("the server ended: {0}")]
    Server(#[from] io::Error),
}

/// Compiles a mappings folder and runs its examples: what every command does that needs a node.
///
/// # Errors
/// A [`FolderError`] where the folder itself cannot be used.
pub async fn load(folder: &Path, environment: Environment) -> Result<Offer, FolderError> {
    load_again(folder, environment, &mut Tables::default()).await
}

/// The same, with the tables of the time before.
async fn load_again(
    folder: &Path,
    environment: Environment,
    tables: &mut Tables,
) -> Result<Offer, FolderError> {
    let compiled = mapping::compile_again(folder, &environment, tables)?;
    let (mut catalogue, mut findings, named) = (compiled.catalogue, compiled.findings, compiled.named);
    for slot in catalogue.nodes.values_mut() {
        let Slot::Ready(node) = slot else {
            continue;
        };
        let found = rehearsal::rehearse(node, &Clock::system()).await;
        if let Some(failed) = found.iter().find(|finding| finding.severity == Severity::Error) {
            *slot = Slot::Broken(failed.message.clone());
        }
        findings.append(found);
    }
    findings.sort();
    Ok(Offer { catalogue, findings, named })
}

/// An engine on real upstreams, whose work is done on this runtime. A quarter of the memory is for replies.
///
/// # Errors
/// A [`ConfigError`] where the cache's settings cannot work.
pub fn engine(config: &cache::Config, runtime: Handle, writes: bool) -> Result<Engine, ConfigError> {
    let transport = Arc::new(HttpTransport::new());
    let for_replies = config.memory_bytes / 4;
    let config = cache::Config { memory_bytes: config.memory_bytes - for_replies, ..config.clone() };
    let cache = Cache::new(&config, Clock::system(), &runtime)?;
    let upstreams = Upstreams::sharing(transport, Arc::new(cache.vault()), Clock::system());
    Ok(Engine::new(upstreams, cache, for_replies, Clock::system(), runtime, writes))
}

/// Upstreams that are asked without any node, each token this process's own.
#[must_use]
pub fn upstreams() -> Upstreams {
    Upstreams::new(Arc::new(HttpTransport::new()))
}

/// The service, listening.
pub struct App {
    server: Server,
    admin: Server,
    banner: String,
    engine: Arc<Engine>,
    traces: Arc<Traces>,
    health: Arc<Health>,
    drain: Duration,
    signals: Signals,
}

impl App {
    /// Loads the mappings, listens, and is ready to run.
    ///
    /// # Errors
    /// A [`StartError`] that says what keeps it from starting.
    pub async fn build(settings: Settings, environment: Environment) -> Result<Self, StartError> {
        phone::warm();
        let mut folders = mapping::folders(&settings.mappings).to_vec();
        folders.push(settings.mappings.clone());
        let watching = Watching::of(settings.watch, folders);
        let mut tables = Tables::default();
        let loaded = load_again(&settings.mappings, environment, &mut tables).await?;
        report(&loaded.findings, Severity::Note);
        let errors = loaded.findings.counts().errors;
        if settings.strict && errors > 0 {
            return Err(StartError::Strict(errors));
        }
        let signals = Signals::listen()?;
        let listener = listen(settings.listen)?;
        let admin_listener = listen(settings.admin_listen)?;
        let addresses = (listener.local_addr()?, admin_listener.local_addr()?);
        let banner = banner::banner(addresses, &loaded);
        let catalog = Arc::new(Catalog::new(loaded.catalogue, loaded.findings));
        let config = http::Config { trusted_proxies: settings.trusted_proxies };
        let engine = engine(&settings.cache, Handle::current(), true)?;
        let traces = Traces::new(
            settings.trace_bytes,
            settings.trace_redis_bytes,
            engine.cache(),
            SystemTime::now(),
            &Handle::current(),
        );
        let engine = Arc::new(engine.remembering(Arc::clone(&traces)));
        // Writes are sent from here, whichever worker was called.
        engine.warm(&catalog.current());
        let gate = reload::gate(settings.mappings, environment, tables, Arc::clone(&engine));
        let reloader = reload::start(Arc::clone(&catalog), gate, watching, loaded.named)?;
        let health = Arc::new(Health::new(Arc::clone(&catalog)));
        let state = Arc::new(State::new(Arc::clone(&engine), Arc::clone(&catalog), config));
        let door = console::State::new(&engine, catalog, reloader, state.meters(), settings.admin_token)
            .showing_persons_to(settings.personal_token)
            .beside(format!("http://{}", banner::reachable(addresses.0)));
        let server = nodes(listener, state, Arc::clone(&health))?;
        let admin = admin(admin_listener, Arc::new(door), Arc::clone(&health))?;
        Ok(Self { server, admin, banner, engine, traces, health, drain: settings.drain, signals })
    }

    /// What is said to the person who started it: the addresses, and a line to try for each node.
    #[must_use]
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// Serves until the process is told to stop and the calls in flight have ended.
    ///
    /// # Errors
    /// [`StartError::Server`] where a listener fails.
    pub async fn run(self) -> Result<(), StartError> {
        let servers = [self.server.handle(), self.admin.handle()];
        let stop = tokio::spawn(stop::when_told(self.signals, self.health, self.drain, servers));
        let ended = tokio::try_join!(self.server, self.admin);
        stop.abort();
        let cut = self.engine.written().await;
        let (left, ()) = tokio::join!(self.engine.cache().flush(FLUSH), self.traces.flush(FLUSH));
        tracing::info!(event = "service.stopped", cut, left, "ended");
        ended?;
        Ok(())
    }
}

fn nodes(listener: TcpListener, state: Arc<State>, health: Arc<Health>) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        let (state, health) = (Arc::clone(&state), Arc::clone(&health));
        state.warm();
        Actix::new()
            .wrap_fn(|request, service| health::see_off(service.call(request)))
            .configure(move |config| health::configure(config, health))
            .configure(move |config| http::configure(config, state))
    });
    Ok(server.disable_signals().shutdown_timeout(SHUTDOWN_SEC).listen(listener)?.run())
}

fn admin(listener: TcpListener, door: Arc<console::State>, health: Arc<Health>) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        let (door, health) = (Arc::clone(&door), Arc::clone(&health));
        Actix::new()
            .wrap_fn(|request, service| health::see_off(service.call(request)))
            .configure(move |config| health::configure(config, health))
            .configure(move |config| console::configure(config, door))
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(SHUTDOWN_SEC).listen(listener)?.run())
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|error| StartError::Listen { address, error })
}

/// Logs what was found, from this severity on.
fn report(findings: &Findings, least: Severity) {
    for finding in findings.iter().filter(|finding| finding.severity >= least) {
        let code = finding.code.code();
        let position = finding.span.map(|span| finding.source.position(span.start));
        let line = position.map_or(0, |position| position.line);
        let (file, message) = (&finding.source.path, &finding.message);
        match finding.severity {
            Severity::Error => tracing::error!(event = "mapping.finding", code, file, line, "{message}"),
            Severity::Warning => tracing::warn!(event = "mapping.finding", code, file, line, "{message}"),
            Severity::Note => tracing::debug!(event = "mapping.finding", code, file, line, "{message}"),
        }
    }
}
