//! The facts of a past call, as they were: with the plan, all that it takes to say why it found what it found.

use std::time::{Duration, SystemTime};

use std::sync::Arc;

use serde_json::Value;

use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::output::{Facts, Held};
use crate::plan::Node;
use crate::record::{Outcome, Record, Tier};
use crate::trace::Trace;
use crate::trace::note::What;

/// What stands around the facts in memory, in bytes.
const AROUND: usize = 700;
/// The most bytes of records that are kept with a call.
const MOST: usize = 64 * 1024;

/// A call that was worked out.
#[derive(Debug)]
pub struct Past {
    /// What was noted of it. It may still be written to, by what came too late for the call.
    pub trace: Trace,
    /// When it began.
    pub at: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Its plan.
    pub node: Arc<Node>,
    /// What it came with.
    pub call: Call,
    /// What of that was understood.
    pub inputs: Arc<Inputs>,
    /// How it ended.
    pub outcome: Outcome,
    /// How far it had to go.
    pub tier: Tier,
    /// The record, and the step of the lookup that found it.
    pub record: Option<(Record, usize)>,
    /// What its further reads gave.
    pub then: Vec<Held>,
    /// What its write gave.
    pub write: Option<Held>,
    /// Why it was refused, where it was.
    pub error: Option<String>,
    /// Whether an IVR was waiting for it.
    pub is_live: bool,
}

impl Past {
    /// What was no call, or one too many.
    #[must_use]
    pub fn refused(
        trace: &Trace,
        (at, took): (SystemTime, Duration),
        node: &Arc<Node>,
        inputs: Arc<Inputs>,
        outcome: Outcome,
        error: &str,
    ) -> Self {
        Self {
            trace: trace.clone(),
            at,
            took,
            node: Arc::clone(node),
            call: Call::new(),
            inputs,
            outcome,
            tier: Tier::Off,
            record: None,
            then: Vec::new(),
            write: None,
            error: Some(error.to_owned()),
            is_live: true,
        }
    }

    /// What its reply was made from.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            outcome: self.outcome,
            inputs: &self.inputs,
            record: self.record.as_ref().map(|(record, _)| record),
            then: &self.then,
            write: self.write.as_ref(),
            error: self.error.as_deref(),
        }
    }

    /// The IVR's own number for the call, where the node names the input that it comes in.
    pub(super) fn call_id(&self) -> Option<&str> {
        self.node.inputs.get(self.node.call_id?)?.came(&self.call).map(str::trim)
    }

    /// About how many bytes of memory it takes. A record too large to be kept with it is let go of.
    pub(super) fn weigh(&mut self) -> usize {
        let came: usize = self.call.params().iter().map(|(name, text)| name.len() + text.len() + 64).sum();
        let noted = self.trace.read(|notes, _| {
            notes.iter().map(|note| size_of_val(note) + text_size(&note.what)).sum::<usize>()
        });
        let found = self.record.as_ref().map_or(0, |(record, _)| size(record, MOST));
        if found >= MOST {
            self.record = None;
        }
        let mut read = 0;
        for held in self.then.iter_mut().chain(&mut self.write) {
            if let Held::Record(record) = held {
                let size = size(record, MOST);
                if size >= MOST { *held = Held::Nothing } else { read += size }
            }
        }
        AROUND + came + noted + if found >= MOST { 0 } else { found } + read
    }
}

fn text_size(what: &What) -> usize {
    match what {
        What::Sent(sent) => {
            let headers: usize = sent.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
            sent.url.len() + headers + sent.body.as_ref().map_or(0, String::len) + 160
        }
        What::Answered(answered) => answered.message.as_ref().map_or(0, String::len) + 160,
        What::Asking(label, text) => label.len() + text.len() + 32,
        What::Said(text) => text.len() + 16,
        What::Unwanted(text) => text.len() + 16,
        _ => 16,
    }
}

/// About how many bytes a value takes; no more than `most` are counted.
fn size(value: &Value, most: usize) -> usize {
    let own = size_of::<Value>();
    let mut below = 0;
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => below = number.as_str().len() + 8,
        Value::String(text) => below = text.len() + 8,
        Value::Array(items) => {
            for item in items {
                if below >= most {
                    break;
                }
                below += size(item, most - below);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if below >= most {
                    break;
                }
                below += name.len() + 56 + size(member, most - below);
            }
        }
    }
    own + below
}
