//! How many calls a second one caller may make of one node.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// After so many calls of a node the callers that were not seen for a second are forgotten.
const SWEEP: u32 = 4096;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Who holds this key of the node: an index.
    Key(usize),
    /// Who calls from this address, if it has one.
    Address(Option<IpAddr>),
}

/// The rates of all nodes that limit them. They outlive a reload, unless the limit is another.
#[derive(Default)]
pub struct Rates {
    nodes: RwLock<HashMap<Arc<str>, Arc<Rate>>>,
}

struct Rate {
    per_second: NonZeroU32,
    callers: DefaultKeyedRateLimiter<Caller>,
    calls: AtomicU32,
}

impl Rates {
    /// Counts a call of `node`, and says whether it is within the limit. As many calls as a second allows may come
    /// at once.
    #[must_use]
    pub fn admit(&self, node: &Arc<str>, per_second: NonZeroU32, caller: Caller) -> bool {
        let rate = self.known(node, per_second).unwrap_or_else(|| self.begin(node, per_second));
        if rate.calls.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            rate.callers.retain_recent();
            rate.callers.shrink_to_fit();
        }
        rate.callers.check_key(&caller).is_ok()
    }

    fn known(&self, node: &Arc<str>, per_second: NonZeroU32) -> Option<Arc<Rate>> {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.get(node).filter(|rate| rate.per_second == per_second).cloned()
    }

    fn begin(&self, node: &Arc<str>, per_second: NonZeroU32) -> Arc<Rate> {
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        let begun = nodes.get(node).filter(|rate| rate.per_second == per_second);
        if let Some(rate) = begun {
            return Arc::clone(rate);
        }
        let callers = RateLimiter::keyed(Quota::per_second(per_second));
        let rate = Arc::new(Rate { per_second, callers, calls: AtomicU32::new(0) });
        nodes.insert(Arc::clone(node), Arc::clone(&rate));
        rate
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Arc;

    use super::{Caller, Rates, SWEEP};

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    #[test]
    fn each_caller_of_each_node_has_its_own_rate() {
        let rates = Rates::default();
        let (caller, other): (Arc<str>, Arc<str>) = (Arc::from("caller"), Arc::from("other"));
        let address = Caller::Address("10.0.0.1".parse().ok());
        assert!(rates.admit(&caller, ONE, address));
        assert!(!rates.admit(&caller, ONE, address));
        assert!(rates.admit(&caller, ONE, Caller::Key(0)));
        assert!(rates.admit(&other, ONE, address));
    }

    #[test]
    fn a_limit_that_was_changed_holds_at_once() {
        let rates = Rates::default();
        let node: Arc<str> = Arc::from("caller");
        assert!(rates.admit(&node, ONE, Caller::Key(0)));
        let many = NonZeroU32::new(3).unwrap();
        assert!((0..3).all(|_| rates.admit(&node, many, Caller::Key(0))));
        assert!(!rates.admit(&node, many, Caller::Key(0)));
    }

    #[test]
    fn callers_that_are_gone_are_forgotten() {
        let rates = Rates::default();
        let node: Arc<str> = Arc::from("caller");
        let fast = NonZeroU32::new(1_000_000).unwrap();
        for number in 0..SWEEP {
            let _ = rates.admit(&node, fast, Caller::Address(Some(std::net::Ipv4Addr::from(number).into())));
        }
        let rate = rates.known(&node, fast).unwrap();
        assert!(rate.callers.len() < SWEEP as usize / 2, "{}", rate.callers.len());
    }
}
