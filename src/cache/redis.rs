//! The tier that all replicas share. Every question has one short limit, and while Redis is not well nobody asks:
//! whatever it does, a caller sees at most that it finds nothing here.

mod address;
mod claim;
mod connection;
pub(super) mod eviction;
mod keeper;
mod lease;
mod link;
mod name;
mod order;
mod pending;
mod pool;
mod writer;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use deadpool_redis::redis::{Cmd, FromRedisValue, RedisResult, cmd};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::AbortHandle;
use tokio::time::{timeout, timeout_at};

use crate::cache::local::Local;
use crate::cache::redis::address::Address;
pub use crate::cache::redis::address::AddressError;
use crate::cache::redis::eviction::{Generations, Standing};
use crate::cache::redis::keeper::{Keeper, failed};
use crate::cache::redis::lease::Owed;
pub(super) use crate::cache::redis::lease::Taking;
use crate::cache::redis::link::Link;
use crate::cache::redis::pending::Pending;
use crate::cache::redis::pool::Pool;
use crate::cache::redis::writer::{QUEUE, Write};
use crate::cache::seal::{self, Keys};
use crate::clock::Deadline;

/// Redis as this process sees it.
pub(super) struct Redis {
    kind: &'static str,
    limit: Duration,
    keys: Arc<Keys>,
    local: Arc<Local>,
    /// Where evictions are counted.
    place: String,
    /// Where they are told.
    channel: String,
    link: ArcSwapOption<Link>,
    generations: ArcSwap<Generations>,
    /// Up to where the order was followed.
    known: Mutex<Standing>,
    /// Where an eviction of our own stands in it; what is behind that has lost it.
    told: Mutex<Standing>,
    pending: Mutex<Pending>,
    /// Told of each eviction that waits, wherever it failed.
    put_off: Notify,
    owed: Mutex<VecDeque<Owed>>,
    queue: Sender<Write>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    written: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    /// Entries that wait to be written or are being written.
    waiting: AtomicU64,
}

/// How Redis does, for console and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisStatus {
    /// `single`, `sentinel` or `cluster`.
    pub kind: &'static str,
    /// Whether it is asked now.
    pub up: bool,
    /// Entries written since the start.
    pub written: u64,
    /// Entries that were not, because the queue was full or Redis did not take them.
    pub dropped: u64,
    /// Questions without an answer in time, or refused.
    pub failed: u64,
    /// Evictions that are not told yet.
    pub pending: usize,
}

