//! Before the process ends: what was answered and kept is written to Redis too, if Redis takes it in time.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::cache::Cache;

/// How often it is looked whether all is written.
const BEAT: Duration = Duration::from_millis(5);

impl Cache {
    /// Waits until nothing waits for Redis any more, at most so long; says how many entries still do.
    pub async fn flush(&self, limit: Duration) -> u64 {
        let Some(redis) = self.redis() else {
            return 0;
        };
        let all = async {
            while redis.waiting() > 0 {
                sleep(BEAT).await;
            }
        };
        // Late or not, what is left is what is said.
        let _ = timeout(limit, all).await;
        redis.waiting()
    }
}
