//! How a request reaches an upstream: over HTTP in service, from an example's canned answers in a rehearsal.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::clock::Deadline;
use crate::plan::operation::{HttpUpstream, Method, Operation};
use crate::record::{Failure, Record};
use crate::upstream::args::Args;

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The headers, credentials among them.
    pub headers: Vec<(String, String)>,
    /// The body; its media type is among the headers.
    pub body: Option<Bytes>,
    /// Whether all headers of the answer are read, or only what it is and when to ask again.
    pub wants_headers: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case: all, or `content-type` and `retry-after` alone.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Bytes,
}

impl Response {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The one effect of an upstream.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole answer, to the operation's own limit and the deadline. The wire has no
    /// use for the arguments that the request was made of; who stands in for it has.
    ///
    /// # Errors
    /// A [`Failure`] of the wire: timeout, unreachable, unreadable.
    fn exchange<'a>(
        &'a self,
        upstream: &'a HttpUpstream,
        operation: &'a Operation,
        args: &'a Args,
        request: &'a Request,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>>;

    /// The rows that stand in for a table's, in a rehearsal; none: the table is read.
    fn rows(&self, operation: &Operation, args: &Args) -> Option<Result<Vec<Record>, Failure>> {
        let _ = (operation, args);
        None
    }

    /// Gets ready to ask an upstream from the runtime that this is called on, if it is one, and from all that have got
    /// ready before.
    fn warm(&self, upstream: &HttpUpstream) {
        let _ = upstream;
    }

    /// Whether it only stands in for the wire, so that an upstream that is not configured can be asked all the
    /// same.
    fn is_stand_in(&self) -> bool {
        false
    }
}
