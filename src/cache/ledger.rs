//! What was evicted, and in which order. An eviction is one line here, whatever it covers; an entry is held against
//! the lines that are newer than its last check, when it is next read. So an eviction costs the same for one
//! entry and for a million, and a hit costs one comparison while nothing is evicted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::cache::pulse::Pulse;

/// A point in the order of evictions, with its time of day: what was asked before an eviction is not kept after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub(super) count: u64,
    /// Milliseconds of Unix time.
    pub(super) at: u64,
}

/// One operation's line: the count at which it was purged last.
#[derive(Debug, Default)]
pub(super) struct Operation(AtomicU64);

/// All that was evicted.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    count: AtomicU64,
    all: AtomicU64,
    operations: Mutex<HashMap<Box<str>, Arc<Operation>>>,
    identifiers: RwLock<HashMap<u128, Mark>>,
    /// Held while a line is written, so that the count never runs ahead of the lines.
    writing: Mutex<()>,
}

impl Ledger {
    /// Where the order stands.
    pub(super) fn mark(&self, at: u64) -> Mark {
        Mark { count: self.count.load(Ordering::Acquire), at }
    }

    /// The line of this operation.
    pub(super) fn operation(&self, name: &str) -> Arc<Operation> {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operation) = operations.get(name) {
            return Arc::clone(operation);
        }
        let operation = Arc::<Operation>::default();
        operations.insert(name.into(), Arc::clone(&operation));
        operation
    }

    /// Ends everything that was asked for until now.
    pub(super) fn end_all(&self) {
        self.write(|count| self.all.store(count, Ordering::Release));
    }

    /// Ends what was asked of this operation until now.
    pub(super) fn end_operation(&self, name: &str) {
        let operation = self.operation(name);
        self.write(|count| operation.0.store(count, Ordering::Release));
    }

    /// Ends what is about these identifiers and was asked for until now, or elsewhere before `at`. Gives how many
    /// lines there are.
    pub(super) fn end_identifiers(&self, identifiers: &[u128], at: u64) -> usize {
        let mut lines = 0;
        self.write(|count| {
            let mut kept = self.identifiers.write().unwrap_or_else(PoisonError::into_inner);
            for identifier in identifiers {
                let line = kept.entry(*identifier).or_insert(Mark { count, at });
                *line = Mark { count, at: line.at.max(at) };
            }
            lines = kept.len();
        });
        lines
    }

    /// Leaves out the lines up to this mark that are older than `before`: every entry has been held against them.
    pub(super) fn tidy(&self, checked: Mark, before: u64) {
        let mut lines = self.identifiers.write().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| line.count > checked.count || line.at >= before);
        lines.shrink_to_fit();
    }

    fn write(&self, line: impl FnOnce(u64)) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.count.load(Ordering::Acquire) + 1;
        line(next);
        self.count.store(next, Ordering::Release);
    }

    /// Whether this is held by memory, and nothing has ended it.
    pub(super) fn is_alive(&self, pulse: &Pulse) -> bool {
        if pulse.is_dropped() {
            return false;
        }
        let count = self.count.load(Ordering::Acquire);
        pulse.checked.load(Ordering::Acquire) == count || self.check(pulse, count)
    }

    #[cold]
    fn check(&self, pulse: &Pulse, count: u64) -> bool {
        if self.has_ended(pulse) {
            pulse.drop_it();
            return false;
        }
        pulse.checked.store(count, Ordering::Release);
        true
    }

    /// Whether an eviction has ended this, whether or not memory still holds it.
    pub(super) fn has_ended(&self, pulse: &Pulse) -> bool {
        pulse.born < self.all.load(Ordering::Acquire)
            || pulse.born < pulse.operation.0.load(Ordering::Acquire)
            || self.is_about_ended(pulse)
    }

    fn is_about_ended(&self, pulse: &Pulse) -> bool {
        let lines = self.identifiers.read().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return false;
        }
        let ended_by = |line: &Mark| pulse.born < line.count || pulse.made < line.at;
        pulse.identifiers.iter().any(|identifier| lines.get(identifier).is_some_and(ended_by))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Mark};
    use crate::cache::pulse::Pulse;

    fn entry(ledger: &Ledger, operation: &str, identifiers: &[u128], since: Mark) -> Pulse {
        Pulse::new(ledger.operation(operation), identifiers.into(), since.at, since)
    }

    #[test]
    fn a_purge_of_an_operation_ends_its_entries_only() {
        let ledger = Ledger::default();
        let [first, other] = ["a.x", "a.y"].map(|name| entry(&ledger, name, &[], ledger.mark(1)));
        ledger.end_operation("a.x");
        assert!(!ledger.is_alive(&first) && ledger.is_alive(&other));
        assert!(ledger.is_alive(&entry(&ledger, "a.x", &[], ledger.mark(2))));
        ledger.end_all();
        assert!(!ledger.is_alive(&other));
    }

    #[test]
    fn what_was_asked_before_an_eviction_is_dead_when_it_comes_after_it() {
        let ledger = Ledger::default();
        let asked = ledger.mark(1);
        ledger.end_identifiers(&[7], 2);
        assert!(!ledger.is_alive(&entry(&ledger, "a.x", &[6, 7], asked)));
        assert!(ledger.is_alive(&entry(&ledger, "a.x", &[8], asked)));
        assert!(ledger.is_alive(&entry(&ledger, "a.x", &[7], ledger.mark(2))));
    }

    #[test]
    fn what_another_replica_asked_before_an_eviction_is_dead_whenever_it_is_read() {
        let ledger = Ledger::default();
        ledger.end_identifiers(&[7], 5);
        let read_now = ledger.mark(9);
        let made = |at| entry(&ledger, "a.x", &[7], Mark { at, ..read_now });
        assert!(!ledger.is_alive(&made(4)));
        assert!(ledger.is_alive(&made(5)));
    }

    #[test]
    fn lines_are_left_out_once_every_entry_was_held_against_them() {
        let ledger = Ledger::default();
        assert_eq!(ledger.end_identifiers(&[1, 2], 10), 2);
        let swept = ledger.mark(20);
        assert_eq!(ledger.end_identifiers(&[3], 20), 3);
        ledger.tidy(swept, 15);
        assert_eq!(ledger.end_identifiers(&[], 20), 1);
    }
}
