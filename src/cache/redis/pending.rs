//! Evictions that Redis was not told yet. However many there are, who is to be forgotten is not lost among them: whoever
//! asked for it was promised that it will be told.

use std::collections::VecDeque;

use crate::cache::redis::eviction::Eviction;

/// So many changes wait; more are told as one of everything.
const MOST_CHANGES: usize = 1024;

/// What waits, who is to be forgotten first.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// As many as people asked for: no event from outside adds one.
    forgets: VecDeque<Eviction>,
    changes: VecDeque<Eviction>,
}

impl Pending {
    /// One more waits.
    pub(super) fn add(&mut self, eviction: Eviction) {
        if matches!(eviction, Eviction::Identifiers { forget: true, .. }) {
            self.forgets.push_back(eviction);
            return;
        }
        if self.changes.len() >= MOST_CHANGES {
            self.changes.clear();
            self.changes.push_back(Eviction::All);
        }
        self.changes.push_back(eviction);
    }

    /// What is to be told next.
    pub(super) fn first(&self) -> Option<&Eviction> {
        self.forgets.front().or(self.changes.front())
    }

    /// This was told.
    pub(super) fn told(&mut self, eviction: &Eviction) {
        for waiting in [&mut self.forgets, &mut self.changes] {
            if waiting.front() == Some(eviction) {
                waiting.pop_front();
                return;
            }
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.forgets.len() + self.changes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_CHANGES, Pending};
    use crate::cache::redis::eviction::Eviction;

    fn about(who: u128, forget: bool) -> Eviction {
        Eviction::Identifiers { at: 1, hashes: vec![who], forget }
    }

    #[test]
    fn who_is_to_be_forgotten_waits_through_any_number_of_changes_and_is_told_first() {
        let mut pending = Pending::default();
        pending.add(about(1, false));
        pending.add(about(7, true));
        (0..MOST_CHANGES as u128).for_each(|who| pending.add(about(who, false)));
        assert_eq!(pending.len(), 3);
        let mut told = Vec::new();
        while let Some(first) = pending.first().cloned() {
            pending.told(&first);
            told.push(first);
        }
        assert_eq!(told, [about(7, true), Eviction::All, about(MOST_CHANGES as u128 - 1, false)]);
    }

    #[test]
    fn what_was_told_and_has_gone_meanwhile_takes_nothing_else_along() {
        let mut pending = Pending::default();
        pending.add(about(1, false));
        pending.told(&about(2, false));
        assert_eq!(pending.len(), 1);
    }
}
