//! Fills: the same question asked by many callers is asked of the upstream once. A fill is a task of its own with its
//! own limit, never a caller's future: a caller who hangs up cancels nothing, and waits to its own deadline only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::{sleep, timeout_at};
use tracing::instrument::WithSubscriber;

use crate::cache::{Entry, Watch};
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
}

/// What a caller holds while it waits.
pub(super) struct Waiting {
    result: watch::Receiver<Option<Filled>>,
    /// The call that began it, where that is another one.
    pub(super) joined: Option<TraceId>,
}

/// A fill under way.
pub(super) struct Running {
    result: watch::Receiver<Option<Filled>>,
    /// The call that began it.
    by: TraceId,
    /// Until when somebody waits for it.
    pub(super) latest: Latest,
    watch: Watch,
    /// Whether one from before an eviction is still under way.
    pub(super) is_anew: bool,
}

/// The fills under way, by question.
#[derive(Clone, Default)]
pub(super) struct Fills {
    running: Arc<Mutex<HashMap<Key, Arc<Running>>>>,
}

impl Fills {
    /// Joins the fill of a question, or begins it by asking. What fails is asked once more where somebody still waits
    /// and `again` allows it. What was asked before an eviction that covers it is not joined, under way or failed.
    pub(super) fn join_or_begin(
        &self,
        key: &Key,
        caller: &Caller,
        watch: impl FnOnce() -> Watch,
        ask: impl Fn(&Arc<Running>) -> BoxFuture<'static, Filled> + Send + 'static,
        again: impl Fn(&Failure) -> bool + Send + 'static,
    ) -> Waiting {
        let mut list = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = list.get(key);
        if let Some(running) = earlier.filter(|running| !running.watch.has_ended()) {
            running.latest.and(caller.until);
            return Waiting { result: running.result.clone(), joined: Some(running.by) };
        }
        let is_anew = earlier.is_some_and(|running| running.result.borrow().is_none());
        let (tell, result) = watch::channel(None);
        let waiting = Waiting { result: result.clone(), joined: None };
        let latest = Latest::of(caller.until);
        let running = Arc::new(Running { result, by: caller.by, latest, watch: watch(), is_anew });
        list.insert(key.clone(), Arc::clone(&running));
        drop(list);
        let begun = Begun { fills: self.clone(), key: key.clone(), running };
        // On the runtime of the caller who began it, where its connections are; it logs where that caller logs.
        tokio::spawn(begun.carry_out(tell, ask, again).with_current_subscriber());
        waiting
    }
}

/// A fill that is being carried out. Dropped, also where it panicked, it is off the list, unless another has taken its
/// place.
struct Begun {
    fills: Fills,
    key: Key,
    running: Arc<Running>,
}

impl Begun {
    async fn carry_out(
        self,
        tell: watch::Sender<Option<Filled>>,
        ask: impl Fn(&Arc<Running>) -> BoxFuture<'static, Filled>,
        again: impl Fn(&Failure) -> bool,
    ) {
        let mut found = ask(&self.running).await;
        // The list holds one receiver, each caller who waits another.
        if let Found::Failed(failure) = &found.found
            && tell.receiver_count() > 1
            && again(failure)
        {
            found = ask(&self.running).await;
        }
        if matches!(found.found, Found::Failed(_)) {
            tell.send_replace(Some(found));
            sleep(FAILED_FOR).await;
            drop(self);
        } else {
            // Off the list first: who calls after this answer asks anew.
            drop(self);
            tell.send_replace(Some(found));
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut list = self.fills.running.lock().unwrap_or_else(PoisonError::into_inner);
        if list.get(&self.key).is_some_and(|running| Arc::ptr_eq(running, &self.running)) {
            list.remove(&self.key);
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
