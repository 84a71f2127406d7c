//! Told to stop: readiness goes first, so that whoever balances calls sends no more; then the listeners close, calls
//! in flight end, and what waits for Redis is written. Nothing is cut.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use crate::http::health::Health;

/// How the process is told to stop.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on the process is not simply ended by them.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits until the process is told, and ends the servers. Calls are answered while `drain` passes; told again, it
/// passes at once.
pub(super) async fn when_told(
    mut signals: Signals,
    health: Arc<Health>,
    drain: Duration,
    servers: [ServerHandle; 2],
) {
    signals.next().await;
    health.stop();
    let drain_ms = u64::try_from(drain.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(event = "service.stopping", drain_ms, "told to stop");
    tokio::select! {
        () = sleep(drain) => {}
        () = signals.next() => {}
    }
    let [nodes, admin] = servers;
    tokio::join!(nodes.stop(true), admin.stop(true));
}
