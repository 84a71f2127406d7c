//! A lock across replicas, for what one of them should do for all: fill an entry, mint a token. It is short, it
//! ends by itself, and nobody waits for it.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::cache::redis::Redis;

/// What became of asking for a lock.
#[derive(Debug)]
pub enum Asked {
    /// It is ours.
    Taken(Lock),
    /// Another replica has it.
    Held,
    /// There is no Redis to ask, or none that answers: every replica is on its own.
    Alone,
}

/// A lock that is ours. Dropped, it is given back behind the answer.
#[derive(Debug)]
pub struct Lock(Option<Taken>);

struct Taken {
    redis: Arc<Redis>,
    name: String,
    token: String,
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl Lock {
    pub(super) fn new(redis: Arc<Redis>, name: String, token: String) -> Self {
        Self(Some(Taken { redis, name, token }))
    }

    /// Gives it back and waits until that is done, at most as long as Redis may take.
    pub async fn release(mut self) {
        if let Some(Taken { redis, name, token }) = self.0.take() {
            redis.unlock(&name, token.as_bytes()).await;
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let (Some(taken), Ok(runtime)) = (self.0.take(), Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move { taken.redis.unlock(&taken.name, taken.token.as_bytes()).await });
    }
}
