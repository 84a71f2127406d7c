//! A question and how far it has to go for its answer: what is kept, a fill that another caller began, or the
//! upstream. A table in memory is simply read.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};

use crate::cache::{self, Entry, Freshness, Kept, Lock, StepKey};
use crate::clock::Deadline;
use crate::lookup::Shared;
use crate::lookup::ask::{Asking, arguments};
use crate::lookup::fill::{self, Filled};
use crate::lookup::keep;
use crate::lookup::scope::Scope;
use crate::lookup::step::{self, Found};
use crate::lookup::then;
use crate::node::input::Identifier;
use crate::plan::operation::{Call, Operation};
use crate::plan::{Keep, Lives, Read, Step};
use crate::record::{Failure, Tier};
use crate::trace::Stage;
use crate::upstream::Spare;

/// How often a fill looks whether another process has found the answer.
const POLL: Duration = Duration::from_millis(20);

/// What a question gave, and how far it had to go.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) found: Found,
    /// None where no cache could have helped.
    pub(super) tier: Option<Tier>,
    /// What it was answered from, if that is kept.
    pub(super) entry: Option<Arc<Entry>>,
}

impl Asked {
    /// It was not asked.
    pub(super) fn not() -> Self {
        Self { found: Found::NotAsked, tier: None, entry: None }
    }

    /// It could not be asked.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { found: Found::Failed(failure), tier: None, entry: None }
    }

    fn of(entry: Arc<Entry>, tier: Tier) -> Self {
        let found = match entry.kept() {
            Kept::Record(record) => Found::Record(Arc::clone(record)),
            Kept::Nothing => Found::Nothing,
        };
        Self { found, tier: Some(tier), entry: Some(entry) }
    }
}

/// A step or a read, with whom and what it asks.
pub(super) struct Question {
    place: Place,
    operation: Arc<Operation>,
    keep: Keep,
    /// Whom, and with which other values.
    identity: String,
}

/// Where in the node the question stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Lookup(usize),
    Then(usize),
}

impl Question {
    /// What it is kept under.
    pub(super) fn key(&self) -> StepKey<'_> {
        let operation = self.operation.name.as_ref();
        StepKey { revision: self.keep.revision, operation, identity: &self.identity }
    }

    /// How its result is kept.
    pub(super) fn keep(&self) -> &Keep {
        &self.keep
    }

    /// The operation that it asks.
    pub(super) fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The step of the lookup that it is; none: a further read.
    pub(super) fn step(&self) -> Option<usize> {
        match self.place {
            Place::Lookup(at) => Some(at),
            Place::Then(_) => None,
        }
    }

    /// The question of a step: its identifier, and the other inputs it depends on. Nothing is rendered for it.
    pub(super) fn of_step(step: &Step, at: usize, identifier: Option<&Identifier>, scope: &Scope) -> Self {
        let mut identity = identifier.map(Identifier::key).unwrap_or_default();
        for input in &step.keep.inputs {
            let given = scope.given().get(*input);
            // Writing to a text cannot fail.
            let _ = match given {
                Some(given) => write!(identity, "\u{1f}{}", given.value),
                None => write!(identity, "\u{1f}"),
            };
        }
        let operation = Arc::clone(&step.ask.operation);
        Self { place: Place::Lookup(at), operation, keep: step.keep.clone(), identity }
    }

    /// The question of a further read: its arguments, which the record gives.
    pub(super) fn of_read(read: &Read, at: usize, scope: &Scope) -> Result<Self, Failure> {
        let arguments = arguments(&read.ask, scope)?;
        let identity = serde_json::to_string(&arguments).unwrap_or_default();
        let operation = Arc::clone(&read.ask.operation);
        Ok(Self { place: Place::Then(at), operation, keep: read.keep.clone(), identity })
    }
}

impl Place {
    fn ask(self, scope: Scope, asking: Asking) -> BoxFuture<'static, Found> {
        match self {
            Self::Lookup(at) => step::ask_all(at, scope, asking),
            Self::Then(at) => then::ask_one(at, scope, asking),
        }
    }
}

/// Answers a question, by the caller's deadline.
pub(super) async fn asked(question: Question, scope: &Scope, asking: &Asking, shared: &Arc<Shared>) -> Asked {
    if matches!(question.operation.call, Call::Table(_)) {
        let found = question.place.ask(scope.clone(), asking.clone()).await;
        return Asked { found, tier: None, entry: None };
    }
    let lives = scope.node().cache.filter(|_| question.keep.is_steady);
    let stale = match lives {
        None => None,
        Some(lives) => match shared.look(&question, lives, asking.deadline).await {
            Looked::Fresh(entry, tier) => {
                asking
                    .trace
                    .note(Stage::Cache, &question.operation.name, || format!("{} has it", tier.name()));
                return Asked::of(entry, tier);
            }
            Looked::Stale(entry) => Some(entry),
            Looked::Absent => None,
        },
    };
    let asked = if asking.is_late() {
        Asked::failed(Failure::Timeout)
    } else {
        fill(Arc::new(question), lives, scope, asking, shared).await
    };
    match (asked.found, stale) {
        (Found::Failed(failure), Some(stale)) => {
            asking
                .trace
                .note(Stage::Cache, "stale", || format!("answers, because the upstream failed: {failure}"));
            Asked::of(stale, Tier::Stale)
        }
        (found, _) => Asked { found, ..asked },
    }
}

