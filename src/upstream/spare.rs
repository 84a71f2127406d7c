//! What all requests for one answer share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Deadline;

/// The one more try, and whether any of the requests was a write that failed and may have been carried out all the same.
/// Clones share both.
#[derive(Clone, Default)]
pub struct Spare {
    told: Arc<Told>,
    until: Option<Arc<dyn Fn() -> Deadline + Send + Sync>>,
}

#[derive(Debug, Default)]
struct Told {
    is_taken: AtomicBool,
    is_in_doubt: AtomicBool,
}

impl Spare {
    /// The same, for an answer that somebody waits for until then: an upstream that says to come again later than that is
    /// not asked again. Who joins may wait longer than who began, so that it is asked for when it is needed.
    #[must_use]
    pub fn waited_for(self, until: impl Fn() -> Deadline + Send + Sync + 'static) -> Self {
        Self { until: Some(Arc::new(until)), ..self }
    }

    /// Until when somebody waits, where that is known.
    pub(crate) fn until(&self) -> Option<Deadline> {
        self.until.as_ref().map(|until| until())
    }

    /// Takes the one more try; false where it is gone.
    #[must_use]
    pub fn take(&self) -> bool {
        !self.told.is_taken.swap(true, Ordering::Relaxed)
    }

    /// Whether a write that failed may have been carried out all the same.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.told.is_in_doubt.load(Ordering::Relaxed)
    }

    pub(crate) fn doubt(&self) {
        self.told.is_in_doubt.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spare").field(&self.told).finish()
    }
}
