//! How the service does, as JSON: what is in force, and what is kept.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cache::{RedisStatus, Status};
use crate::catalog::{Catalog, Standing};
use crate::diagnostic::json;
use crate::explain::Size;
use crate::plan::Slot;
use crate::plan::hook::Hook;
use crate::plan::operation::Setting;

/// The whole status.
pub(in crate::console) fn status(catalog: &Catalog, cache: &Status, traces: Option<Size>) -> Value {
    let catalogue = catalog.current();
    let nodes: Vec<Value> = catalogue.nodes.iter().map(|(name, slot)| node(name, slot)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "catalogue": standing(&catalog.standing()),
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
        "traces": traces.map(|size| json!({
            "stories": size.stories,
            "bytes": size.bytes,
            "records": size.records,
            "dropped": size.dropped,
        })),
    })
}

fn standing(standing: &Standing) -> Value {
    let refused = standing.refused.as_ref().map(|refused| {
        json!({
            "since": time(refused.since),
            "why": refused.why,
            "files": refused.files,
            "findings": refused.findings.iter().map(json::finding).collect::<Vec<_>>(),
        })
    });
    json!({
        "revision": standing.revision,
        "since": time(standing.since),
        "errors": standing.found.errors,
        "warnings": standing.found.warnings,
        "refused": refused,
    })
}

fn time(at: SystemTime) -> Option<String> {
    Some(Timestamp::try_from(at).ok()?.strftime("%FT%TZ").to_string())
}

fn node(name: &str, slot: &Slot) -> Value {
    match slot {
        Slot::Ready(node) => json!({
            "name": name,
            "state": if node.is_configured() { "ready" } else { "unconfigured" },
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
