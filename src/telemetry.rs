//! Logs: what the process says of itself, as events with fixed texts and values in fields. Never a caller's number,
//! name or body.

mod writer;

use std::io::{self, IsTerminal};

use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::telemetry::writer::Writer;

/// The level where `DATADIP_LOG` says none.
const DEFAULT: &str = "info";

/// Whose lines are held to that.
const OURS: &str = "datadip";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The levels, from nothing to all.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Why there is no log. It keeps the process from starting: nothing at all would be said.
#[derive(Debug, Error)]
pub enum LogError {
    /// `DATADIP_LOG` names no level.
    #[error("DATADIP_LOG: `{0}` is no level; the levels are error, warn, info, debug, trace, and off")]
    NoLevel(String),
    /// There is no thread that could write it.
    #[error("the log cannot be written: {0}")]
    NoThread(#[from] io::Error),
}

/// Sends the process's log to standard error, at the level that is wanted (what `DATADIP_LOG` holds; default `info`;
/// `debug` says every call), which may be another for a part of it: `info,datadip::cache=debug`. Only the first call
/// counts. A line that cannot be written (nobody reads, the disk is full, a pipe is full) is let go.
///
/// # Errors
/// [`LogError`] where that is not understood, or nothing can be written.
pub fn install(format: LogFormat, wanted: Option<&str>) -> Result<(), LogError> {
    let filter = filter(wanted.unwrap_or_default())?;
    let writer = Writer::to(io::stderr())?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || writer.clone())
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // What goes wrong with a line would be told on standard error, by a panic where that cannot be written: it
        // would cost the caller the answer.
        .log_internal_errors(false);
    let installed = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if let Err(error) = installed {
        tracing::debug!(event = "log.installed_already", %error, "the log was set up before");
    }
    Ok(())
}

/// The filter would take any word for the name of a part, and then say nothing of all others.
fn filter(wanted: &str) -> Result<EnvFilter, LogError> {
    let parts: Vec<&str> = wanted.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    for part in &parts {
        let level = part.rsplit_once('=').map_or(*part, |(_, level)| level);
        if !is_level(level) {
            return Err(LogError::NoLevel((*part).to_owned()));
        }
    }
    let has_level = parts.iter().any(|part| is_level(part));
    let default = (!has_level).then_some(DEFAULT);
    let capped = default.into_iter().chain(parts.iter().copied()).map(capped);
    let text = capped.collect::<Vec<_>>().join(",");
    EnvFilter::try_new(text).map_err(|_| LogError::NoLevel(wanted.to_owned()))
}

/// What others write is not ours to answer for, and may hold a caller's number: a level for all is for our own parts,
/// of the others what they warn of is said. More is said of a part that is named, and of others no more than `info`.
fn capped(part: &str) -> String {
    let (place, level) = part.rsplit_once('=').map_or((None, part), |(place, level)| (Some(place), level));
    let is_any = |levels: &[&str]| levels.iter().any(|own| own.eq_ignore_ascii_case(level));
    let is_ours = |place: &str| {
        place.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '[']))
    };
    match place {
        None if is_any(&["info", "debug", "trace"]) => format!("warn,{OURS}={level}"),
        Some(place) if is_any(&["debug", "trace"]) && !is_ours(place) => format!("{place}=info"),
        _ => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_word_that_is_no_level_is_refused_and_silences_nothing() {
        for wanted in ["WARNING", "inof", "foo", "info,foo", "datadip=loud", "info debug", "="] {
            let told = filter(wanted).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(told.contains("the levels are error, warn, info, debug, trace"), "{wanted}: {told}");
        }
    }

    #[test]
    fn a_level_may_be_said_for_all_and_for_a_part() {
        for (wanted, read) in [
            ("", "datadip=info,warn"),
            (" , ", "datadip=info,warn"),
            ("info", "datadip=info,warn"),
            ("WARN", "warn"),
            ("off", "off"),
            ("trace", "datadip=trace,warn"),
            ("Debug, hyper=trace, datadip_x=debug", "datadip_x=info,datadip=debug,hyper=info,warn"),
            ("hyper=warn", "datadip=info,hyper=warn,warn"),
            ("info,actix_server=info", "actix_server=info,datadip=info,warn"),
            ("warn, datadip::cache=debug", "datadip::cache=debug,warn"),
            ("datadip::cache=debug", "datadip::cache=debug,datadip=info,warn"),
        ] {
            assert_eq!(filter(wanted).unwrap().to_string(), read, "{wanted}");
        }
    }
}
