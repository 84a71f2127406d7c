//! What is held, and what goes when there is no more room.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Held, MOST, MOST_BYTES, Seen};

const HOUR: Duration = Duration::from_secs(3600);

fn begin(held: &mut Held, key: u128, about: &[u128], now: Instant) -> Option<Seen> {
    held.begin(key, about.into(), now, now + HOUR)
}

fn done(held: &mut Held, key: u128, gave: &[u8], now: Instant) -> Option<Arc<[u8]>> {
    let about = Arc::clone(&held.claims.get(&key).unwrap().about);
    held.done(key, &about, now + HOUR, gave)
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
    done(&mut held, 1, b"7", now);
    done(&mut held, 2, b"8", now);
    held.forget(&[11, 33]);
    assert_eq!(done(&mut held, 3, b"9", now), None, "it was under way");
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
    done(&mut held, 1, b"7", now);
    assert!(matches!(begin(&mut held, 1, &[], now + HOUR / 2), Some(Seen::Done(_))));
    assert_eq!(begin(&mut held, 1, &[], now + HOUR), None);
    let sizes = [&held.ends, &held.done, &held.giving].map(BTreeSet::len);
    assert_eq!((held.claims.len(), sizes, held.bytes), (1, [1, 0, 0], 0));
}

#[test]
fn what_was_begun_again_after_its_time_is_neither_done_nor_given_back_by_who_began_it_before() {
    let (mut held, now) = (Held::default(), Instant::now());
    begin(&mut held, 1, &[], now);
    let later = now + HOUR;
    assert_eq!(begin(&mut held, 1, &[], later), None);
    held.give_back(1, later);
    assert_eq!(held.done(1, &Arc::default(), later, b"7"), None);
    assert_eq!(begin(&mut held, 1, &[], later), Some(Seen::Begun));
    held.give_back(1, later + HOUR);
    assert_eq!(begin(&mut held, 1, &[], later), None);
}

#[test]
fn of_too_many_those_go_that_are_done_and_of_these_that_end_first() {
    let (mut held, now) = (Held::default(), Instant::now());
    let longer = |at: usize| now + HOUR + Duration::from_millis(at as u64);
    for at in 0..MOST {
        held.begin(at as u128, Arc::default(), now, longer(at));
    }
    for at in [7, 5] {
        held.done(at as u128, &Arc::default(), longer(at), b"7");
    }
    held.begin(MOST as u128, Arc::default(), now, longer(MOST));
    assert_eq!(begin(&mut held, 0, &[], now), Some(Seen::Begun));
    assert!(matches!(begin(&mut held, 7, &[], now), Some(Seen::Done(_))));
    assert_eq!(begin(&mut held, 5, &[], now), None, "it ended before 7");
    assert_eq!(begin(&mut held, 7, &[], now), None, "it was done, and went for this one");
    assert_eq!(begin(&mut held, 1, &[], now), Some(Seen::Begun));
    assert_eq!([held.claims.len(), held.ends.len(), held.done.len(), held.bytes], [MOST, MOST, 0, 0]);
}

#[test]
fn what_there_was_no_room_for_is_known_when_it_is_done_and_what_it_gave_is_not() {
    let (mut held, now) = (Held::default(), Instant::now());
    assert_eq!(held.done(1, &Arc::default(), now + HOUR, b"7"), None);
    assert_eq!(begin(&mut held, 1, &[], now), Some(Seen::Done(None)));
}

#[test]
fn of_too_much_that_was_given_that_goes_which_ends_first() {
    let (mut held, now) = (Held::default(), Instant::now());
    let much = vec![b'7'; MOST_BYTES / 2];
    for key in [2, 3, 4] {
        held.begin(key, Arc::default(), now, now + HOUR + Duration::from_millis(key as u64));
    }
    for key in [2, 3, 4] {
        held.done(key, &Arc::default(), now + HOUR + Duration::from_millis(key as u64), &much);
    }
    assert_eq!((held.bytes, held.giving.len()), (MOST_BYTES, 2));
    assert_eq!(given(&mut held, 2, now), None);
    assert!(given(&mut held, 3, now).is_some() && given(&mut held, 4, now).is_some());
}
