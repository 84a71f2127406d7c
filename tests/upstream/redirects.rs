//! Redirects: a status like any other, and followed only where allowed, on the same host.

use std::sync::Arc;

use datadip::record::Failure;
use datadip::upstream::Upstreams;
use datadip::upstream::http::HttpTransport;
use serde_json::json;

use crate::operations::{ask, get};
use crate::server::{Server, answer, json};

fn upstreams() -> Upstreams {
    Upstreams::new(Arc::new(HttpTransport::new()))
}

async fn redirecting(location: String) -> Server {
    let to = format!("Location: {location}\r\n");
    Server::start(move |n| if n == 0 { answer("302 Found", &to, "") } else { json("{\"id\": 7}") }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_unless_allowed() {
    let server = redirecting("/elsewhere".into()).await;
    let asked = ask(&upstreams(), &get(&server.url).done(), &[], 60_000).await;
    assert_eq!(*asked.failure(), Failure::Status(302));
    let server = redirecting("/elsewhere".into()).await;
    let asked = ask(&upstreams(), &get(&server.url).redirects().done(), &[], 60_000).await;
    assert_eq!(asked.values(), [json!({"id": 7})]);
    assert!(server.requests()[1].starts_with("GET /elsewhere "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_never_leads_to_another_host() {
    let other = Server::always(json("{\"id\": 8}")).await;
    let server = redirecting(other.url.clone()).await;
    let asked = ask(&upstreams(), &get(&server.url).redirects().done(), &[], 60_000).await;
    assert_eq!(*asked.failure(), Failure::Status(302));
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_redirects_ends() {
    let server = Server::always(answer("302 Found", "Location: /v1/customers\r\n", "")).await;
    let asked = ask(&upstreams(), &get(&server.url).redirects().done(), &[], 60_000).await;
    assert_eq!(*asked.failure(), Failure::Status(302));
    assert_eq!(server.requests().len(), 4);
}
