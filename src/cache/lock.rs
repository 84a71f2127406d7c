//! A lock across replicas, for what one of them should do for all: fill an entry, mint a token. It is short, it
//! ends by itself, and nobody waits for it.

use std::fmt;
use std::mem::take;
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
pub struct Lock {
    redis: Arc<Redis>,
    name: String,
    token: String,
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Lock {
    pub(super) fn new(redis: Arc<Redis>, name: String, token: String) -> Self {
        Self { redis, name, token }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let redis = Arc::clone(&self.redis);
        let (name, token) = (take(&mut self.name), take(&mut self.token));
        runtime.spawn(async move { redis.unlock(&name, token.as_bytes()).await });
    }
}
