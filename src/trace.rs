//! What happened in one call, stage by stage, for the person who asks why. Stages write to it, in facts and not in
//! sentences: those are made when somebody asks. Only a call that has to be worked out is recorded; a trace that is
//! not costs nothing but its id.

pub mod id;
pub mod line;
pub mod note;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

pub use crate::trace::id::TraceId;
use crate::trace::note::{Note, Place, What};

/// The most notes of one call; later ones are counted.
const MOST: usize = 500;

/// The record of one call while it runs, and after it.
#[derive(Debug, Clone)]
pub struct Trace {
    id: TraceId,
    start: Instant,
    place: Place,
    log: Option<Arc<Mutex<Log>>>,
}

#[derive(Debug, Default)]
struct Log {
    notes: Vec<Note>,
    left_out: usize,
}

impl Trace {
    /// A trace of the call that began at `start`. It records nothing yet.
    #[must_use]
    pub fn new(start: Instant) -> Self {
        Self { id: TraceId::next(), start, place: Place::Call, log: None }
    }

    /// The same call's trace, which records from now on.
    #[must_use]
    pub fn recording(&self) -> Self {
        Self { log: Some(Arc::default()), ..self.clone() }
    }

    /// The same record, for what happens at this place of the node.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
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

    /// Whether it records, so that somebody may read it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.log.is_some()
    }

    /// Notes what happened; it is only made where it is kept.
    pub fn note(&self, what: impl FnOnce() -> What) {
        let Some(log) = &self.log else {
            return;
        };
        let note = Note { at: self.start.elapsed(), place: self.place, what: what() };
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.notes.is_empty() {
            log.notes.reserve(8);
        }
        if log.notes.len() < MOST { log.notes.push(note) } else { log.left_out += 1 }
    }

    /// Reads what was noted so far, in order, and how much more there was.
    pub fn read<T>(&self, read: impl FnOnce(&[Note], usize) -> T) -> T {
        match &self.log {
            Some(log) => {
                let log = log.lock().unwrap_or_else(PoisonError::into_inner);
                read(&log.notes, log.left_out)
            }
            None => read(&[], 0),
        }
    }

    /// All that was noted so far, in order.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        self.read(|notes, _| notes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{MOST, Trace};
    use crate::trace::note::{Place, What};

    #[test]
    fn what_is_not_recorded_is_not_even_made() {
        let trace = Trace::new(Instant::now());
        trace.note(|| panic!("nobody reads it"));
        assert!(trace.notes().is_empty());
    }

    #[test]
    fn each_place_writes_to_the_one_record_of_the_call() {
        let trace = Trace::new(Instant::now()).recording();
        trace.at(Place::Read(1)).note(|| What::NoIdentifier);
        trace.note(|| What::NoIdentifier);
        let places: Vec<Place> = trace.notes().iter().map(|note| note.place).collect();
        assert_eq!(places, [Place::Read(1), Place::Call]);
    }

    #[test]
    fn a_call_that_never_ends_has_a_record_that_does() {
        let trace = Trace::new(Instant::now()).recording();
        (0..MOST + 3).for_each(|_| trace.note(|| What::NoIdentifier));
        assert_eq!(trace.read(|notes, left_out| (notes.len(), left_out)), (MOST, 3));
    }
}
