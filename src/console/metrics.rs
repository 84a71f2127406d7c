//! `/metrics`: what door, upstreams, cache and catalogue count, as Prometheus reads it. It is open, as health is: no
//! label holds anything of a caller.

mod page;
mod process;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;

use crate::cache::Status;
use crate::catalog::Catalog;
use crate::console::State;
use crate::console::metrics::page::Page;
use crate::http::meters::Meters;
use crate::lookup::Engine;
use crate::plan::{Catalogue, Slot};

/// Answers `GET /metrics`.
pub(super) async fn metrics(state: Data<State>) -> HttpResponse {
    let mut page = Page::default();
    page.family("datadip_info", "gauge", "1; the version is in the label.");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    calls(&mut page, &state.meters, &state.catalog.current());
    hooks(&mut page, &state.meters);
    upstreams(&mut page, &state.engine);
    cache(&mut page, &state.engine.cache().status());
    replies(&mut page, state.engine.replies());
    catalogue(&mut page, &state.catalog);
    process::process(&mut page);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(page.text())
}

fn calls(page: &mut Page, meters: &Meters, catalogue: &Catalogue) {
    // A node that was not called yet has a series too: a rate needs a zero to begin with.
    catalogue.nodes.keys().for_each(|name| meters.nodes.with(name, |_| ()));
    let nodes = meters.nodes.all();
    page.family("datadip_calls_total", "counter", "Calls that a node answered, by outcome.");
    for (node, calls) in &nodes {
        for (outcome, count) in calls.outcomes() {
            page.sample(&[("node", node), ("outcome", outcome.name())], count);
        }
    }
    page.family("datadip_answers_total", "counter", "The same calls, by how far they had to go.");
    for (node, calls) in &nodes {
        for (tier, count) in calls.tiers() {
            page.sample(&[("node", node), ("cache", tier.name())], count);
        }
    }
    page.family("datadip_call_duration_seconds", "histogram", "How long calls took inside the gateway.");
    nodes.iter().for_each(|(node, calls)| page.histogram(&[("node", node)], &calls.took));
    page.family("datadip_turned_away_total", "counter", "Requests that no node answered, by reason.");
    for (code, count) in meters.turned_away.all() {
        page.sample(&[("code", &code)], count.count());
    }
}

fn hooks(page: &mut Page, meters: &Meters) {
    page.family("datadip_hook_events_total", "counter", "Events that were taken.");
    for (hook, count) in meters.events.all() {
        page.sample(&[("hook", &hook)], count.count());
    }
    page.family("datadip_hook_turned_away_total", "counter", "Events that were not, by reason.");
    for (code, count) in meters.events_turned_away.all() {
        page.sample(&[("code", &code)], count.count());
    }
}

fn upstreams(page: &mut Page, engine: &Engine) {
    let mut upstreams = engine.upstreams().status();
    upstreams.sort_by(|one, other| one.name.cmp(&other.name));
    page.family("datadip_upstream_requests_total", "counter", "Requests to upstreams, by how they ended.");
    for (operation, requests) in upstreams.iter().flat_map(|upstream| upstream.meters.operations.all()) {
        for (result, count) in requests.results.all() {
            page.sample(&[("operation", &operation), ("result", &result)], count.count());
        }
    }
    page.family("datadip_upstream_duration_seconds", "histogram", "How long requests to upstreams took.");
    for (operation, requests) in upstreams.iter().flat_map(|upstream| upstream.meters.operations.all()) {
        page.histogram(&[("operation", &operation)], &requests.took);
    }
    page.family(
        "datadip_upstream_not_sent_total",
        "counter",
        "Requests that were not sent, by what held them.",
    );
    for upstream in &upstreams {
        for (by, count) in [("breaker", &upstream.meters.resting), ("limit", &upstream.meters.limited)] {
            page.sample(&[("upstream", &upstream.name), ("by", by)], count.count());
        }
    }
    page.family("datadip_upstream_breaker", "gauge", "1 for the state that the upstream's breaker is in.");
    for upstream in &upstreams {
        for state in ["closed", "half_open", "open"] {
            let is_it = u8::from(upstream.breaker == state);
            page.sample(&[("upstream", &upstream.name), ("state", state)], is_it);
        }
    }
    page.family("datadip_login_failures_total", "counter", "Tokens that could not be had.");
    for (upstream, count) in engine.upstreams().login_failures() {
        page.sample(&[("upstream", &upstream)], count.count());
    }
}

