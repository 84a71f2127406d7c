//! Looks for what is kept of a question, and judges how good it still is.

use std::sync::Arc;

use crate::cache::{Entry, Freshness, Mark};
use crate::clock::Deadline;
use crate::lookup::Shared;
use crate::lookup::question::{Asked, Question};
use crate::plan::Lives;
use crate::record::Tier;

/// What the cache has.
pub(super) enum Looked {
    /// It answers.
    Fresh(Asked),
    /// It answers where the upstream does not.
    Stale(Asked),
    /// It has nothing.
    Absent,
}

impl Shared {
    /// Looks in memory, then in Redis.
    pub(super) async fn look(&self, question: &Question, lives: Lives, deadline: Deadline) -> Looked {
        let held = self.cache.held(&question.key());
        // Redis may not have heard yet that the record it holds is not one customer's alone.
        if held.as_ref().is_some_and(|entry| entry.is_contested(self.clock.wall())) {
            return Looked::Absent;
        }
        let held = held.map_or(Looked::Absent, |entry| self.judge(entry, Tier::Memory, question, lives));
        if let Looked::Fresh(..) = held {
            return held;
        }
        match (self.look_in_redis(question, lives, deadline).await, held) {
            (Looked::Absent, held) => held,
            (found, _) => found,
        }
    }

    pub(super) async fn look_in_redis(
        &self,
        question: &Question,
        lives: Lives,
        deadline: Deadline,
    ) -> Looked {
        match self.cache.shared(&question.key(), deadline).await {
            Some(entry) => self.judge(entry, Tier::Redis, question, lives),
            None => Looked::Absent,
        }
    }

    /// Whether this was asked for before an eviction that has ended it, and that came before this mark.
    pub(super) fn is_outdated(&self, asked: &Asked, mark: Mark) -> bool {
        asked.entry.as_ref().is_some_and(|entry| self.cache.has_ended(entry, mark))
    }

    /// An entry that lacks a field which is read is as good as none. One that another node keeps for longer than
    /// this node wants is stale.
    fn judge(&self, entry: Arc<Entry>, tier: Tier, question: &Question, lives: Lives) -> Looked {
        if entry.fields() != question.keep.fingerprint {
            return Looked::Absent;
        }
        let now = self.clock.wall();
        let life = if entry.is_record() { lives.fresh } else { lives.not_found };
        let looked = match entry.freshness(now) {
            Freshness::Fresh if entry.age(now) <= life.mul_f64(1.1) => {
                Asked::of(entry, tier).map(Looked::Fresh)
            }
            Freshness::Fresh | Freshness::Stale if entry.is_record() => {
                Asked::of(entry, Tier::Stale).map(Looked::Stale)
            }
            _ => None,
        };
        looked.unwrap_or(Looked::Absent)
    }
}
