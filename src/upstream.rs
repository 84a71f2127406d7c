//! Systems that hold data, asked one operation at a time. In: an operation with its arguments and a deadline. Out:
//! the records it found (none is not found), or a typed failure. Nothing here knows nodes, callers or caches.

pub mod args;
mod body;
pub mod http;
mod json;
mod request;
mod response;
mod table;
pub mod transport;

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use crate::clock::Deadline;
use crate::plan::operation::{Call, HttpCall, Operation};
use crate::record::{Failure, Record};
use crate::trace::{Stage, Trace};
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
        let call = match &operation.call {
            Call::Http(call) => call,
            Call::Table(call) => {
                let found = match self.transport.rows(operation) {
                    Some(rows) => rows.map(|rows| table::select(operation, rows)),
                    None => table::look_up(operation, call, args),
                };
                note(trace, operation, "table", None, Instant::now(), &found);
                return found;
            }
        };
        self.send(operation, call, args, deadline, trace).await
    }

    async fn send(
        &self,
        operation: &Operation,
        call: &HttpCall,
        args: &Args,
        deadline: Deadline,
        trace: &Trace,
    ) -> Result<Vec<Record>, Failure> {
        let start = Instant::now();
        let prepared = match request::prepare(operation, call, args) {
            Ok(prepared) => prepared,
            Err(failure) => {
                let found = Err(failure);
                note(trace, operation, "nothing was sent", None, start, &found);
                return found;
            }
        };
        let exchange = self.transport.exchange(&call.upstream, operation, prepared.request, deadline);
        // The transport keeps to the deadline on its own runtime; this one holds even where that is starved.
        let answer = timeout_at(deadline.instant(), exchange).await.unwrap_or(Err(Failure::Timeout));
        let status = answer.as_ref().ok().map(|response| response.status);
        let found = answer.and_then(|response| response::read(operation, call, args, &response));
        note(trace, operation, &prepared.shown, status, start, &found);
        found
    }
}

fn note(
    trace: &Trace,
    operation: &Operation,
    shown: &str,
    status: Option<u16>,
    start: Instant,
    found: &Result<Vec<Record>, Failure>,
) {
    trace.note(Stage::Upstream, &operation.name, || {
        let status = status.map(|status| format!(" {status}")).unwrap_or_default();
        let took = start.elapsed().as_millis();
        let end = match found {
            Ok(records) => format!("{} record(s)", records.len()),
            Err(failure) => format!("{}: {failure}", failure.code()),
        };
        format!("{shown} →{status} in {took} ms, {end}")
    });
}
