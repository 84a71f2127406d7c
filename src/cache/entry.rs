//! One kept result of a lookup step: the record or that there is none, how long it is good for, and whom it is
//! about.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cache::ledger::{Mark, Operation};
use crate::cache::packed::{Kept, Packed};
use crate::cache::pulse::Pulse;
use crate::trace::TraceId;

/// A fingerprint that no set of fields has: that of what two records answer to.
pub(super) const NOBODYS_FIELDS: u64 = 0;

/// What a step found, as it is handed to the cache.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The record, cut to the fields that mappings read, or nothing.
    pub kept: Kept,
    /// The fingerprint of that set of fields.
    pub fields: u64,
    /// Whom it is about, as canonical texts: a `forget` of any of them drops it.
    pub identifiers: &'a [&'a str],
    /// Whom else, as keyed hashes: of what was found about a record, whom that is about.
    pub about: &'a [u128],
    /// The call that asked for it.
    pub by: TraceId,
}

/// How long results are good for. What is kept lives up to a tenth shorter or longer, so that not all end at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lives {
    /// A record, before it is asked for again.
    pub fresh: Duration,
    /// A record beyond that, for when the upstream fails or is late.
    pub stale: Duration,
    /// That there is no record.
    pub not_found: Duration,
}

/// How good an entry still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It answers.
    Fresh,
    /// It answers where the upstream does not.
    Stale,
    /// It is over.
    Over,
}

/// When an entry was made and until when it is good, in milliseconds of Unix time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) made: u64,
    pub(super) fresh_until: u64,
    pub(super) stale_until: u64,
}

/// What an entry holds, apart from its life in this process.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) kept: Packed,
    pub(super) fields: u64,
    pub(super) span: Span,
    /// Keyed hashes.
    pub(super) identifiers: Arc<[u128]>,
    /// Whether it was found under another key.
    pub(super) alias: bool,
    /// The call that asked for it, in whichever replica.
    pub(super) by: TraceId,
}

/// One kept result.
#[derive(Debug)]
pub struct Entry {
    pub(super) content: Content,
    pub(super) weight: u32,
    pub(super) pulse: Arc<Pulse>,
}

impl Content {
    /// What was found, for so long, with this much jitter.
    pub(super) fn of(
        finding: &Finding<'_>,
        lives: &Lives,
        made: u64,
        jitter: f64,
        identifiers: Arc<[u128]>,
    ) -> Self {
        let kept = Packed::of(&finding.kept);
        let span = Span::of(&kept, lives, made, jitter);
        Self { kept, fields: finding.fields, span, identifiers, alias: false, by: finding.by }
    }
}

impl Entry {
    pub(super) fn new(content: Content, operation: Arc<Operation>, since: Mark) -> Self {
        let pulse = Pulse::new(operation, Arc::clone(&content.identifiers), content.span.made, since);
        let weight = weigh(&content).saturating_add(pulse.weight());
        Self { content, weight, pulse: Arc::new(pulse) }
    }

    /// The record, or that there is none. None: it cannot be read, as what another version has written.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        self.content.kept.read()
    }

    /// Whether it is a record.
    #[must_use]
    pub fn is_record(&self) -> bool {
        self.content.kept.is_record()
    }

    /// Whether both hold the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        // The same members in another order are the same record.
        self.content.kept == other.content.kept || self.kept() == other.kept()
    }

    /// The fingerprint of the set of fields it carries. A reader of another set takes it for a miss.
    #[must_use]
    pub fn fields(&self) -> u64 {
        self.content.fields
    }

    /// Whether it stands, for now, for what two records answer to, so that only the upstream can say whose it is.
    #[must_use]
    pub fn is_contested(&self, now: SystemTime) -> bool {
        self.content.fields == NOBODYS_FIELDS && self.freshness(now) == Freshness::Fresh
    }

    /// The call that asked for it, in whichever replica.
    #[must_use]
    pub fn by(&self) -> TraceId {
        self.content.by
    }

    /// Whom it is about: keyed hashes, as [`crate::cache::Cache::identifier`] gives them.
    #[must_use]
    pub fn about(&self) -> Arc<[u128]> {
        Arc::clone(&self.content.identifiers)
    }

    /// How good it still is.
    #[must_use]
    pub fn freshness(&self, now: SystemTime) -> Freshness {
        let now = millis(now);
        match now {
            now if now < self.content.span.fresh_until => Freshness::Fresh,
            now if now < self.content.span.stale_until => Freshness::Stale,
            _ => Freshness::Over,
        }
    }

    /// How long it is since it was asked for.
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Duration {
        Duration::from_millis(millis(now).saturating_sub(self.content.span.made))
    }
}

