//! Whether something that was asked for is still alive: what an eviction is held against, apart from what was found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::cache::ledger::{Mark, Operation};

/// The life of one entry, as small as it can be: who was made from the entry holds this, and not the entry.
#[derive(Debug)]
pub(super) struct Pulse {
    pub(super) operation: Arc<Operation>,
    /// The ledger's count when the question was asked.
    pub(super) born: u64,
    /// When it was asked, here or elsewhere, in milliseconds of Unix time.
    pub(super) made: u64,
    /// Whom it is about: keyed hashes.
    pub(super) identifiers: Arc<[u128]>,
    /// The ledger's count up to which it is known to be alive; at first none.
    pub(super) checked: AtomicU64,
    dropped: AtomicBool,
}

impl Pulse {
    /// That of what was asked of this operation at this mark.
    pub(super) fn new(operation: Arc<Operation>, identifiers: Arc<[u128]>, made: u64, since: Mark) -> Self {
        Self {
            operation,
            born: since.count,
            made,
            identifiers,
            checked: AtomicU64::new(u64::MAX),
            dropped: AtomicBool::new(false),
        }
    }

    /// Notes that memory no longer holds it.
    pub(super) fn drop_it(&self) {
        self.dropped.store(true, Ordering::Release);
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Acquire)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> u32 {
        /// Itself, what counts its holders, and what the allocator needs beside it.
        const OWN: usize = 80;
        u32::try_from(OWN + self.identifiers.len() * 16).unwrap_or(u32::MAX)
    }
}
