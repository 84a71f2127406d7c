//! Time: the one clock of the engine and the one deadline of a call. Monotonic time is tokio's, so that a test
//! with a paused clock pauses the whole engine; wall time is handed in.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Where the engine reads the time.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { wall: Arc::new(SystemTime::now) }
    }

    /// A clock whose wall time stands still, for rehearsals and tests.
    #[must_use]
    pub fn fixed(at: SystemTime) -> Self {
        Self { wall: Arc::new(move || at) }
    }

    /// Time of day.
    #[must_use]
    pub fn wall(&self) -> SystemTime {
        (self.wall)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A time of day in seconds since 1970.
#[must_use]
pub fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The instant by which a call must be answered. It is set once, at the first byte, and only ever shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline of a call that began at `start` and has this budget.
    #[must_use]
    pub fn new(start: Instant, budget: Duration) -> Self {
        Self(start + budget)
    }

    /// The instant itself.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left of it; zero once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The earlier of this deadline and `limit` from now.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self(self.0.min(Instant::now() + limit))
    }
}
