//! What a hit costs, and how many bytes a cached customer takes; needs `redis-server`:
//! `cargo bench --profile quick --bench cache -- [customers]`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod shared;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use datadip::cache::{Cache, Entry, Finding, Kept, Lives, Replies, StepKey};
use datadip::clock::Clock;
use datadip::trace::TraceId;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LIVES: Lives = Lives {
    fresh: Duration::from_secs(3600),
    stale: Duration::from_secs(3600),
    not_found: Duration::from_secs(3600),
};
const HOT: usize = 10_000;
const ROUNDS: usize = 9;

fn main() {
    let customers = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000);
    // The first stays: what the second takes is then nothing that the first has given back.
    let cache = weigh("a customer", customers, |at| Kept::Record(Arc::new(adelaide(at))));
    drop(weigh("that there is none", customers, |_| Kept::Nothing));
    hits(&cache);
    replies(&cache);
    for side_by_side in [1, 32] {
        shared::compare(side_by_side, |cache| drop(keep(cache, 1, Kept::Record(Arc::new(adelaide(1))))));
    }
}

/// Fills a cache, and says how many bytes an entry takes.
fn weigh(what: &str, customers: usize, kept: impl Fn(usize) -> Kept) -> Cache {
    let cache = Cache::in_memory(8 << 30, Clock::system());
    let before = resident();
    for at in 0..customers {
        keep(&cache, at, kept(at));
    }
    let status = cache.status();
    let each = (resident() - before) / status.entries.max(1);
    let weighed = status.bytes / status.entries.max(1);
    println!("{} times {what}: {each} bytes each, weighed as {weighed}", status.entries);
    cache
}

fn adelaide(at: usize) -> serde_json::Value {
    json!({"name": "Adelaide", "profile": {"vip": true, "tier": "gold"}, "blocked": false,
        "tags": [{"name": "a"}, {"name": "b"}], "id": at.to_string(), "balance": "1280.55"})
}

fn keep(cache: &Cache, at: usize, kept: Kept) -> Arc<Entry> {
    let phone = phone(at);
    let email = format!("customer{at}@example.com");
    let finding = Finding { kept, fields: 5, identifiers: &[&phone, &email], about: &[], by: TraceId::of(0) };
    cache.keep(&key(&phone), &finding, &LIVES, cache.mark())
}

fn phone(at: usize) -> String {
    format!("+659{at:07}")
}

fn key(phone: &str) -> StepKey<'_> {
    StepKey { revision: 11, operation: "acme.customer_by_phone", identity: phone }
}

fn hits(cache: &Cache) {
    let phones: Vec<String> = (0..HOT).map(phone).collect();
    best("held", || {
        phones.iter().for_each(|phone| drop(black_box(cache.held(&key(phone)))));
    });
    best("held, and whether it is fresh", || {
        let now = SystemTime::now;
        phones.iter().for_each(|phone| {
            black_box(cache.held(&key(phone)).map(|entry| entry.freshness(now())));
        });
    });
    best("not held", || {
        phones.iter().for_each(|phone| {
            black_box(cache.held(&StepKey { revision: 12, ..key(phone) }));
        });
    });
}

fn replies(cache: &Cache) {
    let replies: Replies<Arc<str>> = Replies::new(cache, 1 << 30);
    let phones: Vec<String> = (0..HOT).map(phone).collect();
    for (at, phone) in phones.iter().enumerate() {
        replies.keep(
            replies.key(&(7_u64, phone.as_str())),
            "reply".into(),
            300,
            &[keep(cache, at, Kept::Record(Arc::new(adelaide(at))))],
        );
    }
    best("reply", || {
        phones.iter().for_each(|phone| {
            let key = replies.key(&(7_u64, phone.as_str()));
            black_box(replies.get(key, SystemTime::now()).unwrap());
        });
    });
}

/// Nanoseconds of each of the hot ones, in the best round and in the middle one.
fn best(what: &str, round: impl Fn()) {
    let mut took: Vec<u64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_nanos() as u64 / HOT as u64
        })
        .collect();
    took.sort_unstable();
    println!("{what}: {} ns (median {})", took.first().unwrap(), took.get(ROUNDS / 2).unwrap());
}

/// Bytes of memory this process has in use.
fn resident() -> u64 {
    let pages: u64 =
        std::fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