/// Joins or begins the fill of a question, and waits for it.
async fn fill(
    question: Arc<Question>,
    lives: Option<Lives>,
    scope: &Scope,
    asking: &Asking,
    shared: &Arc<Shared>,
) -> Asked {
    let spare = Spare::default();
    let again = spare.clone();
    let filling = Filling {
        question: Arc::clone(&question),
        lives,
        scope: scope.clone(),
        asking: Asking { spare, ..asking.clone() },
        shared: Arc::clone(shared),
    };
    let key: fill::Question = (question.keep.revision, question.identity.clone());
    let ask = move || filling.clone().run();
    let waiting = shared.fills.join_or_begin(&key, ask, move |failure| may_pass(failure) && again.take());
    let tier = if waiting.is_joined { Tier::Joined } else { Tier::Miss };
    let filled = waiting.until(asking.deadline).await;
    let tier = if filled.from_redis { Tier::Redis } else { tier };
    Asked { found: filled.found, tier: Some(tier), entry: filled.entry }
}

/// All that a fill needs, its own.
#[derive(Clone)]
struct Filling {
    question: Arc<Question>,
    lives: Option<Lives>,
    scope: Scope,
    asking: Asking,
    shared: Arc<Shared>,
}

impl Filling {
    fn run(self) -> BoxFuture<'static, Filled> {
        Box::pin(async move {
            // An answer that comes too late for who began it is kept for the next: what is begun inside the budget
            // has its own time.
            let limit = self.scope.node().budget + self.question.operation.timeout;
            let deadline = Deadline::new(Instant::now(), limit);
            let asking = Asking { deadline, ..self.asking.clone() };
            let Some(lives) = self.lives else {
                return Filled::plain(self.question.place.ask(self.scope.clone(), asking).await);
            };
            let _lock = match self.across_processes(lives, deadline).await {
                Across::Mine(lock) => lock,
                Across::Theirs(entry) => return Filled::of(entry, true),
            };
            let mark = self.shared.cache.mark();
            let found = self.question.place.ask(self.scope.clone(), asking).await;
            match keep::keep(&self.shared.cache, &self.question, &self.scope, &found, lives, mark) {
                Some(entry) => Filled::of(entry, false),
                None => Filled::plain(found),
            }
        })
    }

    /// One process asks for all: who has the lock asks, the others look for what it found. Nobody waits longer than
    /// half of its budget, and who has waited asks but once.
    async fn across_processes(&self, lives: Lives, deadline: Deadline) -> Across {
        let half = Deadline::new(Instant::now(), self.scope.node().budget / 2);
        let mut has_waited = false;
        loop {
            let lock = self.shared.cache.lock(&self.question.key(), deadline.remaining(), deadline).await;
            if has_waited
                && let Looked::Fresh(entry, _) = self.shared.look_in_redis(&self.question, lives, half).await
            {
                return Across::Theirs(entry);
            }
            match lock {
                cache::Asked::Taken(lock) => return Across::Mine(Some(lock)),
                cache::Asked::Alone => return Across::Mine(None),
                cache::Asked::Held if half.remaining().is_zero() => return Across::Mine(None),
                cache::Asked::Held => {}
            }
            has_waited = true;
            let _ = self.asking.spare.take();
            sleep(POLL).await;
        }
    }
}

/// Whether this process is the one to ask.
enum Across {
    /// It is; the lock, where there is one.
    Mine(Option<Lock>),
    /// Another was, and this is what it found.
    Theirs(Arc<Entry>),
}

/// What the cache has.
enum Looked {
    /// It answers.
    Fresh(Arc<Entry>, Tier),
    /// It answers where the upstream does not.
    Stale(Arc<Entry>),
    /// It has nothing.
    Absent,
}

impl Shared {
    /// Looks in memory, then in Redis.
    async fn look(&self, question: &Question, lives: Lives, deadline: Deadline) -> Looked {
        let held = self.cache.held(&question.key());
        let held = held.map_or(Looked::Absent, |entry| self.judge(entry, Tier::Memory, question, lives));
        if let Looked::Fresh(..) = held {
            return held;
        }
        match (self.look_in_redis(question, lives, deadline).await, held) {
            (Looked::Absent, held) => held,
            (found, _) => found,
        }
    }

    async fn look_in_redis(&self, question: &Question, lives: Lives, deadline: Deadline) -> Looked {
        match self.cache.shared(&question.key(), deadline).await {
            Some(entry) => self.judge(entry, Tier::Redis, question, lives),
            None => Looked::Absent,
        }
    }

    /// An entry that lacks a field which is read is as good as none. One that another node keeps for longer than
    /// this node wants is stale.
    fn judge(&self, entry: Arc<Entry>, tier: Tier, question: &Question, lives: Lives) -> Looked {
        if entry.fields() != question.keep.fingerprint {
            return Looked::Absent;
        }
        let now = self.clock.wall();
        let life = if entry.record().is_some() { lives.fresh } else { lives.not_found };
        match entry.freshness(now) {
            Freshness::Fresh if entry.age(now) <= life.mul_f64(1.1) => Looked::Fresh(entry, tier),
            Freshness::Fresh | Freshness::Stale if entry.record().is_some() => Looked::Stale(entry),
            _ => Looked::Absent,
        }
    }
}

/// Whether asking again may help.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Timeout | Failure::Unreachable(_) => true,
        Failure::Status(status) => *status >= 500,
        Failure::Refused(_)
        | Failure::Unreadable(_)
        | Failure::Overloaded(_)
        | Failure::Unconfigured(_)
        | Failure::Argument { .. }
        | Failure::Template { .. } => false,
    }
}
