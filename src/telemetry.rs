//! Logs: what the process says of itself, as events with fixed texts and values in fields. Never a caller's number,
//! name or body.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// What is said where `DATADIP_LOG` says nothing; the server's own start-up talk is not.
const DEFAULT: &str = "info,actix_server=warn";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends the process's log to standard error, at the level that `DATADIP_LOG` names (default `info`; `debug` says
/// every call). Only the first call counts.
pub fn install(format: LogFormat) {
    let wanted = std::env::var("DATADIP_LOG").ok().filter(|wanted| !wanted.trim().is_empty());
    let filter = wanted.and_then(|wanted| EnvFilter::try_new(wanted).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(DEFAULT));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    let installed = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if let Err(error) = installed {
        tracing::debug!(event = "log.installed_already", %error, "the log was set up before");
    }
}
