//! The tier in memory, and the replies made from it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use datadip::cache::{Cache, Finding, Freshness, Kept, Lives, Purge, Replicas, Replies};
use datadip::clock::Clock;
use datadip::trace::TraceId;
use serde_json::json;

use crate::replica::{EMAIL, LIVES, PHONE, adelaide, by_email, by_phone, finding, keep, record};

fn cache() -> Cache {
    Cache::in_memory(16 << 20, Clock::system())
}

#[test]
fn what_is_kept_is_held_with_its_fields_and_for_its_life() {
    let cache = cache();
    assert!(cache.held(&by_phone(PHONE)).is_none());
    keep(&cache);
    let held = cache.held(&by_phone(PHONE)).unwrap();
    assert_eq!((record(&held), held.fields()), (adelaide(), 5));
    let now = SystemTime::now();
    let seconds = |seconds| held.freshness(now + Duration::from_secs(seconds));
    assert_eq!(
        [0, 269, 331, 3500, 4300].map(seconds),
        [Freshness::Fresh, Freshness::Fresh, Freshness::Stale, Freshness::Stale, Freshness::Over]
    );
}

#[test]
fn lives_differ_from_entry_to_entry_by_a_tenth() {
    let cache = cache();
    let now = SystemTime::now();
    let is_fresh = |seconds: u64| {
        let fresh = |at: usize| {
            let phone = at.to_string();
            let entry = cache.keep(&by_phone(&phone), &finding(adelaide(), &[]), &LIVES, cache.mark());
            entry.freshness(now + Duration::from_secs(seconds)) == Freshness::Fresh
        };
        (0..200).filter(|at| fresh(*at)).count()
    };
    assert_eq!((is_fresh(269), is_fresh(331)), (200, 0));
    assert!((20..180).contains(&is_fresh(300)));
}

#[tokio::test]
async fn an_entry_is_gone_when_its_life_is_over() {
    let cache = cache();
    let lives = Lives { fresh: Duration::from_millis(20), stale: Duration::from_millis(20), ..LIVES };
    cache.keep(&by_phone(PHONE), &finding(adelaide(), &[]), &lives, cache.mark());
    assert!(cache.held(&by_phone(PHONE)).is_some());
    crate::patience::until("the entry is over", async || cache.held(&by_phone(PHONE)).is_none()).await;
}

#[test]
fn memory_is_bounded_by_the_weight_of_what_it_holds() {
    let cache = Cache::in_memory(1 << 20, Clock::system());
    for at in 0..2_000 {
        let record = json!({"text": "x".repeat(2_000)});
        cache.keep(&by_phone(&at.to_string()), &finding(record, &[]), &LIVES, cache.mark());
    }
    let status = cache.status();
    assert!(status.bytes <= 1 << 20, "{status:?}");
    assert!((100..1_000).contains(&status.entries), "{status:?}");
}

#[test]
fn one_found_by_email_is_held_by_phone_until_the_phone_itself_was_asked() {
    let cache = cache();
    let found = cache.keep(&by_email(EMAIL), &finding(adelaide(), &[PHONE, EMAIL]), &LIVES, cache.mark());
    cache.alias(&found, &by_phone(PHONE));
    assert_eq!(record(&cache.held(&by_phone(PHONE)).unwrap())["name"], "Adelaide");

    let other = finding(json!({"name": "Beatrice"}), &[PHONE]);
    cache.keep(&by_phone(PHONE), &other, &LIVES, cache.mark());
    cache.alias(&found, &by_phone(PHONE));
    assert_eq!(record(&cache.held(&by_phone(PHONE)).unwrap())["name"], "Beatrice");
    assert_eq!(record(&cache.held(&by_email(EMAIL)).unwrap())["name"], "Adelaide");
}

