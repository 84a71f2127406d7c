//! How many calls a second are kept with all that they were. A burst would push the rest out of memory, and keeping a
//! call costs more than answering it again: of more calls than this, those that went well leave the record of fixed
//! size alone.

use std::sync::atomic::{AtomicU64, Ordering};

/// The most calls that went well and are kept in one second.
const MOST: u64 = 250;
/// The bits that count; the second stands above them.
const COUNT: u32 = 24;

/// Counts the calls of the second that is running.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    /// Whether one more is kept in this second, which is any number that grows.
    pub(super) fn admits(&self, second: u64) -> bool {
        let now = second << COUNT;
        let counted = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| {
            let count = if before >> COUNT == now >> COUNT { before - now } else { 0 };
            (count < MOST).then_some(now + count + 1)
        });
        counted.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Pace};

    #[test]
    fn so_many_are_kept_in_each_second_and_no_more() {
        let pace = Pace::default();
        for second in [0, 1, 2, 1_795_392_000] {
            let kept = (0..1000).filter(|_| pace.admits(second)).count();
            assert_eq!(kept as u64, MOST, "second {second}");
        }
    }
}
