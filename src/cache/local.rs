//! What this process itself holds, and what evictions do to it, whoever sent them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::cache::entry::{Entry, millis};
use crate::cache::forget::Forgets;
use crate::cache::ledger::{Ledger, Mark};
use crate::cache::memory::Memory;
use crate::clock::Clock;

/// This many lines in the ledger, and memory is swept to be able to leave them out.
const MOST_LINES: usize = 100_000;
/// So many that sweeping does not keep up: everything is let go.
const TOO_MANY_LINES: usize = 4 * MOST_LINES;
/// How long a line is kept against what comes late from Redis.
const LATE: Duration = Duration::from_secs(60);

/// What else is made from entries and can let go of what is no longer alive.
pub(super) trait Swept: Send + Sync {
    /// Lets go of it.
    fn sweep(&self);
}

/// This process's tier.
pub(super) struct Local {
    pub(super) clock: Clock,
    pub(super) memory: Memory,
    pub(super) ledger: Ledger,
    swept: Mutex<Vec<Weak<dyn Swept>>>,
    pub(super) forgetful: Mutex<Vec<Weak<dyn Forgets>>>,
    sweeping: AtomicBool,
}

impl Local {
    pub(super) fn new(bytes: u64, clock: Clock) -> Self {
        Self {
            clock,
            memory: Memory::new(bytes),
            ledger: Ledger::default(),
            swept: Mutex::default(),
            forgetful: Mutex::default(),
            sweeping: AtomicBool::new(false),
        }
    }

    /// Where the order of evictions stands, and the time of day.
    pub(super) fn mark(&self) -> Mark {
        self.ledger.mark(self.now())
    }

    /// Milliseconds of Unix time.
    pub(super) fn now(&self) -> u64 {
        millis(self.clock.wall())
    }

    /// The entry under this key, if it is alive.
    pub(super) fn get(&self, key: u128) -> Option<Arc<Entry>> {
        let entry = self.memory.get(key)?;
        if self.ledger.is_alive(&entry.pulse) {
            return Some(entry);
        }
        self.memory.drop_one(key);
        None
    }

    /// Keeps an entry that nothing has ended since it was asked for, instead of any before it: replies made from that
    /// end here and now, not when memory comes round to telling.
    pub(super) fn keep(&self, key: u128, entry: &Arc<Entry>) {
        if self.ledger.is_alive(&entry.pulse) {
            if let Some(before) = self.memory.get(key) {
                before.pulse.drop_it();
            }
            self.memory.keep(key, Arc::clone(entry), entry.content.span.left(self.now()));
        }
    }

    /// Ends everything.
    pub(super) fn end_all(&self) {
        self.ledger.end_all();
        self.memory.clear();
    }

    /// Ends what is about these identifiers.
    pub(super) fn end_identifiers(self: &Arc<Self>, identifiers: &[u128], at: u64) {
        let lines = self.ledger.end_identifiers(identifiers, at);
        if lines > TOO_MANY_LINES {
            self.end_all();
            self.ledger.tidy(self.mark(), self.now());
        } else if lines > MOST_LINES && !self.sweeping.swap(true, Ordering::AcqRel) {
            let local = Arc::clone(self);
            std::thread::spawn(move || {
                let (mark, late) = (local.mark(), u64::try_from(LATE.as_millis()).unwrap_or(0));
                local.sweep();
                local.ledger.tidy(mark, mark.at.saturating_sub(late));
                local.sweeping.store(false, Ordering::Release);
            });
        }
    }

    /// Lets go of every entry that has ended, and of what was made from it; says how many entries. It reads the
    /// whole memory.
    pub(super) fn sweep(&self) -> u64 {
        let gone = self.memory.retain(|entry| self.ledger.is_alive(&entry.pulse));
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        swept.retain(|other| other.upgrade().inspect(|other| other.sweep()).is_some());
        gone
    }

    /// From now on, this is swept too.
    pub(super) fn also(&self, other: Weak<dyn Swept>) {
        self.swept.lock().unwrap_or_else(PoisonError::into_inner).push(other);
    }
}
