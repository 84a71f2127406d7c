//! Traces behind a balancer: what a call left goes sealed to Redis, behind the answer, so that any replica can tell of
//! it. What cannot be written is left out; no call waits for it.

mod room;
mod writer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{Instant, sleep, timeout};

use crate::cache::{Journal, List};
use crate::clock::Deadline;
use crate::explain::shared::writer::Writer;
use crate::explain::{Past, Traces};
use crate::record::Tier;
use crate::trace::TraceId;

/// How many calls may wait to be written.
const QUEUE: usize = 1024;
/// How long a person waits for all that is in Redis.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether all is written.
const BEAT: Duration = Duration::from_millis(5);

/// The way to what replicas share.
pub(super) struct Shared {
    journal: Journal,
    queue: Sender<Arc<Past>>,
    counts: Arc<Counts>,
    stopping: Arc<Notify>,
}

/// What became of what was to be written.
#[derive(Debug, Default)]
pub(super) struct Counts {
    waiting: AtomicU64,
    dropped: AtomicU64,
}

impl Shared {
    /// Begins to write, on this runtime, no more than so many bytes a day. None: there is nothing shared.
    pub(super) fn start(
        journal: Journal,
        bytes: u64,
        runtime: &Handle,
        traces: Weak<Traces>,
    ) -> Option<Self> {
        if !journal.is_shared() {
            return None;
        }
        let (queue, waiting) = channel(QUEUE);
        let (counts, stopping) = (Arc::<Counts>::default(), Arc::<Notify>::default());
        let writer = Writer::new(journal.clone(), Arc::clone(&counts), traces, bytes);
        runtime.spawn(writer.run(waiting, Arc::clone(&stopping)));
        Some(Self { journal, queue, counts, stopping })
    }

    /// Writes a call some time soon. One that was answered from what is kept is left to this process: the call that
    /// fetched for it is written, and most calls are of this kind.
    pub(super) fn write_later(&self, past: &Arc<Past>) {
        if matches!(past.tier, Tier::Memory | Tier::Redis) && past.node.write.is_none() {
            return;
        }
        self.counts.waiting.fetch_add(1, Ordering::AcqRel);
        if self.queue.try_send(Arc::clone(past)).is_err() {
            self.counts.waiting.fetch_sub(1, Ordering::AcqRel);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Until when a person waits who asks now.
    pub(super) fn patience() -> Deadline {
        Deadline::new(Instant::now(), PATIENCE)
    }

    /// The story of a call, with what is personal marked.
    pub(super) async fn read(&self, id: TraceId, deadline: Deadline) -> Option<Value> {
        let bytes = self.journal.read(id.number(), deadline).await?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The last calls of a list, each with its time.
    pub(super) async fn latest(&self, list: &List<'_>, most: usize, deadline: Deadline) -> Vec<(u64, u64)> {
        self.journal.latest(list, most, deadline).await
    }

    /// Waits until nothing waits to be written, at most so long. The service stops then: what came too late for a call
    /// does not come any more.
    pub(super) async fn flush(&self, limit: Duration) {
        self.stopping.notify_one();
        let all = async {
            while self.counts.waiting.load(Ordering::Acquire) > 0 {
                sleep(BEAT).await;
            }
        };
        // Late or not, it is only what somebody may ask for.
        let _ = timeout(limit, all).await;
    }

    /// How many were left out since the start.
    pub(super) fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }
}
