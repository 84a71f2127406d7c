//! The way to Redis while it is well. There is either a link that answers in time or none; who asks never waits for
//! one to be made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use deadpool_redis::redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

use crate::cache::redis::connection::Connection;
use crate::cache::redis::pool::{Held, Pool};

/// After so many failures, one after another, the link is given up.
const MOST_FAILURES: u32 = 3;

/// A link in use.
pub(super) struct Link {
    /// For calls on the runtime that made the link, and where a worker has none of its own.
    reads: Connection,
    /// One for each worker's own runtime: an answer that need not cross threads costs half.
    own: ArcSwap<Vec<(Id, Option<Connection>)>>,
    home: Option<Id>,
    pool: Arc<Pool>,
    /// Behind the answers.
    pub(super) writes: Connection,
    /// Failures since the last answer in time. A new link has one left: the first failure of all ends it.
    failures: AtomicU32,
    broken: Notify,
    /// Whether another server may be the master by now, so that a refused write means that this one is not.
    moves: bool,
    _held: [Held; 2],
}

/// What an error says about the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Redis answered in time; it did not like this one command.
    Well,
    /// It cannot serve now.
    Failed,
    /// This connection leads nowhere.
    Broken,
    /// It takes no writes.
    ReadOnly,
}

impl Link {
    pub(super) fn new(held: [Held; 2], pool: Arc<Pool>, moves: bool) -> Self {
        let [reads, writes] = &held;
        Self {
            reads: reads.connection(),
            own: ArcSwap::default(),
            home: Handle::try_current().ok().map(|runtime| runtime.id()),
            pool,
            writes: writes.connection(),
            failures: AtomicU32::new(MOST_FAILURES - 1),
            broken: Notify::new(),
            moves,
            _held: held,
        }
    }

    /// A connection for a question asked here and now.
    pub(super) fn reads(self: &Arc<Self>) -> Connection {
        let Ok(runtime) = Handle::try_current() else {
            return self.reads.clone();
        };
        let here = runtime.id();
        if self.home == Some(here) {
            return self.reads.clone();
        }
        match self.own.load().iter().find(|(id, _)| *id == here) {
            Some((_, Some(own))) => return own.clone(),
            Some((_, None)) => {}
            None => self.make_own(&runtime),
        }
        self.reads.clone()
    }

    /// Makes a connection on this runtime, for the questions after this one.
    fn make_own(self: &Arc<Self>, runtime: &Handle) {
        let (here, link) = (runtime.id(), Arc::clone(self));
        self.set_own(here, None);
        runtime.spawn(async move {
            let Ok(held) = link.pool.get().await else {
                return;
            };
            let own = held.take();
            link.set_own(here, Some(own));
        });
    }

    fn set_own(&self, runtime: Id, own: Option<Connection>) {
        self.own.rcu(|all| {
            let others = all.iter().filter(|(id, _)| *id != runtime).cloned();
            others.chain([(runtime, own.clone())]).collect::<Vec<_>>()
        });
    }

    /// Notes an answer in time.
    pub(super) fn answered(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// Notes that no answer came in time.
    pub(super) fn failed(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_FAILURES {
            self.broken.notify_one();
        }
    }

    /// Notes an error.
    pub(super) fn refused(&self, error: &RedisError) {
        match verdict(error) {
            Verdict::Well => self.answered(),
            Verdict::Failed => self.failed(),
            Verdict::Broken => self.give_up(),
            Verdict::ReadOnly if self.moves => self.give_up(),
            Verdict::ReadOnly => self.answered(),
        }
    }

    /// Gives the link up at once.
    pub(super) fn give_up(&self) {
        self.failures.store(MOST_FAILURES, Ordering::Relaxed);
        self.broken.notify_one();
    }

    /// Whether it is still worth asking.
    pub(super) fn is_well(&self) -> bool {
        self.failures.load(Ordering::Relaxed) < MOST_FAILURES
    }

    /// Waits until the link is given up.
    pub(super) async fn until_broken(&self) {
        while self.is_well() {
            self.broken.notified().await;
        }
    }
}

fn verdict(error: &RedisError) -> Verdict {
    match error.kind() {
        ErrorKind::Server(kind) => match kind {
            ServerErrorKind::ReadOnly => Verdict::ReadOnly,
            ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown => {
                Verdict::Failed
            }
            _ => Verdict::Well,
        },
        _ if error.is_timeout() => Verdict::Failed,
        _ if error.is_unrecoverable_error() || error.is_io_error() => Verdict::Broken,
        _ => Verdict::Well,
    }
}
