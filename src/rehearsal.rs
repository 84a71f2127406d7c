//! Runs a node's examples through the true engine on upstreams that say what the example says they say. In: a
//! plan. Out: findings. It reaches no system: only the wire is replaced, everything else is what answers a call.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::cache::Cache;
use crate::clock::{Clock, Deadline};
use crate::diagnostic::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::lookup::Engine;
use crate::node::call::Call;
use crate::node::reply::{Answer, Outputs};
use crate::plan::operation::{HttpUpstream, Operation};
use crate::plan::{Canned, Example, Expected, Node};
use crate::record::{Failure, Outcome, Record};
use crate::scalar::is_same;
use crate::trace::Trace;
use crate::upstream::Upstreams;
use crate::upstream::transport::{Request, Response, Transport};

/// The memory of an example's own cache, in bytes.
const MEMORY: u64 = 1 << 20;

/// Runs all examples of a node.
pub async fn rehearse(node: &Arc<Node>, clock: &Clock) -> Findings {
    let mut findings = Findings::new();
    for example in &node.examples {
        let (answer, stage) = perform(node, example, clock).await;
        let unanswered = stage.unanswered();
        if unanswered.is_empty() {
            findings.extend(compare(node, example, &answer));
        } else {
            findings.extend(unanswered.iter().map(|operation| says_nothing(node, example, operation)));
        }
    }
    findings
}

/// What a node answers to the call of an example, whatever it expects.
pub async fn answer(node: &Arc<Node>, example: &Example, clock: &Clock) -> Answer {
    perform(node, example, clock).await.0
}

async fn perform(node: &Arc<Node>, example: &Example, clock: &Clock) -> (Answer, Arc<Stage>) {
    let stage = Arc::new(Stage { canned: example.upstream.clone(), unanswered: Mutex::default() });
    let wire: Arc<dyn Transport> = Arc::clone(&stage) as Arc<dyn Transport>;
    let engine = Engine::new(
        Upstreams::new(wire),
        Cache::in_memory(MEMORY, clock.clone()),
        MEMORY,
        clock.clone(),
        Handle::current(),
        true,
    );
    let call: Call = example.send.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let trace = Arc::new(Trace::new(Instant::now()));
    // What an example makes an upstream say is no event of this service.
    let answer = engine.answer(node, &call, &trace).with_subscriber(NoSubscriber::new()).await;
    (answer, stage)
}

fn says_nothing(node: &Node, example: &Example, operation: &str) -> Finding {
    let message = format!("example `{}` asks `{operation}` and does not say what that answers", example.name);
    Finding::error(Code::ExampleUnanswered, &node.source, example.span, message)
        .of_example(&example.name)
        .help(format!("add its answer: `upstream: {{ {operation}: … }}`"))
}

fn compare(node: &Node, example: &Example, answer: &Answer) -> Vec<Finding> {
    let failed = |span, message: String| {
        Finding::error(
            Code::ExampleFailed,
            &node.source,
            span,
            format!("example `{}`: {message}", example.name),
        )
        .of_example(&example.name)
    };
    let mut findings = Vec::new();
    if let Some(expected) = example.outcome
        && expected != answer.reply.outcome
    {
        let message = format!("the outcome is `{}`, not `{expected}`", answer.reply.outcome);
        let finding = failed(example.span, message);
        // What it answers then follows from the outcome, and is not told.
        return vec![match selects_nothing(node, example) {
            Some(why) if answer.reply.outcome == Outcome::NotFound => finding.help(why),
            _ => finding,
        }];
    }
    match (&example.answer, &answer.outputs) {
        (Expected::Anything, _) | (Expected::Null, Outputs::Null) | (_, Outputs::Kept) => {}
        (Expected::Null, Outputs::Made(_)) => {
            findings.push(failed(example.span, "the answer holds its outputs and is not `null`".to_owned()));
        }
        (Expected::Outputs(_), Outputs::Null) => {
            findings.push(failed(example.span, "the answer is `null`".to_owned()));
        }
        (Expected::Outputs(expected), Outputs::Made(outputs)) => {
            for (name, wanted, span) in expected {
                let given = outputs.iter().find(|(output, _)| output == name).map(|(_, value)| value);
                if let Some(message) = differs(name, wanted, given) {
                    findings.push(failed(*span, message));
                }
            }
        }
    }
    findings
}

/// That an operation of the lookup finds no record in an answer that holds something.
fn selects_nothing(node: &Node, example: &Example) -> Option<String> {
    node.lookup.iter().map(|step| &step.ask.operation).find_map(|operation| {
        let canned = example.upstream.iter().find(|(name, _)| *name == operation.name);
        let Some((_, Canned::Answer { body, .. })) = canned else { return None };
        let is_empty = match body {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        let path = operation.records.text();
        (!is_empty && operation.records.select(body).is_empty()).then(|| {
            format!("`records: {path}` of `{}` selects nothing in the answer that is given", operation.name)
        })
    })
}

fn differs(name: &str, wanted: &Value, given: Option<&Value>) -> Option<String> {
    match given {
        None if wanted.is_null() => None,
        None => Some(format!("`{name}` is left out, not {wanted}")),
        Some(given) if is_same(given, wanted) => None,
        Some(given) if wanted.is_null() => Some(format!("`{name}` is {given}, not left out")),
        Some(given) => Some(format!("`{name}` is {given}, not {wanted}")),
    }
}

/// The wire, replaced by what an example says.
struct Stage {
    canned: Vec<(Arc<str>, Canned)>,
    unanswered: Mutex<Vec<Arc<str>>>,
}

impl Stage {
    fn unanswered(&self) -> Vec<Arc<str>> {
        let mut names = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        names.dedup();
        names
    }

    fn answer(&self, operation: &Operation) -> Option<&Canned> {
        self.canned.iter().find(|(name, _)| *name == operation.name).map(|(_, canned)| canned)
    }

    fn respond(&self, operation: &Operation) -> Result<Response, Failure> {
        match self.answer(operation) {
            Some(Canned::Answer { status, body }) => Ok(Response {
                status: *status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Bytes::from(body.to_string()),
            }),
            Some(Canned::Timeout) => Err(Failure::Timeout),
            Some(Canned::Unreachable) => Err(Failure::Unreachable("as the example says".to_owned())),
            None => {
                let name = Arc::clone(&operation.name);
                self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                Err(Failure::Unreachable("the example says nothing of it".to_owned()))
            }
        }
    }
}

impl Transport for Stage {
    fn exchange<'a>(
        &'a self,
        _: &'a HttpUpstream,
        operation: &'a Operation,
        _: Request,
        _: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(std::future::ready(self.respond(operation)))
    }

    fn rows(&self, operation: &Operation) -> Option<Result<Vec<Record>, Failure>> {
        match self.answer(operation)? {
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
