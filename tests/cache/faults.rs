//! A Redis that is absent, killed, hung, slow, cut off, full, wiped or read-only: no caller waits for it longer than
//! its limit, none sees an error, and no eviction is lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use datadip::cache::{Asked, Cache, Claimed, Config, Forgets, Purge, Replicas};

use crate::patience::until;
use crate::redis::{Server, free_port};
use crate::replica::{
    AT_ONCE, EMAIL, KEY, LIMIT, PHONE, Waits, by_email, by_phone, down, is_up, keep, keep_shared, name,
    patient, ready, soon, start, start_limited, timed, up,
};
use crate::wire::{Proxy, Wire};

/// Whom a replica was told to forget.
#[derive(Default)]
struct Forgetful(Mutex<Vec<u128>>);

impl Forgetful {
    fn of(cache: &Cache) -> Arc<Self> {
        let forgetful = Arc::new(Self::default());
        let weak = Arc::downgrade(&forgetful);
        cache.with_it(weak);
        forgetful
    }

    fn has_forgotten(&self, who: u128) -> bool {
        self.0.lock().unwrap().contains(&who)
    }
}

impl Forgets for Forgetful {
    fn forget(&self, identifiers: &[u128]) {
        self.0.lock().unwrap().extend(identifiers);
    }

    fn forget_all(&self) {}
}

