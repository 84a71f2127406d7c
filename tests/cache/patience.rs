//! How long a test waits for what happens behind an answer.

use std::time::{Duration, Instant};

/// Longer than anything may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
