//! Limits, breaker and retry, as a caller and an upstream see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
        let asked = ask(&upstreams(), &get(&server.url).done(), &[], 60_000).await;
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
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = Arc::clone(&is_slow);
    let reply = move |_| if slow.load(Ordering::SeqCst) { Reply::Silence } else { json("{\"id\": 7}") };
    let server = Server::start(reply).await;
    let upstreams = upstreams();
    let operation = get(&server.url).done();
    for _ in 0..12 {
        assert_eq!(*ask(&upstreams, &operation, &[], 60).await.failure(), Failure::Timeout);
    }
    is_slow.store(false, Ordering::SeqCst);
    let asked = ask(&upstreams, &operation, &[], 60_000).await;
    assert!(asked.found.is_ok(), "{:?}", asked.found);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_requests_are_under_way_than_allowed() {
    let server = Server::always(Reply::Silence).await;
    let upstreams = upstreams();
    let limits = Limits { concurrency: Some(2), per_second: None };
    let operation = get(&server.url).limits(limits).timeout_ms(3000).done();
    let asked = join_all((0..10).map(|_| ask(&upstreams, &operation, &[], 3000))).await;
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

/// The key under which each request came.
fn keys(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let key = |request: &String| {
        let lines: Vec<_> =
            request.lines().filter_map(|line| line.strip_prefix("idempotency-key: ")).collect();
        assert_eq!(lines.len(), 1, "{request}");
        lines[0].to_owned()
    };
    requests.iter().map(key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_carries_a_key_is_sent_once_more_with_the_same_key() {
    for by in [&[][..], &[0, 2]] {
        let cut_off =
            |n| if n == 0 { Reply::Close(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()) } else { json("{}") };
        let server = Server::start(cut_off).await;
        let operation = get(&server.url).write().idempotency("Idempotency-Key", by).done();
        let asked = ask(&upstreams(), &operation, &[json!("+6591234567")], 60_000).await;
        assert!(asked.found.is_ok(), "{:?}", asked.found);
        let keys = keys(&server);
        assert!(keys.len() == 2 && keys[0] == keys[1] && keys[0].len() == 36, "{keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_a_key_is_never_sent_twice() {
    let server = Server::always(answer("503 Service Unavailable", "", "")).await;
    let asked = ask(&upstreams(), &get(&server.url).write().done(), &[], 60_000).await;
    assert_eq!((asked.failure(), server.requests().len()), (&Failure::Status(503), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_has_the_same_key_whoever_sends_it_and_another_one_another() {
    let server = Server::always(json("{}")).await;
    let by_phone = || get(&server.url).write().idempotency("Idempotency-Key", &[0, 2]).done();
    for args in [
        [json!("+6591234567"), json!("a"), json!(7)],
        [json!("+6591234567"), json!("another, which is not in the key"), json!("007")],
        [json!("+6591234568"), json!("a"), json!(7)],
    ] {
        assert!(ask(&upstreams(), &by_phone(), &args, 60_000).await.found.is_ok());
    }
    let keys_by = keys(&server);
    assert_eq!(keys_by[0], keys_by[1]);
    assert_ne!(keys_by[0], keys_by[2]);
    assert_eq!(&keys_by[0][14..15], "5", "{keys_by:?}");

    let server = Server::always(json("{}")).await;
    let own = get(&server.url).write().idempotency("Idempotency-Key", &[]).done();
    for _ in 0..2 {
        assert!(ask(&upstreams(), &own, &[json!("+6591234567")], 60_000).await.found.is_ok());
    }
    let keys_of_own = keys(&server);
    assert_ne!(keys_of_own[0], keys_of_own[1]);
    assert_eq!(&keys_of_own[0][14..15], "4", "{keys_of_own:?}");
}
