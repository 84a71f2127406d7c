//! Claims on what is to be done at most once: in this process, and sealed in Redis for all replicas. A claim is made
//! before it is done; what became of it is known to the next who claims the same.

mod held;
pub(super) mod told;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use crate::cache::Cache;
use crate::cache::claim::held::{Held, Seen};
use crate::cache::forget::Forgets;
use crate::cache::redis::{Redis, Taking};
use crate::cache::seal::Keys;
use crate::clock::Deadline;

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

/// What became of claiming.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours to do.
    Ours(Claim),
    /// It was done, and gave this. None: what it gave is not kept, because somebody whom it is about was forgotten or
    /// there was no room for it, or Redis did not give it in time.
    Done(Option<Arc<[u8]>>),
    /// It was begun: it may have been done, or is being done now.
    Begun,
}

/// What is ours to do. Dropped without a word it stays begun: nobody knows whether it was done.
pub struct Claim {
    claims: Claims,
    key: u128,
    /// Whom it is about, and until when it is claimed: the memory may have no room for it.
    about: Arc<[u128]>,
    end: Instant,
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

    /// From now on, what was given goes where this cache forgets whom it is about.
    pub(super) fn forget_with(&self, cache: &Cache) {
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        cache.with_it(inner);
    }

    /// Claims what has this name and is about these (keyed hashes), for so long. Where Redis does not answer in time,
    /// the claim is this process's alone.
    pub async fn claim(&self, name: &str, about: &[u128], life: Duration, deadline: Deadline) -> Claimed {
        let key = self.0.keys.hash(&[b"claim", name.as_bytes()]);
        let (about, now): (Arc<[u128]>, Instant) = (about.into(), Instant::now());
        let end = now + life;
        let seen = self.held().begin(key, Arc::clone(&about), now, end);
        match seen {
            Some(Seen::Done(Some(gave))) => return Claimed::Done(Some(gave)),
            Some(Seen::Done(None)) => return Claimed::Done(self.given(key, deadline).await),
            Some(Seen::Begun) => return Claimed::Begun,
            None => {}
        }
        let mut claim = Claim { claims: self.clone(), key, about, end, sealed: None };
        let Some(redis) = &self.0.redis else {
            return Claimed::Ours(claim);
        };
        let name = redis.claim_name(key);
        let Some(sealed) = self.0.keys.seal(&name, told::begun()) else {
            return Claimed::Ours(claim);
        };
        let taking = redis.lock(&name, &sealed, life, deadline).await;
        self.tell(taking);
        match taking {
            Taking::Taken | Taking::Refused | Taking::Unknown => {
                claim.sealed = Some(sealed);
                Claimed::Ours(claim)
            }
            Taking::Held => self.theirs(key, end, redis, deadline).await,
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

    /// Another replica has claimed it. Only what is done is known for good, and no longer than there.
    async fn theirs(&self, key: u128, end: Instant, redis: &Redis, deadline: Deadline) -> Claimed {
        let name = redis.claim_name(key);
        let told = redis.get(&name, deadline).await.as_deref().and_then(told::read);
        let Some(done) = told else {
            self.held().give_back(key, end);
            return Claimed::Begun;
        };
        let now = Instant::now();
        let end = redis.left(&name, deadline).await.map(|left| now + left);
        Claimed::Done(self.held().learn(key, &done.about, done.gave, end))
    }

    /// What it gave, where that is not here and Redis still holds it.
    async fn given(&self, key: u128, deadline: Deadline) -> Option<Arc<[u8]>> {
        let redis = self.0.redis.as_ref()?;
        let told = redis.get(&redis.claim_name(key), deadline).await;
        let done = told.as_deref().and_then(told::read)?;
        self.held().learn_given(key, &done.about, done.gave?)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held()
    }
}

impl Inner {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Forgets for Inner {
    fn forget(&self, identifiers: &[u128]) {
        self.held().forget(identifiers);
    }

    fn forget_all(&self) {
        self.held().forget_all();
    }
}

impl Claim {
    /// It was done, and gave this, which is kept until somebody whom it is about is forgotten.
    pub async fn done(self, gave: &[u8]) {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        let gave = self.claims.held().done(self.key, &self.about, self.end, gave);
        if let Some(redis) = &self.claims.0.redis {
            redis.put_claim(&redis.claim_name(self.key), gave.as_deref(), &self.about, left).await;
        }
    }

    /// It was certainly not done: the next may do it.
    pub async fn give_back(self) {
        self.claims.held().give_back(self.key, self.end);
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

    use super::{Claimed, Claims};
    use crate::cache::seal::Keys;
    use crate::clock::Deadline;

    const LIFE: Duration = Duration::from_secs(60);

    fn claims() -> Claims {
        Claims::new(Arc::new(Keys::own()), None)
    }

    async fn claim(claims: &Claims, name: &str) -> Claimed {
        claims.claim(name, &[1], LIFE, Deadline::new(Instant::now(), LIFE)).await
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
        let first = ours(&claims, "a").await;
        advance(LIFE / 2).await;
        first.done(b"7").await;
        assert!(matches!(claim(&claims, "a").await, Claimed::Done(Some(gave)) if *gave == *b"7"));
        assert!(matches!(claim(&claims, "b").await, Claimed::Ours(_)));
        advance(LIFE / 2).await;
        assert!(matches!(claim(&claims, "a").await, Claimed::Ours(_)), "its time began when it did");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_spoke_of_again_stays_begun_and_what_is_given_back_is_free() {
        let claims = claims();
        drop(ours(&claims, "a").await);
        assert!(matches!(claim(&claims, "a").await, Claimed::Begun));
        ours(&claims, "b").await.give_back().await;
        assert!(matches!(claim(&claims, "b").await, Claimed::Ours(_)));
    }
}
