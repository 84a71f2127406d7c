//! What lookup steps found, kept for the next call: in this process's memory, over a Redis that all replicas share.
//! It cannot fail a call and never holds one up: what is not there in time is not there.

mod binary;
mod claim;
mod config;
mod entry;
mod envelope;
mod evict;
mod flush;
mod forget;
mod journal;
mod key;
mod ledger;
mod local;
mod lock;
mod memory;
mod packed;
mod pulse;
mod redis;
mod replies;
mod seal;
mod status;
mod vault;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;

pub use crate::cache::claim::{Claim, Claimed, Claims};
pub use crate::cache::config::{Config, ConfigError};
pub use crate::cache::entry::{Entry, Finding, Freshness, Lives};
pub use crate::cache::evict::{Purge, Receipt, Replicas};
pub use crate::cache::forget::Forgets;
pub use crate::cache::journal::{Journal, JournalEntry, List};
pub use crate::cache::key::StepKey;
pub use crate::cache::ledger::Mark;
pub use crate::cache::lock::{Asked, Lock};
pub use crate::cache::packed::Kept;
pub use crate::cache::redis::{AddressError, RedisStatus};
pub use crate::cache::replies::{Replies, ReplyKey};
pub use crate::cache::status::Status;
pub use crate::cache::vault::Vault;
pub use crate::cache::watch::Watch;

use crate::cache::entry::{Content, NOBODYS_FIELDS};
use crate::cache::key::Seeds;
use crate::cache::local::Local;
use crate::cache::redis::{Redis, Running};
use crate::cache::seal::Keys;
use crate::cache::status::Hits;
use crate::clock::{Clock, Deadline};

