//! Answers calls before they come, so that what they need is kept when they do.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::lookup::Engine;
use crate::node::call::Call;
use crate::plan::Node;
use crate::trace::Trace;

/// How many are answered at the same time.
const TOGETHER: usize = 8;

/// How each of the calls ended, in their order.
pub(super) async fn warm(engine: &Engine, node: &Arc<Node>, calls: &[Call]) -> Value {
    let answers = stream::iter(calls).map(|call| one(engine, node, call)).buffered(TOGETHER);
    let calls: Vec<Value> = answers.collect().await;
    json!({ "node": node.name, "calls": calls })
}

async fn one(engine: &Engine, node: &Arc<Node>, call: &Call) -> Value {
    let trace = Arc::new(Trace::new(Instant::now()));
    let answer = engine.answer(node, call, &trace).await;
    let partial: Vec<&str> = answer.partial.iter().map(AsRef::as_ref).collect();
    json!({ "outcome": answer.reply.outcome.name(), "cache": answer.tier.name(), "partial": partial })
}
