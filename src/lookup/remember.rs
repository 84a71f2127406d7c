//! Leaves what a call was, for whoever asks later why it found what it found.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::seconds;
use crate::explain::{Hit, Past};
use crate::lookup::{Engine, answer};
use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::node::reply::{Answer, Reply};
use crate::output::Facts;
use crate::plan::Node;
use crate::record::{Outcome, Tier};
use crate::trace::{Trace, TraceId};

/// A reply, and the call that made it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) reply: Arc<Reply>,
    pub(super) by: TraceId,
}

/// What calls must share to have the same answer: all but the IVR's own number for the call, where nothing reads it.
pub(super) struct Same<'c> {
    pub(super) node: &'c Node,
    pub(super) call: &'c Call,
}

impl Hash for Same<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&*self.node.name, self.node.revision).hash(state);
        let number = self.node.call_id.filter(|call_id| !call_id.is_read);
        let number = number.and_then(|call_id| self.node.inputs.get(call_id.input));
        for (name, text) in self.call.params() {
            if !number.is_some_and(|input| input.answers_to(name)) {
                (name, text).hash(state);
            }
        }
    }
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

    /// The answer to what is no call, or is one too many: all outputs with their defaults, and what is wrong.
    #[must_use]
    pub fn refuse(&self, node: &Arc<Node>, outcome: Outcome, error: &str, trace: &Trace) -> Answer {
        let inputs = Arc::new(Inputs::default());
        let now = seconds(self.shared.clock.wall());
        let facts =
            Facts { outcome, inputs: &inputs, record: None, then: &[], write: None, error: Some(error), now };
        let answer = answer(node, facts, trace);
        let past = |when: When| Past::refused(trace, (when.at, when.took), node, inputs, outcome, error);
        self.remember(past, trace);
        answer
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
