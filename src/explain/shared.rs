//! Traces behind a balancer: what a call left goes sealed to Redis, behind the answer, so that any replica can tell of
//! it. What cannot be written is left out; no call waits for it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::cache::{Journal, JournalEntry, List};
use crate::clock::Deadline;
use crate::explain::story::story;
use crate::explain::{Past, Traces};
use crate::record::{Outcome, Tier};
use crate::trace::TraceId;

/// How many calls may wait to be written.
const QUEUE: usize = 1024;
/// How many are written together.
const TOGETHER: usize = 16;
/// How long a call that ended at its deadline waits: what comes too late for it belongs to its story.
const LATE: Duration = Duration::from_secs(2);
/// How long it is waited for the end of a write that the call itself did not wait for, and how often it is looked for.
const WRITING: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);
/// How long a person waits for what is in Redis.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked whether all is written.
const BEAT: Duration = Duration::from_millis(5);

/// The way to what replicas share.
pub(super) struct Shared {
    journal: Journal,
    queue: Sender<Arc<Past>>,
    counts: Arc<Counts>,
    runtime: Handle,
}

/// What became of what was to be written.
#[derive(Debug, Default)]
pub(super) struct Counts {
    waiting: AtomicU64,
    dropped: AtomicU64,
}

impl Counts {
    /// Puts a call that was counted into the queue.
    fn send(&self, queue: &Sender<Arc<Past>>, past: Arc<Past>) {
        if queue.try_send(past).is_err() {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    /// Begins to write, on this runtime. None: there is nothing shared.
    pub(super) fn start(journal: Journal, runtime: &Handle, traces: Weak<Traces>) -> Option<Self> {
        if !journal.is_shared() {
            return None;
        }
        let (queue, waiting) = channel(QUEUE);
        let counts = Arc::<Counts>::default();
        let writer =
            Writer { journal: journal.clone(), counts: Arc::clone(&counts), traces, late: VecDeque::new() };
        runtime.spawn(writer.run(waiting));
        Some(Self { journal, queue, counts, runtime: runtime.clone() })
    }

    /// Writes a call some time soon. One that was answered from what is kept is left to this process: the call that
    /// fetched for it is written, and most calls are of this kind.
    pub(super) fn write_later(&self, past: &Arc<Past>) {
        if matches!(past.tier, Tier::Memory | Tier::Redis) && past.node.write.is_none() {
            return;
        }
        self.counts.waiting.fetch_add(1, Ordering::AcqRel);
        let (queue, counts, past) = (self.queue.clone(), Arc::clone(&self.counts), Arc::clone(past));
        if past.is_writing() {
            // How its write ended belongs to its story. Writing is waited for before this is, when the service stops.
            self.runtime.spawn(async move {
                let limit = Instant::now() + WRITING;
                while past.is_writing() && Instant::now() < limit {
                    sleep(LOOK).await;
                }
                counts.send(&queue, past);
            });
        } else {
            counts.send(&queue, past);
        }
    }

    /// The story of a call, with what is personal marked.
    pub(super) async fn read(&self, id: TraceId) -> Option<Value> {
        let bytes = self.journal.read(id.number(), Deadline::new(Instant::now(), PATIENCE)).await?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The last calls of a list.
    pub(super) async fn latest(&self, list: &List<'_>, most: usize) -> Vec<u64> {
        self.journal.latest(list, most, Deadline::new(Instant::now(), PATIENCE)).await
    }

    /// Waits until nothing waits to be written, at most so long.
    pub(super) async fn flush(&self, limit: Duration) {
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

/// Writes what comes.
struct Writer {
    journal: Journal,
    counts: Arc<Counts>,
    traces: Weak<Traces>,
    late: VecDeque<(Instant, Arc<Past>)>,
}

impl Writer {
    async fn run(mut self, mut queue: Receiver<Arc<Past>>) {
        let mut come = Vec::with_capacity(TOGETHER);
        loop {
            let next = self.late.front().map(|(at, _)| *at);
            tokio::select! {
                count = queue.recv_many(&mut come, TOGETHER) => {
                    if count == 0 {
                        return;
                    }
                }
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
            let now = Instant::now();
            let (late, mut due): (Vec<_>, Vec<_>) =
                come.drain(..).partition(|past| past.outcome == Outcome::Timeout);
            // What waits for its end waits for nobody else's flush.
            self.counts.waiting.fetch_sub(late.len() as u64, Ordering::AcqRel);
            let of_queue = due.len() as u64;
            self.late.extend(late.into_iter().map(|past| (now + LATE, past)));
            while self.late.front().is_some_and(|(at, _)| *at <= now)
                && let Some((_, past)) = self.late.pop_front()
            {
                due.push(past);
            }
            self.write(&due).await;
            self.counts.waiting.fetch_sub(of_queue, Ordering::AcqRel);
        }
    }

    async fn write(&self, due: &[Arc<Past>]) {
        let Some(traces) = self.traces.upgrade() else {
            return;
        };
        // A customer who was forgotten since is written nowhere.
        let due: Vec<&Arc<Past>> = due.iter().filter(|past| !traces.is_forgotten(past)).collect();
        let entries: Vec<_> = due.iter().map(|past| entry(past, past.about(&traces.cache))).collect();
        let count = entries.len() as u64;
        if count > 0 && !self.journal.write(entries).await {
            self.counts.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }
}

fn entry(past: &Past, about: Vec<u128>) -> JournalEntry {
    let since = past.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut words = vec![vec!["node".to_owned(), past.node.name.to_string(), past.outcome.name().to_owned()]];
    words.extend(past.call_id().map(|call| vec!["call".to_owned(), call.to_owned()]));
    JournalEntry {
        number: past.trace.id().number(),
        at: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        value: story(past).to_string().into_bytes(),
        about,
        under: words,
    }
}
