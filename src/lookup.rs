//! The engine: a plan and a call in, an answer out, within the budget, whatever happens behind it. It never
//! fails: a failure is an outcome, and each outcome has a full reply.

mod ask;
mod pick;
mod scope;
mod step;
mod then;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, Deadline};
use crate::lookup::ask::Asking;
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::node::reply::Answer;
use crate::output::{self, Facts, Held};
use crate::plan::{Node, Write};
use crate::record::{Outcome, Record, Tier};
use crate::trace::{Stage, Trace};
use crate::upstream::Upstreams;

/// What is kept of the budget for making and sending the reply.
const REPLY_RESERVE: Duration = Duration::from_millis(5);

/// Answers calls.
pub struct Engine {
    upstreams: Upstreams,
    clock: Clock,
    writes: bool,
}

/// How the lookup ended, with the record if it found one.
struct Ended {
    outcome: Outcome,
    record: Option<Record>,
}

impl Engine {
    /// An engine on these upstreams; without `writes` it never carries out a node's `do`.
    #[must_use]
    pub fn new(upstreams: Upstreams, clock: Clock, writes: bool) -> Self {
        Self { upstreams, clock, writes }
    }

    /// Answers a call. The budget runs from the trace's start.
    pub async fn answer(&self, node: &Node, call: &Call, trace: &Trace) -> Answer {
        let inputs = Inputs::read(&node.inputs, call);
        note_inputs(node, &inputs, trace);
        let deadline = Deadline::new(trace.start(), node.budget.saturating_sub(REPLY_RESERVE));
        let asking = Asking { upstreams: &self.upstreams, least: node.least, deadline, trace };

        let Ended { mut outcome, record } = lookup(node, &inputs, &asking, &self.clock).await;
        let scope = Scope::new(node, &inputs, &self.clock);
        let then = match &record {
            Some(record) => then::read(node, &scope.with_record(record), &asking).await,
            None => Vec::new(),
        };
        let write = match &node.write {
            Some(write) => {
                let scope = scope.with_outcome(outcome, record.as_ref()).with_then(&then);
                self.write(write, node, &scope, &asking).await
            }
            None => None,
        };
        match &write {
            Some(Held::Record(_)) => outcome = Outcome::Done,
            Some(Held::Failed(failure)) => outcome = failure.outcome(),
            Some(Held::Nothing) | None => {}
        }

        let facts = Facts {
            outcome,
            inputs: &inputs,
            record: record.as_ref(),
            then: &then,
            write: write.as_ref(),
            error: None,
        };
        let reply = Arc::new(output::reply(node, facts, trace));
        Answer { reply, tier: Tier::Off, partial: partial(node, &then), trace: trace.id() }
    }

    /// The answer to what is no call, or is one too many: all outputs with their defaults, and what is wrong.
    #[must_use]
    pub fn refuse(&self, node: &Node, outcome: Outcome, error: &str, trace: &Trace) -> Answer {
        let inputs = Inputs::default();
        let facts =
            Facts { outcome, inputs: &inputs, record: None, then: &[], write: None, error: Some(error) };
        let reply = Arc::new(output::reply(node, facts, trace));
        Answer { reply, tier: Tier::Off, partial: Vec::new(), trace: trace.id() }
    }

    /// Carries out the node's write where its condition says so. None: it was not to be carried out.
    async fn write(
        &self,
        write: &Write,
        node: &Node,
        scope: &Scope<'_>,
        asking: &Asking<'_>,
    ) -> Option<Held> {
        let wanted = match &write.ask.when {
            Some(when) => when.test(scope).unwrap_or(false),
            None => node.lookup.is_empty() || scope.record().is_some(),
        };
        if !wanted {
            asking.trace.note(Stage::Do, &write.name, || "not to be done".to_owned());
            return None;
        }
        if !self.writes {
            asking.trace.note(Stage::Do, &write.name, || "not done: this is no live call".to_owned());
            return None;
        }
        let held = asking.run_write(&write.ask, scope).await;
        asking.trace.note(Stage::Do, &write.name, || format!("{held:?}"));
        Some(held)
    }
}

fn note_inputs(node: &Node, inputs: &Inputs, trace: &Trace) {
    for (at, input) in node.inputs.iter().enumerate() {
        trace.note(Stage::Input, &input.name, || match inputs.get(at) {
            Some(given) if inputs.invalid.contains(&at) => {
                format!("came, but is no {}; default {}", input.kind.name(), given.value)
            }
            Some(given) => format!("{} {}", input.kind.name(), given.value),
            None if inputs.invalid.contains(&at) => format!("came, but is no {}", input.kind.name()),
            None => "not given".to_owned(),
        });
    }
}

/// Runs the steps in order until one finds a record. A step that fails does not end the lookup: another may find
/// the customer; but then "not found" would be a guess, so the failure is the outcome if none does.
async fn lookup(node: &Node, inputs: &Inputs, asking: &Asking<'_>, clock: &Clock) -> Ended {
    let scope = Scope::new(node, inputs, clock);
    let mut worst = None;
    let mut asked = node.lookup.is_empty();
    for (at, step) in node.lookup.iter().enumerate() {
        let found = step::run(step, at, &scope, asking).await;
        asked |= !matches!(found, Found::NotAsked);
        match found {
            Found::Record(record) => return Ended { outcome: Outcome::Found, record: Some(record) },
            Found::Ambiguous => worst = worst.or(Some(Outcome::Ambiguous)),
            Found::Failed(failure) => worst = worst.or(Some(failure.outcome())),
            Found::Nothing | Found::NotAsked => {}
        }
    }
    let outcome = worst.unwrap_or(match (asked, node.lookup.is_empty()) {
        (_, true) => Outcome::Found,
        (true, false) => Outcome::NotFound,
        (false, false) => Outcome::NoIdentifier,
    });
    Ended { outcome, record: None }
}

fn partial(node: &Node, then: &[Held]) -> Vec<Arc<str>> {
    node.then
        .iter()
        .zip(then)
        .filter(|(_, held)| matches!(held, Held::Failed(_)))
        .map(|(read, _)| Arc::clone(&read.name))
        .collect()
}
