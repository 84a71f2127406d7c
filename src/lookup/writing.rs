//! The writes under way: who stops the service waits until they have ended.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// A write is begun within a call's longest budget, and then has an operation's longest limit.
const LONGEST: Duration = Duration::from_secs(9);

/// Counts them. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Writing(Arc<watch::Sender<usize>>);

/// One write, until it is dropped.
pub(super) struct One(Writing);

impl Writing {
    /// One more is under way.
    pub(super) fn begin(&self) -> One {
        self.0.send_modify(|count| *count += 1);
        One(self.clone())
    }

    /// Waits until none is; gives how many still are after the longest time that one may take.
    pub(super) async fn ended(&self) -> usize {
        let mut count = self.0.subscribe();
        // The sender is held here, so that only the limit can end it early.
        let _ = timeout(LONGEST, count.wait_for(|count| *count == 0)).await;
        *count.borrow()
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
