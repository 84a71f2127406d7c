//! The engine: a plan and a call in, an answer out, within the budget, whatever happens behind it. It never
//! fails: a failure is an outcome, and each outcome has a full reply.

mod ask;
mod fill;
mod keep;
mod kept;
mod latest;
mod look;
mod pick;
mod question;
mod remember;
mod scope;
mod step;
mod then;
mod way;
mod write;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::cache::{Cache, Replies};
use crate::clock::{Clock, Deadline, seconds};
use crate::explain::{Past, Traces};
use crate::lookup::ask::Asking;
use crate::lookup::fill::Fills;
use crate::lookup::remember::{Kept, Same, When};
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::lookup::way::{Way, held, partial, records};
use crate::lookup::write::Whom;
use crate::lookup::writing::Writing;
use crate::node::call::Call;
use crate::node::input::Inputs;
use crate::node::reply::{Answer, Outputs};
use crate::output::{self, Facts, Held};
use crate::plan::{Catalogue, Node};
use crate::record::{Outcome, Record, Tier};
use crate::trace::Trace;
use crate::upstream::{Spare, Upstreams};

/// What is kept of the budget for making and sending the reply.
const REPLY_RESERVE: Duration = Duration::from_millis(5);

/// Answers calls.
pub struct Engine {
    shared: Arc<Shared>,
    replies: Replies<Kept>,
    traces: Option<Arc<Traces>>,
}

/// What all calls share.
struct Shared {
    upstreams: Upstreams,
    cache: Cache,
    fills: Fills,
    clock: Clock,
    runtime: Handle,
    writes: bool,
    writing: Writing,
}

/// How the lookup ended, with the record if it found one.
struct Ended {
    outcome: Outcome,
    /// And the step that found it.
    record: Option<(Record, usize)>,
    /// Whom the record is about: keyed hashes.
    about: Arc<[u128]>,
}

impl Ended {
    fn without_record(outcome: Outcome) -> Self {
        Self { outcome, record: None, about: Arc::default() }
    }
}

impl Engine {
    /// An engine on these upstreams, whose tasks run on this runtime; without `writes` it never carries out a node's
    /// `do`. `reply_bytes`: about how much memory finished replies may take.
    #[must_use]
    pub fn new(
        upstreams: Upstreams,
        cache: Cache,
        reply_bytes: u64,
        clock: Clock,
        runtime: Handle,
        writes: bool,
    ) -> Self {
        let replies = Replies::new(&cache, reply_bytes);
        let (fills, writing) = (Fills::default(), Writing::default());
        Self {
            shared: Arc::new(Shared { upstreams, cache, fills, clock, runtime, writes, writing }),
            replies,
            traces: None,
        }
    }

    /// The same engine, which leaves there what its calls were.
    #[must_use]
    pub fn remembering(self, traces: Arc<Traces>) -> Self {
        Self { traces: Some(traces), ..self }
    }

    /// What past calls left.
    #[must_use]
    pub fn traces(&self) -> Option<&Arc<Traces>> {
        self.traces.as_ref()
    }

    /// The same engine, with all that it keeps and shares, that never carries out a node's write.
    #[must_use]
    pub fn without_writes(&self) -> Self {
        let Shared { upstreams, cache, fills, clock, runtime, writing, .. } = &*self.shared;
        let shared = Shared {
            upstreams: upstreams.clone(),
            cache: cache.clone(),
            fills: fills.clone(),
            clock: clock.clone(),
            runtime: runtime.clone(),
            writes: false,
            writing: writing.clone(),
        };
        Self { shared: Arc::new(shared), replies: self.replies.clone(), traces: self.traces.clone() }
    }

    /// What it keeps.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    /// About how many finished replies it keeps, and how many bytes they take.
    #[must_use]
    pub fn replies(&self) -> (u64, u64) {
        self.replies.size()
    }

    /// What it asks.
    #[must_use]
    pub fn upstreams(&self) -> &Upstreams {
        &self.shared.upstreams
    }

    /// Waits until the writes that were begun have ended, nine seconds at most; gives how many have not.
    pub async fn written(&self) -> usize {
        self.shared.writing.ended().await
    }

    /// Gets ready to answer calls of these nodes, from the runtime that this is called on, if it is one, and from all that
    /// have got ready before.
    pub fn warm(&self, nodes: &Catalogue) {
        nodes.operations.values().for_each(|operation| self.shared.upstreams.warm(operation));
    }

    /// Answers a call. The budget runs from the trace's start.
    pub async fn answer(&self, node: &Arc<Node>, call: &Call, trace: &Arc<Trace>) -> Answer {
        let key = node.keeps_replies.then(|| self.replies.key(&Same { node, call }));
        if let Some(kept) = key.and_then(|key| self.replies.get(key, self.shared.clock.wall())) {
            self.note_hit(node, call, &kept, trace);
            return Answer {
                reply: kept.reply,
                outputs: Outputs::Kept,
                tier: Tier::Memory,
                partial: Vec::new(),
                trace: trace.id(),
            };
        }
        let (answer, way) = self.work_out(node, call, &self.recording(trace)).await;
        // Only what is asked for a second time is worth keeping whole.
        let is_whole = matches!(answer.reply.outcome, Outcome::Found | Outcome::NotFound)
            && way.tier == Some(Tier::Memory);
        if let Some(key) = key.filter(|_| is_whole && !way.is_passing && answer.partial.is_empty()) {
            let kept = Kept { reply: Arc::clone(&answer.reply), by: answer.trace };
            self.replies.keep(key, kept, answer.reply.body.len(), &way.entries);
        }
        answer
    }

