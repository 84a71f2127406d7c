//! What is asked of the API, as it is written. Unknown keys are refused: a misspelt one would purge something else.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::console::api::refusal::Refusal;
use crate::node::call::Call;
use crate::plan::Node;

/// The most calls in one request to warm.
const MOST_CALLS: usize = 100;

/// A purge: of one thing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Purge {
    node: Option<String>,
    operation: Option<String>,
    identifier: Option<Names>,
    region: Option<String>,
    #[serde(default)]
    all: bool,
}

/// What a purge is of.
#[derive(Debug)]
pub(super) enum What {
    All,
    Node(String),
    Operation(String),
    Customer(Forget),
}

/// A customer who is to be forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    /// Inputs of the node, or types, with their texts.
    pub(super) identifiers: Names,
    /// The node whose inputs they are.
    pub(super) node: Option<String>,
    /// The region of phone numbers that are named by type.
    pub(super) region: Option<String>,
}

/// Names with their texts.
pub(super) type Names = BTreeMap<String, Value>;

/// Calls that are to be answered before they come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Warm {
    pub(super) node: String,
    calls: Vec<Names>,
}

impl Purge {
    /// The one thing that is purged.
    pub(super) fn what(self) -> Result<What, Refusal> {
        let one =
            || Refusal::Body("name one of `node`, `operation`, `identifier` and `all: true`".to_owned());
        match (self.identifier, self.operation, self.node, self.all) {
            (Some(identifiers), None, node, false) => {
                Ok(What::Customer(Forget { identifiers, node, region: self.region }))
            }
            (None, Some(operation), None, false) => Ok(What::Operation(operation)),
            (None, None, Some(node), false) => Ok(What::Node(node)),
            (None, None, None, true) => Ok(What::All),
            _ => Err(one()),
        }
    }
}

impl Warm {
    /// The calls. One that names no input at all is a slip, not a call.
    pub(super) fn calls(&self, node: &Node) -> Result<Vec<Call>, Refusal> {
        if self.calls.len() > MOST_CALLS {
            return Err(Refusal::Body(format!("at most {MOST_CALLS} calls can be warmed at once")));
        }
        self.calls.iter().map(|names| call(names, node)).collect()
    }
}

fn call(names: &Names, node: &Node) -> Result<Call, Refusal> {
    let declared = |name: &str| node.inputs.iter().any(|input| input.answers_to(name));
    if !names.keys().any(|name| declared(name)) {
        let inputs: Vec<&str> = node.inputs.iter().map(|input| input.name.as_ref()).collect();
        return Err(Refusal::Asked(format!(
            "a call names no input of the node `{}`, which has {}",
            node.name,
            inputs.join(", ")
        )));
    }
    Ok(texts(names)?.into_iter().filter(|(name, _)| declared(name)).collect())
}

/// Names with their texts; a number by its literal digits.
pub(super) fn texts(names: &Names) -> Result<Vec<(String, String)>, Refusal> {
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Number(number) => Ok((name.clone(), number.to_string())),
        Value::Bool(value) => Ok((name.clone(), value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Refusal::Body(format!("`{name}` must be a text or a number")))
        }
    };
    names.iter().map(text).collect()
}
