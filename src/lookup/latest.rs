//! Until when somebody waits for an answer: who joins may wait longer than who began.

use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Deadline;

/// The latest deadline of all who wait. Clones share it.
#[derive(Clone)]
pub(super) struct Latest(Arc<Mutex<Deadline>>);

impl Latest {
    /// One waits, until then.
    pub(super) fn of(deadline: Deadline) -> Self {
        Self(Arc::new(Mutex::new(deadline)))
    }

    /// Another waits too, until then.
    pub(super) fn and(&self, deadline: Deadline) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = deadline.max(*latest);
    }

    /// It.
    pub(super) fn deadline(&self) -> Deadline {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
