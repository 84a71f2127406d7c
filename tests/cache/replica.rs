//! One gateway's cache, as the lookup uses it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datadip::cache::{Cache, Config, Entry, Finding, Kept, Lives, StepKey};
use datadip::clock::{Clock, Deadline};
use datadip::secret::Secret;
use datadip::trace::TraceId;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::patience::until;

pub const KEY: &str = "0123456789abcdef0123456789abcdef";
pub const PHONE: &str = "+6591234567";
pub const EMAIL: &str = "adelaide@example.com";

/// The limit that these tests give Redis: longer than that in service, for a machine with other work.
const PATIENCE: Duration = Duration::from_millis(250);
/// That, and what a busy machine adds.
pub const LIMIT: Duration = Duration::from_millis(500);
/// Too short to have waited for Redis.
pub const AT_ONCE: Duration = Duration::from_millis(125);

pub const LIVES: Lives = Lives {
    fresh: Duration::from_secs(300),
    stale: Duration::from_secs(3600),
    not_found: Duration::from_secs(30),
};

pub fn by_phone(phone: &str) -> StepKey<'_> {
    StepKey { revision: 11, operation: "acme.customer_by_phone", identity: phone }
}

pub fn by_email(email: &str) -> StepKey<'_> {
    StepKey { revision: 12, operation: "acme.customer_by_email", identity: email }
}

pub fn soon() -> Deadline {
    Deadline::new(tokio::time::Instant::now(), Duration::from_secs(10))
}

pub fn adelaide() -> Value {
    json!({"id": "7", "name": "Adelaide", "phone": PHONE, "email": EMAIL})
}

pub fn finding<'a>(value: Value, identifiers: &'a [&'a str]) -> Finding<'a> {
    Finding { kept: Kept::Record(Arc::new(value)), fields: 5, identifiers, about: &[], by: TraceId::of(7) }
}

pub fn start(url: &str) -> Cache {
    start_with(url, KEY)
}

pub fn start_with(url: &str, key: &str) -> Cache {
    start_limited(url, key, PATIENCE)
}

pub fn start_limited(url: &str, key: &str, redis_limit: Duration) -> Cache {
    let (redis, key) = (Some(Secret::new(url)), Some(Secret::new(key)));
    let config = Config { redis, key, redis_limit, ..Config::default() };
    Cache::new(&config, Clock::system(), &Handle::current()).unwrap()
}

pub fn is_up(cache: &Cache) -> bool {
    cache.status().redis.is_some_and(|redis| redis.up)
}

pub async fn up(cache: &Cache) {
    until("Redis is up", async || is_up(cache)).await;
}

pub async fn down(cache: &Cache) {
    until("Redis is down", async || !is_up(cache)).await;
}

/// A replica that has its link already.
pub async fn ready(url: &str) -> Cache {
    let cache = start(url);
    up(&cache).await;
    cache
}

/// The same with still more time for Redis, where no test is of that: a busy machine is no Redis that is slow.
pub async fn patient(url: &str) -> Cache {
    let cache = start_limited(url, KEY, Duration::from_secs(5));
    up(&cache).await;
    cache
}

/// Keeps Adelaide under her phone.
pub fn keep(cache: &Cache) -> Arc<Entry> {
    cache.keep(&by_phone(PHONE), &finding(adelaide(), &[PHONE, EMAIL]), &LIVES, cache.mark())
}

/// Keeps Adelaide and waits until Redis has her.
pub async fn keep_shared(cache: &Cache) {
    let before = cache.status().redis.unwrap().written;
    keep(cache);
    until("the entry is written", async || cache.status().redis.unwrap().written > before).await;
}

/// The record that is kept.
pub fn record(entry: &Entry) -> Value {
    match entry.kept() {
        Some(Kept::Record(record)) => record.as_ref().clone(),
        other => panic!("no record: {other:?}"),
    }
}

/// Adelaide's name, from either tier.
pub async fn name(cache: &Cache, key: &StepKey<'_>) -> Option<String> {
    let entry = match cache.held(key) {
        Some(entry) => entry,
        None => cache.shared(key, soon()).await?,
    };
    Some(record(&entry)["name"].as_str()?.to_owned())
}

/// How long asking both tiers takes.
pub async fn timed(cache: &Cache, key: &StepKey<'_>) -> (Option<String>, Duration) {
    let start = Instant::now();
    let found = name(cache, key).await;
    (found, start.elapsed())
}

/// How long questions took.
#[derive(Debug, Default)]
pub struct Waits(Vec<Duration>);

impl Waits {
    pub fn note(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// At the 99th percentile; a busy machine may hold one or two of a few hundred up a little longer.
    pub fn are_within_the_limit(&self) {
        let longer: Vec<&Duration> = self.0.iter().filter(|took| **took > LIMIT).collect();
        assert!(longer.len() <= 2.max(self.0.len() / 100), "{longer:?}");
        assert!(longer.iter().all(|took| **took < 4 * LIMIT), "{longer:?}");
    }

    pub fn waited(&self) -> usize {
        self.0.iter().filter(|took| **took > AT_ONCE).count()
    }
}
