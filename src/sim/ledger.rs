//! What was asked: a count for each method and path, and the last requests as they were received.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::sim::exchange::Asked;

/// How many requests are kept whole.
const LAST: usize = 200;

/// The counts and the last requests, the newest at the end.
#[derive(Debug, Default, Serialize)]
pub struct Ledger {
    total: u64,
    counts: BTreeMap<String, u64>,
    last: VecDeque<Asked>,
}

impl Ledger {
    /// Notes a request.
    pub fn note(&mut self, asked: &Asked) {
        self.total += 1;
        *self.counts.entry(format!("{} {}", asked.method, asked.path)).or_default() += 1;
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(asked.clone());
    }
}
