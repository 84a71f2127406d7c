//! Fills: the same question asked by many callers is asked of the upstream once. A fill is a task of its own with its
//! own limit, never a caller's future: a caller who hangs up cancels nothing, and waits to its own deadline only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::{sleep, timeout_at};
use tracing::instrument::WithSubscriber;

use crate::cache::{Entry, Mark};
use crate::clock::Deadline;
use crate::lookup::latest::Latest;
use crate::lookup::step::Found;
use crate::record::Failure;
use crate::trace::TraceId;

/// How long a failure answers for the same question, so that callers do not queue up before a dead upstream.
const FAILED_FOR: Duration = Duration::from_secs(1);

/// What a fill gave.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) found: Found,
    /// What of it is kept.
    pub(super) entry: Option<Arc<Entry>>,
    /// Whether another process had found it.
    pub(super) from_redis: bool,
}

impl Filled {
    /// What is not kept.
    pub(super) fn plain(found: Found) -> Self {
        Self { found, entry: None, from_redis: false }
    }
}

/// What callers must share to be told the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// That of the step.
    pub(super) revision: u64,
    /// The fingerprint of the fields that are kept: a plan that came into force meanwhile may read others.
    pub(super) fields: u64,
    /// Whom and what it asks.
    pub(super) identity: String,
}

/// A caller, and until when it waits.
pub(super) struct Caller {
    pub(super) by: TraceId,
    pub(super) until: Deadline,
    /// Where evictions stood when it came.
    pub(super) since: Mark,
}

/// What a caller holds while it waits.
pub(super) struct Waiting {
    result: watch::Receiver<Option<Filled>>,
    /// The call that began it, where that is another one.
    pub(super) joined: Option<TraceId>,
}

/// A fill under way, and the call that began it.
struct Running {
    result: watch::Receiver<Option<Filled>>,
    by: TraceId,
    /// Where evictions stood when it began.
    since: Mark,
    /// Until when somebody waits for it.
    latest: Latest,
}

impl Running {
    /// Whether it has ended, without an answer: what has one is off the list.
    fn has_failed(&self) -> bool {
        self.result.borrow().is_some()
    }
}

/// The fills under way, by question.
#[derive(Clone, Default)]
pub(super) struct Fills {
    running: Arc<Mutex<HashMap<Key, Running>>>,
}

impl Fills {
    /// Joins the fill of a question, or begins it by asking. What fails is asked once more where somebody still waits
    /// and `again` allows it. A failure from before an eviction that covers the question (`has_passed`) answers no more.
    pub(super) fn join_or_begin(
        &self,
        key: &Key,
        caller: &Caller,
        ask: impl Fn(&Latest) -> BoxFuture<'static, Filled> + Send + 'static,
        again: impl Fn(&Failure) -> bool + Send + 'static,
        has_passed: impl Fn(Mark) -> bool,
    ) -> Waiting {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let held = running.get(key);
        if let Some(running) = held.filter(|held| !held.has_failed() || !has_passed(held.since)) {
            running.latest.and(caller.until);
            return Waiting { result: running.result.clone(), joined: Some(running.by) };
        }
        let (tell, result) = watch::channel(None);
        let latest = Latest::of(caller.until);
        let begun =
            Running { result: result.clone(), by: caller.by, since: caller.since, latest: latest.clone() };
        running.insert(key.clone(), begun);
        drop(running);
        let ended = Ended { fills: self.clone(), key: key.clone(), result: result.clone() };
        let fill = async move {
            let mut found = ask(&latest).await;
            // The list holds one receiver and `ended` another, each caller who waits one more.
            if let Found::Failed(failure) = &found.found
                && tell.receiver_count() > 2
                && again(failure)
            {
                found = ask(&latest).await;
            }
            if matches!(found.found, Found::Failed(_)) {
                tell.send_replace(Some(found));
                sleep(FAILED_FOR).await;
                drop(ended);
            } else {
                // Off the list first: who calls after this answer asks anew.
                drop(ended);
                tell.send_replace(Some(found));
            }
        };
        // On the runtime of the caller who began it, where its connections are; it logs where that caller logs.
        tokio::spawn(fill.with_current_subscriber());
        Waiting { result, joined: None }
    }
}

/// Takes a fill off the list, also where it panicked.
struct Ended {
    fills: Fills,
    key: Key,
    result: watch::Receiver<Option<Filled>>,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let mut running = self.fills.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(&self.key).is_some_and(|held| held.result.same_channel(&self.result)) {
            running.remove(&self.key);
        }
    }
}

impl Waiting {
    /// What the fill gave, or that the deadline passed.
    pub(super) async fn until(mut self, deadline: Deadline) -> Filled {
        let told = timeout_at(deadline.instant(), self.result.wait_for(Option::is_some)).await;
        let failure = match told {
            Ok(Ok(filled)) => match &*filled {
                Some(filled) => return filled.clone(),
                None => Failure::Timeout,
            },
            Ok(Err(_)) => Failure::Unreachable("the question was not carried to its end".to_owned()),
            Err(_) => Failure::Timeout,
        };
        Filled::plain(Found::Failed(failure))
    }
}
