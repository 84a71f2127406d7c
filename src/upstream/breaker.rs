//! A breaker: it stops asking an upstream that mostly fails, and lets a few calls find out when it is well again.
//! It knows nothing of what a failure is; it is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many seconds are looked back on.
const WINDOW: u64 = 10;
/// Fewer calls than this in the window say nothing.
const LEAST_CALLS: u32 = 10;
/// How long nobody is let through.
const OPEN: Duration = Duration::from_secs(5);
/// How many are let through at once to find out.
const PROBES: u32 = 2;

/// The breaker of one upstream. It opens when, of at least ten calls in ten seconds, half have failed.
#[derive(Debug)]
pub(crate) struct Breaker {
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Counts the changes of phase: what was let through in an earlier phase says nothing about this one.
    turn: u64,
}

#[derive(Debug)]
enum Phase {
    Closed([Second; WINDOW as usize]),
    Open { until: Instant },
    HalfOpen { probes: u32 },
}

/// What happened in one second, counted from the breaker's start.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    number: u64,
    calls: u32,
    failed: u32,
}

/// Leave to ask once. Dropped without a verdict, it counts for nothing.
#[derive(Debug)]
pub(crate) struct Leave {
    breaker: Arc<Breaker>,
    turn: u64,
}

impl Breaker {
    /// A closed breaker.
    pub(crate) fn new() -> Self {
        let state = State { phase: Phase::Closed(Default::default()), turn: 0 };
        Self { start: Instant::now(), state: Mutex::new(state) }
    }

    /// Leave to ask once; none while the breaker is open, or half open with its probes under way.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Leave> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut state.phase {
            Phase::Closed(_) => {}
            Phase::Open { until } if Instant::now() < *until => return None,
            Phase::Open { .. } => state.turn_to(Phase::HalfOpen { probes: 1 }),
            Phase::HalfOpen { probes } if *probes < PROBES => *probes += 1,
            Phase::HalfOpen { .. } => return None,
        }
        Some(Leave { breaker: Arc::clone(self), turn: state.turn })
    }
}

impl Breaker {
    /// The name of its phase, for those who run the service.
    pub(crate) fn phase(&self) -> &'static str {
        match self.state.lock().unwrap_or_else(PoisonError::into_inner).phase {
            Phase::Closed(_) => "closed",
            Phase::Open { .. } => "open",
            Phase::HalfOpen { .. } => "half_open",
        }
    }
}

impl State {
    fn turn_to(&mut self, phase: Phase) {
        self.phase = phase;
        self.turn += 1;
    }

    fn open(&mut self) {
        self.turn_to(Phase::Open { until: Instant::now() + OPEN });
    }

    fn judge(&mut self, second: u64, failed: bool) {
        match &mut self.phase {
            Phase::Closed(ring) => {
                if count(ring, second, failed) {
                    self.open();
                }
            }
            Phase::HalfOpen { .. } if failed => self.open(),
            Phase::HalfOpen { .. } => self.turn_to(Phase::Closed(Default::default())),
            Phase::Open { .. } => {}
        }
    }
}

/// Counts one call, and says whether those of the window are too many failures.
fn count(ring: &mut [Second], second: u64, failed: bool) -> bool {
    if let Some(now) = ring.get_mut((second % WINDOW) as usize) {
        if now.number != second {
            *now = Second { number: second, ..Second::default() };
        }
        now.calls += 1;
        now.failed += u32::from(failed);
    }
    let kept = ring.iter().filter(|kept| kept.number + WINDOW > second);
    let (calls, failures) =
        kept.fold((0, 0), |(calls, failures), kept| (calls + kept.calls, failures + kept.failed));
    calls >= LEAST_CALLS && failures * 2 >= calls
}

impl Leave {
    /// Tells how it went: whether the upstream failed as one that is down does.
    pub(crate) fn tell(self, failed: bool) {
        let second = self.breaker.start.elapsed().as_secs();
        let mut state = self.breaker.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.turn == self.turn {
            state.judge(second, failed);
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let mut state = self.breaker.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.turn != self.turn {
            return;
        }
        if let Phase::HalfOpen { probes } = &mut state.phase {
            *probes = probes.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::advance;

    use super::Breaker;

    fn ask(breaker: &Arc<Breaker>, times: usize, failed: bool) -> usize {
        (0..times).filter(|_| breaker.admit().map(|leave| leave.tell(failed)).is_some()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_when_half_of_ten_calls_failed_and_asks_again_after_five_seconds() {
        let breaker = Arc::new(Breaker::new());
        assert_eq!(ask(&breaker, 5, false), 5);
        assert_eq!(ask(&breaker, 7, true), 5);
        assert!(breaker.admit().is_none());
        advance(Duration::from_secs(5)).await;
        assert_eq!(ask(&breaker, 1, false), 1);
        assert_eq!(ask(&breaker, 9, true), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_are_long_past_or_few_do_not_open_it() {
        let breaker = Arc::new(Breaker::new());
        assert_eq!(ask(&breaker, 9, true), 9);
        advance(Duration::from_secs(10)).await;
        assert_eq!(ask(&breaker, 9, true), 9);
        advance(Duration::from_secs(10)).await;
        for _ in 0..40 {
            advance(Duration::from_millis(500)).await;
            assert_eq!(ask(&breaker, 2, false), 2);
            assert_eq!(ask(&breaker, 1, true), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_open_it_lets_two_through_and_a_failure_closes_the_door() {
        let breaker = Arc::new(Breaker::new());
        ask(&breaker, 10, true);
        advance(Duration::from_secs(5)).await;
        let (first, second) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        assert!(breaker.admit().is_none());
        first.tell(true);
        second.tell(false);
        assert!(breaker.admit().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_was_given_up_makes_room_for_another() {
        let breaker = Arc::new(Breaker::new());
        ask(&breaker, 10, true);
        advance(Duration::from_secs(5)).await;
        let held = breaker.admit();
        drop(breaker.admit());
        assert!(held.is_some() && breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_before_it_opened_says_nothing_afterwards() {
        let breaker = Arc::new(Breaker::new());
        let early = breaker.admit().unwrap();
        ask(&breaker, 10, true);
        advance(Duration::from_secs(5)).await;
        let _probe = breaker.admit().unwrap();
        early.tell(false);
        let _second = breaker.admit().unwrap();
        assert!(breaker.admit().is_none());
    }
}
