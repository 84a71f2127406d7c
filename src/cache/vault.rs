//! Small sealed values that replicas share, as the tokens of upstreams. Without Redis there are none.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::cache::lock::{Asked, Lock};
use crate::cache::redis::{self, Redis};
use crate::cache::seal;
use crate::clock::Deadline;

/// The shared values.
#[derive(Clone)]
pub struct Vault(Option<Arc<Redis>>);

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    pub(super) fn new(redis: Option<Arc<Redis>>) -> Self {
        Self(redis)
    }

    /// The value under this name, if Redis gives it in time.
    pub async fn get(&self, name: &str, deadline: Deadline) -> Option<Vec<u8>> {
        let redis = self.0.as_ref()?;
        redis.get(&redis.vault_name(name), deadline).await
    }

    /// Puts a value under this name for a time, instead of any before it. False: no other replica will see it.
    pub async fn put(&self, name: &str, value: &[u8], life: Duration) -> bool {
        let Some(redis) = &self.0 else {
            return false;
        };
        redis.put(&redis.vault_name(name), value, life).await
    }

    /// Asks for the lock on this name, for at most this time. Who compares and replaces a value does it under it.
    pub async fn lock(&self, name: &str, life: Duration, deadline: Deadline) -> Asked {
        let Some(redis) = &self.0 else {
            return Asked::Alone;
        };
        take(redis, format!("{}:lock", redis.vault_name(name)), life, deadline).await
    }
}

/// Asks for a lock.
pub(super) async fn take(redis: &Arc<Redis>, name: String, life: Duration, deadline: Deadline) -> Asked {
    let token = seal::text(u128::from_le_bytes(seal::random()));
    match redis.lock(&name, token.as_bytes(), life, deadline).await {
        redis::Taking::Taken => Asked::Taken(Lock::new(Arc::clone(redis), name, token)),
        redis::Taking::Held => Asked::Held,
        redis::Taking::Refused | redis::Taking::Unknown => Asked::Alone,
    }
}
