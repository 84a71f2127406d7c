//! What an eviction did, for whoever has to show it later: what, when, how much. It holds no identifier.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cache::{self, Replicas};

/// The sum of one request's evictions.
pub(super) struct Receipt {
    what: String,
    memory: u64,
    /// None where nothing was counted.
    redis: Option<u64>,
    replicas: Replicas,
}

impl Receipt {
    /// Of nothing yet.
    pub(super) fn nothing(what: &str) -> Self {
        Self { what: what.to_owned(), memory: 0, redis: None, replicas: Replicas::None }
    }

    /// Of one eviction.
    pub(super) fn of(what: &str, done: &cache::Receipt) -> Self {
        let mut receipt = Self::nothing(what);
        receipt.add(done);
        receipt
    }

    /// Adds another eviction. Of replicas the worst is said.
    pub(super) fn add(&mut self, done: &cache::Receipt) {
        self.memory += done.memory;
        self.redis = match (self.redis, done.redis) {
            (Some(sum), Some(more)) => Some(sum + more),
            (sum, more) => sum.or(more),
        };
        self.replicas = match (self.replicas, done.replicas) {
            (Replicas::Later, _) | (_, Replicas::Later) => Replicas::Later,
            (Replicas::Told, _) | (_, Replicas::Told) => Replicas::Told,
            (Replicas::None, Replicas::None) => Replicas::None,
        };
    }

    /// Logs it, and gives it as JSON.
    pub(super) fn note(&self) -> Value {
        let (what, memory, redis) = (&self.what, self.memory, self.redis);
        let replicas = match self.replicas {
            Replicas::None => "none",
            Replicas::Told => "told",
            Replicas::Later => "later",
        };
        tracing::info!(event = "cache.evicted", what, memory, redis, replicas, "removed what was kept");
        let at = Timestamp::now().strftime("%FT%TZ").to_string();
        json!({ "what": what, "at": at, "memory": memory, "redis": redis, "replicas": replicas })
    }
}
