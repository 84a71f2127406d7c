//! What is done at most once, as Redis holds it: what a forgotten customer, a lack of room and a cluster do to it.

use std::time::Duration;

use datadip::cache::{Cache, Claim, Claimed, Replicas};

use crate::patience::until;
use crate::redis::Server;
use crate::replica::{EMAIL, PHONE, down, patient, ready, soon, up};
use crate::wire::{Proxy, Wire};

const LIFE: Duration = Duration::from_secs(600);

/// Claims it, about this one.
async fn claim(cache: &Cache, name: &str, who: &str, life: Duration) -> Claimed {
    cache.claims().claim(name, &[cache.identifier(who)], life, soon()).await
}

async fn ours(cache: &Cache, name: &str, who: &str, life: Duration) -> Claim {
    match claim(cache, name, who, life).await {
        Claimed::Ours(claim) => claim,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_again_does_not_become_done_because_somebody_is_forgotten() {
    let server = Server::start(&[]);
    let (one, other) = (patient(&server.url()).await, patient(&server.url()).await);
    let short = Duration::from_secs(1);
    ours(&one, "longer", PHONE, LIFE).await.done(b"6").await;
    ours(&one, "again", PHONE, short).await.done(b"7").await;
    until("its time is over in Redis", async || server.keys("dd1:c:").len() == 1).await;
    let again = ours(&one, "again", PHONE, LIFE).await;

    assert_eq!(other.forget(&[PHONE]).await.replicas, Replicas::Told);
    assert!(matches!(claim(&other, "longer", PHONE, LIFE).await, Claimed::Done(None)));
    assert!(matches!(claim(&other, "again", PHONE, LIFE).await, Claimed::Begun));
    again.give_back().await;
    assert!(matches!(claim(&other, "again", PHONE, LIFE).await, Claimed::Ours(_)), "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_is_told_though_there_was_no_room_to_remember_that_it_was_begun() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let (one, other) = (patient(&proxy.url()).await, patient(&server.url()).await);
    let first = ours(&one, "first", PHONE, LIFE).await;
    proxy.is_now(Wire::Cut);
    down(&one).await;
    for at in 0..100_000 {
        drop(ours(&one, &at.to_string(), EMAIL, 2 * LIFE).await);
    }
    proxy.is_now(Wire::Whole);
    up(&one).await;
    first.done(b"7").await;
    for cache in [&one, &other] {
        let told = claim(cache, "first", PHONE, LIFE).await;
        // Who was forgotten meanwhile is not known any more.
        assert!(matches!(told, Claimed::Done(None)), "{told:?}");
    }
}

/// The one of these that has this name.
fn node_of<'n>(nodes: &'n [Server], name: &str) -> &'n Server {
    nodes.iter().find(|node| node.keys("dd1:").iter().any(|one| one == name)).unwrap()
}

fn names(nodes: &[Server], prefix: &str) -> Vec<String> {
    nodes.iter().flat_map(|node| node.keys(prefix)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_is_not_put_in_a_cluster_where_no_list_names_it() {
    let nodes = Server::cluster();
    let hosts = nodes.each_ref().map(|node| format!("127.0.0.1:{}", node.port)).join(",");
    let url = format!("redis-cluster://{hosts}");
    // Where the one waits for what does not come, the others have time.
    let (one, other, third) = (ready(&url).await, patient(&url).await, patient(&url).await);
    ours(&third, "before", PHONE, LIFE).await.done(b"6").await;
    until("there is a list", async || !names(&nodes, "dd1:a:").is_empty()).await;
    let lists = node_of(&nodes, &names(&nodes, "dd1:a:")[0]);

    let (mut at, mut known) = (0, names(&nodes, "dd1:c:"));
    let (name, elsewhere) = loop {
        at += 1;
        let name = at.to_string();
        let claim = ours(&one, &name, PHONE, LIFE).await;
        let all = names(&nodes, "dd1:c:");
        let new = all.iter().find(|one| !known.contains(one));
        if new.is_some_and(|new| node_of(&nodes, new).port != lists.port) {
            break (name, claim);
        }
        known = all;
    };
    lists.cli(&["CLIENT", "PAUSE", "60000", "WRITE"]);
    elsewhere.done(b"7").await;
    let told = claim(&other, &name, PHONE, LIFE).await;
    lists.cli(&["CLIENT", "UNPAUSE"]);
    assert!(matches!(told, Claimed::Done(None)), "{told:?}");
    assert!(
        matches!(claim(&other, "before", PHONE, LIFE).await, Claimed::Done(Some(gave)) if *gave == *b"6")
    );
}
