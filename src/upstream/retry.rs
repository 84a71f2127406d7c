//! Whether a request that failed is sent once more, and when. Only reads are, and
//! writes that carry a key by which the upstream knows them, only where the failure may pass, and
//! only where the time left is enough for both the wait and another try like the first.

use std::time::Duration;

use crate::clock::Deadline;
use crate::plan::operation::{Call, Effect, Operation};
use crate::record::Failure;

/// The wait where the upstream names none.
const PAUSE: Duration = Duration::from_millis(20);
/// A try is not begun with less than this left beyond what the first one took.
const LEAST: Duration = Duration::from_millis(30);

/// How long to wait before the second try; none: there is none.
///
/// `retry_after` is the answer's own header, of which only seconds are understood; `took` is how long the first try
/// lasted.
pub(crate) fn pause(
    operation: &Operation,
    failure: &Failure,
    retry_after: Option<&str>,
    took: Duration,
    deadline: Deadline,
) -> Option<Duration> {
    if !may_be_repeated(operation) {
        return None;
    }
    let asked = retry_after.map(|text| text.trim().parse().ok().map(Duration::from_secs));
    let pause = match (failure, asked) {
        (Failure::Unreachable(_) | Failure::Lost(_) | Failure::Status(502..=504), None) => PAUSE,
        (Failure::Status(502..=504) | Failure::Overloaded(_), Some(asked)) => asked?.max(PAUSE),
        _ => return None,
    };
    let needed = pause.checked_add(LEAST)?.checked_add(took)?;
    (needed <= deadline.remaining()).then_some(pause)
}

/// Whether a second request changes nothing that the first one has not: a read, or a write that the upstream knows by
/// its key.
fn may_be_repeated(operation: &Operation) -> bool {
    let has_key = || matches!(&operation.call, Call::Http(call) if call.idempotency.is_some());
    operation.effect == Effect::Read || has_key()
}
