//! What an eviction did, for whoever has to show it later: what, when, how much. It holds no identifier.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cache::{Receipt, Replicas};

/// Logs it, and gives it as JSON.
pub(super) fn note(what: &str, done: &Receipt) -> Value {
    let (memory, redis) = (done.memory, done.redis);
    let replicas = match done.replicas {
        Replicas::None => "none",
        Replicas::Told => "told",
        Replicas::Later => "later",
    };
    tracing::info!(event = "cache.evicted", what, memory, redis, replicas, "removed what was kept");
    let at = Timestamp::now().strftime("%FT%TZ").to_string();
    json!({ "what": what, "at": at, "memory": memory, "redis": redis, "replicas": replicas })
}