/// Asks for what is not in memory, again and again. Gives how many of the questions waited.
async fn ask_until_left_alone(cache: &Cache) -> usize {
    let mut waits = Waits::default();
    for _ in 0..200 {
        let (found, took) = timed(cache, &by_email(EMAIL)).await;
        assert_eq!(found, None);
        waits.note(took);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    waits.are_within_the_limit();
    waits.waited()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_at_the_start_is_used_once_it_is() {
    let port = free_port();
    let cache = start(&format!("redis://127.0.0.1:{port}"));
    let (found, took) = timed(&cache, &by_phone(PHONE)).await;
    assert!(found.is_none() && took < AT_ONCE, "{took:?}");
    keep(&cache);
    assert!(name(&cache, &by_phone(PHONE)).await.is_some());
    assert!(matches!(cache.lock(&by_phone(PHONE), LIMIT, soon()).await, Asked::Alone));
    assert!(!cache.vault().put("token", b"x", LIMIT).await);
    let _server = Server::on(port, &[]);
    up(&cache).await;
    keep_shared(&cache).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_redis_is_not_noticed_and_used_again_when_it_is_back() {
    let mut server = Server::start(&[]);
    let cache = ready(&server.url()).await;
    keep_shared(&cache).await;
    server.kill();
    assert!(ask_until_left_alone(&cache).await <= 1);
    assert!(name(&cache, &by_phone(PHONE)).await.is_some(), "memory stays in use");
    down(&cache).await;
    server.restart();
    up(&cache).await;
    keep_shared(&cache).await;
    assert!(name(&ready(&server.url()).await, &by_phone(PHONE)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_redis_costs_three_questions_the_limit_and_then_nothing() {
    let server = Server::start(&[]);
    let cache = ready(&server.url()).await;
    keep_shared(&cache).await;
    server.stop();
    assert!(ask_until_left_alone(&cache).await <= 3);
    assert!(!is_up(&cache));
    assert!(name(&cache, &by_phone(PHONE)).await.is_some(), "memory stays in use");
    assert!(ask_until_left_alone(&cache).await == 0, "nobody waits while it hangs");
    server.resume();
    up(&cache).await;
    assert!(matches!(cache.lock(&by_phone(PHONE), LIMIT, soon()).await, Asked::Taken(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_service_a_question_waits_for_fifty_milliseconds() {
    let server = Server::start(&[]);
    let cache = start_limited(&server.url(), KEY, Config::default().redis_limit);
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        up(&cache).await;
        server.stop();
        shortest = shortest.min(timed(&cache, &by_email(EMAIL)).await.1);
        server.resume();
    }
    assert!((Duration::from_millis(50)..AT_ONCE).contains(&shortest), "{shortest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_on_a_hung_redis_wait_once_together() {
    let server = Server::start(&[]);
    let cache = ready(&server.url()).await;
    keep_shared(&cache).await;
    server.stop();
    let start = std::time::Instant::now();
    let key = by_email(EMAIL);
    let calls = (0..100).map(|_| timed(&cache, &key));
    let mut waits = Waits::default();
    futures_util::future::join_all(calls).await.iter().for_each(|(_, took)| waits.note(*took));
    waits.are_within_the_limit();
    assert!(start.elapsed() <= LIMIT);
    assert!(ask_until_left_alone(&cache).await <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_redis_holds_up_no_lock_vault_or_eviction() {
    let server = Server::start(&[]);
    for at in 0..4 {
        let cache = ready(&server.url()).await;
        keep_shared(&cache).await;
        server.stop();
        let start = std::time::Instant::now();
        match at {
            0 => drop(cache.lock(&by_phone(PHONE), LIMIT, soon()).await),
            1 => assert_eq!(cache.vault().get("token", soon()).await, None),
            2 => assert!(!cache.vault().put("token", b"x", LIMIT).await),
            _ => assert_eq!(cache.evict(&[PHONE]).await.replicas, Replicas::Later),
        }
        assert!(start.elapsed() <= LIMIT, "{at}: {:?}", start.elapsed());
        server.resume();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_redis_is_left_alone_until_it_is_quick_again() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let cache = ready(&proxy.url()).await;
    proxy.is_now(Wire::Slow(200));
    assert!(ask_until_left_alone(&cache).await <= 3);
    down(&cache).await;
    for _ in 0..8 {
        assert!(ask_until_left_alone(&cache).await <= 1, "it is tried again behind the calls");
    }
    assert!(!is_up(&cache));
    proxy.is_now(Wire::Whole);
    up(&cache).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_little_time_left_waits_no_longer_and_blames_nobody() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let cache = ready(&proxy.url()).await;
    proxy.is_now(Wire::Slow(40));
    for _ in 0..20 {
        let soon = datadip::clock::Deadline::new(tokio::time::Instant::now(), Duration::from_millis(3));
        assert!(cache.shared(&by_phone(PHONE), soon).await.is_none());
    }
    assert!(is_up(&cache));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_sent_while_a_replica_was_cut_off_is_not_missed() {
    let server = Server::start(&[]);
    for wire in [Wire::Cut, Wire::Silent] {
        let proxy = Proxy::to(server.port).await;
        let (here, there) = (ready(&server.url()).await, ready(&proxy.url()).await);
        keep_shared(&here).await;
        assert!(name(&there, &by_phone(PHONE)).await.is_some());
        proxy.is_now(wire);
        here.evict(&[PHONE]).await;
        assert!(there.held(&by_phone(PHONE)).is_some(), "cut off, it uses what it has");
        if wire == Wire::Cut {
            down(&there).await;
            assert!(there.held(&by_phone(PHONE)).is_some(), "cut off, it uses what it has");
        }
        proxy.is_now(Wire::Whole);
        until("the other has noticed", async || there.held(&by_phone(PHONE)).is_none()).await;
        up(&there).await;
        assert_eq!(name(&there, &by_phone(PHONE)).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_that_was_counted_and_never_heard_of_is_noticed() {
    let server = Server::start(&[]);
    let cache = ready(&server.url()).await;
    keep(&cache);
    server.cli(&["HINCRBY", &server.keys("dd1:{")[0], "count", "1"]);
    until("it is noticed", async || cache.held(&by_phone(PHONE)).is_none()).await;
    assert!(is_up(&cache));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_where_nothing_was_missed_while_cut_off() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let cache = ready(&proxy.url()).await;
    keep(&cache);
    proxy.is_now(Wire::Cut);
    down(&cache).await;
    proxy.is_now(Wire::Whole);
    up(&cache).await;
    assert!(cache.held(&by_phone(PHONE)).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_made_while_cut_off_is_told_before_redis_is_read_again() {
    let server = Server::start(&[]);
    for purge in [Purge::Customer(&[PHONE]), Purge::Operations(&["acme.customer_by_phone"]), Purge::All] {
        let proxy = Proxy::to(server.port).await;
        let (here, there) = (ready(&server.url()).await, ready(&proxy.url()).await);
        keep_shared(&here).await;
        proxy.is_now(Wire::Cut);
        down(&there).await;
        assert_eq!(there.purge(purge).await.replicas, Replicas::Later);
        assert_eq!(there.status().redis.unwrap().pending, 1);
        proxy.is_now(Wire::Whole);
        up(&there).await;
        assert_eq!(name(&there, &by_phone(PHONE)).await, None);
        until("the other has heard", async || here.held(&by_phone(PHONE)).is_none()).await;
        assert_eq!(name(&here, &by_phone(PHONE)).await, None);
        assert_eq!(there.status().redis.unwrap().pending, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_be_forgotten_is_however_many_changes_came_behind_while_redis_was_away() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let (here, there) = (ready(&server.url()).await, ready(&proxy.url()).await);
    let forgetful = Forgetful::of(&here);
    proxy.is_now(Wire::Cut);
    down(&there).await;
    assert_eq!(there.forget(&[PHONE]).await.replicas, Replicas::Later);
    for at in 0..3000 {
        assert_eq!(there.evict(&[&format!("+65{at}")]).await.replicas, Replicas::Later);
    }
    proxy.is_now(Wire::Whole);
    until("all is told", async || is_up(&there) && there.status().redis.unwrap().pending == 0).await;
    let phone = here.identifier(PHONE);
    until("it is forgotten here too", async || forgetful.has_forgotten(phone)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_that_fails_on_a_link_which_is_no_more_is_told_over_the_new_one() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let here = ready(&server.url()).await;
    let there = start_limited(&proxy.url(), KEY, Duration::from_secs(3));
    up(&there).await;
    keep_shared(&here).await;
    proxy.is_now(Wire::Stuck);
    let evicting = there.clone();
    let evicting = tokio::spawn(async move { evicting.evict(&[PHONE]).await.replicas });
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The link's channel ends, and another link is made meanwhile.
    server.cli(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    assert_eq!(evicting.await.unwrap(), Replicas::Later);
    until("it is told", async || there.status().redis.unwrap().pending == 0).await;
    until("the other has heard", async || here.held(&by_phone(PHONE)).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_is_told_though_who_asked_for_it_has_hung_up() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let (here, there) = (patient(&server.url()).await, patient(&proxy.url()).await);
    keep_shared(&here).await;
    proxy.is_now(Wire::Slow(500));
    let hung_up = tokio::time::timeout(Duration::from_millis(50), there.evict(&[PHONE])).await;
    assert!(hung_up.is_err());
    proxy.is_now(Wire::Whole);
    until("the other has heard", async || here.held(&by_phone(PHONE)).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evictions_made_while_redis_was_wiped_are_not_taken_for_those_known() {
    let mut server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let (here, there) = (ready(&server.url()).await, ready(&proxy.url()).await);
    here.purge(Purge::Operations(&["acme.other"])).await;
    keep_shared(&here).await;
    assert!(name(&there, &by_phone(PHONE)).await.is_some());
    proxy.is_now(Wire::Cut);
    server.restart();
    until("the other order", async || is_up(&here) && !server.keys("dd1:{").is_empty()).await;
    keep(&here);
    assert_eq!(here.evict(&[PHONE]).await.replicas, Replicas::Told);
    proxy.is_now(Wire::Whole);
    until("the other has noticed", async || there.held(&by_phone(PHONE)).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_lost_an_eviction_serves_nothing_that_it_covered() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port).await;
    let (here, there) = (ready(&server.url()).await, ready(&proxy.url()).await);
    keep_shared(&here).await;
    keep(&there);
    let place = server.keys("dd1:{")[0].clone();
    there.purge(Purge::Operations(&["acme.customer_by_phone"])).await;
    until("the other has heard", async || here.held(&by_phone(PHONE)).is_none()).await;
    keep(&there);
    proxy.is_now(Wire::Cut);
    down(&there).await;
    server.cli(&["HDEL", &place, "op:acme.customer_by_phone"]);
    server.cli(&["HSET", &place, "count", "0"]);
    proxy.is_now(Wire::Whole);
    up(&there).await;
    assert_eq!(name(&there, &by_phone(PHONE)).await, None);
    assert_eq!(name(&ready(&server.url()).await, &by_phone(PHONE)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_redis_is_filled_again_and_evictions_go_on() {
    let server = Server::start(&[]);
    let (first, second) = (ready(&server.url()).await, ready(&server.url()).await);
    keep_shared(&first).await;
    server.cli(&["FLUSHALL"]);
    assert!(name(&first, &by_phone(PHONE)).await.is_some());
    assert_eq!(name(&second, &by_phone(PHONE)).await, None);
    first.purge(Purge::Operations(&["acme.other"])).await;
    until("a new order", async || {
        keep_shared(&first).await;
        name(&second, &by_phone(PHONE)).await.is_some()
    })
    .await;
    first.evict(&[PHONE]).await;
    until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
    assert_eq!(name(&second, &by_phone(PHONE)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_is_read_and_evictions_reach_it() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let (first, second) = (ready(&server.url()).await, ready(&server.url()).await);
    keep_shared(&first).await;
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    assert!(name(&second, &by_phone(PHONE)).await.is_some());
    let found = keep(&first);
    first.alias(&found, &by_email(EMAIL));
    until("a write is refused", async || first.status().redis.unwrap().dropped > 0).await;
    assert!(is_up(&first));
    assert_eq!(first.forget(&[PHONE]).await.redis, Some(1));
    assert_eq!(first.purge(Purge::All).await.replicas, Replicas::Told);
    until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
    assert!(is_up(&first) && is_up(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_once_is_forgotten_in_a_full_redis_and_stays_done() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    let about = [first.identifier(PHONE)];
    let claim =
        async |cache: &Cache| cache.claims().claim("a", &about, Duration::from_secs(600), soon()).await;
    let Claimed::Ours(ours) = claim(&first).await else { panic!() };
    ours.done(b"7").await;
    until("Redis has it", async || server.keys("dd1:a:").len() == 1).await;
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(first.forget(&[PHONE]).await.replicas, Replicas::Told);
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    for cache in [&first, &second] {
        assert!(matches!(claim(cache).await, Claimed::Done(None)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_redis_is_read() {
    let master = Server::start(&[]);
    let writer = ready(&master.url()).await;
    keep_shared(&writer).await;
    let replica = Server::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    until("it has followed", async || !replica.keys("dd1:e:").is_empty()).await;
    let reader = ready(&replica.url()).await;
    assert!(name(&reader, &by_phone(PHONE)).await.is_some());
    keep(&reader);
    until("a write is refused", async || reader.status().redis.unwrap().dropped > 0).await;
    assert!(is_up(&reader));
    writer.evict(&[PHONE]).await;
    until("it has heard", async || reader.held(&by_phone(PHONE)).is_none()).await;
    assert_eq!(name(&reader, &by_phone(PHONE)).await, None);
    let late = reader.purge(Purge::Operations(&["acme.customer_by_phone"])).await;
    assert_eq!(late.replicas, Replicas::Later);
    assert!(timed(&reader, &by_phone(PHONE)).await.1 <= AT_ONCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_killed_and_restarted_under_load_costs_no_call_more_than_the_limit() {
    let mut server = Server::start(&[]);
    let cache = ready(&server.url()).await;
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let cache = cache.clone();
            tokio::spawn(async move {
                let mut waits = Waits::default();
                for call in 0..400 {
                    let phone = format!("{caller} {}", call % 50);
                    waits.note(timed(&cache, &by_phone(&phone)).await.1);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                waits
            })
        })
        .collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.restart();
    }
    for caller in callers {
        caller.await.unwrap().are_within_the_limit();
    }
    up(&cache).await;
}
