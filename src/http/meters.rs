//! What the door counts: calls by node, outcome and tier, with the time they took; events by hook; who was turned
//! away. Names are those of the catalogue, so that a caller cannot make up new ones.

use std::time::Duration;

use crate::meter::{Counter, Family, Histogram};
use crate::node::reply::Answer;
use crate::record::{Outcome, Tier};

/// All that the door counts.
#[derive(Debug, Default)]
pub struct Meters {
    /// Calls, by node.
    pub nodes: Family<Calls>,
    /// Calls that no node answered, by the reason's code.
    pub turned_away: Family<Counter>,
    /// Events that were taken, by hook.
    pub events: Family<Counter>,
    /// Events that were not, by the reason's code.
    pub events_turned_away: Family<Counter>,
}

/// The calls of one node.
#[derive(Debug, Default)]
pub struct Calls {
    outcomes: [Counter; Outcome::ALL.len()],
    tiers: [Counter; Tier::ALL.len()],
    /// How long they took.
    pub took: Histogram,
}

impl Meters {
    /// Counts an answered call.
    pub(super) fn answered(&self, node: &str, answer: &Answer, took: Duration) {
        self.nodes.with(node, |calls| {
            let outcome = Outcome::ALL.iter().position(|outcome| *outcome == answer.reply.outcome);
            let tier = Tier::ALL.iter().position(|tier| *tier == answer.tier);
            outcome.and_then(|at| calls.outcomes.get(at)).into_iter().for_each(Counter::add);
            tier.and_then(|at| calls.tiers.get(at)).into_iter().for_each(Counter::add);
            calls.took.add(took);
        });
    }
}

impl Calls {
    /// How many ended with each outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().zip(self.outcomes.iter().map(Counter::count))
    }

    /// How many had to go how far.
    pub fn tiers(&self) -> impl Iterator<Item = (Tier, u64)> {
        Tier::ALL.into_iter().zip(self.tiers.iter().map(Counter::count))
    }
}
