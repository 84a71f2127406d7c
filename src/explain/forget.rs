//! Forgets customers with the cache: what their calls left goes, here and in Redis, and what is still to be written
//! there is not.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use crate::cache::{Cache, Forgets};
use crate::explain::{Past, Traces};
use crate::trace::TraceId;

/// How long it is known who was forgotten: longer than anything waits to be written.
const KNOWN: Duration = Duration::from_secs(60);

impl Traces {
    pub(super) fn forget_with(self: &Arc<Self>, cache: &Cache) {
        let this: Weak<Self> = Arc::downgrade(self);
        cache.with_it(this);
    }

    /// Whether the customer of this call was forgotten since it began.
    pub(super) fn is_forgotten(&self, past: &Past) -> bool {
        let since: Vec<u128> = {
            let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            while forgotten.front().is_some_and(|(at, _)| *at + KNOWN < now) {
                forgotten.pop_front();
            }
            let since = forgotten.iter().filter(|(at, _)| past.trace.start() <= *at);
            since.map(|(_, who)| *who).collect()
        };
        !since.is_empty() && past.about(&self.cache).iter().any(|who| since.contains(who))
    }
}

impl Forgets for Traces {
    fn forget(&self, identifiers: &[u128]) {
        let now = Instant::now();
        let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        forgotten.extend(identifiers.iter().map(|who| (now, *who)));
        drop(forgotten);
        let all = self.stories().all();
        let is_about = |one: &u128| identifiers.contains(one);
        let ids: Vec<TraceId> = all
            .iter()
            .filter(|(_, kept)| kept.about(&self.cache).iter().any(is_about))
            .map(|(id, _)| *id)
            .collect();
        self.stories().drop_these(&ids);
    }

    fn forget_all(&self) {
        self.stories().clear();
    }
}
