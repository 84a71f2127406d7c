//! The catalogue in force: one pointer, loaded once by a call and kept to its end, swapped whole.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::plan::Catalogue;

/// Holds the catalogue in force.
#[derive(Debug)]
pub struct Catalog {
    current: ArcSwap<Catalogue>,
}

impl Catalog {
    /// Puts a first catalogue in force.
    #[must_use]
    pub fn new(first: Catalogue) -> Self {
        Self { current: ArcSwap::from_pointee(first) }
    }

    /// The catalogue in force now. Who holds it is not touched by a later swap.
    #[must_use]
    pub fn current(&self) -> Arc<Catalogue> {
        self.current.load_full()
    }

    /// Puts another in force; calls in flight keep the one they have.
    pub fn swap(&self, next: Catalogue) {
        self.current.store(Arc::new(next));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Catalog;
    use crate::plan::{Catalogue, Slot};

    #[test]
    fn a_call_in_flight_keeps_the_catalogue_it_began_with() {
        let catalog = Catalog::new(Catalogue::default());
        let held = catalog.current();
        let mut next = Catalogue::default();
        next.nodes.insert(Arc::from("caller"), Slot::Broken("no file".to_owned()));
        catalog.swap(next);
        assert!(held.nodes.is_empty());
        assert_eq!(catalog.current().nodes.len(), 1);
    }
}
