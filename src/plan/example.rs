//! A call and its answer, as a mapping's author wrote them, and what upstreams say meanwhile.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use crate::diagnostic::Span;
use crate::expr::{Scope, text_of};
use crate::record::Outcome;
use crate::scalar::is_same;

/// A call and its answer.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Where it stands in the node's file.
    pub span: Span,
    /// When it is called; none: now.
    pub now: Option<SystemTime>,
    /// The parameters that are sent.
    pub send: Vec<(String, String)>,
    /// What upstreams say. An operation of a table that is not here reads the table.
    pub upstream: Vec<Said>,
    /// The outcome that it must have.
    pub outcome: Option<Outcome>,
    /// What must be answered.
    pub answer: Expected,
}

impl Example {
    /// What an operation says that is asked with these arguments.
    pub fn said(&self, operation: &str, args: &impl Scope) -> Option<&Canned> {
        let mut all = self.upstream.iter().filter(|said| *said.operation == *operation);
        all.find(|said| said.is_for(args)).map(|said| &said.canned)
    }
}

/// What one operation says; of several the first that is for the arguments.
#[derive(Debug)]
pub struct Said {
    /// The operation.
    pub operation: Arc<str>,
    /// The arguments that it says it to, others not looked at; null: one that is not given.
    pub args: Vec<(String, Value)>,
    /// What it says.
    pub canned: Canned,
}

impl Said {
    fn is_for(&self, args: &impl Scope) -> bool {
        self.args.iter().all(|(name, wanted)| match args.variable(name) {
            None => wanted.is_null(),
            Some(given) => match (text_of(&given), text_of(wanted)) {
                (Some(given), Some(wanted)) => given == wanted,
                _ => is_same(&given, wanted),
            },
        })
    }
}

/// What an upstream says in an example.
#[derive(Debug)]
pub enum Canned {
    /// This status with this body; of a table, the rows found.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The JSON body.
        body: Value,
    },
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
}

/// What an example expects.
#[derive(Debug)]
pub enum Expected {
    /// Nothing in particular.
    Anything,
    /// `null` whole.
    Null,
    /// These outputs with these values; null: left out. Others are not looked at.
    Outputs(Vec<(Arc<str>, Value, Span)>),
}
