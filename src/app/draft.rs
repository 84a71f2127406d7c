//! What a node that is only drafted would answer: compiled beside the operations that are there, and its example
//! answered by the true engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::app::Environment;
use crate::clock::Clock;
use crate::diagnostic::Findings;
use crate::mapping;
use crate::node::reply::Outputs;
use crate::plan::operation::Operation;
use crate::rehearsal;

/// The outputs of a draft's first example, and all that is wrong with the draft.
#[derive(Debug)]
pub struct Tried {
    /// The outputs; none: it does not compile, or answers `null`.
    pub outputs: Option<Vec<(String, Value)>>,
    /// What was found.
    pub findings: Findings,
}

/// Tries a draft: the text of a node and, where it has one of its own, of its upstream.
pub async fn try_draft(
    node: &str,
    upstream: Option<&str>,
    operations: &BTreeMap<Arc<str>, Arc<Operation>>,
    environment: Environment,
) -> Tried {
    let (node, mut findings) = mapping::compile_draft(node, upstream, operations, &environment);
    let Some(node) = node.map(Arc::new) else { return Tried { outputs: None, findings } };
    let clock = Clock::system();
    findings.append(rehearsal::rehearse(&node, &clock).await);
    let outputs = match node.examples.first() {
        Some(example) => rehearsal::answer(&node, example, &clock).await.outputs,
        None => Outputs::Null,
    };
    let outputs = match outputs {
        Outputs::Made(outputs) => {
            Some(outputs.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
        }
        Outputs::Null | Outputs::Kept => None,
    };
    Tried { outputs, findings }
}
