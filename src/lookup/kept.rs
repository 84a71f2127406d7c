//! A question and how far it has to go for its answer: what is kept, a fill that another caller began, or the
//! upstream. A table in memory is simply read.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};

use crate::cache::{self, Lock, StepKey};
use crate::clock::Deadline;
use crate::lookup::Shared;
use crate::lookup::ask::Asking;
use crate::lookup::fill::{Caller, Filled, Key, Running};
use crate::lookup::keep;
use crate::lookup::look::Looked;
use crate::lookup::question::{Asked, Question};
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::node::input::Identifier;
use crate::plan::Lives;
use crate::plan::operation::Call;
use crate::record::{Failure, Tier};
use crate::trace::note::What;
use crate::upstream::Spare;

/// How often a fill looks whether another process has found the answer.
const POLL: Duration = Duration::from_millis(20);

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
            Looked::Fresh(asked) => {
                asking.trace.note(|| What::Kept(asked.tier.unwrap_or(Tier::Off), asked.by()));
                return asked;
            }
            Looked::Stale(asked) => Some(asked),
            Looked::Absent => None,
        },
    };
    let asked = up_to_date(&Arc::new(question), lives, scope, asking, shared).await;
    let stale = stale.filter(|stale| !shared.is_outdated(stale, shared.cache.mark()));
    match (asked.found, stale) {
        (Found::Failed(failure), Some(stale)) => {
            asking.trace.note(|| What::Stale(stale.by(), failure));
            stale
        }
        (found, _) => Asked { found, ..asked },
    }
}

/// What a fill gives, and not from before an eviction that this call comes after: whom a record is about is seen for
/// certain when it is there.
async fn up_to_date(
    question: &Arc<Question>,
    lives: Option<Lives>,
    scope: &Scope,
    asking: &Asking,
    shared: &Arc<Shared>,
) -> Asked {
    let since = shared.cache.mark();
    let asked = fill(question, lives, scope, asking, shared).await;
    let Some(lives) = lives.filter(|_| shared.is_outdated(&asked, since)) else {
        return asked;
    };
    // Another who was told the same may have asked anew before.
    match shared.look(question, lives, asking.deadline).await {
        Looked::Fresh(asked) => asked,
        Looked::Stale(_) | Looked::Absent => fill(question, Some(lives), scope, asking, shared).await,
    }
}

/// Joins or begins the fill of a question, and waits for it.
async fn fill(
    question: &Arc<Question>,
    lives: Option<Lives>,
    scope: &Scope,
    asking: &Asking,
    shared: &Arc<Shared>,
) -> Asked {
    if asking.is_late() {
        asking.trace.note(|| What::Late);
        return Asked::failed(Failure::Timeout);
    }
    let spare = Spare::default();
    let again = spare.clone();
    let filling = Arc::new(Filling {
        question: Arc::clone(question),
        lives,
        scope: scope.clone(),
        asking: Asking { spare, ..asking.clone() },
        shared: Arc::clone(shared),
    });
    let (revision, fields) = (question.keep.revision, question.keep.fingerprint);
    let key = Key { revision, fields, identity: question.identity.clone() };
    let ask = move |running: &Arc<Running>| Arc::clone(&filling).run(Arc::clone(running));
    let again = move |failure: &Failure| may_pass(failure) && again.take();
    let caller = Caller { by: asking.trace.id(), until: asking.deadline };
    let watch =
        || shared.cache.watch(&question.key(), scope.sought().map(Identifier::canonical), scope.about());
    let waiting = shared.fills.join_or_begin(&key, &caller, watch, ask, again);
    if let Some(by) = waiting.joined {
        asking.trace.note(|| What::Joined(by));
    }
    let tier = if waiting.joined.is_some() { Tier::Joined } else { Tier::Miss };
    let filled = waiting.until(asking.deadline).await;
    let tier = if filled.from_redis { Tier::Redis } else { tier };
    if let (true, Some(entry)) = (filled.from_redis, &filled.entry) {
        asking.trace.note(|| What::Kept(Tier::Redis, Some(entry.by())));
    }
    Asked { found: filled.found, tier: Some(tier), entry: filled.entry }
}

/// All that a fill needs, its own.
struct Filling {
    question: Arc<Question>,
    lives: Option<Lives>,
    scope: Scope,
    asking: Asking,
    shared: Arc<Shared>,
}

impl Filling {
    fn run(self: Arc<Self>, running: Arc<Running>) -> BoxFuture<'static, Filled> {
        Box::pin(async move {
            let operation = Arc::clone(&self.question.operation);
            let filled = self.fill(&running).await;
            if let Found::Failed(failure) = &filled.found {
                // Said once for all callers who wait, and without the upstream's own words: they may be personal.
                let (operation, code) = (&*operation.name, failure.code());
                tracing::warn!(event = "upstream.failed", operation, code, "an upstream did not answer");
            }
            filled
        })
    }

    async fn fill(&self, running: &Running) -> Filled {
        // What is begun inside the budget has its own time. Where it is kept, more is begun after that for the next
        // who asks; where it is not, that serves nobody but who still waits.
        let limit = self.scope.node().budget + self.question.operation.timeout;
        let deadline = Deadline::new(Instant::now(), limit);
        let begun_by = self.lives.is_none().then(|| running.latest.clone());
        let latest = running.latest.clone();
        let spare = self.asking.spare.clone().waited_for(move || latest.deadline());
        let asking = Asking { deadline, begun_by, spare, ..self.asking.clone() };
        let Some(lives) = self.lives else {
            return Filled::plain(self.question.place.ask(self.scope.clone(), asking).await);
        };
        let _lock = match self.across_processes(lives, deadline, running).await {
            Across::Mine(lock) => lock,
            Across::Theirs(asked) => {
                return Filled { found: asked.found, entry: asked.entry, from_redis: true };
            }
        };
        let mark = self.shared.cache.mark();
        let found = self.question.place.ask(self.scope.clone(), asking).await;
        let by = self.asking.trace.id();
        match keep::keep(&self.shared.cache, &self.question, &self.scope, &found, lives, (mark, by)) {
            Some((found, entry)) => Filled { found, entry: Some(entry), from_redis: false },
            None => Filled::plain(found),
        }
    }

    /// One process asks for all: who has the lock asks, the others look for what it found. Nobody waits longer than
    /// half of its budget, and who has waited asks but once.
    async fn across_processes(&self, lives: Lives, deadline: Deadline, running: &Running) -> Across {
        if running.is_anew {
            // Who has the lock asks for what an eviction has ended.
            return Across::Mine(None);
        }
        let keep = &self.question.keep;
        // What another plan asks for may lack what this one reads.
        let key = StepKey { revision: keep.revision ^ keep.fingerprint, ..self.question.key() };
        let half = Deadline::new(Instant::now(), self.scope.node().budget / 2);
        let mut has_waited = false;
        loop {
            let lock = self.shared.cache.lock(&key, deadline.remaining(), deadline).await;
            if has_waited
                && let Looked::Fresh(asked) = self.shared.look_in_redis(&self.question, lives, half).await
            {
                return Across::Theirs(asked);
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
    Theirs(Asked),
}

/// Whether asking again may help.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Timeout | Failure::Unreachable(_) | Failure::Lost(_) => true,
        Failure::Status(status) => *status >= 500,
        Failure::Login(failure) => may_pass(failure),
        Failure::Refused(_)
        | Failure::Unreadable(_)
        | Failure::Unfinished(_)
        | Failure::Overloaded(_)
        | Failure::Unconfigured(_)
        | Failure::Argument { .. }
        | Failure::Template { .. } => false,
    }
}
