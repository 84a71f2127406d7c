//! The record of fixed size that every call leaves: when, of which node, how it ended, and which call made what it
//! was answered from. It holds nothing personal.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::explain::Past;
use crate::explain::story::{at_text, millis};
use crate::record::{Outcome, Tier};
use crate::trace::TraceId;

/// What every call leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The call.
    pub trace: TraceId,
    /// When it began.
    pub begun: Instant,
    /// How long it took.
    pub took: Duration,
    /// The node's revision.
    pub revision: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// How far it had to go.
    pub tier: Tier,
    /// The call that made the reply; this call itself where that is so.
    pub from: TraceId,
    /// The hash of the IVR's own number for the call; 0: none was sent.
    pub call: u64,
}

impl Hit {
    /// The record of a call that was worked out.
    pub(super) fn of(past: &Past, call: u64) -> Self {
        Self {
            trace: past.trace.id(),
            begun: past.trace.start(),
            took: past.took,
            revision: past.node.revision,
            outcome: past.outcome,
            tier: past.tier,
            from: past.trace.id(),
            call,
        }
    }

    /// The record as a story: all that is left of the call itself.
    pub(super) fn told(&self, node: Option<&str>, at: SystemTime) -> Value {
        let mut told = Map::new();
        told.insert("trace".into(), self.trace.to_string().into());
        told.insert("node".into(), node.into());
        told.insert("revision".into(), format!("{:016x}", self.revision).into());
        told.insert("at".into(), at_text(at).into());
        told.insert("took_ms".into(), millis(self.took));
        told.insert("outcome".into(), self.outcome.name().into());
        told.insert("cache".into(), self.tier.name().into());
        if self.from != self.trace {
            told.insert("answered_from".into(), self.from.to_string().into());
        }
        Value::Object(told)
    }
}
