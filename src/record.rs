//! What the engine passes between its parts: the record an operation found, the outcome a call ended with,
//! the tier that answered, and the failure of an upstream with its owner. Nothing here does anything.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

/// One record as an operation found it: any JSON value, shared and never changed.
pub type Record = Arc<Value>;

/// How a call ended, as said in `X-Datadip-Outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The lookup found a record.
    Found,
    /// The node's write was carried out.
    Done,
    /// Every step was asked and none found a record.
    NotFound,
    /// No identifier was given, or none that is valid.
    NoIdentifier,
    /// Several records where only one may be taken.
    Ambiguous,
    /// The budget was used up.
    Timeout,
    /// The upstream failed, or is not configured.
    Error,
    /// A limit of ours or of the upstream was reached.
    Overloaded,
    /// What came was no call; goes with a 4xx status only.
    BadInput,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Found,
        Self::Done,
        Self::NotFound,
        Self::NoIdentifier,
        Self::Ambiguous,
        Self::Timeout,
        Self::Error,
        Self::Overloaded,
        Self::BadInput,
    ];

    /// The outcome's name, the same in header, mapping file and log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Done => "done",
            Self::NotFound => "not_found",
            Self::NoIdentifier => "no_identifier",
            Self::Ambiguous => "ambiguous",
            Self::Timeout => "timeout",
            Self::Error => "error",
            Self::Overloaded => "overloaded",
            Self::BadInput => "bad_input",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How far a call had to go for what it answered, as said in `X-Datadip-Cache`; a later one is farther.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// No cache could have helped: nothing had to be fetched.
    Off,
    /// It was in this process's memory.
    Memory,
    /// It was in Redis.
    Redis,
    /// It was kept from before, because the upstream failed or was too slow.
    Stale,
    /// The answer of another caller who asked the same at the same time.
    Joined,
    /// The upstream was asked.
    Miss,
}

impl Tier {
    /// Every tier, nearest first.
    pub const ALL: [Self; 6] = [Self::Off, Self::Memory, Self::Redis, Self::Stale, Self::Joined, Self::Miss];

    /// The tier's name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::Stale => "stale",
            Self::Joined => "joined",
            Self::Miss => "miss",
        }
    }
}

/// Why an operation gave no answer. Its owner (the upstream, or the mapping) is in the variant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// The deadline or the operation's own limit passed before the answer was there.
    #[error("no answer in time")]
    Timeout,
    /// No connection could be made: nothing was sent.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The connection was lost after the request had been sent: whether it was carried out is not known.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The upstream answered with a status that is no success.
    #[error("the upstream answered {0}")]
    Status(u16),
    /// The upstream's own success test says no; its message, if it gave one.
    #[error("the upstream refused: {0}")]
    Refused(String),
    /// The answer is not what an operation can read: not JSON, truncated, too large, too deep.
    #[error("the upstream's answer cannot be read: {0}")]
    Unreadable(String),
    /// Nothing was found on the pages that were asked for, and there are more.
    #[error("not all pages were asked for: {0}")]
    Unfinished(String),
    /// The upstream is over its limits, or ours for it are reached.
    #[error("the upstream is over its limits: {0}")]
    Overloaded(String),
    /// The environment variable that the upstream needs is not set.
    #[error("the upstream is not configured: set {0}")]
    Unconfigured(String),
    /// The token that the upstream asks for could not be had.
    #[error("the login failed: {0}")]
    Login(Box<Failure>),
    /// An argument is missing or is not of its declared type; nothing was sent.
    #[error("argument `{name}`: {reason}")]
    Argument {
        /// The operation's argument.
        name: String,
        /// What is wrong with it, as a sentence's end.
        reason: String,
    },
    /// A template of the mapping could not be rendered with this call's values; nothing was sent.
    #[error("{place}: {reason}")]
    Template {
        /// Where in the mapping the template stands.
        place: String,
        /// What the template engine said.
        reason: String,
    },
}

impl Failure {
    /// The outcome of a call whose lookup ended in this failure.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Login(failure) => failure.outcome(),
            Self::Timeout => Outcome::Timeout,
            Self::Overloaded(_) | Self::Status(429) => Outcome::Overloaded,
            Self::Unreachable(_)
            | Self::Lost(_)
            | Self::Status(_)
            | Self::Refused(_)
            | Self::Unreadable(_)
            | Self::Unfinished(_)
            | Self::Unconfigured(_)
            | Self::Argument { .. }
            | Self::Template { .. } => Outcome::Error,
        }
    }

    /// The failure's stable code, for log, metric and trace.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable(_) => "unreachable",
            Self::Lost(_) => "lost",
            Self::Status(_) => "status",
            Self::Refused(_) => "refused",
            Self::Unreadable(_) => "unreadable",
            Self::Unfinished(_) => "unfinished",
            Self::Overloaded(_) => "overloaded",
            Self::Unconfigured(_) => "unconfigured",
            Self::Login(_) => "login",
            Self::Argument { .. } => "argument",
            Self::Template { .. } => "template",
        }
    }

    /// Whether the upstream is well and only did not like this one request, so that asking it in another form
    /// of the same identifier makes sense.
    #[must_use]
    pub fn is_about_the_request(&self) -> bool {
        match self {
            Self::Status(status) => (400..500).contains(status) && !matches!(status, 401 | 403 | 408 | 429),
            Self::Refused(_) | Self::Argument { .. } => true,
            _ => false,
        }
    }
}
