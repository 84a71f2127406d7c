//! `/metrics`: what happened is counted under names that a caller cannot make up.

use std::collections::BTreeMap;

use serde_json::json;

use crate::admin::{NODE, TOKEN, UPSTREAM, crm, gateway, wait};
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::upstream::{Reaction, Upstream};

/// Every sample by its name with labels, and the page held against the format.
fn samples(gateway: &Gateway) -> BTreeMap<String, f64> {
    let page = gateway.ask("GET", "/metrics", "", "");
    assert_eq!((page.status, page.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let (mut samples, mut family) = (BTreeMap::new(), String::new());
    for line in page.text().lines() {
        if let Some(told) = line.strip_prefix("# TYPE ") {
            family = told.split(' ').next().unwrap().to_owned();
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(&family), "{line} stands below {family}");
            let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
            assert!(samples.insert(name.to_owned(), value).is_none(), "{line} stands twice");
        }
    }
    samples
}

/// The sample of that name; nothing where it is not there.
fn sample(gateway: &Gateway, name: &str) -> Option<f64> {
    samples(gateway).get(name).copied()
}

#[test]
fn calls_are_counted_by_node_outcome_and_tier_with_the_time_they_took() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let zero = sample(&gateway, r#"datadip_calls_total{node="caller",outcome="found"}"#);
    assert_eq!(zero, Some(0.0), "a node that was not called yet has its series");
    for _ in 0..5 {
        gateway.get("/nodes/caller?tel=91234567");
    }
    gateway.get("/nodes/caller?tel=anonymous");
    gateway.post_json("/nodes/caller", "{");
    let seen = samples(&gateway);
    let of = |name: &str| seen.get(name).copied();
    for (name, count) in [
        (r#"datadip_calls_total{node="caller",outcome="found"}"#, 5.0),
        (r#"datadip_calls_total{node="caller",outcome="no_identifier"}"#, 1.0),
        (r#"datadip_calls_total{node="caller",outcome="bad_input"}"#, 1.0),
        (r#"datadip_answers_total{node="caller",cache="miss"}"#, 1.0),
        (r#"datadip_answers_total{node="caller",cache="memory"}"#, 4.0),
        (r#"datadip_answers_total{node="caller",cache="off"}"#, 2.0),
        (r#"datadip_call_duration_seconds_count{node="caller"}"#, 7.0),
        (r#"datadip_call_duration_seconds_bucket{node="caller",le="+Inf"}"#, 7.0),
        (r#"datadip_calls_total{node="noting",outcome="found"}"#, 0.0),
        (r#"datadip_upstream_requests_total{operation="acme.customer",result="ok"}"#, 1.0),
        (r#"datadip_upstream_duration_seconds_count{operation="acme.customer"}"#, 1.0),
        (r#"datadip_upstream_breaker{upstream="acme",state="closed"}"#, 1.0),
        ("datadip_cache_entries", 1.0),
        ("datadip_cache_replies", 1.0),
        (r#"datadip_nodes{state="broken"}"#, 1.0),
        ("datadip_catalogue_revision", 1.0),
    ] {
        assert_eq!(of(name), Some(count), "{name}");
    }
    assert!(of("process_resident_memory_bytes").unwrap() > 1e6 && of("process_cpu_seconds_total").is_some());
    assert!(of("datadip_redis_up").is_none());
}

#[test]
fn a_caller_cannot_make_up_series() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let call = |name: &str| gateway.get(&format!("/nodes/{name}?tel=91234567")).status;
    assert_eq!((call("none-0"), call("broken"), call("caller")), (404, 503, 200));
    let before = samples(&gateway).len();
    (1..50).for_each(|at| assert_eq!(call(&format!("none-{at}")), 404));
    gateway.post_json("/hooks/none", "{}");
    gateway.post_json("/hooks/none-2", "{}");
    let seen = samples(&gateway);
    assert_eq!(seen[r#"datadip_turned_away_total{code="unknown_node"}"#], 50.0);
    assert_eq!(seen[r#"datadip_turned_away_total{code="broken_node"}"#], 1.0);
    assert_eq!(seen.len(), before + 1, "one for all hooks that there are not");
    let said = gateway.ask("GET", "/metrics", "", "").text();
    assert!(!said.contains("none-") && !said.contains("91234567"), "{said}");
}

#[test]
fn a_failing_upstream_its_breaker_and_its_limits_are_seen() {
    let crm = Upstream::start(|_| Reaction::status(500, &json!({})));
    let limited = UPSTREAM.replace("operations:", "limits: { per_second: 12 }\noperations:");
    let url = crm.url();
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", &limited), ("nodes/caller.yaml", NODE)],
        &[],
        &[("ACME_URL", &url)],
    );
    for at in 0..30 {
        gateway.get(&format!("/nodes/caller?tel=912345{at:02}"));
    }
    let seen = samples(&gateway);
    assert!(seen[r#"datadip_upstream_requests_total{operation="acme.customer",result="status"}"#] >= 10.0);
    assert_eq!(seen[r#"datadip_upstream_breaker{upstream="acme",state="open"}"#], 1.0);
    assert!(seen[r#"datadip_upstream_not_sent_total{upstream="acme",by="breaker"}"#] > 0.0);
    assert!(seen.contains_key(r#"datadip_upstream_not_sent_total{upstream="acme",by="limit"}"#));
}

#[test]
fn reloads_are_counted_and_a_node_keeps_its_counters_over_them() {
    let crm = crm();
    let url = crm.url();
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", NODE)],
        &["--watch", "off"],
        &[("ACME_URL", &url), ("DATADIP_ADMIN_TOKEN", TOKEN)],
    );
    gateway.get("/nodes/caller?tel=91234567");
    gateway.write("mappings/nodes/caller.yaml", &NODE.replace("node: caller", "node: caller\nabout: Who?"));
    assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
    gateway.get("/nodes/caller?tel=91234567");
    gateway.write("mappings/nodes/caller.yaml", "node: caller\n");
    assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 422);
    let seen = samples(&gateway);
    for (name, value) in [
        (r#"datadip_calls_total{node="caller",outcome="found"}"#, 2.0),
        (r#"datadip_reloads_total{result="done"}"#, 1.0),
        (r#"datadip_reloads_total{result="refused"}"#, 1.0),
        ("datadip_catalogue_refused", 1.0),
        (r#"datadip_findings{severity="error"}"#, 1.0),
        ("datadip_catalogue_revision", 2.0),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
}

#[test]
fn hooks_and_redis_are_counted() {
    undisturbed(|| {
        let crm = crm();
        let (url, redis) = (crm.url(), crate::redis::Server::start(&[]));
        let hook = "
hook: change
secret: { header: X-Hook-Secret, value: '${secret:HOOK_SECRET}' }
evict: { node: caller, identifiers: { tel: $.phone } }
";
        let gateway = Gateway::start_with(
            &[("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", NODE), ("hooks/change.yaml", hook)],
            &["--redis", &redis.url()],
            &[
                ("ACME_URL", &url),
                ("HOOK_SECRET", "s3cr3t"),
                ("DATADIP_KEY", "0123456789abcdef0123456789abcdef"),
            ],
        );
        wait("Redis is up", || sample(&gateway, "datadip_redis_up") == Some(1.0));
        gateway.get("/nodes/caller?tel=91234567");
        wait("it is written", || sample(&gateway, "datadip_redis_written_total") >= Some(1.0));
        let event = |secret: &str| {
            let headers = [("x-hook-secret", secret)];
            gateway.call("POST", "/hooks/change", &headers, br#"{"phone":"+6591234567"}"#).status
        };
        assert_eq!((event("s3cr3t"), event("another")), (202, 401));
        assert_eq!(sample(&gateway, r#"datadip_hook_events_total{hook="change"}"#), Some(1.0));
        let refused = samples(&gateway).into_iter().filter(|(name, _)| name.contains("hook_turned_away"));
        assert_eq!(refused.map(|(_, count)| count).sum::<f64>(), 1.0);
    });
}
