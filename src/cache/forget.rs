//! What else knows of customers, and must forget them where the cache does: here, and wherever another replica was told.

use std::sync::{Arc, PoisonError, Weak};

use crate::cache::Cache;
use crate::cache::local::Local;

/// What can forget.
pub trait Forgets: Send + Sync {
    /// Forgets the customers with these identifiers, by their keyed hashes.
    fn forget(&self, identifiers: &[u128]);

    /// Forgets everybody: somebody was to be forgotten, and it was not heard who.
    fn forget_all(&self);
}

impl Cache {
    /// From now on, this forgets with the cache.
    pub fn with_it(&self, other: Weak<dyn Forgets>) {
        self.0.local.forgetful.lock().unwrap_or_else(PoisonError::into_inner).push(other);
    }
}

impl Local {
    /// Has everybody else forget these.
    pub(super) fn forget(&self, identifiers: &[u128]) {
        self.others().iter().for_each(|other| other.forget(identifiers));
    }

    /// Has everybody else forget all.
    pub(super) fn forget_all(&self) {
        self.others().iter().for_each(|other| other.forget_all());
    }

    fn others(&self) -> Vec<Arc<dyn Forgets>> {
        let mut others = self.forgetful.lock().unwrap_or_else(PoisonError::into_inner);
        others.retain(|other| other.strong_count() > 0);
        others.iter().filter_map(Weak::upgrade).collect()
    }
}
