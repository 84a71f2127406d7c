//! Finished replies, kept beside the entries they were made from: one look-up answers a whole call. A reply is
//! good for as long as all of its entries are, and keeps none of them in memory.

use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use moka::Expiry;
use moka::sync::Cache as Moka;

use crate::cache::Cache;
use crate::cache::entry::{Entry, millis};
use crate::cache::key::{BuildPrehashed, Seeds};
use crate::cache::local::{Local, Swept};
use crate::cache::pulse::Pulse;

/// What stands around a reply in memory, in bytes.
const AROUND: u32 = 400;

/// What identifies a reply in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyKey(u128);

/// Kept replies.
#[derive(Clone)]
pub struct Replies<T>(Arc<Kept<T>>);

struct Kept<T> {
    replies: Moka<u128, Arc<Made<T>>, BuildPrehashed>,
    seeds: Seeds,
    local: Arc<Local>,
}

/// A reply and what it was made from.
struct Made<T> {
    reply: T,
    from: Box<[Arc<Pulse>]>,
    weight: u32,
    /// Milliseconds of Unix time.
    until: u64,
    /// What was left until then when it was kept.
    left: Duration,
}

/// Each reply's own life.
struct OwnLife;

impl<T> Expiry<u128, Arc<Made<T>>> for OwnLife {
    fn expire_after_create(&self, _: &u128, made: &Arc<Made<T>>, _: Instant) -> Option<Duration> {
        Some(made.left)
    }

    fn expire_after_update(
        &self,
        _: &u128,
        made: &Arc<Made<T>>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(made.left)
    }
}

impl<T: Clone + Send + Sync + 'static> Replies<T> {
    /// No replies yet, and room for about this many bytes of them, made from entries of this cache.
    #[must_use]
    pub fn new(cache: &Cache, bytes: u64) -> Self {
        let replies = Moka::builder()
            .max_capacity(bytes)
            .weigher(|_: &u128, made: &Arc<Made<T>>| made.weight)
            .expire_after(OwnLife)
            .build_with_hasher(BuildPrehashed::default());
        let kept = Arc::new(Kept { replies, seeds: Seeds::default(), local: cache.local() });
        let swept: Arc<dyn Swept> = Arc::<Kept<T>>::clone(&kept);
        kept.local.also(Arc::downgrade(&swept));
        Self(kept)
    }

    /// The key of a reply to this: the plan's revision, the dialect, and each input that the reply depends on.
    #[must_use]
    pub fn key(&self, asked: &impl Hash) -> ReplyKey {
        ReplyKey(self.0.seeds.key(asked))
    }

    /// The reply under this key, if all that it was made from is still fresh and held.
    #[must_use]
    pub fn get(&self, key: ReplyKey, now: SystemTime) -> Option<T> {
        let made = self.0.replies.get(&key.0)?;
        if millis(now) < made.until && self.0.is_alive(&made) {
            return Some(made.reply.clone());
        }
        self.0.replies.invalidate(&key.0);
        None
    }

    /// Keeps a reply of about this many bytes that was made from these entries, as long as the shortest of them is
    /// fresh. One that was made from none is not kept.
    pub fn keep(&self, key: ReplyKey, reply: T, bytes: usize, from: &[Arc<Entry>]) {
        let Some(until) = from.iter().map(|entry| entry.content.span.fresh_until).min() else {
            return;
        };
        let left = Duration::from_millis(until.saturating_sub(self.0.local.now()));
        let from: Box<[Arc<Pulse>]> = from.iter().map(|entry| Arc::clone(&entry.pulse)).collect();
        let own = AROUND.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        let weight = from.iter().fold(own, |weight, pulse| weight.saturating_add(pulse.weight()));
        let made = Made { reply, from, weight, until, left };
        if !left.is_zero() && self.0.is_alive(&made) {
            self.0.replies.insert(key.0, Arc::new(made));
        }
    }

    /// About how many replies are kept, and how many bytes they take.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        self.0.replies.run_pending_tasks();
        (self.0.replies.entry_count(), self.0.replies.weighted_size())
    }
}

impl<T> Kept<T> {
    fn is_alive(&self, made: &Made<T>) -> bool {
        made.from.iter().all(|pulse| self.local.ledger.is_alive(pulse))
    }
}

impl<T: Clone + Send + Sync + 'static> Swept for Kept<T> {
    fn sweep(&self) {
        for (key, made) in &self.replies {
            if !self.is_alive(&made) {
                self.replies.invalidate(key.as_ref());
            }
        }
        self.replies.run_pending_tasks();
    }
}