/// The cache. Clones share it.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    local: Arc<Local>,
    seeds: Seeds,
    keys: Arc<Keys>,
    redis: Option<Running>,
    claims: Claims,
    hits: Hits,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// A cache in this process's memory alone, of about this many bytes.
    #[must_use]
    pub fn in_memory(bytes: u64, clock: Clock) -> Self {
        Self::with(Arc::new(Local::new(bytes, clock)), Arc::new(Keys::own()), None)
    }

    /// A cache as configured. Work for Redis is done on this runtime; Redis need not be there yet.
    ///
    /// # Errors
    /// Where the configuration cannot work.
    pub fn new(config: &Config, clock: Clock, runtime: &Handle) -> Result<Self, ConfigError> {
        let Some(address) = &config.redis else {
            return Ok(Self::in_memory(config.memory_bytes, clock));
        };
        let keys = Arc::new(Keys::derive(config.shared_key()?));
        let local = Arc::new(Local::new(config.memory_bytes, clock));
        let limit = config.redis_limit;
        let running = redis::start(address.expose(), limit, Arc::clone(&keys), Arc::clone(&local), runtime)?;
        Ok(Self::with(local, keys, Some(running)))
    }

    fn with(local: Arc<Local>, keys: Arc<Keys>, redis: Option<Running>) -> Self {
        let claims = Claims::new(Arc::clone(&keys), redis.as_ref().map(|running| Arc::clone(&running.redis)));
        let (seeds, hits) = (Seeds::default(), Hits::default());
        let cache = Self(Arc::new(Inner { local, seeds, keys, redis, claims, hits }));
        cache.claims().forget_with(&cache);
        cache
    }

    /// Where evictions stand. Who asks an upstream takes a mark first and gives it to [`Cache::keep`]: what was asked
    /// before an eviction is not kept after it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.0.local.mark()
    }

    /// The entry in memory, fresh or stale. This is the path of a hit: no allocation, no waiting.
    #[must_use]
    pub fn held(&self, key: &StepKey<'_>) -> Option<Arc<Entry>> {
        let entry = self.0.local.get(self.0.seeds.step(key))?;
        self.0.hits.memory.fetch_add(1, Ordering::Relaxed);
        Some(entry)
    }

    /// The entry in Redis, if it comes within Redis's limit and the deadline. It is in memory from then on.
    pub async fn shared(&self, key: &StepKey<'_>, deadline: Deadline) -> Option<Arc<Entry>> {
        let redis = self.redis()?;
        let mark = self.mark();
        let name = redis.entry_name(key);
        let found = redis.get(&name, deadline).await.and_then(|bytes| envelope::decode(&bytes));
        let Some(mut content) = found else {
            self.0.hits.misses.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        content.span = content.span.not_after(self.0.local.now());
        let entry = self.put(key, content, mark);
        if self.0.local.ledger.has_ended(&entry.pulse) {
            return None;
        }
        self.0.hits.redis.fetch_add(1, Ordering::Relaxed);
        Some(entry)
    }

    /// Keeps what a step found when it was asked after this mark: in memory at once, in Redis behind the answer. What
    /// an eviction has ended since is given back but not kept.
    pub fn keep(&self, key: &StepKey<'_>, finding: &Finding<'_>, lives: &Lives, since: Mark) -> Arc<Entry> {
        let jitter = self.0.seeds.share(&(key.revision, key.identity, since.at)) * 2.0 - 1.0;
        let mut identifiers: Vec<u128> =
            finding.identifiers.iter().map(|text| self.identifier(text)).collect();
        identifiers.extend(finding.about);
        identifiers.sort_unstable();
        identifiers.dedup();
        let content = Content::of(finding, lives, since.at, jitter, identifiers.into());
        let entry = self.put(key, content, since);
        self.write_later(key, &entry);
        entry
    }

    /// Keeps the same result under another key, for a step that would find the same record: unless what is kept
    /// there was found by that step itself. Where another record has claimed that key, it is nobody's alone: what is
    /// kept there then answers no one, until the step itself has asked.
    pub fn alias(&self, entry: &Entry, key: &StepKey<'_>) {
        let now = self.0.local.clock.wall();
        let held = self.0.local.get(self.0.seeds.step(key));
        let held = held.filter(|held| held.is_record() && held.freshness(now) == Freshness::Fresh);
        let contested = match &held {
            Some(held) if !held.content.alias => return,
            Some(held) => !held.is_same(entry),
            None => false,
        };
        let fields = if contested { NOBODYS_FIELDS } else { entry.content.fields };
        let content = Content { alias: !contested, fields, ..entry.content.clone() };
        let alias = self.put(key, content, Mark { count: entry.pulse.born, at: entry.content.span.made });
        self.write_later(key, &alias);
    }

    /// Asks for the lock on filling this entry, for at most this time. It never waits for who has it.
    pub async fn lock(&self, key: &StepKey<'_>, life: Duration, deadline: Deadline) -> Asked {
        let Some(redis) = self.redis() else {
            return Asked::Alone;
        };
        vault::take(redis, redis.lock_name(key), life, deadline).await
    }

    /// Small sealed values that replicas share.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(self.redis().cloned())
    }

    /// Claims on what is to be done at most once.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    fn put(&self, key: &StepKey<'_>, content: Content, since: Mark) -> Arc<Entry> {
        let operation = self.0.local.ledger.operation(key.operation);
        let entry = Arc::new(Entry::new(content, operation, since));
        self.0.local.keep(self.0.seeds.step(key), &entry);
        entry
    }

    fn write_later(&self, key: &StepKey<'_>, entry: &Arc<Entry>) {
        if let Some(redis) = self.redis() {
            redis.write_later(key, entry);
        }
    }

    fn redis(&self) -> Option<&Arc<Redis>> {
        self.0.redis.as_ref().map(|running| &running.redis)
    }

    /// The keyed hash of an identifier in canonical form: how it is known outside of this process.
    #[must_use]
    pub fn identifier(&self, text: &str) -> u128 {
        self.0.keys.hash(&[b"identifier", text.as_bytes()])
    }

    fn list(&self, words: &[impl AsRef<str>]) -> u128 {
        let words = words.iter().map(|word| word.as_ref().as_bytes());
        let parts: Vec<&[u8]> = [&b"list"[..]].into_iter().chain(words).collect();
        self.0.keys.hash(&parts)
    }

    fn local(&self) -> Arc<Local> {
        Arc::clone(&self.0.local)
    }
}
