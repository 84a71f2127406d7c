//! How far a call had to go, and what its further reads gave.

use std::sync::Arc;

use crate::cache::Entry;
use crate::lookup::question::Asked;
use crate::lookup::step::Found;
use crate::output::Held;
use crate::plan::Node;
use crate::record::{Record, Tier};

/// How far a call had to go, and what it was answered from.
#[derive(Default)]
pub(super) struct Way {
    pub(super) tier: Option<Tier>,
    pub(super) entries: Vec<Arc<Entry>>,
    /// Whether something was asked that is not kept, so that the reply cannot be either.
    pub(super) is_passing: bool,
}

impl Way {
    pub(super) fn add(&mut self, asked: &Asked) {
        self.tier = self.tier.max(asked.tier);
        match &asked.entry {
            Some(entry) => self.entries.push(Arc::clone(entry)),
            None => self.is_passing |= asked.tier.is_some() || matches!(asked.found, Found::Failed(_)),
        }
        self.is_passing |= asked.tier == Some(Tier::Stale);
    }
}

/// What a read gave, for the outputs.
pub(super) fn held(found: Found) -> Held {
    match found {
        Found::Record(record) => Held::Record(record),
        Found::Nothing | Found::NotAsked => Held::Nothing,
        Found::Ambiguous => Held::Ambiguous,
        Found::Failed(failure) => Held::Failed(failure),
    }
}

/// The records among what the reads gave, with their places.
pub(super) fn records(then: &[Held]) -> Vec<(usize, Record)> {
    let found = then.iter().enumerate().filter_map(|(at, held)| match held {
        Held::Record(record) => Some((at, Arc::clone(record))),
        Held::Nothing | Held::Ambiguous | Held::Failed(_) => None,
    });
    found.collect()
}

/// The reads that failed after the record was found.
pub(super) fn partial(node: &Node, then: &[Held]) -> Vec<Arc<str>> {
    node.then
        .iter()
        .zip(then)
        .filter(|(_, held)| matches!(held, Held::Ambiguous | Held::Failed(_)))
        .map(|(read, _)| Arc::clone(&read.name))
        .collect()
}
