//! Limits, breaker and retry, as a caller and an upstream see them.

use std::sync::Arc;
use std::time::Duration;

use datadip::plan::operation::Limits;
use datadip::record::Failure;
use datadip::upstream::Upstreams;
use datadip::upstream::http::HttpTransport;
use futures_util::future::join_all;
use serde_json::json;

use crate::operations::{Canned, ask, get};
use crate::server::{Reply, Server, answer, json};

fn upstreams() -> Upstreams {
    Upstreams::new(Arc::new(HttpTransport::new()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_not_seen_by_the_caller() {
    for first in [
        Reply::Close(Vec::new()),
        answer("503 Service Unavailable", "", ""),
        answer("502 Bad Gateway", "", "<html>"),
        answer("429 Too Many Requests", "Retry-After: 0\r\n", ""),
    ] {
        let server = Server::start(move |n| if n == 0 { first.clone() } else { json("{\"id\": 7}") }).await;
        let asked = ask(&upstreams(), &get(&server.url).done(), &[], 4000).await;
        assert_eq!(asked.values(), [json!({"id": 7})]);
        assert_eq!((server.requests().len(), asked.lines.len()), (2, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_try_is_for_what_may_pass_in_the_time_left() {
    for (status, retry_after, budget_ms, tries) in [
        (500, None, 1000, 1),
        (400, None, 1000, 1),
        (429, None, 1000, 1),
        (503, None, 1000, 2),
        (503, None, 45, 1),
        (503, Some("1"), 1000, 1),
        (503, Some("1"), 1500, 2),
        (429, Some("1"), 1500, 2),
        (429, Some("Sun, 22 Nov 2026 08:00:00 GMT"), 4000, 1),
        (429, Some("99999999999999999999"), 4000, 1),
    ] {
        let headers: Vec<_> = retry_after.map(|after| ("retry-after", after)).into_iter().collect();
        let canned = Canned::new(status, &headers, "");
        let operation = get("http://crm.example").done();
        let asked = ask(&Upstreams::new(canned.clone()), &operation, &[], budget_ms).await;
        let sent = canned.sent.lock().unwrap().len();
        assert_eq!(sent, tries, "{status} {retry_after:?} with {budget_ms} ms: {:?}", asked.found);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_down_is_left_alone_and_asked_again_later() {
    let canned = Canned::new(500, &[], "");
    let upstreams = Upstreams::new(canned.clone());
    let operation = get("http://crm.example").done();
    for _ in 0..10 {
        assert_eq!(*ask(&upstreams, &operation, &[], 1000).await.failure(), Failure::Status(500));
    }
    for _ in 0..10 {
        let asked = ask(&upstreams, &operation, &[], 1000).await;
        assert_eq!(asked.failure().code(), "unreachable");
        assert!(asked.lines[0].contains(" not sent, unreachable: "));
    }
    assert_eq!(canned.sent.lock().unwrap().len(), 10);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(*ask(&upstreams, &operation, &[], 1000).await.failure(), Failure::Status(500));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_only_refuses_is_not_down() {
    let canned = Canned::new(400, &[], "");
    let upstreams = Upstreams::new(canned.clone());
    for _ in 0..30 {
        ask(&upstreams, &get("http://crm.example").done(), &[], 1000).await;
    }
    assert_eq!(canned.sent.lock().unwrap().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_without_time_do_not_condemn_a_slow_upstream() {
    let server = Server::start(|n| if n < 12 { Reply::Silence } else { json("{\"id\": 7}") }).await;
    let upstreams = upstreams();
    let operation = get(&server.url).timeout_ms(2000).done();
    for _ in 0..12 {
        assert_eq!(*ask(&upstreams, &operation, &[], 60).await.failure(), Failure::Timeout);
    }
    let asked = ask(&upstreams, &operation, &[], 4000).await;
    assert!(asked.found.is_ok(), "{:?}", asked.found);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_requests_are_under_way_than_allowed() {
    let server = Server::always(Reply::Silence).await;
    let upstreams = upstreams();
    let limits = Limits { concurrency: Some(2), per_second: None };
    let operation = get(&server.url).limits(limits).timeout_ms(1000).done();
    let asked = join_all((0..10).map(|_| ask(&upstreams, &operation, &[], 1000))).await;
    let overloaded = asked.iter().filter(|asked| asked.failure().code() == "overloaded").count();
    assert_eq!((overloaded, server.requests().len()), (8, 2));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_begun_in_a_second_than_allowed() {
    let canned = Canned::new(200, &[], "{}");
    let upstreams = Upstreams::new(canned.clone());
    let limits = Limits { concurrency: None, per_second: Some(5) };
    let operation = get("http://crm.example").limits(limits).done();
    let asked = join_all((0..50).map(|_| ask(&upstreams, &operation, &[], 1000))).await;
    assert_eq!(asked.iter().filter(|asked| asked.found.is_ok()).count(), 5);
    assert_eq!(canned.sent.lock().unwrap().len(), 5);
}
