//! Leaves what a call was, for whoever asks later why it found what it found.

use std::sync::Arc;
use std::time::Duration;

use crate::explain::{Hit, Past};
use crate::lookup::Engine;
use crate::node::call::Call;
use crate::node::reply::Reply;
use crate::plan::Node;
use crate::record::Tier;
use crate::trace::{Trace, TraceId};

/// A reply, and the call that made it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) reply: Arc<Reply>,
    pub(super) by: TraceId,
}

impl Engine {
    /// A call that a kept reply answers.
    pub(super) fn note_hit(&self, node: &Node, call: &Call, kept: &Kept, trace: &Trace) {
        if let Some(traces) = &self.traces {
            traces.hit(&Hit {
                trace: trace.id(),
                begun: trace.start(),
                took: trace.start().elapsed(),
                revision: node.revision,
                outcome: kept.reply.outcome,
                tier: Tier::Memory,
                from: kept.by,
                call: traces.call_hash(node, call),
            });
        }
    }

    /// The trace that a call which has to be worked out is noted in.
    pub(super) fn recording(&self, trace: &Trace) -> Arc<Trace> {
        Arc::new(if self.traces.is_some() { trace.recording() } else { trace.clone() })
    }

    /// A call that was worked out.
    pub(super) fn remember(&self, past: impl FnOnce(When) -> Past, trace: &Trace) {
        if let Some(traces) = &self.traces {
            let took = trace.start().elapsed();
            let at = self.shared.clock.wall().checked_sub(took).unwrap_or(std::time::UNIX_EPOCH);
            traces.remember(past(When { at, took }));
        }
    }
}

/// When a call began, and how long it took.
pub(super) struct When {
    pub(super) at: std::time::SystemTime,
    pub(super) took: Duration,
}
