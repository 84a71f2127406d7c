//! How the service does, as JSON: what is in force, and what is kept.

use serde_json::{Value, json};

use crate::cache::{RedisStatus, Status};
use crate::plan::hook::Hook;
use crate::plan::operation::Setting;
use crate::plan::{Catalogue, Slot};

/// The whole status.
pub(super) fn status(catalogue: &Catalogue, cache: &Status) -> Value {
    let nodes: Vec<Value> = catalogue.nodes.iter().map(|(name, slot)| node(name, slot)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "nodes": nodes,
        "hooks": catalogue.hooks.iter().map(|(name, slot)| hook(name, slot)).collect::<Vec<_>>(),
        "cache": {
            "entries": cache.entries,
            "bytes": cache.bytes,
            "memory_hits": cache.memory_hits,
            "redis_hits": cache.redis_hits,
            "redis_misses": cache.redis_misses,
            "redis": cache.redis.as_ref().map(redis),
        },
    })
}

fn node(name: &str, slot: &Slot) -> Value {
    match slot {
        Slot::Ready(node) => json!({
            "name": name,
            "state": "ready",
            "about": node.about,
            "keeps_records": node.cache.is_some(),
            "writes": node.write.is_some(),
        }),
        Slot::Broken(why) => json!({ "name": name, "state": "broken", "error": why }),
    }
}

fn hook(name: &str, slot: &Slot<Hook>) -> Value {
    match slot {
        Slot::Ready(hook) => {
            let is_set = matches!(hook.proof.secret, Setting::Set(_));
            let state = if is_set { "ready" } else { "unconfigured" };
            json!({ "name": name, "state": state, "about": hook.about })
        }
        Slot::Broken(why) => json!({ "name": name, "state": "broken", "error": why }),
    }
}

fn redis(redis: &RedisStatus) -> Value {
    json!({
        "kind": redis.kind,
        "up": redis.up,
        "written": redis.written,
        "dropped": redis.dropped,
        "failed": redis.failed,
        "pending": redis.pending,
    })
}
