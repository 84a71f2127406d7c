//! A cluster of three nodes, each with a third of the names.

use std::time::Duration;

use datadip::cache::{Asked, Cache, Purge, Replicas};
use serde_json::json;

use crate::patience::until;
use crate::redis::Server;
use crate::replica::{
    EMAIL, LIMIT, LIVES, PHONE, Waits, by_email, by_phone, finding, is_up, patient, ready, soon, timed, up,
};

const CUSTOMERS: usize = 60;

fn url(nodes: &[Server]) -> String {
    let hosts: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
    format!("redis-cluster://{}", hosts.join(","))
}

fn phone(at: usize) -> String {
    format!("+65911122{at:02}")
}

fn keep_all(cache: &Cache) {
    for at in 0..CUSTOMERS {
        let found = finding(json!({"name": at.to_string()}), &[PHONE]);
        cache.keep(&by_phone(&phone(at)), &found, &LIVES, cache.mark());
    }
}

async fn fill(cache: &Cache) {
    let before = cache.status().redis.unwrap().written;
    keep_all(cache);
    let all = before + CUSTOMERS as u64;
    until("all is written", async || cache.status().redis.unwrap().written >= all).await;
}

async fn readable(cache: &Cache) -> usize {
    let mut found = 0;
    for at in 0..CUSTOMERS {
        found += usize::from(cache.shared(&by_phone(&phone(at)), soon()).await.is_some());
    }
    found
}

async fn all_is_read(cache: &Cache) {
    until("all is read", async || is_up(cache) && readable(cache).await == CUSTOMERS).await;
}

async fn ask_for_nobody(cache: &Cache) {
    let mut waits = Waits::default();
    for at in 0..200 {
        waits.note(timed(cache, &by_phone(&format!("nobody {at}"))).await.1);
    }
    waits.are_within_the_limit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_used_like_one_server() {
    let nodes = Server::cluster();
    let (first, second) = (patient(&url(&nodes)).await, patient(&url(&nodes)).await);
    fill(&first).await;
    assert!(nodes.iter().all(|node| node.keys("dd1:e:").len() > 5), "names are on every node");
    all_is_read(&second).await;

    let receipt = first.forget(&[PHONE]).await;
    assert_eq!((receipt.memory, receipt.redis), (CUSTOMERS as u64, Some(CUSTOMERS as u64)));
    until("the other has heard", async || second.held(&by_phone(&phone(0))).is_none()).await;
    assert_eq!(readable(&second).await, 0);

    fill(&first).await;
    all_is_read(&second).await;
    assert_eq!(second.purge(Purge::Operations(&["acme.customer_by_phone"])).await.replicas, Replicas::Told);
    until("the other has heard", async || first.held(&by_phone(&phone(0))).is_none()).await;
    assert_eq!((readable(&first).await, readable(&second).await), (0, 0));

    fill(&first).await;
    let other = finding(json!({"name": "Beatrice"}), &[EMAIL]);
    second.keep(&by_email(EMAIL), &other, &LIVES, second.mark());
    all_is_read(&second).await;
    assert_eq!(first.evict(&[PHONE]).await.replicas, Replicas::Told);
    until("the other has heard", async || second.held(&by_phone(&phone(0))).is_none()).await;
    assert!(second.held(&by_email(EMAIL)).is_some(), "it heard what is evicted, and did not clear all");

    let Asked::Taken(_lock) = first.lock(&by_phone(PHONE), LIMIT * 10, soon()).await else { panic!() };
    assert!(matches!(second.lock(&by_phone(PHONE), LIMIT * 10, soon()).await, Asked::Held));
    assert!(first.vault().put("token", b"x", Duration::from_secs(60)).await);
    assert_eq!(second.vault().get("token", soon()).await.as_deref(), Some(&b"x"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_or_killed_node_holds_no_call_up() {
    let mut nodes = Server::cluster();
    let cache = ready(&url(&nodes)).await;
    fill(&cache).await;
    nodes[1].stop();
    ask_for_nobody(&cache).await;
    nodes[1].resume();
    all_is_read(&cache).await;

    nodes[2].kill();
    ask_for_nobody(&cache).await;
    nodes[2].restart();
    until("all is kept and read again", async || {
        up(&cache).await;
        keep_all(&cache);
        readable(&cache).await == CUSTOMERS
    })
    .await;
}
