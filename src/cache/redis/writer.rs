//! Writes to Redis, behind the answers: a bounded queue that never holds a call up. What cannot be written is left
//! out; Redis is a cache.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_redis::redis::{Cmd, cmd};
use tokio::sync::mpsc::Receiver;

use crate::cache::entry::Entry;
use crate::cache::envelope;
use crate::cache::key::StepKey;
use crate::cache::redis::Redis;

/// How many writes may wait.
pub(super) const QUEUE: usize = 4096;
/// How many are sent together.
const TOGETHER: usize = 32;

/// Adds an entry's name to those of an identifier, which live as long as the longest of them.
pub(super) const LIST: &str = "redis.call('SADD', KEYS[1], ARGV[1]) \
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end";

/// An entry to be written.
pub(super) struct Write {
    pub(super) name: String,
    pub(super) entry: Arc<Entry>,
}

/// Writes what comes, until nobody is left who sends.
pub(super) async fn run(redis: Arc<Redis>, mut queue: Receiver<Write>) {
    let mut writes = Vec::with_capacity(TOGETHER);
    while queue.recv_many(&mut writes, TOGETHER).await > 0 {
        let count = writes.len() as u64;
        let commands: Vec<Cmd> = writes.drain(..).flat_map(|write| commands(&redis, &write)).collect();
        let refused = redis.send(&commands).await;
        redis.note_writes(count, refused);
    }
}

fn commands(redis: &Redis, write: &Write) -> Vec<Cmd> {
    let entry = &write.entry;
    let left = entry.content.span.left(redis.local.now());
    if left < Duration::from_millis(1) || redis.local.ledger.has_ended(&entry.pulse) {
        return Vec::new();
    }
    let Some(value) = redis.keys.seal(&write.name, envelope::encode(&entry.content)) else {
        return Vec::new();
    };
    let left = left.as_millis() as u64;
    let mut set = cmd("SET");
    set.arg(&write.name).arg(value).arg("PX").arg(left);
    if entry.content.alias {
        set.arg("NX");
    }
    // The lists first: an entry that no list names could not be forgotten.
    let mut commands: Vec<Cmd> = entry
        .content
        .identifiers
        .iter()
        .map(|identifier| {
            let mut list = cmd("EVAL");
            list.arg(LIST).arg(1).arg(redis.list_name(*identifier)).arg(&write.name).arg(left);
            list
        })
        .collect();
    commands.push(set);
    commands
}

impl Redis {
    /// Writes an entry, some time soon; leaves it out where too many wait or Redis is not well.
    pub(in crate::cache) fn write_later(&self, key: &StepKey<'_>, entry: &Arc<Entry>) {
        if self.link.load().is_none() {
            return;
        }
        let write = Write { name: self.entry_name(key), entry: Arc::clone(entry) };
        self.counts.waiting.fetch_add(1, Ordering::AcqRel);
        if self.queue.try_send(write).is_err() {
            self.counts.waiting.fetch_sub(1, Ordering::AcqRel);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sends commands together; gives how many Redis did not take.
    pub(in crate::cache) async fn send(&self, commands: &[Cmd]) -> usize {
        let link = self.link.load_full().filter(|link| link.is_well());
        let Some(link) = link else {
            return commands.len();
        };
        if commands.is_empty() {
            return 0;
        }
        let mut connection = link.writes.clone();
        let sent = self.judge(&link, self.limit, connection.send(commands)).await;
        sent.unwrap_or(commands.len())
    }

    /// Counts what the writer did.
    pub(super) fn note_writes(&self, entries: u64, refused: usize) {
        let count = if refused == 0 { &self.counts.written } else { &self.counts.dropped };
        count.fetch_add(entries, Ordering::Relaxed);
        self.counts.waiting.fetch_sub(entries, Ordering::AcqRel);
    }

    /// How many entries are not written yet.
    pub(in crate::cache) fn waiting(&self) -> u64 {
        self.counts.waiting.load(Ordering::Acquire)
    }
}
