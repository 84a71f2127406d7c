//! Watches whether an eviction ends what is still being asked for.

use std::fmt;
use std::sync::Arc;

use crate::cache::ledger::Mark;
use crate::cache::local::Local;
use crate::cache::pulse::Pulse;
use crate::cache::{Cache, Entry, StepKey};

/// A question under way. What it will find is about those whom it asks about, at least.
pub struct Watch {
    local: Arc<Local>,
    pulse: Pulse,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Watch {
    /// Whether an eviction has ended it since it was asked: who comes now must not be told what it finds.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.local.ledger.has_ended(&self.pulse)
    }
}

impl Cache {
    /// Watches what is asked about these identifiers from now on, and about those of which there are keyed hashes.
    #[must_use]
    pub fn watch<'a>(
        &self,
        key: &StepKey<'_>,
        identifiers: impl Iterator<Item = &'a str>,
        about: &[u128],
    ) -> Watch {
        let since = self.mark();
        let identifiers =
            identifiers.map(|text| self.identifier(text)).chain(about.iter().copied()).collect();
        let operation = self.0.local.ledger.operation(key.operation);
        // It is asked here: the order of evictions tells, and no replica's time of day.
        let pulse = Pulse::new(operation, identifiers, u64::MAX, since);
        Watch { local: Arc::clone(&self.0.local), pulse }
    }

    /// Whether an eviction that came before this mark has ended an entry which was asked for before that.
    #[must_use]
    pub fn has_ended(&self, entry: &Entry, before: Mark) -> bool {
        entry.pulse.born < before.count && self.0.local.ledger.has_ended(&entry.pulse)
    }
}