fn cache(page: &mut Page, cache: &Status) {
    page.family("datadip_cache_entries", "gauge", "What steps and reads found, kept in memory.");
    page.sample(&[], cache.entries);
    page.family("datadip_cache_bytes", "gauge", "About how much memory these take.");
    page.sample(&[], cache.bytes);
    page.family("datadip_cache_found_total", "counter", "Entries that were found, by where.");
    page.sample(&[("tier", "memory")], cache.memory_hits);
    page.sample(&[("tier", "redis")], cache.redis_hits);
    page.family("datadip_cache_redis_missed_total", "counter", "Questions to Redis that found nothing.");
    page.sample(&[], cache.redis_misses);
    let Some(redis) = &cache.redis else {
        return;
    };
    page.family("datadip_redis_up", "gauge", "Whether Redis is asked: 0 while it is not well.");
    page.sample(&[], u8::from(redis.up));
    page.family("datadip_redis_failed_total", "counter", "Questions without an answer in time, or refused.");
    page.sample(&[], redis.failed);
    page.family("datadip_redis_written_total", "counter", "Entries written to Redis.");
    page.sample(&[], redis.written);
    page.family("datadip_redis_dropped_total", "counter", "Entries that could not be written.");
    page.sample(&[], redis.dropped);
    page.family(
        "datadip_redis_pending_evictions",
        "gauge",
        "Evictions that other replicas were not told yet.",
    );
    page.sample(&[], redis.pending);
}

fn replies(page: &mut Page, (count, bytes): (u64, u64)) {
    page.family("datadip_cache_replies", "gauge", "Finished replies, kept in memory.");
    page.sample(&[], count);
    page.family("datadip_cache_replies_bytes", "gauge", "About how much memory these take.");
    page.sample(&[], bytes);
}

fn catalogue(page: &mut Page, catalog: &Catalog) {
    let (standing, catalogue) = (catalog.standing(), catalog.current());
    let broken = catalogue.nodes.values().filter(|slot| matches!(slot, Slot::Broken(_))).count();
    page.family("datadip_nodes", "gauge", "Nodes in force; broken ones answer 503.");
    page.sample(&[("state", "ready")], catalogue.nodes.len() - broken);
    page.sample(&[("state", "broken")], broken);
    page.family("datadip_catalogue_revision", "gauge", "How many catalogues were in force since the start.");
    page.sample(&[], standing.revision);
    page.family(
        "datadip_catalogue_since_seconds",
        "gauge",
        "Since when it is in force, in seconds since 1970.",
    );
    page.sample(&[], process::seconds(standing.since));
    page.family("datadip_catalogue_refused", "gauge", "1 while the files are not in force as they are now.");
    page.sample(&[], u8::from(standing.refused.is_some()));
    page.family("datadip_reloads_total", "counter", "Changes of the mapping files, by what came of them.");
    page.sample(&[("result", "done")], standing.revision.saturating_sub(1));
    page.sample(&[("result", "refused")], catalog.refusals());
    let found = standing.refused.as_ref().map_or(standing.found, |refused| refused.findings.counts());
    page.family("datadip_findings", "gauge", "What was found in the mapping files as they are now.");
    for (severity, count) in [("error", found.errors), ("warning", found.warnings), ("note", found.notes)] {
        page.sample(&[("severity", severity)], count);
    }
}