#[test]
fn a_record_with_its_members_in_another_order_is_the_same_record_and_contests_nothing() {
    let cache = cache();
    let told = |record| {
        let found = cache.keep(&by_email(EMAIL), &finding(record, &[PHONE]), &LIVES, cache.mark());
        cache.alias(&found, &by_phone(PHONE));
        cache.held(&by_phone(PHONE)).unwrap().fields()
    };
    assert_eq!(told(json!({"id": "7", "name": "Adelaide"})), 5);
    assert_eq!(told(json!({"name": "Adelaide", "id": "7"})), 5);
    assert_ne!(told(json!({"name": "Beatrice", "id": "8"})), 5, "two claim the number: nobody has it");
}

#[tokio::test]
async fn a_purge_covers_its_operation_only_and_everything_if_told() {
    let cache = cache();
    let found = keep(&cache);
    cache.alias(&found, &by_email(EMAIL));
    let receipt = cache.purge(Purge::Operations(&["acme.customer_by_phone"])).await;
    assert_eq!((receipt.memory, receipt.redis, receipt.replicas), (1, None, Replicas::None));
    assert!(cache.held(&by_phone(PHONE)).is_none() && cache.held(&by_email(EMAIL)).is_some());
    assert_eq!(cache.purge(Purge::All).await.memory, 1);
    assert!(cache.held(&by_email(EMAIL)).is_none());
    keep(&cache);
    assert!(cache.held(&by_phone(PHONE)).is_some());
}

#[tokio::test]
async fn a_forgotten_customer_is_gone_from_every_step_and_others_stay() {
    let cache = cache();
    let found = keep(&cache);
    cache.alias(&found, &by_email(EMAIL));
    cache.keep(&by_phone("+6581112222"), &finding(json!({}), &["+6581112222"]), &LIVES, cache.mark());
    assert_eq!(cache.forget(&[PHONE]).await.memory, 2);
    assert!(cache.held(&by_phone(PHONE)).is_none() && cache.held(&by_email(EMAIL)).is_none());
    assert!(cache.held(&by_phone("+6581112222")).is_some());
    assert_eq!(cache.forget(&[PHONE]).await.memory, 0);
}

#[tokio::test]
async fn what_was_asked_before_an_eviction_is_not_kept_after_it() {
    let cache = cache();
    let asked = cache.mark();
    cache.evict(&[PHONE]).await;
    cache.keep(&by_phone(PHONE), &finding(adelaide(), &[PHONE]), &LIVES, asked);
    assert!(cache.held(&by_phone(PHONE)).is_none());
    keep(&cache);
    assert!(cache.held(&by_phone(PHONE)).is_some());

    let asked = cache.mark();
    cache.purge(Purge::Operations(&["acme.customer_by_phone"])).await;
    cache.keep(&by_phone(PHONE), &finding(adelaide(), &[PHONE]), &LIVES, asked);
    assert!(cache.held(&by_phone(PHONE)).is_none());
}

#[test]
fn nothing_found_is_kept_too_and_knows_whom_it_is_about() {
    let cache = cache();
    let nothing =
        Finding { kept: Kept::Nothing, fields: 5, identifiers: &[PHONE], about: &[], by: TraceId::of(7) };
    let entry = cache.keep(&by_phone(PHONE), &nothing, &LIVES, cache.mark());
    assert_eq!(entry.freshness(SystemTime::now() + Duration::from_secs(34)), Freshness::Over);
    assert_eq!(cache.held(&by_phone(PHONE)).unwrap().kept(), Some(Kept::Nothing));
}