impl Span {
    /// The span of what was asked for at `made`, with this much jitter (−1 to 1 for a tenth down or up).
    fn of(kept: &Packed, lives: &Lives, made: u64, jitter: f64) -> Self {
        let (fresh, stale) = match kept {
            Packed::Record(_) => (lives.fresh, lives.stale),
            Packed::Nothing => (lives.not_found, Duration::ZERO),
        };
        let jittered = |life: Duration| (life.as_secs_f64() * 1000.0 * (1.0 + jitter / 10.0)) as u64;
        let fresh_until = made.saturating_add(jittered(fresh));
        Self { made, fresh_until, stale_until: fresh_until.saturating_add(jittered(stale)) }
    }

    /// What is left until it is over.
    pub(super) fn left(&self, now: u64) -> Duration {
        Duration::from_millis(self.stale_until.saturating_sub(now))
    }

    /// The same span as seen by a clock that is behind the one that made it: nothing is made in the future.
    pub(super) fn not_after(self, now: u64) -> Self {
        let ahead = self.made.saturating_sub(now);
        Self {
            made: self.made - ahead,
            fresh_until: self.fresh_until.saturating_sub(ahead),
            stale_until: self.stale_until.saturating_sub(ahead),
        }
    }
}

/// Milliseconds of Unix time.
pub(super) fn millis(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// About how many bytes of memory an entry takes, with what the cache needs beside it and without its pulse.
fn weigh(content: &Content) -> u32 {
    /// Measured: the table's slot, its queues and timers, the key and the entry itself.
    const AROUND: usize = 476;
    let record = match &content.kept {
        Packed::Record(bytes) => bytes.len() + 16,
        Packed::Nothing => 0,
    };
    u32::try_from(AROUND + record).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Lives, Packed, Span};

    const LIVES: Lives = Lives {
        fresh: Duration::from_secs(300),
        stale: Duration::from_secs(3600),
        not_found: Duration::from_secs(30),
    };

    fn found() -> Packed {
        Packed::Record(Arc::default())
    }

    #[test]
    fn a_record_lives_fresh_then_stale_give_or_take_a_tenth() {
        let span = Span::of(&found(), &LIVES, 1_000, 0.0);
        assert_eq!((span.fresh_until, span.stale_until), (301_000, 3_901_000));
        let shorter = Span::of(&found(), &LIVES, 1_000, -1.0);
        assert_eq!((shorter.fresh_until, shorter.stale_until), (271_000, 3_511_000));
    }

    #[test]
    fn not_found_is_kept_shorter_and_never_stale() {
        let span = Span::of(&Packed::Nothing, &LIVES, 0, 0.0);
        assert_eq!((span.fresh_until, span.stale_until), (30_000, 30_000));
    }

    #[test]
    fn a_replica_whose_clock_is_ahead_makes_nothing_live_longer() {
        let span = Span::of(&found(), &LIVES, 10_000, 0.0).not_after(4_000);
        assert_eq!(span, Span::of(&found(), &LIVES, 4_000, 0.0));
        assert_eq!(span.not_after(5_000), span);
    }
}
