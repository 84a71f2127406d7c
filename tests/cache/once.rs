//! What is done at most once, as Redis holds it: what a lack of room does to it.

use std::time::Duration;

use datadip::cache::{Cache, Claim, Claimed};

use crate::redis::Server;
use crate::replica::{EMAIL, PHONE, down, patient, soon, up};
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