#[tokio::test]
async fn a_reply_goes_with_any_entry_that_it_was_made_from() {
    let cache = cache();
    let replies: Replies<Arc<str>> = Replies::new(&cache, 1 << 20);
    let key = replies.key(&("caller", PHONE));
    let now = SystemTime::now();
    let make = |fields| {
        let first = keep(&cache);
        let second = cache.keep(&by_email(EMAIL), &finding(adelaide(), &[EMAIL]), &LIVES, cache.mark());
        let reply: Arc<str> = format!("reply {fields}").into();
        replies.keep(key, reply, 100, &[first, second]);
        assert_eq!(replies.get(key, now).as_deref(), Some(format!("reply {fields}").as_str()));
    };

    make(1);
    keep(&cache);
    assert_eq!(replies.get(key, now), None, "one was replaced");
    make(2);
    cache.evict(&[EMAIL]).await;
    assert_eq!(replies.get(key, now), None, "one was evicted");
    make(3);
    cache.purge(Purge::Operations(&["acme.customer_by_email"])).await;
    assert_eq!(replies.get(key, now), None, "one was purged");
    make(4);
    assert_eq!(replies.get(key, now + Duration::from_secs(331)), None, "one is no longer fresh");
    make(5);
    cache.forget(&[PHONE]).await;
    assert_eq!(replies.size().0, 0, "one was forgotten");
    replies.keep(key, "from nothing".into(), 100, &[]);
    assert_eq!(replies.get(key, now), None);
}

#[test]
fn a_reply_lives_as_long_as_the_shortest_lived_entry_that_it_was_made_from() {
    let cache = cache();
    let replies: Replies<u8> = Replies::new(&cache, 1 << 20);
    let short = Lives { fresh: Duration::from_secs(10), ..LIVES };
    let [long, short] = [("long", LIVES), ("short", short)]
        .map(|(phone, lives)| cache.keep(&by_phone(phone), &finding(adelaide(), &[]), &lives, cache.mark()));
    for (at, from) in [[&long, &short], [&short, &long]].into_iter().enumerate() {
        let (key, from) = (replies.key(&at), from.map(Arc::clone));
        replies.keep(key, 1, 100, &from);
        let is_there = |seconds| replies.get(key, SystemTime::now() + Duration::from_secs(seconds)).is_some();
        assert_eq!([is_there(5), is_there(20)], [true, false], "{at}");
    }
}

#[test]
fn replies_take_no_more_memory_than_they_were_given() {
    let cache = cache();
    let replies: Replies<Arc<str>> = Replies::new(&cache, 1 << 20);
    let from = [keep(&cache)];
    for at in 0..2_000 {
        replies.keep(replies.key(&at), "x".repeat(2_000).into(), 2_000, &from);
    }
    let (count, bytes) = replies.size();
    assert!(bytes <= 1 << 20 && (100..1_000).contains(&count), "{count} replies of {bytes} bytes");
}

#[test]
fn replies_do_not_hold_the_entries_that_memory_has_no_room_for() {
    let cache = Cache::in_memory(1 << 20, Clock::system());
    let replies: Replies<()> = Replies::new(&cache, 2 << 20);
    let mut entries = Vec::new();
    for at in 0..1_000 {
        let record = json!({"text": "x".repeat(20_000)});
        let entry = cache.keep(&by_phone(&at.to_string()), &finding(record, &[]), &LIVES, cache.mark());
        replies.keep(replies.key(&at), (), 500, std::slice::from_ref(&entry));
        entries.push(Arc::downgrade(&entry));
        drop(entry);
        let _ = (cache.status(), replies.size());
    }
    assert!(replies.size().0 > 900, "{:?} replies", replies.size());
    let held = entries.iter().filter(|entry| entry.strong_count() > 0).count();
    // What was put out is freed some time soon.
    assert!(held * 20_000 <= 4 << 20, "{held} entries of 20 kB, where there is room for a MiB");
}

#[tokio::test]
async fn a_reply_is_gone_when_its_time_is_over_although_nobody_asks_for_it() {
    let cache = cache();
    let replies: Replies<u8> = Replies::new(&cache, 1 << 20);
    let lives = Lives { fresh: Duration::from_secs(1), ..LIVES };
    let from = [cache.keep(&by_phone(PHONE), &finding(adelaide(), &[]), &lives, cache.mark())];
    replies.keep(replies.key(&1), 1, 100, &from);
    assert_eq!(replies.size().0, 1);
    crate::patience::until("the reply is gone", async || replies.size().0 == 0).await;
}
