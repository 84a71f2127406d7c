//! Runs a node's examples through the true engine on upstreams that say what the example says they say. In: a
//! plan. Out: findings. It reaches no system: only the wire is replaced, everything else is what answers a call.

mod stage;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use crate::cache::Cache;
use crate::clock::Clock;
use crate::diagnostic::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::lookup::Engine;
use crate::node::call::Call;
use crate::node::reply::{Answer, Outputs};
use crate::plan::Node;
use crate::plan::example::{Canned, Example, Expected};
use crate::record::Outcome;
use crate::rehearsal::stage::{Stage, Unanswered};
use crate::scalar::is_same;
use crate::trace::Trace;
use crate::upstream::Upstreams;
use crate::upstream::transport::Transport;

/// The memory of an example's own cache, in bytes.
const MEMORY: u64 = 1 << 20;

/// Examples begin so much later than they are performed.
const AHEAD: Duration = Duration::from_secs(60);

/// Runs all examples of a node.
pub async fn rehearse(node: &Arc<Node>, clock: &Clock) -> Findings {
    let mut findings = Findings::new();
    for example in &node.examples {
        let (answer, stage) = perform(node, example, clock).await;
        let unanswered = stage.unanswered();
        if unanswered.is_empty() {
            findings.extend(compare(node, example, &answer));
        } else {
            findings.extend(unanswered.iter().map(|asked| says_nothing(node, example, asked)));
        }
    }
    findings
}

/// What a node answers to the call of an example, whatever it expects.
pub async fn answer(node: &Arc<Node>, example: &Arc<Example>, clock: &Clock) -> Answer {
    perform(node, example, clock).await.0
}

async fn perform(node: &Arc<Node>, example: &Arc<Example>, clock: &Clock) -> (Answer, Arc<Stage>) {
    let stage = Arc::new(Stage::new(example));
    let clock = example.now.map_or_else(|| clock.clone(), Clock::fixed);
    let wire: Arc<dyn Transport> = Arc::clone(&stage) as Arc<dyn Transport>;
    let engine = Engine::new(
        Upstreams::new(wire),
        Cache::in_memory(MEMORY, clock.clone()),
        MEMORY,
        clock,
        Handle::current(),
        true,
    );
    let call: Call = example.send.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    // A busy machine takes nothing of the budget: an example is about what is answered.
    let trace = Arc::new(Trace::new(Instant::now() + AHEAD));
    // What an example makes an upstream say is no event of this service.
    let answer = engine.answer(node, &call, &trace).with_subscriber(NoSubscriber::new()).await;
    (answer, stage)
}

fn says_nothing(node: &Node, example: &Example, asked: &Unanswered) -> Finding {
    let Unanswered { operation, args } = asked;
    let (with, help) = if args.is_empty() {
        (String::new(), format!("add its answer: `upstream: {{ {operation}: … }}`"))
    } else {
        let with: Vec<String> = args.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
        let help = "add it to `upstream_when`, or say under `upstream` what is answered to all others";
        (format!(" with {}", with.join(", ")), help.to_owned())
    };
    let message =
        format!("example `{}` asks `{operation}`{with} and does not say what that answers", example.name);
    Finding::error(Code::ExampleUnanswered, &node.source, example.span, message)
        .of_example(&example.name)
        .help(help)
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
        let path = &operation.records;
        let mut said = example.upstream.iter().filter(|said| said.operation == operation.name);
        let is_passed_over = |canned: &Canned| match canned {
            Canned::Answer { body, .. } => !is_empty(body) && path.select(body).is_empty(),
            Canned::Timeout | Canned::Unreachable => false,
        };
        said.any(|said| is_passed_over(&said.canned)).then(|| {
            format!(
                "`records: {}` of `{}` selects nothing in the answer that is given",
                path.text(),
                operation.name
            )
        })
    })
}

fn is_empty(body: &Value) -> bool {
    match body {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
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
