//! How long a test waits for what happens behind an answer.

use std::time::{Duration, Instant};

/// Tries until it is so, at most this many seconds.
pub async fn until(seconds: u64, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !is_so().await {
        assert!(Instant::now() < end, "not within {seconds} s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
