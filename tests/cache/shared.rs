//! The tier that replicas share, on one Redis that is well.

use std::time::{Duration, Instant};

use datadip::cache::{Asked, Cache, Claimed, Config, Finding, Kept, Purge, Replicas};
use datadip::clock::Clock;
use datadip::secret::Secret;
use datadip::trace::TraceId;
use tokio::runtime::Handle;

use crate::patience::until;
use crate::redis::Server;
use crate::replica::{
    EMAIL, LIVES, PHONE, adelaide, by_email, by_phone, finding, keep, keep_shared, name, patient, record,
    soon, start_with, up,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_replica_found_another_reads_with_its_life_and_fields() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    assert!(second.held(&by_phone(PHONE)).is_none());
    let shared = second.shared(&by_phone(PHONE), soon()).await.unwrap();
    assert_eq!((record(&shared), shared.fields()), (adelaide(), 5));
    let now = std::time::SystemTime::now() + Duration::from_secs(1000);
    assert_eq!(shared.freshness(now), first.held(&by_phone(PHONE)).unwrap().freshness(now));
    assert!(second.held(&by_phone(PHONE)).is_some());
    assert!(second.shared(&by_phone("+6581112222"), soon()).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_redis_says_whom_it_is_about_and_everything_ends_by_itself() {
    let server = Server::start(&[]);
    let cache = patient(&server.url()).await;
    keep_shared(&cache).await;
    assert!(cache.vault().put("acme token", b"s3cr3t", Duration::from_secs(60)).await);
    let names = server.keys("dd1:");
    assert_eq!(names.len(), server.keys("").len(), "{names:?}");
    assert_eq!(names.len(), 5, "an entry, two lists, a token, the order of evictions: {names:?}");
    for name in names {
        let kind = server.cli(&["TYPE", &name]);
        let value = match kind.as_str() {
            "string" => server.cli(&["GET", &name]),
            "set" => server.cli(&["SMEMBERS", &name]),
            _ => server.cli(&["HGETALL", &name]),
        };
        for personal in [PHONE, "91234567", EMAIL, "adelaide", "Adelaide", "acme token", "s3cr3t"] {
            assert!(!name.contains(personal) && !value.contains(personal), "{personal} in {name}: {value}");
        }
        let life: i64 = server.cli(&["TTL", &name]).parse().unwrap();
        match name.get(..6) {
            Some("dd1:e:" | "dd1:i:") => assert!((3500..4300).contains(&life), "{name}: {life}"),
            Some("dd1:v:") => assert!((50..=60).contains(&life), "{name}: {life}"),
            _ => assert_eq!(life, -1, "{name}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_is_shared_and_kept_shorter() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    let nothing =
        Finding { kept: Kept::Nothing, fields: 5, identifiers: &[], about: &[], by: TraceId::of(7) };
    first.keep(&by_phone(PHONE), &nothing, &LIVES, first.mark());
    until("the entry is shared", async || second.shared(&by_phone(PHONE), soon()).await.is_some()).await;
    let life: i64 = server.cli(&["TTL", &server.keys("dd1:e:")[0]]).parse().unwrap();
    assert!((25..=33).contains(&life), "{life}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_with_another_key_share_nothing() {
    let server = Server::start(&[]);
    let first = patient(&server.url()).await;
    let other = start_with(&server.url(), "another key of more than 32 characters");
    up(&other).await;
    keep_shared(&first).await;
    assert!(other.shared(&by_phone(PHONE), soon()).await.is_none());
    assert!(first.vault().put("token", b"x", Duration::from_secs(60)).await);
    assert_eq!(other.vault().get("token", soon()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_in_redis_is_a_miss() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    let name = &server.keys("dd1:e:")[0];
    server.cli(&["SETRANGE", name, "20", "x"]);
    assert!(second.shared(&by_phone(PHONE), soon()).await.is_none());
    server.cli(&["DEL", name]);
    server.cli(&["SADD", name, "x"]);
    assert!(second.shared(&by_phone(PHONE), soon()).await.is_none());
    assert!(second.status().redis.unwrap().up);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_is_shared_and_never_replaces_what_was_found_directly() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    let other = finding(serde_json::json!({"name": "Beatrice"}), &[EMAIL]);
    let found = second.keep(&by_email(EMAIL), &other, &LIVES, second.mark());
    second.alias(&found, &by_phone(PHONE));
    second.alias(&found, &by_phone("+6581112222"));
    let third = patient(&server.url()).await;
    until("the alias is shared", async || name(&third, &by_phone("+6581112222")).await.is_some()).await;
    assert_eq!(name(&third, &by_phone(PHONE)).await.as_deref(), Some("Adelaide"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_reaches_every_replica_and_what_redis_holds() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    for purge in [Purge::Operations(&["acme.customer_by_phone"]), Purge::All] {
        keep_shared(&first).await;
        assert!(name(&second, &by_phone(PHONE)).await.is_some());
        let receipt = first.purge(purge).await;
        assert_eq!((receipt.memory, receipt.replicas), (1, Replicas::Told));
        assert_eq!(name(&first, &by_phone(PHONE)).await, None);
        until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
        assert_eq!(name(&second, &by_phone(PHONE)).await, None);
        let third = patient(&server.url()).await;
        assert_eq!(name(&third, &by_phone(PHONE)).await, None);
    }
}

/// Each round, what was told is gone from the other's memory, and what it was not about is there still: one that
/// never heard of it would find out later, and clear all.
#[tokio::test(flavor = "multi_thread")]
async fn evictions_reach_other_replicas_at_once_and_end_there_what_they_are_about_alone() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    let mut delays = Vec::new();
    for round in 0..6 {
        for cache in [&first, &second] {
            let other = finding(serde_json::json!({"name": "Beatrice"}), &["+6581112222"]);
            cache.keep(&by_email("beatrice@example.com"), &other, &LIVES, cache.mark());
            keep(cache);
        }
        let told = match round % 3 {
            0 => first.evict(&[PHONE]).await.replicas,
            1 => first.forget(&[EMAIL]).await.replicas,
            _ => first.purge(Purge::Operations(&["acme.customer_by_phone"])).await.replicas,
        };
        assert_eq!(told, Replicas::Told);
        let begun = Instant::now();
        until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
        delays.push(begun.elapsed());
        assert!(second.held(&by_email("beatrice@example.com")).is_some(), "round {round}: all was cleared");
    }
    delays.sort_unstable();
    assert!(delays[delays.len() / 2] < Duration::from_millis(1500), "{delays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn evictions_and_purges_never_have_redis_look_through_its_keys() {
    let server = Server::start(&[]);
    let cache = patient(&server.url()).await;
    keep_shared(&cache).await;
    cache.purge(Purge::Operations(&["acme.customer_by_phone"])).await;
    keep_shared(&cache).await;
    cache.evict(&[PHONE]).await;
    keep_shared(&cache).await;
    cache.forget(&[EMAIL]).await;
    cache.purge(Purge::All).await;
    assert_eq!(name(&cache, &by_phone(PHONE)).await, None);
    let asked = server.cli(&["INFO", "commandstats"]);
    assert!(asked.contains("cmdstat_hincrby:calls=4"), "{asked}");
    for command in ["cmdstat_scan", "cmdstat_keys", "cmdstat_flushdb", "cmdstat_flushall"] {
        assert!(!asked.contains(command), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_leaves_other_operations_alone_everywhere() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    assert!(name(&second, &by_phone(PHONE)).await.is_some());
    first.purge(Purge::Operations(&["acme.customer_by_email"])).await;
    second.purge(Purge::Operations(&["acme.loyalty"])).await;
    for cache in [&first, &second, &patient(&server.url()).await] {
        assert!(name(cache, &by_phone(PHONE)).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_customer_is_gone_from_both_tiers_with_a_receipt() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    let other = finding(serde_json::json!({"name": "Beatrice"}), &["+6581112222"]);
    first.keep(&by_phone("+6581112222"), &other, &LIVES, first.mark());
    until("both are shared", async || name(&second, &by_phone("+6581112222")).await.is_some()).await;
    assert!(name(&second, &by_phone(PHONE)).await.is_some());

    let receipt = second.forget(&[EMAIL]).await;
    assert_eq!((receipt.memory, receipt.redis, receipt.replicas), (1, Some(1), Replicas::Told));
    assert_eq!(name(&second, &by_phone(PHONE)).await, None);
    until("the other has heard", async || first.held(&by_phone(PHONE)).is_none()).await;
    assert_eq!(name(&first, &by_phone(PHONE)).await, None);
    assert!(name(&first, &by_phone("+6581112222")).await.is_some());
    assert_eq!(server.keys("dd1:e:").len(), 1);
    assert_eq!(first.forget(&[EMAIL]).await.redis, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evicted_customer_who_is_asked_for_again_is_kept_again_everywhere() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    keep_shared(&first).await;
    assert!(name(&second, &by_phone(PHONE)).await.is_some());
    assert_eq!(first.evict(&[PHONE]).await.replicas, Replicas::Told);
    until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
    keep_shared(&first).await;
    assert!(first.held(&by_phone(PHONE)).is_some());
    assert!(name(&second, &by_phone(PHONE)).await.is_some());
    assert!(second.held(&by_phone(PHONE)).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_had_by_one_until_it_is_given_back_or_over() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await, patient(&server.url()).await);
    let ask = async |cache: &Cache, life| cache.lock(&by_phone(PHONE), life, soon()).await;
    let Asked::Taken(lock) = ask(&first, Duration::from_secs(60)).await else { panic!() };
    assert!(matches!(ask(&second, Duration::from_secs(60)).await, Asked::Held));
    drop(lock);
    until("the lock is given back", async || server.keys("dd1:l:").is_empty()).await;
    let Asked::Taken(over) = ask(&second, Duration::from_millis(1)).await else { panic!() };
    until("the lock is over", async || server.keys("dd1:l:").is_empty()).await;
    let Asked::Taken(dropped) = ask(&first, Duration::from_secs(60)).await else { panic!() };
    drop(over);
    until("both were given back", async || {
        server.cli(&["INFO", "commandstats"]).contains("cmdstat_eval:calls=2")
    })
    .await;
    assert!(
        matches!(ask(&second, Duration::from_secs(60)).await, Asked::Held),
        "a lock that is over is not ours"
    );
    drop(dropped);
    until("the lock is given back", async || server.keys("dd1:l:").is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_is_shared_and_each_name_has_its_lock() {
    let server = Server::start(&[]);
    let (first, second) = (patient(&server.url()).await.vault(), patient(&server.url()).await.vault());
    drop(first);
    let (cache, other) = (patient(&server.url()).await, patient(&server.url()).await);
    assert_eq!(second.get("acme", soon()).await, None);
    assert!(cache.vault().put("acme", b"token 1", Duration::from_secs(60)).await);
    assert_eq!(other.vault().get("acme", soon()).await.as_deref(), Some(&b"token 1"[..]));
    let lock = cache.vault().lock("acme", Duration::from_secs(5), soon()).await;
    assert!(matches!(lock, Asked::Taken(_)));
    assert!(matches!(other.vault().lock("acme", Duration::from_secs(5), soon()).await, Asked::Held));
    assert!(matches!(other.vault().lock("globex", Duration::from_secs(5), soon()).await, Asked::Taken(_)));
}

#[tokio::test]
async fn redis_without_a_key_is_refused_with_the_command_that_makes_one() {
    let config = |key: Option<&str>, url: &str| {
        let config = Config { redis: Some(Secret::new(url)), key: key.map(Secret::new), ..Config::default() };
        Cache::new(&config, Clock::system(), &Handle::current()).map(drop).map_err(|error| error.to_string())
    };
    for key in [None, Some("short")] {
        assert!(config(key, "redis://127.0.0.1:1").unwrap_err().contains("openssl rand -hex 32"));
    }
    let told = config(Some(crate::replica::KEY), "http://:hush@localhost").unwrap_err();
    assert!(told.contains("redis://") && !told.contains("hush"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_database_are_used() {
    let server = Server::start(&["--requirepass", "hush"]);
    let cache = patient(&format!("redis://:hush@127.0.0.1:{}/3", server.port)).await;
    keep(&cache);
    until("it is written", async || cache.status().redis.unwrap().written == 1).await;
    assert!(server.cli(&["INFO", "keyspace"]).contains("db3:keys=4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_once_is_free_again_at_every_replica_when_its_time_is_over() {
    let server = Server::start(&[]);
    let (one, other) = (patient(&server.url()).await, patient(&server.url()).await);
    let life = Duration::from_secs(6);
    let claim = async |cache: &Cache| cache.claims().claim("a", &[], life, soon()).await;
    let Claimed::Ours(ours) = claim(&one).await else { panic!() };
    tokio::time::sleep(life / 3).await;
    ours.done(b"7").await;
    let left: u64 = server.cli(&["PTTL", &server.keys("dd1:c:")[0]]).parse().unwrap();
    assert!(left <= 4000, "{left}");
    assert!(matches!(claim(&other).await, Claimed::Done(Some(gave)) if *gave == *b"7"));
    until("its time is over in Redis", async || server.keys("dd1:c:").is_empty()).await;
    let then = claim(&other).await;
    assert!(matches!(then, Claimed::Ours(_)), "{then:?} after its time");
}
