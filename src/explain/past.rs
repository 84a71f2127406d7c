//! The facts of a past call, as they were: with the plan, all that it takes to say why it found what it found.

use std::time::{Duration, SystemTime};

use std::sync::Arc;

use serde_json::Value;

use crate::cache::Cache;
use crate::clock::seconds;
use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::output::{Facts, Held};
use crate::plan::Node;
use crate::record::{Outcome, Record, Tier};
use crate::trace::Trace;
use crate::trace::note::{Place, What};

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
    /// The record, and the step of the lookup that found it. Of one that is kept, there are only the fields that are
    /// read.
    pub record: Option<(Record, usize)>,
    /// Whom what it was answered from is about, as the cache knows it: keyed hashes, of each kept result.
    pub kept_about: Vec<Arc<[u128]>>,
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
            kept_about: Vec::new(),
            then: Vec::new(),
            write: None,
            error: Some(error.to_owned()),
            is_live: true,
        }
    }

    /// Whether it found somebody, wrote nothing, and had an answer to all that it asked.
    pub(super) fn went_well(&self) -> bool {
        let went_well = |held: &Held| matches!(held, Held::Record(_) | Held::Nothing);
        self.outcome == Outcome::Found
            && self.write.is_none()
            && !self.leaves_its_write()
            && self.then.iter().all(went_well)
    }

    /// Whether it wrote, or began to.
    pub(super) fn has_written(&self) -> bool {
        self.write.is_some()
            || self.leaves_its_write()
                && self.trace.read(|notes, _| notes.iter().any(|note| note.place == Place::Write))
    }

    /// Whether its write is under way, and it did not wait for it.
    pub(super) fn is_writing(&self) -> bool {
        self.leaves_its_write()
            && self.trace.read(|notes, _| {
                let of_write =
                    || notes.iter().filter(|note| note.place == Place::Write).map(|note| &note.what);
                let has_ended = of_write().any(|what| matches!(what, What::Settled(_)));
                !has_ended && of_write().any(|what| *what == What::Unawaited)
            })
    }

    fn leaves_its_write(&self) -> bool {
        self.node.write.as_ref().is_some_and(|write| !write.waits)
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
            now: seconds(self.at),
        }
    }

    /// Whom it is about, as the cache knows identifiers.
    pub(super) fn about(&self, cache: &Cache) -> Vec<u128> {
        let found = self.record.as_ref().map(|(record, step)| (record, *step));
        let about = self.node.about(&self.inputs, found);
        let mut about: Vec<u128> = about.iter().map(|one| cache.identifier(one.canonical())).collect();
        about.extend(self.kept_about.iter().flat_map(|about| about.iter()));
        about.sort_unstable();
        about.dedup();
        about
    }

    /// The IVR's own number for the call, where the node names the input that it comes in.
    pub(super) fn call_id(&self) -> Option<&str> {
        self.node.inputs.get(self.node.call_id?.input)?.came(&self.call).map(str::trim)
    }

    /// About how many bytes of memory it takes; none: its records are too large to be kept with it.
    pub(super) fn weight(&self) -> Option<usize> {
        let came: usize = self.call.params().iter().map(|(name, text)| name.len() + text.len() + 64).sum();
        let noted = self.trace.read(|notes, _| {
            notes.iter().map(|note| size_of_val(note) + text_size(&note.what)).sum::<usize>()
        });
        let read = self.then.iter().chain(&self.write).filter_map(|held| match held {
            Held::Record(record) => Some(record),
            Held::Nothing | Held::Ambiguous | Held::Failed(_) => None,
        });
        let about: usize = self.kept_about.iter().map(|about| size_of_val(&**about) + 32).sum();
        let found = self.record.iter().map(|(record, _)| record);
        let records: usize = found.chain(read).map(|record| size(record, MOST)).sum();
        (records < MOST).then_some(AROUND + came + noted + about + records)
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