    async fn work_out(&self, node: &Arc<Node>, call: &Call, trace: &Arc<Trace>) -> (Answer, Way) {
        let inputs = Arc::new(Inputs::read(&node.inputs, call));
        let asking = Asking {
            upstreams: self.shared.upstreams.clone(),
            least: node.least,
            deadline: Deadline::new(trace.start(), node.budget.saturating_sub(REPLY_RESERVE)),
            begun_by: None,
            trace: Arc::clone(trace),
            spare: Spare::default(),
        };
        let scope = Scope::new(Arc::clone(node), Arc::clone(&inputs), self.shared.clock.clone());

        let mut way = Way::default();
        let Ended { mut outcome, record, about } = self.lookup(&scope, &asking, &mut way).await;
        let then = match &record {
            Some((record, _)) => then::read(&scope.with_record(record, about), &asking, &self.shared).await,
            None => Vec::new(),
        };
        then.iter().for_each(|asked| way.add(asked));
        let then: Vec<Held> = then.into_iter().map(|asked| held(asked.found)).collect();
        let write = match &node.write {
            Some(write) => {
                let found = record.as_ref().map(|(record, _)| record);
                let scope = scope.with_outcome(outcome, found).with_done(records(&then));
                let about = Whom { found: record.as_ref(), entries: &way.entries };
                write::write(write, scope, &about, asking, &self.shared).await
            }
            None => None,
        };
        match &write {
            Some(Held::Record(_)) => outcome = Outcome::Done,
            Some(Held::Failed(failure)) => outcome = failure.outcome(),
            Some(Held::Nothing | Held::Ambiguous) | None => {}
        }

        let found = record.as_ref().map(|(record, _)| record);
        let facts = Facts {
            outcome,
            inputs: &inputs,
            record: found,
            then: &then,
            write: write.as_ref(),
            error: None,
            now: seconds(self.shared.clock.wall()),
        };
        let mut answer = answer(node, facts, trace);
        answer.tier = way.tier.unwrap_or(Tier::Off);
        answer.partial = partial(node, &then);
        let past = |when: When| Past {
            trace: Trace::clone(trace),
            at: when.at,
            took: when.took,
            node: Arc::clone(node),
            call: call.clone(),
            inputs,
            outcome,
            tier: answer.tier,
            record,
            kept_about: way.entries.iter().map(|entry| entry.about()).collect(),
            then,
            write,
            error: None,
            is_live: self.shared.writes,
        };
        self.remember(past, trace);
        (answer, way)
    }

    /// Runs the steps in order until one finds a record. A step that fails does not end the lookup: another may find
    /// the customer; but then "not found" would be a guess, so the failure is the outcome if none does.
    async fn lookup(&self, scope: &Scope, asking: &Asking, way: &mut Way) -> Ended {
        let node = scope.node();
        if node.lookup.is_empty() {
            return Ended::without_record(unasked(scope));
        }
        let mut worst = None;
        let mut was_asked = false;
        for (at, step) in node.lookup.iter().enumerate() {
            let asked = step::run(at, scope, asking, &self.shared).await;
            was_asked |= !matches!(asked.found, Found::NotAsked);
            way.add(&asked);
            match asked.found {
                Found::Record(record) => {
                    let about = keep::about(&self.shared.cache, asked.entry.as_deref(), step, scope, &record);
                    return Ended { outcome: Outcome::Found, record: Some((record, at)), about };
                }
                Found::Ambiguous => worst = worst.or(Some(Outcome::Ambiguous)),
                Found::Failed(failure) => worst = worst.or(Some(failure.outcome())),
                Found::Nothing | Found::NotAsked => {}
            }
        }
        let unfound = if was_asked { Outcome::NotFound } else { Outcome::NoIdentifier };
        Ended::without_record(worst.unwrap_or(unfound))
    }
}

/// How a lookup without steps ends: as if it had found, unless the node is for a customer whom the call does not name.
fn unasked(scope: &Scope) -> Outcome {
    let inputs = &scope.node().inputs;
    let mut names = inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| input.kind.is_identifier())
        .map(|(at, _)| at)
        .peekable();
    let is_for_somebody = names.peek().is_some();
    let is_named = names.any(|at| scope.given().get(at).is_some());
    if is_for_somebody && !is_named { Outcome::NoIdentifier } else { Outcome::Found }
}

fn answer(node: &Node, facts: Facts<'_>, trace: &Trace) -> Answer {
    let (reply, outputs) = output::reply(node, facts);
    Answer { reply: Arc::new(reply), outputs, tier: Tier::Off, partial: Vec::new(), trace: trace.id() }
}
