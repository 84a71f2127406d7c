//! The tier in this process: entries under their memory keys, bounded by their weight, each with its own life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;

use crate::cache::entry::Entry;
use crate::cache::key::BuildPrehashed;

/// Entries by memory key.
#[derive(Debug, Clone)]
pub(super) struct Memory(Cache<u128, Kept, BuildPrehashed>);

/// An entry with what was left of its life when it was kept.
#[derive(Debug, Clone)]
struct Kept {
    entry: Arc<Entry>,
    left: Duration,
}

/// Each entry's own life.
struct OwnLife;

impl Expiry<u128, Kept> for OwnLife {
    fn expire_after_create(&self, _: &u128, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.left)
    }

    fn expire_after_update(
        &self,
        _: &u128,
        kept: &Kept,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.left)
    }
}

impl Memory {
    /// An empty memory of about this many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let cache = Cache::builder()
            .max_capacity(bytes)
            .weigher(|_: &u128, kept: &Kept| kept.entry.weight)
            .expire_after(OwnLife)
            .eviction_listener(|_, kept, _| kept.entry.pulse.drop_it())
            .build_with_hasher(BuildPrehashed::default());
        Self(cache)
    }

    /// The entry under this key.
    pub(super) fn get(&self, key: u128) -> Option<Arc<Entry>> {
        self.0.get(&key).map(|kept| kept.entry)
    }

    /// Keeps an entry for what is left of its life, instead of any before it.
    pub(super) fn keep(&self, key: u128, entry: Arc<Entry>, left: Duration) {
        if !left.is_zero() {
            self.0.insert(key, Kept { entry, left });
        }
    }

    /// Lets go of the entry under this key.
    pub(super) fn drop_one(&self, key: u128) {
        self.0.invalidate(&key);
    }

    /// Lets go of every entry for which this is false, and says of how many. It reads the whole memory.
    pub(super) fn retain(&self, stays: impl Fn(&Entry) -> bool) -> u64 {
        let mut gone = 0;
        for (key, kept) in &self.0 {
            if !stays(&kept.entry) {
                self.0.invalidate(key.as_ref());
                gone += 1;
            }
        }
        self.0.run_pending_tasks();
        gone
    }

    /// Lets go of everything.
    pub(super) fn clear(&self) {
        self.0.invalidate_all();
    }

    /// About how many entries it holds, and how many bytes they take.
    pub(super) fn size(&self) -> (u64, u64) {
        self.0.run_pending_tasks();
        (self.0.entry_count(), self.0.weighted_size())
    }
}
