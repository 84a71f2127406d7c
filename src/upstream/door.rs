//! The door to each upstream: its limits and its breaker. It outlives the plans, so that a reload forgets neither
//! what is under way nor that an upstream is down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::operation::HttpUpstream;
use crate::upstream::breaker::Breaker;
use crate::upstream::limits::Limiter;
use crate::upstream::meters::{Meters, Status};

/// All doors, by the upstream's name.
#[derive(Debug, Default)]
pub(crate) struct Doors(Mutex<HashMap<Arc<str>, Kept>>);

#[derive(Debug)]
struct Kept {
    breaker: Arc<Breaker>,
    meters: Arc<Meters>,
    /// One for each set of limits that a plan in use has: after a reload that changed them, calls in flight still
    /// come with the earlier ones.
    limiters: Vec<Arc<Limiter>>,
}

/// The way to one upstream.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// Whether it is asked at all.
    pub(crate) breaker: Arc<Breaker>,
    /// How much it is asked.
    pub(crate) limiter: Arc<Limiter>,
    /// What is counted of it.
    pub(crate) meters: Arc<Meters>,
}

impl Doors {
    /// The door to this upstream, the same for all plans with the same limits.
    pub(crate) fn to(&self, upstream: &HttpUpstream) -> Door {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = doors.entry(Arc::clone(&upstream.name)).or_insert_with(|| Kept {
            breaker: Arc::new(Breaker::new()),
            meters: Arc::default(),
            limiters: Vec::new(),
        });
        let (breaker, meters) = (Arc::clone(&kept.breaker), Arc::clone(&kept.meters));
        if let Some(limiter) = kept.limiters.iter().find(|limiter| limiter.limits() == upstream.limits) {
            return Door { breaker, limiter: Arc::clone(limiter), meters };
        }
        let limiter = Arc::new(Limiter::new(upstream.limits));
        kept.limiters.retain(|other| Arc::strong_count(other) > 1);
        kept.limiters.push(Arc::clone(&limiter));
        Door { breaker, limiter, meters }
    }

    /// How each upstream does that was asked.
    pub(crate) fn status(&self) -> Vec<Status> {
        let doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let status = |(name, kept): (&Arc<str>, &Kept)| Status {
            name: Arc::clone(name),
            breaker: kept.breaker.phase(),
            meters: Arc::clone(&kept.meters),
        };
        doors.iter().map(status).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::Doors;
    use crate::plan::operation::{HttpUpstream, Limits};

    fn acme(per_second: u32) -> HttpUpstream {
        HttpUpstream {
            name: "acme".into(),
            connect_timeout: Duration::from_millis(500),
            redirects: false,
            limits: Limits { concurrency: None, per_second: Some(per_second) },
        }
    }

    #[tokio::test]
    async fn a_reload_keeps_the_breaker_and_limits_that_did_not_change() {
        let doors = Doors::default();
        let before = doors.to(&acme(5));
        let same = doors.to(&acme(5));
        assert!(Arc::ptr_eq(&before.limiter, &same.limiter));
        let changed = doors.to(&acme(6));
        assert!(Arc::ptr_eq(&before.breaker, &changed.breaker));
        assert!(!Arc::ptr_eq(&before.limiter, &changed.limiter));
        assert!(Arc::ptr_eq(&before.limiter, &doors.to(&acme(5)).limiter));
    }
}
