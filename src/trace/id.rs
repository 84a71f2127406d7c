//! A call's own number. Inside it counts calls, so that what is kept of the last ones is found without searching;
//! outside it tells nothing.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

/// Where this process begins to count.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A call's own number, as said in `X-Datadip-Trace`: 16 hexadecimal digits, different for every call of every
/// process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u64);

/// A text that is no call's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a trace has 16 hexadecimal digits, as in the answer's header X-Datadip-Trace")]
pub struct NoTrace;

impl TraceId {
    /// The next one.
    #[must_use]
    pub fn next() -> Self {
        Self(SEED.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    /// The last one that this process has given; the number before it is the one before.
    #[must_use]
    pub fn last() -> Self {
        Self(SEED.wrapping_add(COUNT.load(Ordering::Relaxed)).wrapping_sub(1))
    }

    /// The call's place in the count.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// The call at this place.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self(number)
    }
}

/// One-to-one, so that two counts never meet (the finishing step of SplitMix64).
fn scramble(count: u64) -> u64 {
    let mixed = (count ^ (count >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The way back: the same shifts undone, and the inverses of the factors.
fn unscramble(mixed: u64) -> u64 {
    let mixed = (mixed ^ (mixed >> 31) ^ (mixed >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    let mixed = (mixed ^ (mixed >> 27) ^ (mixed >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    mixed ^ (mixed >> 30) ^ (mixed >> 60)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", scramble(self.0))
    }
}

impl FromStr for TraceId {
    type Err = NoTrace;

    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let text = text.trim();
        if text.len() != 16 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoTrace);
        }
        u64::from_str_radix(text, 16).map(|mixed| Self(unscramble(mixed))).map_err(|_| NoTrace)
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

    #[test]
    fn what_a_header_says_is_read_back() {
        for id in [TraceId::next(), TraceId::of(0), TraceId::of(u64::MAX), TraceId::of(1 << 63)] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "0123456789abcde", "0123456789abcdefg", "+123456789abcdef", "91234567"] {
            assert!(text.parse::<TraceId>().is_err(), "{text}");
        }
    }
}