/// [`Redis`] with its tasks, which end with it.
pub(super) struct Running {
    pub(super) redis: Arc<Redis>,
    tasks: [AbortHandle; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Begins to keep a link to Redis, on this runtime; Redis need not be there yet.
///
/// # Errors
/// Where the text is no address of Redis.
pub(super) fn start(
    address: &str,
    limit: Duration,
    keys: Arc<Keys>,
    local: Arc<Local>,
    runtime: &Handle,
) -> Result<Running, AddressError> {
    let address = Address::parse(address)?;
    let pool = Pool::new(&address)?;
    let namespace = seal::text(keys.hash(&[b"namespace"]));
    let (queue, waiting) = channel(QUEUE);
    let redis = Arc::new(Redis {
        kind: address.kind(),
        limit,
        keys,
        local,
        place: format!("dd1:{{{namespace}}}"),
        channel: format!("dd1:{namespace}:{}", address.database()),
        link: ArcSwapOption::empty(),
        generations: ArcSwap::default(),
        known: Mutex::default(),
        told: Mutex::default(),
        pending: Mutex::default(),
        put_off: Notify::new(),
        owed: Mutex::default(),
        queue,
        counts: Counts::default(),
    });
    let keeper = runtime.spawn(Keeper::new(Arc::clone(&redis), pool).run()).abort_handle();
    let writer = runtime.spawn(writer::run(Arc::clone(&redis), waiting)).abort_handle();
    Ok(Running { redis, tasks: [keeper, writer] })
}

/// Questions and answers.
impl Redis {
    /// The value under this name, opened, within the limit and the deadline.
    pub(super) async fn get(&self, name: &str, deadline: Deadline) -> Option<Vec<u8>> {
        let mut get = Cmd::with_capacity(2, name.len() + 3);
        get.arg("GET").arg(name);
        let sealed: Option<Vec<u8>> = self.ask(&get, self.limit.min(deadline.remaining())).await?;
        self.keys.open(name, sealed?)
    }

    /// Puts a sealed value under this name for a time; false where Redis did not take it.
    pub(super) async fn put(&self, name: &str, value: &[u8], life: Duration) -> bool {
        let Some(sealed) = self.keys.seal(name, value.to_vec()) else {
            return false;
        };
        let mut set = cmd("SET");
        set.arg(name).arg(sealed).arg("PX").arg(millis(life));
        self.ask::<()>(&set, self.limit).await.is_some()
    }

    /// A value, so that it opens under this name only.
    pub(in crate::cache) fn sealed(&self, name: &str, value: Vec<u8>) -> Option<Vec<u8>> {
        self.keys.seal(name, value)
    }

    /// A sealed value, opened; none where it was sealed for another name or by another key.
    pub(in crate::cache) fn opened(&self, name: &str, sealed: Vec<u8>) -> Option<Vec<u8>> {
        self.keys.open(name, sealed)
    }

    /// Asks one question on behalf of a person, who has more time than a call. How long it took says nothing of whether
    /// calls are answered in time, and is not held against Redis.
    pub(in crate::cache) async fn ask_patiently<T: FromRedisValue>(
        &self,
        command: &Cmd,
        deadline: Deadline,
    ) -> Option<T> {
        let link = self.link.load_full().filter(|link| link.is_well())?;
        let mut connection = link.reads();
        timeout_at(deadline.instant(), command.query_async(&mut connection)).await.ok()?.ok()
    }

    /// Asks one question; none where there was no answer in time, for whatever reason.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd, limit: Duration) -> Option<T> {
        self.answer(command, limit).await?.ok()
    }

    /// The same, with why there was no answer; none: Redis is not asked now.
    async fn answer<T: FromRedisValue>(&self, command: &Cmd, limit: Duration) -> Option<RedisResult<T>> {
        let link = self.link.load_full().filter(|link| link.is_well())?;
        let mut connection = link.reads();
        Some(self.judge(&link, limit, command.query_async(&mut connection)).await)
    }

    /// Waits for an answer as long as the limit says, and notes how it went.
    async fn judge<T>(
        &self,
        link: &Link,
        limit: Duration,
        answer: impl Future<Output = RedisResult<T>>,
    ) -> RedisResult<T> {
        match timeout(limit, answer).await {
            Ok(Ok(value)) => {
                link.answered();
                Ok(value)
            }
            Ok(Err(error)) => {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                link.refused(&error);
                Err(error)
            }
            Err(_) => {
                // A caller with little time left says nothing about Redis.
                if limit >= self.limit {
                    self.counts.failed.fetch_add(1, Ordering::Relaxed);
                    link.failed();
                }
                Err(failed("no answer in time"))
            }
        }
    }
}

/// The link, and how it does.
impl Redis {
    /// From now on, calls find this link.
    fn link(&self, link: &Arc<Link>) {
        self.link.store(Some(Arc::clone(link)));
    }

    /// From now on, calls find none.
    fn unlink(&self) {
        self.link.store(None);
    }

    /// How it does.
    pub(in crate::cache) fn status(&self) -> RedisStatus {
        RedisStatus {
            kind: self.kind,
            up: self.link.load().as_ref().is_some_and(|link| link.is_well()),
            written: self.counts.written.load(Ordering::Relaxed),
            dropped: self.counts.dropped.load(Ordering::Relaxed),
            failed: self.counts.failed.load(Ordering::Relaxed),
            pending: self.pending().len(),
        }
    }

    /// A wait up to a fifth longer, so that replicas do not come together.
    fn jitter(&self, wait: Duration) -> Duration {
        wait.mul_f64(1.0 + seal::chance() / 5.0)
    }
}

fn millis(life: Duration) -> u64 {
    u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1)
}
