//! The catalogue in force: one pointer, loaded once by a call and kept to its end, swapped whole. Beside it stands
//! what is known of files that are not in force.

pub mod change;
pub mod reload;
mod survey;
pub mod watch;
mod watcher;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use crate::catalog::reload::Refused;
use crate::diagnostic::{Counts, Findings};
use crate::plan::Catalogue;

/// Holds the catalogue in force.
#[derive(Debug)]
pub struct Catalog {
    current: ArcSwap<Catalogue>,
    standing: ArcSwap<Standing>,
    refusals: AtomicU64,
}

/// How what is in force stands to the files.
#[derive(Debug, Clone)]
pub struct Standing {
    /// How many catalogues have been in force, this one included: 1 from the start to the first reload.
    pub revision: u64,
    /// Since when it is in force.
    pub since: SystemTime,
    /// What was found in its files.
    pub found: Counts,
    /// Why what the files hold now is not in force, or at the start not all of it.
    pub refused: Option<Arc<Refused>>,
}

impl Catalog {
    /// Puts a first catalogue in force, whatever was found in its files: there is none before it that could stay. Files
    /// with errors are known as not in force from here on, as they are after a reload.
    #[must_use]
    pub fn new(first: Catalogue, findings: Findings) -> Self {
        let (since, found) = (SystemTime::now(), findings.counts());
        let refused =
            (found.errors > 0).then(|| Arc::new(Refused::new(since, reload::why(found.errors), findings)));
        let standing = Standing { revision: 1, since, found, refused };
        Self {
            current: ArcSwap::from_pointee(first),
            standing: ArcSwap::from_pointee(standing),
            refusals: AtomicU64::new(0),
        }
    }

    /// The catalogue in force now. Who holds it is not touched by a later swap.
    #[must_use]
    pub fn current(&self) -> Arc<Catalogue> {
        self.current.load_full()
    }

    /// How it stands to the files.
    #[must_use]
    pub fn standing(&self) -> Arc<Standing> {
        self.standing.load_full()
    }

    /// How often what the files held was not put in force.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Ordering::Relaxed)
    }

    /// Puts another in force; calls in flight keep the one they have.
    fn swap(&self, next: Catalogue, found: Counts) -> u64 {
        let revision = self.standing().revision + 1;
        self.current.store(Arc::new(next));
        self.standing.store(Arc::new(Standing { revision, since: SystemTime::now(), found, refused: None }));
        revision
    }

    /// Leaves all as it is, and says why.
    fn stay(&self, refused: Arc<Refused>) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
        let standing = Standing { refused: Some(refused), ..Standing::clone(&self.standing()) };
        self.standing.store(Arc::new(standing));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Catalog;
    use crate::diagnostic::{Counts, Findings};
    use crate::plan::{Catalogue, Slot};

    #[test]
    fn a_call_in_flight_keeps_the_catalogue_it_began_with() {
        let catalog = Catalog::new(Catalogue::default(), Findings::new());
        let held = catalog.current();
        let mut next = Catalogue::default();
        next.nodes.insert(Arc::from("caller"), Slot::Broken("no file".to_owned()));
        assert_eq!(catalog.swap(next, Counts::default()), 2);
        assert!(held.nodes.is_empty());
        assert_eq!(catalog.current().nodes.len(), 1);
    }
}
