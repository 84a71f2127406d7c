//! What happened in one call, stage by stage, for the person who asks why. Stages write to it; only the lookup
//! begins one. A trace that nobody will read costs nothing but its id.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A call's own number, as said in `X-Datadip-Trace`: 16 hexadecimal digits, different for every call of every
/// process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u64);

impl TraceId {
    /// The next one.
    #[must_use]
    pub fn next() -> Self {
        static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self(scramble(SEED.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed))))
    }
}

/// One-to-one, so that two counts never meet (the finishing step of SplitMix64).
fn scramble(count: u64) -> u64 {
    let mixed = (count ^ (count >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The stages of a call, in the order in which it falls through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the inputs.
    Input,
    /// One step of the lookup.
    Lookup,
    /// What was kept from before.
    Cache,
    /// One request to an upstream.
    Upstream,
    /// A further read about the record.
    Then,
    /// The node's write.
    Do,
    /// Making an output.
    Output,
}

impl Stage {
    /// The stage's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Lookup => "lookup",
            Self::Cache => "cache",
            Self::Upstream => "upstream",
            Self::Then => "then",
            Self::Do => "do",
            Self::Output => "output",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Since the call began.
    pub at: Duration,
    /// Where.
    pub stage: Stage,
    /// To what: an input, a step, an operation, an output.
    pub subject: String,
    /// What, as a short sentence. Secrets are hidden already; personal values are not.
    pub detail: String,
}

/// The record of one call while it runs.
#[derive(Debug)]
pub struct Trace {
    id: TraceId,
    start: Instant,
    events: Option<Mutex<Vec<Event>>>,
}

impl Trace {
    /// A trace of the call that began at `start`; it keeps events only if somebody will read them.
    #[must_use]
    pub fn new(start: Instant, keep: bool) -> Self {
        Self { id: TraceId::next(), start, events: keep.then(Mutex::default) }
    }

    /// The call's number.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// When the call began.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.start
    }

    /// Whether somebody will read it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.events.is_some()
    }

    /// Notes what happened; `detail` is only made where it is kept.
    pub fn note(&self, stage: Stage, subject: &str, detail: impl FnOnce() -> String) {
        let Some(events) = &self.events else {
            return;
        };
        let event = Event { at: self.start.elapsed(), stage, subject: subject.to_owned(), detail: detail() };
        events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// All that was noted so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let events = self.events.as_ref().map(|events| events.lock().unwrap_or_else(PoisonError::into_inner));
        events.map(|events| events.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::TraceId;

    #[test]
    fn no_two_calls_share_a_trace_id() {
        let ids: HashSet<String> = (0..10_000).map(|_| TraceId::next().to_string()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 16));
    }
}
