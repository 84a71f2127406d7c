//! How many calls a second are kept with all that they were. A burst of one kind would push the rest out of memory, and
//! keeping a call costs more than answering it again: of more calls than this, the others leave the record of fixed
//! size alone.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::explain::Past;
use crate::record::Outcome;

/// The most calls of a kind that are kept in one second.
const MOST: u64 = 250;
/// The bits that count; the second stands above them.
const COUNT: u32 = 24;

/// Counts the calls of the second that is running: those that went well, and the others by their outcome.
#[derive(Debug, Default)]
pub(super) struct Pace {
    well: Beat,
    others: [Beat; Outcome::ALL.len()],
}

#[derive(Debug, Default)]
struct Beat(AtomicU64);

impl Pace {
    /// Whether one more of its kind is kept, in this second after the start. One that wrote is kept always.
    pub(super) fn admits(&self, past: &Past, second: u64) -> bool {
        if past.went_well() {
            return self.well.admits(second);
        }
        let at = Outcome::ALL.iter().position(|outcome| *outcome == past.outcome);
        past.has_written() || at.and_then(|at| self.others.get(at)).is_none_or(|beat| beat.admits(second))
    }
}

impl Beat {
    /// A second that is over counts as the one that is running: calls come here side by side.
    fn admits(&self, second: u64) -> bool {
        let counted = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| {
            let now = (before >> COUNT).max(second) << COUNT;
            let count = before.saturating_sub(now);
            (count < MOST).then_some(now + count + 1)
        });
        counted.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, MOST};

    #[test]
    fn so_many_are_kept_in_each_second_and_no_more() {
        let beat = Beat::default();
        for second in [0, 1, 2, 1_795_392_000] {
            let kept = (0..1000).filter(|_| beat.admits(second)).count();
            assert_eq!(kept as u64, MOST, "second {second}");
        }
    }

    #[test]
    fn where_two_seconds_meet_no_more_are_kept() {
        let beat = Beat::default();
        let kept = (0..10_000).filter(|at| beat.admits(7 - at % 2)).count();
        assert!(kept as u64 <= 2 * MOST, "{kept}");
    }
}
