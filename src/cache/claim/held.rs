//! The claims that this process knows of: as many marks as there is room for, and of what was given as many bytes. What
//! was given may go, a mark stays: what was done is not done again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;

/// The most claims. Of more, those go that end first.
pub(super) const MOST: usize = 100_000;
/// The most bytes of what was given.
const MOST_BYTES: usize = 16 << 20;

/// The claims.
#[derive(Default)]
pub(super) struct Held {
    claims: HashMap<u128, One>,
    /// All of them, and those that hold what was given: what ends first stands first.
    ends: BTreeSet<(Instant, u128)>,
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

/// What is to be told of something that was done.
pub(super) struct Done {
    pub(super) end: Instant,
    pub(super) about: Arc<[u128]>,
    /// None: it is not to be kept.
    pub(super) gave: Option<Arc<[u8]>>,
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

    /// It was done, and gave this. None: its time is over.
    pub(super) fn done(&mut self, key: u128, gave: &[u8], now: Instant) -> Option<Done> {
        self.let_go_until(now);
        let one = self.take(key)?;
        let is_kept = matches!(one.state, State::Begun { forgotten: false });
        let gave: Option<Arc<[u8]>> = is_kept.then(|| gave.into());
        let (end, about) = (one.end, one.about);
        self.put(key, One { end, about: Arc::clone(&about), state: State::Done(gave.clone()) });
        Some(Done { end, about, gave })
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
        let is_kept = !matches!(one, Some(One { state: State::Begun { forgotten: true }, .. }));
        let gave = gave.filter(|_| is_kept);
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

    /// It is nobody's.
    pub(super) fn give_back(&mut self, key: u128) {
        self.take(key);
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
            && let Some((_, first)) = self.ends.first().copied()
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
        if let State::Done(Some(gave)) = &one.state {
            self.bytes += gave.len();
            self.giving.insert((one.end, key));
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
        if let State::Done(Some(gave)) = &one.state {
            self.bytes -= gave.len();
            self.giving.remove(&(one.end, key));
        }
        Some(one)
    }

    fn let_go_until(&mut self, now: Instant) {
        while let Some((_, first)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.take(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Held, MOST, MOST_BYTES, Seen};

    const HOUR: Duration = Duration::from_secs(3600);

    fn begin(held: &mut Held, key: u128, about: &[u128], now: Instant) -> Option<Seen> {
        held.begin(key, about.into(), now, now + HOUR)
    }

    fn given(held: &mut Held, key: u128, now: Instant) -> Option<Arc<[u8]>> {
        match begin(held, key, &[], now) {
            Some(Seen::Done(gave)) => gave,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_whom_is_forgotten_the_mark_stays_and_what_was_given_goes() {
        let (mut held, now) = (Held::default(), Instant::now());
        for key in 1..=3 {
            assert_eq!(begin(&mut held, key, &[10 * key, 11 * key], now), None);
        }
        held.done(1, b"7", now);
        held.done(2, b"8", now);
        held.forget(&[11, 33]);
        assert_eq!(held.done(3, b"9", now).unwrap().gave, None, "it was under way");
        assert_eq!((given(&mut held, 1, now), given(&mut held, 3, now)), (None, None));
        assert_eq!(given(&mut held, 2, now).as_deref(), Some(&b"8"[..]));
        held.forget_all();
        assert_eq!((given(&mut held, 2, now), held.bytes), (None, 0));
    }

    #[test]
    fn what_another_replica_gave_is_not_kept_of_whom_was_forgotten_while_it_was_asked_for() {
        let (mut held, now) = (Held::default(), Instant::now());
        let gave = || Some(Arc::from(&b"7"[..]));
        for key in [1, 2] {
            begin(&mut held, key, &[10 * key], now);
        }
        held.forget(&[10]);
        assert_eq!(held.learn(1, &[], gave(), Some(now + HOUR)), None);
        assert_eq!(held.learn(2, &[21], gave(), Some(now + HOUR)), gave());
        held.forget(&[21]);
        assert_eq!((given(&mut held, 1, now), given(&mut held, 2, now)), (None, None));
    }

    #[test]
    fn what_has_ended_takes_no_memory_and_what_is_done_ends_when_it_was_to() {
        let (mut held, now) = (Held::default(), Instant::now());
        begin(&mut held, 1, &[], now);
        let late = now + HOUR / 2;
        assert_eq!(held.done(1, b"7", late).unwrap().end, now + HOUR);
        begin(&mut held, 2, &[], late);
        assert_eq!(begin(&mut held, 1, &[], now + HOUR), None);
        assert!(held.done(2, b"7", late + HOUR).is_none());
        assert_eq!((held.claims.len(), held.ends.len(), held.giving.len(), held.bytes), (1, 1, 0, 0));
    }

    #[test]
    fn of_too_many_those_go_that_end_first_and_of_too_much_what_was_given() {
        let (mut held, now) = (Held::default(), Instant::now());
        begin(&mut held, 0, &[], now);
        let longer = |at: usize| now + HOUR + Duration::from_millis(at as u64);
        for at in 1..=MOST {
            held.begin(at as u128, Arc::default(), now, longer(at));
        }
        assert_eq!((held.claims.len(), held.ends.len()), (MOST, MOST));
        assert_eq!(begin(&mut held, 1, &[], now), Some(Seen::Begun));
        assert_eq!(begin(&mut held, 0, &[], now), None, "the first to end was let go of");

        let much = vec![b'7'; MOST_BYTES / 2];
        for key in [2, 3, 4] {
            held.done(key, &much, now);
        }
        assert_eq!((held.bytes, held.giving.len()), (MOST_BYTES, 2));
        assert_eq!(given(&mut held, 2, now), None);
        assert!(given(&mut held, 3, now).is_some() && given(&mut held, 4, now).is_some());
    }
}
