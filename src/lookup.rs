//! The engine: a plan and a call in, an answer out, within the budget, whatever happens behind it. It never
//! fails: a failure is an outcome, and each outcome has a full reply.

mod ask;
mod fill;
mod kept;
mod pick;
mod scope;
mod step;
mod then;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::clock::{Clock, Deadline};
use crate::lookup::ask::Asking;
use crate::lookup::fill::Fills;
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::node::reply::Answer;
use crate::output::{self, Facts, Held};
use crate::plan::{Node, Write};
use crate::record::{Failure, Outcome, Record, Tier};
use crate::trace::{Stage, Trace};
use crate::upstream::{Spare, Upstreams};

/// What is kept of the budget for making and sending the reply.
const REPLY_RESERVE: Duration = Duration::from_millis(5);

/// Answers calls.
pub struct Engine {
    shared: Shared,
}

/// What all calls share.
struct Shared {
    upstreams: Upstreams,
    fills: Fills,
    clock: Clock,
    runtime: Handle,
    writes: bool,
}

/// How the lookup ended, with the record if it found one.
struct Ended {
    outcome: Outcome,
    record: Option<Record>,
    tier: Option<Tier>,
}

impl Engine {
    /// An engine on these upstreams, whose tasks run on this runtime; without `writes` it never carries out a node's
    /// `do`.
    #[must_use]
    pub fn new(upstreams: Upstreams, clock: Clock, runtime: Handle, writes: bool) -> Self {
        Self { shared: Shared { upstreams, fills: Fills::new(runtime.clone()), clock, runtime, writes } }
    }

    /// Answers a call. The budget runs from the trace's start.
    pub async fn answer(&self, node: &Arc<Node>, call: &Call, trace: &Arc<Trace>) -> Answer {
        let inputs = Arc::new(Inputs::read(&node.inputs, call));
        note_inputs(node, &inputs, trace);
        let asking = Asking {
            upstreams: self.shared.upstreams.clone(),
            least: node.least,
            deadline: Deadline::new(trace.start(), node.budget.saturating_sub(REPLY_RESERVE)),
            trace: Arc::clone(trace),
            spare: Spare::default(),
        };
        let scope = Scope::new(Arc::clone(node), Arc::clone(&inputs), self.shared.clock.clone());

        let Ended { mut outcome, record, mut tier } = self.lookup(&scope, &asking).await;
        let mut then = Vec::new();
        if let Some(record) = &record {
            for asked in then::read(&scope.with_record(record), &asking, &self.shared).await {
                tier = tier.max(asked.tier);
                then.push(held(asked.found));
            }
        }
        let write = match &node.write {
            Some(write) => {
                let scope = scope.with_outcome(outcome, record.as_ref()).with_done(records(&then));
                self.write(write, scope, asking).await
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
        Answer { reply, tier: tier.unwrap_or(Tier::Off), partial: partial(node, &then), trace: trace.id() }
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

    /// Runs the steps in order until one finds a record. A step that fails does not end the lookup: another may find
    /// the customer; but then "not found" would be a guess, so the failure is the outcome if none does.
    async fn lookup(&self, scope: &Scope, asking: &Asking) -> Ended {
        let node = scope.node();
        let (mut worst, mut tier) = (None, None);
        let mut was_asked = node.lookup.is_empty();
        for at in 0..node.lookup.len() {
            let asked = step::run(at, scope, asking, &self.shared).await;
            was_asked |= !matches!(asked.found, Found::NotAsked);
            tier = tier.max(asked.tier);
            match asked.found {
                Found::Record(record) => {
                    return Ended { outcome: Outcome::Found, record: Some(record), tier };
                }
                Found::Ambiguous => worst = worst.or(Some(Outcome::Ambiguous)),
                Found::Failed(failure) => worst = worst.or(Some(failure.outcome())),
                Found::Nothing | Found::NotAsked => {}
            }
        }
        let outcome = worst.unwrap_or(match (was_asked, node.lookup.is_empty()) {
            (_, true) => Outcome::Found,
            (true, false) => Outcome::NotFound,
            (false, false) => Outcome::NoIdentifier,
        });
        Ended { outcome, record: None, tier }
    }

    /// Carries out the node's write where its condition says so. None: it was not to be carried out. It is a task of
    /// its own: a caller who hangs up does not cut it in two.
    async fn write(&self, write: &Write, scope: Scope, asking: Asking) -> Option<Held> {
        let wanted = match &write.ask.when {
            Some(when) => when.test(&scope).unwrap_or(false),
            None => scope.node().lookup.is_empty() || scope.record().is_some(),
        };
        let (name, trace) = (Arc::clone(&write.name), Arc::clone(&asking.trace));
        if !wanted || !self.shared.writes {
            let why = if wanted { "not done: this is no live call" } else { "not to be done" };
            trace.note(Stage::Do, &name, || why.to_owned());
            return None;
        }
        let task = async move {
            let write = scope.node().write.as_ref()?;
            Some(asking.run_write(&write.ask, &scope).await)
        };
        let held = self.shared.runtime.spawn(task).await.unwrap_or_else(|_| {
            Some(Held::Failed(Failure::Unreachable("the write was not carried to its end".to_owned())))
        })?;
        trace.note(Stage::Do, &name, || match &held {
            Held::Record(_) | Held::Nothing => "done".to_owned(),
            Held::Failed(failure) => format!("failed: {failure}"),
        });
        Some(held)
    }
}

fn held(found: Found) -> Held {
    match found {
        Found::Record(record) => Held::Record(record),
        Found::Nothing | Found::NotAsked => Held::Nothing,
        Found::Ambiguous => {
            Held::Failed(Failure::Unreadable("several records where there may be only one".to_owned()))
        }
        Found::Failed(failure) => Held::Failed(failure),
    }
}

fn records(then: &[Held]) -> Vec<(usize, Record)> {
    let found = then.iter().enumerate().filter_map(|(at, held)| match held {
        Held::Record(record) => Some((at, Arc::clone(record))),
        Held::Nothing | Held::Failed(_) => None,
    });
    found.collect()
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

fn partial(node: &Node, then: &[Held]) -> Vec<Arc<str>> {
    node.then
        .iter()
        .zip(then)
        .filter(|(_, held)| matches!(held, Held::Failed(_)))
        .map(|(read, _)| Arc::clone(&read.name))
        .collect()
}
