//! The mapping files, again: what is asked before they are put in force, and the signal that has them read.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{Environment, load_again, report};
use crate::catalog::Catalog;
use crate::catalog::reload::Gate;
use crate::catalog::watch::{Reloader, Watching};
use crate::diagnostic::Severity;
use crate::lookup::Engine;
use crate::mapping::tables::Tables;

/// Compiles this folder and runs its examples, on the thread that it is called on and no other. What may be put in force
/// finds the engine ready for it.
pub(super) fn gate(
    folder: PathBuf,
    environment: Environment,
    mut tables: Tables,
    engine: Arc<Engine>,
) -> Gate {
    Box::new(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let offer = runtime
            .block_on(load_again(&folder, environment, &mut tables))
            .map_err(|error| error.to_string())?;
        // Notes are about the environment, which is as it was at the start.
        report(&offer.findings, Severity::Warning);
        if offer.findings.counts().errors == 0 {
            engine.warm(&offer.catalogue);
        }
        Ok(offer)
    })
}

/// Watches from now on, and has the files put in force at SIGHUP, which no longer ends the process.
pub(super) fn start(
    catalog: Arc<Catalog>,
    gate: Gate,
    watching: Watching,
    named: BTreeSet<PathBuf>,
) -> io::Result<Reloader> {
    let hangup = signal(SignalKind::hangup())?;
    let reloader = Reloader::start(catalog, gate, watching, named);
    tokio::spawn(when_told(hangup, reloader.clone()));
    Ok(reloader)
}

async fn when_told(mut hangup: Signal, reloader: Reloader) {
    while hangup.recv().await.is_some() {
        reloader.reload().await;
    }
}
