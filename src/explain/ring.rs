//! The records of fixed size, of the last so many calls. Each call has its own place, which follows from its number:
//! writing waits for nobody, and finding searches nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::Duration;

use tokio::time::Instant;

use crate::explain::Hit;
use crate::record::{Outcome, Tier};
use crate::trace::TraceId;

/// So many places are made at once, when the first of them is needed.
const TOGETHER: usize = 1024;

/// The records.
pub(super) struct Ring {
    chunks: Box<[OnceLock<Box<[Slot]>>]>,
    began: Instant,
}

/// One record. It is whole where `mark` is the call's number, one added, before and after it was read.
#[derive(Default)]
#[repr(align(64))]
struct Slot {
    mark: AtomicU64,
    /// Since the ring began, in microseconds.
    begun: AtomicU64,
    /// Microseconds in the upper half, outcome and tier in the lower.
    ended: AtomicU64,
    revision: AtomicU64,
    from: AtomicU64,
    call: AtomicU64,
}

impl Ring {
    /// Room for about this many bytes of records.
    pub(super) fn new(bytes: usize) -> Self {
        let chunks = (bytes / size_of::<Slot>() / TOGETHER).max(1);
        Self { chunks: (0..chunks).map(|_| OnceLock::new()).collect(), began: Instant::now() }
    }

    /// How many calls have a place.
    pub(super) fn room(&self) -> usize {
        self.chunks.len() * TOGETHER
    }

    fn slot(&self, id: TraceId) -> Option<(&OnceLock<Box<[Slot]>>, usize)> {
        let place = usize::try_from(id.number() % self.room() as u64).ok()?;
        Some((self.chunks.get(place / TOGETHER)?, place % TOGETHER))
    }

    /// Puts a record in its place.
    pub(super) fn put(&self, hit: &Hit) {
        let Some((chunk, at)) = self.slot(hit.trace) else {
            return;
        };
        let chunk = chunk.get_or_init(|| (0..TOGETHER).map(|_| Slot::default()).collect());
        let Some(slot) = chunk.get(at) else {
            return;
        };
        slot.mark.store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        let begun = hit.begun.saturating_duration_since(self.began).as_micros() as u64;
        let took = (hit.took.as_micros() as u64).min(u64::from(u32::MAX));
        let tier = Tier::ALL.iter().position(|tier| *tier == hit.tier).unwrap_or(0) as u64;
        let outcome = Outcome::ALL.iter().position(|outcome| *outcome == hit.outcome).unwrap_or(0) as u64;
        slot.begun.store(begun, Ordering::Relaxed);
        slot.ended.store(took << 32 | outcome << 8 | tier, Ordering::Relaxed);
        slot.revision.store(hit.revision, Ordering::Relaxed);
        slot.from.store(hit.from.number(), Ordering::Relaxed);
        slot.call.store(hit.call, Ordering::Relaxed);
        slot.mark.store(hit.trace.number().wrapping_add(1), Ordering::Release);
    }

    /// All records, newest first.
    pub(super) fn latest(&self) -> impl Iterator<Item = Hit> {
        let last = TraceId::last().number();
        (0..self.room() as u64).filter_map(move |back| self.get(TraceId::of(last.wrapping_sub(back))))
    }

    /// The record of this call, if its place has not been needed for another since.
    pub(super) fn get(&self, id: TraceId) -> Option<Hit> {
        let (chunk, at) = self.slot(id)?;
        let slot = chunk.get()?.get(at)?;
        let is_its = |order| slot.mark.load(order) == id.number().wrapping_add(1);
        if !is_its(Ordering::Acquire) {
            return None;
        }
        let ended = slot.ended.load(Ordering::Relaxed);
        let hit = Hit {
            trace: id,
            begun: self.began + Duration::from_micros(slot.begun.load(Ordering::Relaxed)),
            took: Duration::from_micros(ended >> 32),
            revision: slot.revision.load(Ordering::Relaxed),
            outcome: *Outcome::ALL.get(usize::from((ended >> 8) as u8))?,
            tier: *Tier::ALL.get(usize::from(ended as u8))?,
            from: TraceId::of(slot.from.load(Ordering::Relaxed)),
            call: slot.call.load(Ordering::Relaxed),
        };
        fence(Ordering::Acquire);
        is_its(Ordering::Relaxed).then_some(hit)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Ring, TOGETHER};
    use crate::explain::Hit;
    use crate::record::{Outcome, Tier};
    use crate::trace::TraceId;

    fn hit(number: u64, begun: Instant) -> Hit {
        Hit {
            trace: TraceId::of(number),
            begun,
            took: Duration::from_micros(17),
            revision: 9,
            outcome: Outcome::NotFound,
            tier: Tier::Memory,
            from: TraceId::of(3),
            call: 4,
        }
    }

    #[test]
    fn a_record_is_read_back_until_its_place_is_needed() {
        let ring = Ring::new(0);
        let begun = ring.began + Duration::from_micros(5);
        let (first, later) = (hit(u64::MAX, begun), hit(u64::MAX.wrapping_add(TOGETHER as u64), begun));
        ring.put(&first);
        assert_eq!(ring.get(first.trace), Some(first));
        assert_eq!(ring.get(later.trace), None);
        ring.put(&later);
        assert_eq!((ring.get(first.trace), ring.get(later.trace)), (None, Some(later)));
    }

    #[test]
    fn a_call_that_never_was_is_not_there() {
        assert_eq!(Ring::new(1 << 20).get(TraceId::of(0)), None);
    }
}
