//! What is counted of upstreams: requests by operation and how they ended, how long they took, and those that were not
//! sent because the upstream rests or a limit is reached.

use std::sync::Arc;
use std::time::Duration;

use crate::meter::{Counter, Family, Histogram};
use crate::record::Failure;

/// All that is counted of one upstream.
#[derive(Debug, Default)]
pub struct Meters {
    /// Requests that were sent, by operation.
    pub operations: Family<Requests>,
    /// Requests that were not, because the upstream failed too often.
    pub resting: Counter,
    /// Requests that were not, because a limit was reached.
    pub limited: Counter,
}

/// The requests of one operation.
#[derive(Debug, Default)]
pub struct Requests {
    /// How many ended how: `ok`, or the code of a failure.
    pub results: Family<Counter>,
    /// How long they took.
    pub took: Histogram,
}

/// How one upstream does.
#[derive(Debug)]
pub struct Status {
    /// Its name.
    pub name: Arc<str>,
    /// `closed`, `open` or `half_open`: whether it is asked.
    pub breaker: &'static str,
    /// What was counted.
    pub meters: Arc<Meters>,
}

impl Meters {
    /// Counts a request that was sent.
    pub(super) fn sent<T>(&self, operation: &str, found: &Result<T, Failure>, took: Duration) {
        let result = found.as_ref().map_or_else(Failure::code, |_| "ok");
        self.operations.with(operation, |requests| {
            requests.results.with(result, Counter::add);
            requests.took.add(took);
        });
    }
}
