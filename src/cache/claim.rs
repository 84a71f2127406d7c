//! Claims on what is to be done at most once: in this process, and sealed in Redis for all replicas. A claim is made
//! before it is done; what became of it is known to the next who claims the same.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cache::redis::{Redis, Taking};
use crate::cache::seal::Keys;
use crate::clock::Deadline;

/// The first byte of a claim in Redis: it was begun, or it was done and what it gave follows.
const BEGUN: u8 = 0;
const DONE: u8 = 1;
/// As many claims are looked through for those that have ended, at first.
const SWEEP: usize = 1024;

/// The claims of one cache.
#[derive(Clone)]
pub struct Claims(Arc<Inner>);

struct Inner {
    keys: Arc<Keys>,
    redis: Option<Arc<Redis>>,
    held: Mutex<Held>,
    /// Whether Redis refused the last claim, which was told.
    is_refused: AtomicBool,
}

#[derive(Default)]
struct Held {
    claims: HashMap<u128, (State, Instant)>,
    /// At so many claims, those that have ended are let go.
    sweep_at: usize,
}

#[derive(Clone)]
enum State {
    Begun,
    Done(Arc<[u8]>),
}

/// What became of claiming.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours to do.
    Ours(Claim),
    /// It was done, and gave this.
    Done(Arc<[u8]>),
    /// It was begun: it may have been done, or is being done now.
    Begun,
}

/// What is ours to do. Dropped without a word it stays begun: nobody knows whether it was done.
pub struct Claim {
    claims: Claims,
    key: u128,
    life: Duration,
    /// What stands in Redis, or may yet come to stand there.
    sealed: Option<Vec<u8>>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims")
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

impl Claims {
    pub(super) fn new(keys: Arc<Keys>, redis: Option<Arc<Redis>>) -> Self {
        Self(Arc::new(Inner { keys, redis, held: Mutex::default(), is_refused: AtomicBool::new(false) }))
    }

    /// Claims what has this name, for so long. Where Redis does not answer in time, the claim is this process's alone.
    pub async fn claim(&self, name: &str, life: Duration, deadline: Deadline) -> Claimed {
        let key = self.0.keys.hash(&[b"claim", name.as_bytes()]);
        match self.begin(key, life) {
            Some(State::Done(gave)) => return Claimed::Done(gave),
            Some(State::Begun) => return Claimed::Begun,
            None => {}
        }
        let mut claim = Claim { claims: self.clone(), key, life, sealed: None };
        let Some(redis) = &self.0.redis else {
            return Claimed::Ours(claim);
        };
        let name = redis.claim_name(key);
        let Some(sealed) = self.0.keys.seal(&name, vec![BEGUN]) else {
            return Claimed::Ours(claim);
        };
        let taking = redis.lock(&name, &sealed, life, deadline).await;
        self.tell(taking);
        match taking {
            Taking::Taken | Taking::Refused | Taking::Unknown => {
                claim.sealed = Some(sealed);
                Claimed::Ours(claim)
            }
            Taking::Held => self.theirs(key, life, redis.get(&name, deadline).await),
        }
    }

    /// Says once that Redis takes no claims although it answers: nobody else would.
    fn tell(&self, taking: Taking) {
        let is_refused = match taking {
            Taking::Refused => true,
            Taking::Taken => false,
            Taking::Held | Taking::Unknown => return,
        };
        if is_refused && !self.0.is_refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event = "redis.mark_refused",
                "Redis takes no marks: a write may be done once by each replica"
            );
        }
        self.0.is_refused.store(is_refused, Ordering::Relaxed);
    }

    /// Takes the claim in memory, where nobody has it; who has it has it in this state.
    fn begin(&self, key: u128, life: Duration) -> Option<State> {
        let now = Instant::now();
        let mut held = self.held();
        if let Some((state, _)) = held.claims.get(&key).filter(|(_, end)| *end > now) {
            return Some(state.clone());
        }
        if held.claims.len() >= held.sweep_at.max(SWEEP) {
            held.claims.retain(|_, (_, end)| *end > now);
            held.sweep_at = held.claims.len().saturating_mul(2);
        }
        held.claims.insert(key, (State::Begun, now + life));
        None
    }

    /// Another replica has claimed it. Only what is done is known for good.
    fn theirs(&self, key: u128, life: Duration, told: Option<Vec<u8>>) -> Claimed {
        let done = told.as_deref().and_then(<[u8]>::split_first).filter(|(state, _)| **state == DONE);
        let Some((_, gave)) = done else {
            self.held().claims.remove(&key);
            return Claimed::Begun;
        };
        let gave: Arc<[u8]> = gave.into();
        self.held().claims.insert(key, (State::Done(Arc::clone(&gave)), Instant::now() + life));
        Claimed::Done(gave)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// It was done, and gave this.
    pub async fn done(self, gave: &[u8]) {
        let Self { claims, key, life, .. } = self;
        claims.held().claims.insert(key, (State::Done(gave.into()), Instant::now() + life));
        if let Some(redis) = &claims.0.redis {
            let value = [&[DONE], gave].concat();
            let _ = redis.put(&redis.claim_name(key), &value, life).await;
        }
    }

    /// It was certainly not done: the next may do it.
    pub async fn give_back(self) {
        self.claims.held().claims.remove(&self.key);
        if let (Some(redis), Some(sealed)) = (&self.claims.0.redis, self.sealed) {
            redis.give_back(redis.claim_name(self.key), sealed).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{Claimed, Claims, SWEEP};
    use crate::cache::seal::Keys;
    use crate::clock::Deadline;

    const LIFE: Duration = Duration::from_secs(60);

    fn claims() -> Claims {
        Claims::new(Arc::new(Keys::own()), None)
    }

    async fn claim(claims: &Claims, name: &str) -> Claimed {
        claims.claim(name, LIFE, Deadline::new(Instant::now(), LIFE)).await
    }

    async fn ours(claims: &Claims, name: &str) -> super::Claim {
        match claim(claims, name).await {
            Claimed::Ours(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_done_is_told_to_the_next_until_its_time_is_over() {
        let claims = claims();
        ours(&claims, "a").await.done(b"7").await;
        assert!(matches!(claim(&claims, "a").await, Claimed::Done(gave) if *gave == *b"7"));
        assert!(matches!(claim(&claims, "b").await, Claimed::Ours(_)));
        advance(LIFE).await;
        assert!(matches!(claim(&claims, "a").await, Claimed::Ours(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_spoke_of_again_stays_begun_and_what_is_given_back_is_free() {
        let claims = claims();
        drop(ours(&claims, "a").await);
        assert!(matches!(claim(&claims, "a").await, Claimed::Begun));
        ours(&claims, "b").await.give_back().await;
        assert!(matches!(claim(&claims, "b").await, Claimed::Ours(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn claims_that_have_ended_take_no_memory() {
        let claims = claims();
        for at in 0..3 * SWEEP {
            drop(ours(&claims, &at.to_string()).await);
            if at % SWEEP == 0 {
                advance(LIFE).await;
            }
        }
        assert!(claims.held().claims.len() <= 2 * SWEEP, "{}", claims.held().claims.len());
    }
}
