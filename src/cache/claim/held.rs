//! The claims that this process knows of: as many marks as there is room for, and of what was given as many bytes. What
//! was given may go, a mark stays: what was done is not done again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;

/// The most claims. Of more, those go that end first, what is done before what is begun.
const MOST: usize = 100_000;
/// The most bytes of what was given.
const MOST_BYTES: usize = 16 << 20;

/// The claims.
#[derive(Default)]
pub(super) struct Held {
    claims: HashMap<u128, One>,
    /// All of them, those that are done, and those that hold what was given: what ends first stands first.
    ends: BTreeSet<(Instant, u128)>,
    done: BTreeSet<(Instant, u128)>,
    giving: BTreeSet<(Instant, u128)>,
    /// How many bytes were given.
    bytes: usize,
    /// Whether it was said that there is no room.
    was_full: bool,
}

struct One {
    end: Instant,
    /// Whom it is about: keyed hashes.
    about: Arc<[u128]>,
    state: State,
}

enum State {
    /// Whoever it is about may have been forgotten since.
    Begun { forgotten: bool },
    /// None: what it gave is not here.
    Done(Option<Arc<[u8]>>),
}

/// A claim that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Begun,
    /// None: what it gave is not here.
    Done(Option<Arc<[u8]>>),
}

impl One {
    /// Whether somebody whom it is about was forgotten since it was begun.
    fn is_forgotten(&self) -> bool {
        matches!(self.state, State::Begun { forgotten: true })
    }
}

impl Held {
    /// Begins what nobody has; what somebody has is told.
    pub(super) fn begin(
        &mut self,
        key: u128,
        about: Arc<[u128]>,
        now: Instant,
        end: Instant,
    ) -> Option<Seen> {
        self.let_go_until(now);
        match self.claims.get(&key).map(|one| &one.state) {
            Some(State::Begun { .. }) => return Some(Seen::Begun),
            Some(State::Done(gave)) => return Some(Seen::Done(gave.clone())),
            None => {}
        }
        self.put(key, One { end, about, state: State::Begun { forgotten: false } });
        None
    }

    /// What was begun until then, about these, was done, and gave this. Gives what of that is to be kept: nothing where
    /// somebody whom it is about was forgotten, or may have been while there was no room for it.
    pub(super) fn done(
        &mut self,
        key: u128,
        about: &Arc<[u128]>,
        end: Instant,
        gave: &[u8],
    ) -> Option<Arc<[u8]>> {
        let begun = self.take_begun(key, end);
        if begun.is_none() && self.claims.contains_key(&key) {
            // Somebody else began it where there was no room to know of this one.
            return None;
        }
        let is_kept = begun.is_some_and(|one| !one.is_forgotten());
        let gave: Option<Arc<[u8]>> = is_kept.then(|| gave.into());
        self.put(key, One { end, about: Arc::clone(about), state: State::Done(gave.clone()) });
        gave
    }

    /// Another replica has done it, about these, until then. Gives what it gave, unless somebody was forgotten since it
    /// was asked for.
    pub(super) fn learn(
        &mut self,
        key: u128,
        others: &[u128],
        gave: Option<Arc<[u8]>>,
        end: Option<Instant>,
    ) -> Option<Arc<[u8]>> {
        let one = self.take(key);
        let gave = gave.filter(|_| one.as_ref().is_some_and(|one| !one.is_forgotten()));
        if let (Some(one), Some(end)) = (one, end) {
            let about = one.about.iter().chain(others).copied().collect();
            self.put(key, One { end, about, state: State::Done(gave.clone()) });
        }
        gave
    }

    /// What was done gave this, as another replica knows, about these too. None: it is not to be kept.
    pub(super) fn learn_given(&mut self, key: u128, others: &[u128], gave: Arc<[u8]>) -> Option<Arc<[u8]>> {
        let end = self.claims.get(&key)?.end;
        self.learn(key, others, Some(gave), Some(end))
    }

    /// What was begun until then is nobody's.
    pub(super) fn give_back(&mut self, key: u128, end: Instant) {
        self.take_begun(key, end);
    }

    /// Lets go of what was given about these.
    pub(super) fn forget(&mut self, identifiers: &[u128]) {
        self.let_go_of_given(|one| one.about.iter().any(|who| identifiers.contains(who)));
    }

    /// Lets go of all that was given.
    pub(super) fn forget_all(&mut self) {
        self.let_go_of_given(|_| true);
    }

    fn let_go_of_given(&mut self, is_meant: impl Fn(&One) -> bool) {
        for (key, one) in self.claims.iter_mut().filter(|(_, one)| is_meant(one)) {
            match &mut one.state {
                State::Begun { forgotten } => *forgotten = true,
                State::Done(gave) => {
                    self.bytes -= gave.take().map_or(0, |gave| gave.len());
                    self.giving.remove(&(one.end, *key));
                }
            }
        }
    }

    fn put(&mut self, key: u128, one: One) {
        while self.claims.len() >= MOST
            && let Some((_, first)) = self.done.first().or(self.ends.first()).copied()
        {
            self.take(first);
            if !std::mem::replace(&mut self.was_full, true) {
                tracing::warn!(
                    event = "once.full",
                    most = MOST,
                    "there is no room for more writes that are done once"
                );
            }
        }
        self.ends.insert((one.end, key));
        if let State::Done(gave) = &one.state {
            self.done.insert((one.end, key));
            if let Some(gave) = gave {
                self.bytes += gave.len();
                self.giving.insert((one.end, key));
            }
        }
        self.claims.insert(key, one);
        while self.bytes > MOST_BYTES
            && let Some((_, first)) = self.giving.pop_first()
            && let Some(One { state: State::Done(gave), .. }) = self.claims.get_mut(&first)
        {
            self.bytes -= gave.take().map_or(0, |gave| gave.len());
        }
    }

    fn take(&mut self, key: u128) -> Option<One> {
        let one = self.claims.remove(&key)?;
        self.ends.remove(&(one.end, key));
        self.done.remove(&(one.end, key));
        if let State::Done(Some(gave)) = &one.state {
            self.bytes -= gave.len();
            self.giving.remove(&(one.end, key));
        }
        Some(one)
    }

    /// What was begun until then, if it is still held: another may have begun the same since.
    fn take_begun(&mut self, key: u128, end: Instant) -> Option<One> {
        let one = self.claims.get(&key)?;
        let is_it = one.end == end && matches!(one.state, State::Begun { .. });
        if is_it { self.take(key) } else { None }
    }

    fn let_go_until(&mut self, now: Instant) {
        while let Some((_, first)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.take(first);
        }
    }
}

#[cfg(test)]
mod tests;
