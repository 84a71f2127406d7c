//! How much an upstream is asked at most: requests under way at once, and requests begun in any one second. Who
//! comes too many waits a moment, and is then told that the upstream is overloaded.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Deadline;
use crate::plan::operation::Limits;
use crate::record::Failure;

/// Longest wait for room.
const QUEUE: Duration = Duration::from_millis(100);
/// What the rate counts in.
const SECOND: Duration = Duration::from_secs(1);

/// The limits of one upstream and what is under way against them.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    slots: Option<Semaphore>,
    begun: Mutex<VecDeque<Instant>>,
}

/// Room for one request, until it is dropped.
pub(crate) type Room<'a> = Option<SemaphorePermit<'a>>;

impl Limiter {
    /// A limiter with nothing under way.
    pub(crate) fn new(limits: Limits) -> Self {
        let slots = limits.concurrency.map(|most| Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { limits, slots, begun: Mutex::default() }
    }

    /// What it holds to.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Waits for room, 100 ms or to the deadline.
    ///
    /// # Errors
    /// [`Failure::Overloaded`] where there is none by then.
    pub(crate) async fn enter(&self, deadline: Deadline) -> Result<Room<'_>, Failure> {
        let queue = deadline.within(QUEUE);
        let room = match &self.slots {
            Some(slots) => {
                let got = timeout(queue.remaining(), slots.acquire()).await;
                let full = || Failure::Overloaded("as many requests as allowed are under way".to_owned());
                Some(got.ok().and_then(Result::ok).ok_or_else(full)?)
            }
            None => None,
        };
        if let Some(begin) = self.begin(queue.instant())? {
            sleep_until(begin).await;
        }
        Ok(room)
    }

    /// Takes the next moment at which a request may begin; none: at once. Moments are given out in order, so that
    /// who waits does not race who comes later.
    fn begin(&self, latest: Instant) -> Result<Option<Instant>, Failure> {
        let Some(most) = self.limits.per_second.and_then(|most| usize::try_from(most).ok()) else {
            return Ok(None);
        };
        let now = Instant::now();
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        while begun.front().is_some_and(|first| *first + SECOND <= now) {
            begun.pop_front();
        }
        let begin = match begun.len().checked_sub(most).and_then(|at| begun.get(at)) {
            Some(before) => *before + SECOND,
            None => now,
        };
        if begin > latest {
            return Err(Failure::Overloaded(
                "as many requests as allowed were begun in this second".to_owned(),
            ));
        }
        begun.push_back(begin);
        Ok(Some(begin).filter(|begin| *begin > now))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::Limiter;
    use crate::clock::Deadline;
    use crate::plan::operation::Limits;

    fn in_a_second() -> Deadline {
        Deadline::new(Instant::now(), Duration::from_secs(1))
    }

    #[tokio::test(start_paused = true)]
    async fn one_too_many_waits_a_tenth_of_a_second_and_is_refused() {
        let limiter = Limiter::new(Limits { concurrency: Some(1), per_second: None });
        let held = limiter.enter(in_a_second()).await.unwrap();
        let start = Instant::now();
        assert_eq!(limiter.enter(in_a_second()).await.unwrap_err().code(), "overloaded");
        assert_eq!(start.elapsed(), Duration::from_millis(100));
        drop(held);
        assert!(limiter.enter(in_a_second()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_never_outlasts_the_deadline() {
        let limiter = Limiter::new(Limits { concurrency: Some(1), per_second: None });
        let _held = limiter.enter(in_a_second()).await.unwrap();
        let start = Instant::now();
        let soon = Deadline::new(start, Duration::from_millis(20));
        assert!(limiter.enter(soon).await.is_err());
        assert_eq!(start.elapsed(), Duration::from_millis(20));
    }

    #[tokio::test(start_paused = true)]
    async fn in_no_second_are_more_begun_than_allowed() {
        let limiter = Limiter::new(Limits { concurrency: None, per_second: Some(3) });
        let (start, mut begun) = (Instant::now(), Vec::new());
        while start.elapsed() < Duration::from_secs(5) {
            if limiter.enter(in_a_second()).await.is_ok() {
                begun.push(Instant::now());
            }
            advance(Duration::from_millis(37)).await;
        }
        assert!(begun.len() >= 15, "{}", begun.len());
        assert!(begun.windows(4).all(|four| four[3] - four[0] >= Duration::from_secs(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_just_before_the_next_second_waits_for_it() {
        let limiter = Limiter::new(Limits { concurrency: None, per_second: Some(1) });
        limiter.enter(in_a_second()).await.unwrap();
        assert!(limiter.enter(in_a_second()).await.is_err());
        advance(Duration::from_millis(950)).await;
        let start = Instant::now();
        assert!(limiter.enter(in_a_second()).await.is_ok());
        assert_eq!(start.elapsed(), Duration::from_millis(50));
        assert!(limiter.enter(in_a_second()).await.is_err());
    }
}
