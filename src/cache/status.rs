//! How the cache does, for console and metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::cache::Cache;
use crate::cache::redis::RedisStatus;

/// Entries found, by tier.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) memory: AtomicU64,
    pub(super) redis: AtomicU64,
    pub(super) misses: AtomicU64,
}

/// How the cache does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// About how many entries are in memory.
    pub entries: u64,
    /// About how many bytes they take.
    pub bytes: u64,
    /// Entries found in memory.
    pub memory_hits: u64,
    /// Entries found in Redis.
    pub redis_hits: u64,
    /// Questions to Redis that found nothing.
    pub redis_misses: u64,
    /// None without Redis.
    pub redis: Option<RedisStatus>,
}

impl Cache {
    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let (entries, bytes) = self.0.local.memory.size();
        Status {
            entries,
            bytes,
            memory_hits: self.0.hits.memory.load(Ordering::Relaxed),
            redis_hits: self.0.hits.redis.load(Ordering::Relaxed),
            redis_misses: self.0.hits.misses.load(Ordering::Relaxed),
            redis: self.redis().map(|redis| redis.status()),
        }
    }
}
