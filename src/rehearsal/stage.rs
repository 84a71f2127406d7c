//! The wire, replaced by what an example says.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::clock::Deadline;
use crate::plan::example::{Canned, Example};
use crate::plan::operation::{HttpUpstream, Operation};
use crate::record::{Failure, Record};
use crate::upstream::args::Args;
use crate::upstream::transport::{Request, Response, Transport};

/// Upstreams that say what the example says they say.
pub(super) struct Stage {
    example: Arc<Example>,
    unanswered: Mutex<Vec<Unanswered>>,
}

/// A question that the example has no answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// The operation that was asked.
    pub(super) operation: Arc<str>,
    /// What it was asked with, name by name, where the example answers it by its arguments.
    pub(super) args: Vec<(Arc<str>, String)>,
}

impl Stage {
    pub(super) fn new(example: &Arc<Example>) -> Self {
        Self { example: Arc::clone(example), unanswered: Mutex::default() }
    }

    /// The questions without an answer, each once.
    pub(super) fn unanswered(&self) -> Vec<Unanswered> {
        let mut asked = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        asked.dedup();
        asked
    }

    fn respond(&self, operation: &Operation, args: &Args) -> Result<Response, Failure> {
        match self.example.said(&operation.name, args) {
            Some(Canned::Answer { status, body }) => Ok(Response {
                status: *status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Bytes::from(body.to_string()),
            }),
            Some(Canned::Timeout) => Err(Failure::Timeout),
            Some(Canned::Unreachable) => Err(Failure::Unreachable("as the example says".to_owned())),
            None => {
                self.note(operation, args);
                Err(Failure::Unreachable("the example says nothing of it".to_owned()))
            }
        }
    }

    fn note(&self, operation: &Operation, args: &Args) {
        let is_by_args = self.example.upstream.iter().any(|said| said.operation == operation.name);
        let named = operation.args.iter().enumerate().filter(|_| is_by_args);
        let args = named.filter_map(|(at, arg)| {
            let value = args.at(at)?;
            let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some((Arc::clone(&arg.name), written))
        });
        let asked = Unanswered { operation: Arc::clone(&operation.name), args: args.collect() };
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }
}

impl Transport for Stage {
    fn exchange<'a>(
        &'a self,
        _: &'a HttpUpstream,
        operation: &'a Operation,
        args: &'a Args,
        _: &'a Request,
        _: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(std::future::ready(self.respond(operation, args)))
    }

    fn rows(&self, operation: &Operation, args: &Args) -> Option<Result<Vec<Record>, Failure>> {
        match self.example.said(&operation.name, args)? {
            Canned::Answer { body: Value::Array(rows), .. } => {
                Some(Ok(rows.iter().cloned().map(Record::new).collect()))
            }
            Canned::Answer { body: Value::Null, .. } => Some(Ok(Vec::new())),
            Canned::Answer { body, .. } => Some(Ok(vec![Record::new(body.clone())])),
            Canned::Timeout => Some(Err(Failure::Timeout)),
            Canned::Unreachable => Some(Err(Failure::Unreachable("as the example says".to_owned()))),
        }
    }

    fn is_stand_in(&self) -> bool {
        true
    }
}
