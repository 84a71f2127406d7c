//! The node's one write, after the lookup and the reads: where its condition says so, and at most once where the node
//! says by what two calls mean the same.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::cache::{Cache, Claim, Claimed, Entry};
use crate::clock::Deadline;
use crate::lookup::Shared;
use crate::lookup::ask::Asking;
use crate::lookup::scope::Scope;
use crate::output::Held;
use crate::plan::fields::Fields;
use crate::plan::output::From;
use crate::plan::write::{Once, Write};
use crate::record::{Failure, Outcome, Record};
use crate::trace::Trace;
use crate::trace::note::{End, Place, What};
use crate::upstream::Spare;

/// So long after its call a write that nobody waits for may begin, its login and a second try of it too.
const BEGUN_WITHIN: Duration = Duration::from_millis(4500);

/// Whom a write is about.
pub(super) struct Whom<'c> {
    /// The record, and the step that found it.
    pub(super) found: Option<&'c (Record, usize)>,
    /// What the call was answered from.
    pub(super) entries: &'c [Arc<Entry>],
}

impl Whom<'_> {
    /// As the cache knows them.
    fn hashes(&self, scope: &Scope, cache: &Cache) -> Vec<u128> {
        let found = self.found.map(|(record, step)| (record, *step));
        let mut about: Vec<u128> = scope
            .node()
            .about(scope.given(), found)
            .iter()
            .map(|one| cache.identifier(one.canonical()))
            .chain(self.entries.iter().flat_map(|entry| entry.about().to_vec()))
            .collect();
        about.sort_unstable();
        about.dedup();
        about
    }
}

/// Carries out the node's write where its condition says so. None: it was not to be carried out. It is a task of its
/// own, which neither a caller who hangs up nor the deadline cuts in two.
pub(super) async fn write(
    write: &Write,
    scope: Scope,
    whom: &Whom<'_>,
    asking: Asking,
    shared: &Arc<Shared>,
) -> Option<Held> {
    let mut asking = asking.at(Place::Write);
    let trace = Arc::clone(&asking.trace);
    if !is_wanted(write, &scope, &trace, shared.writes) {
        return None;
    }
    if !write.waits {
        // Nobody waits: it has its own time.
        asking.deadline = Deadline::new(Instant::now(), BEGUN_WITHIN);
        trace.note(|| What::Unawaited);
    }
    let (deadline, own) = (asking.deadline, Arc::clone(shared));
    let one = shared.writing.begin();
    let about = write.once.as_ref().map(|_| whom.hashes(&scope, &shared.cache)).unwrap_or_default();
    let task = async move {
        let write = scope.node().write.as_ref()?;
        Some(carry_out(write, &scope, &about, Asking { spare: Spare::default(), ..asking }, &own).await)
    };
    if !write.waits {
        drop(shared.runtime.spawn(async move {
            let _one = one;
            if let Some(held) = task.await {
                trace.note(|| What::Settled(end(&held)));
            }
        }));
        return None;
    }
    let task = async move {
        let _one = one;
        task.await
    };
    let held = match timeout_at(deadline.instant(), shared.runtime.spawn(task)).await {
        Ok(Ok(held)) => held?,
        Ok(Err(_)) => Held::Failed(Failure::Unreachable("the write was not carried to its end".to_owned())),
        Err(_) => Held::Failed(Failure::Timeout),
    };
    trace.note(|| What::Settled(end(&held)));
    Some(held)
}

fn is_wanted(write: &Write, scope: &Scope, trace: &Trace, writes: bool) -> bool {
    let wanted = match &write.ask.when {
        Some(when) => when.test(scope).unwrap_or(false),
        None => scope.outcome() == Some(Outcome::Found),
    };
    if !wanted || !writes {
        let when = write.ask.when.as_ref().map_or("a record was found", |when| when.text());
        trace.note(|| if wanted { What::NotLive } else { What::Unwanted(when.into()) });
    }
    wanted && writes
}

fn end(held: &Held) -> End {
    match held {
        Held::Record(_) | Held::Nothing | Held::Ambiguous => End::Done,
        Held::Failed(failure) => End::Failed(failure.clone()),
    }
}

/// Writes; where it is to be done once, only if no call that means the same has begun to.
async fn carry_out(write: &Write, scope: &Scope, about: &[u128], asking: Asking, shared: &Shared) -> Held {
    let Some(once) = &write.once else {
        return now(write, scope, &asking).await;
    };
    let name = match name(once, write, scope) {
        Ok(name) => name,
        Err(failure) => return Held::Failed(failure),
    };
    let note = |what: &str| asking.trace.note(|| What::Said(what.to_owned()));
    match shared.cache.claims().claim(&name, about, once.keep, asking.deadline).await {
        Claimed::Done(Some(gave)) => {
            note("an earlier call has done it: nothing is written again");
            Held::Record(Record::new(serde_json::from_slice(&gave).unwrap_or_default()))
        }
        Claimed::Done(None) => {
            note(
                "an earlier call has done it, and what it was answered is not at hand: nothing is written again",
            );
            Held::Record(Record::default())
        }
        Claimed::Begun => {
            note("an earlier call has begun it, and may have done it: nothing is written again");
            Held::Failed(Failure::Timeout)
        }
        Claimed::Ours(claim) => {
            let held = now(write, scope, &asking).await;
            settle(claim, &held, &asking.spare, scope).await;
            held
        }
    }
}

/// Writes. Where no caller is told that it failed, who runs the service is.
async fn now(write: &Write, scope: &Scope, asking: &Asking) -> Held {
    let held = asking.run_write(&write.ask, scope).await;
    if let (Held::Failed(failure), false) = (&held, write.waits) {
        let (node, operation, code) = (&*scope.node().name, &*write.ask.operation.name, failure.code());
        let trace = asking.trace.id();
        tracing::warn!(event = "write.failed", node, operation, code, %trace, "a write was not carried out");
    }
    held
}

/// Says what became of the write, as far as that is known. Of what it gave, what outputs read is kept.
async fn settle(claim: Claim, held: &Held, spare: &Spare, scope: &Scope) {
    let gave = match held {
        Held::Record(record) => Fields::read_by(scope.node(), From::Write).keep(record),
        Held::Nothing | Held::Ambiguous => Value::Null,
        Held::Failed(_) if spare.is_in_doubt() => return,
        Held::Failed(_) => return claim.give_back().await,
    };
    claim.done(gave.to_string().as_bytes()).await;
}

/// What is written once: this operation, for this node, with these values.
fn name(once: &Once, write: &Write, scope: &Scope) -> Result<String, Failure> {
    let values: Result<Vec<String>, Failure> =
        once.by.iter().map(|value| value.render(scope).map_err(failed)).collect();
    let of = [&*scope.node().name, &*write.ask.operation.name];
    Ok(serde_json::to_string(&(of, values?)).unwrap_or_default())
}

fn failed(error: crate::expr::RenderError) -> Failure {
    Failure::Template { place: "do, once".to_owned(), reason: error.to_string() }
}
