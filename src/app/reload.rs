//! The mapping files, again: what is asked before they are put in force, and the signal that has them read.

use std::io;
use std::path::PathBuf;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{Environment, load, report};
use crate::catalog::reload::Gate;
use crate::catalog::watch::Reloader;
use crate::diagnostic::Severity;

/// Compiles this folder and runs its examples, on the thread that it is called on and no other.
pub(super) fn gate(folder: PathBuf, environment: Environment) -> Gate {
    Box::new(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let offer = runtime.block_on(load(&folder, environment)).map_err(|error| error.to_string())?;
        // Notes are about the environment, which is as it was at the start.
        report(&offer.findings, Severity::Warning);
        Ok(offer)
    })
}

/// SIGHUP, which from now on does not end the process.
pub(super) fn hangup() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Has the files put in force at each signal.
pub(super) async fn when_told(mut hangup: Signal, reloader: Reloader) {
    while hangup.recv().await.is_some() {
        reloader.reload().await;
    }
}
