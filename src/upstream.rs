//! Systems that hold data, asked one operation at a time. In: an operation with its arguments and a deadline. Out:
//! the records it found (none is not found), or a typed failure. Nothing here knows nodes, callers or caches.

pub mod args;
mod attempt;
mod body;
mod breaker;
mod door;
pub mod http;
mod json;
mod limits;
mod request;
mod response;
mod retry;
mod table;
pub mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::{Instant, sleep};

use crate::clock::Deadline;
use crate::plan::operation::{Call, HttpCall, Operation};
use crate::record::{Failure, Record};
use crate::trace::{Stage, Trace};
use crate::upstream::args::Args;
use crate::upstream::attempt::Attempt;
use crate::upstream::door::Doors;
use crate::upstream::transport::Transport;

/// The one more try that all requests for one answer share.
#[derive(Debug, Clone, Default)]
pub struct Spare(Arc<AtomicBool>);

impl Spare {
    /// Takes it; false where it is gone.
    #[must_use]
    pub fn take(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

/// All upstreams, behind one transport. Clones share what is known of each: its limits and its breaker.
#[derive(Clone)]
pub struct Upstreams {
    transport: Arc<dyn Transport>,
    doors: Arc<Doors>,
}

impl Upstreams {
    /// Upstreams that are reached over this transport.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, doors: Arc::default() }
    }

    /// Gets ready to ask, from the runtime that this is called on.
    pub fn warm(&self, operation: &Operation) {
        if let Call::Http(call) = &operation.call {
            self.transport.warm(&call.upstream);
        }
    }

    /// Asks one operation and returns the records it selects, in the answer's order; an empty list is not found.
    /// A read whose failure may pass is asked a second time, where the time left is enough and the spare try is there.
    ///
    /// # Errors
    /// The [`Failure`] that kept it from answering, by the deadline at the latest. An upstream that mostly failed
    /// in the last ten seconds is [`Failure::Unreachable`] at once, without being asked.
    pub async fn ask(
        &self,
        operation: &Arc<Operation>,
        args: &Args,
        deadline: Deadline,
        spare: &Spare,
        trace: &Trace,
    ) -> Result<Vec<Record>, Failure> {
        match &operation.call {
            Call::Http(call) => self.send(operation, call, args, deadline, spare, trace).await,
            Call::Table(call) => {
                let found = match self.transport.rows(operation) {
                    Some(rows) => rows.map(|rows| table::select(operation, rows)),
                    None => table::look_up(operation, call, args),
                };
                trace.note(Stage::Upstream, &operation.name, || format!("table → {}", attempt::end(&found)));
                found
            }
        }
    }

    async fn send(
        &self,
        operation: &Operation,
        call: &HttpCall,
        args: &Args,
        deadline: Deadline,
        spare: &Spare,
        trace: &Trace,
    ) -> Result<Vec<Record>, Failure> {
        let prepared = request::prepare(operation, call, args, self.transport.is_stand_in(), trace.is_kept())
            .inspect_err(|failure| {
                trace.note(Stage::Upstream, &operation.name, || {
                    format!("nothing was sent, {}: {failure}", failure.code())
                });
            })?;
        let door = self.doors.to(&call.upstream);
        let attempt = Attempt {
            transport: &*self.transport,
            door: &door,
            operation,
            call,
            args,
            prepared: &prepared,
            deadline,
            trace,
        };
        let start = Instant::now();
        let first = attempt.run().await;
        let Some(pause) = first.pause(operation, start.elapsed(), deadline) else {
            return first.found;
        };
        if !spare.take() {
            return first.found;
        }
        sleep(pause).await;
        attempt.run().await.found
    }
}
