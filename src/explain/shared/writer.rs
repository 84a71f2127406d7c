//! Writes the calls that replicas share, each once its story is whole.

use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep};

use crate::cache::{Journal, JournalEntry};
use crate::explain::shared::Counts;
use crate::explain::shared::room::Room;
use crate::explain::story::story;
use crate::explain::{Past, Traces};
use crate::record::Outcome;

/// How many are written together.
const TOGETHER: usize = 16;
/// How many are held back at most; more are written as they are.
const HELD: usize = 4096;
/// How long a call that ended at its deadline is held back: what comes too late for it belongs to its story.
const LATE: Duration = Duration::from_secs(2);
/// How long it is waited for the end of a write that the call itself did not wait for.
const WRITING: Duration = Duration::from_secs(10);
/// What stands around a value in Redis, and what a place in a list takes, in bytes.
const AROUND: usize = 200;
const LISTED: usize = 100;
/// How often it is looked which stories are whole.
const LOOK: Duration = Duration::from_millis(50);

/// Writes what comes.
pub(super) struct Writer {
    journal: Journal,
    counts: Arc<Counts>,
    traces: Weak<Traces>,
    held: Vec<Held>,
    room: Room,
    is_stopping: bool,
}

/// A call whose story is not whole.
struct Held {
    past: Arc<Past>,
    since: Instant,
}

impl Held {
    fn is_whole(&self, is_stopping: bool) -> bool {
        let held = self.since.elapsed();
        // Writing is waited for also when the service stops.
        let is_written = !self.past.is_writing() || held >= WRITING;
        is_written && (self.past.outcome != Outcome::Timeout || is_stopping || held >= LATE)
    }
}

impl Writer {
    pub(super) fn new(journal: Journal, counts: Arc<Counts>, traces: Weak<Traces>, bytes: u64) -> Self {
        let room = Room::new(bytes, Instant::now());
        Self { journal, counts, traces, held: Vec::new(), room, is_stopping: false }
    }

    /// Writes to the end of the queue.
    pub(super) async fn run(mut self, mut queue: Receiver<Arc<Past>>, stopping: Arc<Notify>) {
        let mut come = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                count = queue.recv_many(&mut come, TOGETHER) => {
                    if count == 0 {
                        return;
                    }
                }
                () = sleep(LOOK), if !self.held.is_empty() => {}
                () = stopping.notified() => self.is_stopping = true,
            }
            let since = Instant::now();
            self.held.extend(come.drain(..).map(|past| Held { past, since }));
            let whole = self.whole();
            self.write(&whole).await;
            self.counts.waiting.fetch_sub(whole.len() as u64, Ordering::AcqRel);
        }
    }

    /// Takes what is held back no longer.
    fn whole(&mut self) -> Vec<Arc<Past>> {
        let too_many = self.held.len().saturating_sub(HELD);
        let mut whole: Vec<_> = self.held.drain(..too_many).map(|held| held.past).collect();
        let (due, held) =
            mem::take(&mut self.held).into_iter().partition(|held| held.is_whole(self.is_stopping));
        self.held = held;
        whole.extend(Vec::into_iter(due).map(|held: Held| held.past));
        whole
    }

    async fn write(&mut self, whole: &[Arc<Past>]) {
        let Some(traces) = self.traces.upgrade() else {
            return;
        };
        // A customer who was forgotten since is written nowhere.
        let whole: Vec<&Arc<Past>> = whole.iter().filter(|past| !traces.is_forgotten(past)).collect();
        for together in whole.chunks(TOGETHER) {
            let mut entries = Vec::with_capacity(together.len());
            for past in together {
                let entry = entry(past, past.about(&traces.cache));
                if self.room.take(size(&entry), past.went_well(), Instant::now()) {
                    entries.push(entry);
                }
            }
            let fitting = entries.len();
            let written = if fitting > 0 && self.journal.write(entries).await { fitting } else { 0 };
            self.counts.dropped.fetch_add((together.len() - written) as u64, Ordering::Relaxed);
        }
    }
}

/// About how many bytes of Redis an entry takes: its value, its name, and its place in lists.
fn size(entry: &JournalEntry) -> usize {
    entry.value.len() + AROUND + (entry.about.len() + entry.under.len()) * LISTED
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
