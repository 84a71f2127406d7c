//! What to type into an IVR's form for a node: address, headers, parameters, outputs, outcomes. In: a plan and the
//! gateway's address. Out: the same for people, programs and pages; no secret is in it.

pub mod sample;

mod input;
mod outcome;
mod output;

use serde::Serialize;
use serde_json::Value;

use crate::description::sample::Sample;
use crate::plan::Node;
use crate::plan::output::Dialect;

/// A node, as those who call it see it.
#[derive(Debug, Serialize)]
pub struct Description {
    /// Its name.
    pub node: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where it is called.
    pub url: String,
    /// The methods that it takes: `GET`, `POST`.
    pub methods: Vec<&'static str>,
    /// The longest that an answer takes, in milliseconds: the IVR must wait longer.
    pub budget_ms: u128,
    /// What the call must carry, and from where it may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The parameters to send.
    pub inputs: Vec<Input>,
    /// The parameters of the answer, in this order.
    pub outputs: Vec<Output>,
    /// How a call may end.
    pub outcomes: Vec<Ending>,
    /// How the answer is written.
    pub answer: Answer,
    /// Lines for a shell that work as they stand.
    pub curl: Curl,
}

/// Who may call.
#[derive(Debug, Serialize)]
pub struct Access {
    /// The header that carries the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What the header holds, the key by the variable that keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Networks that may call; empty: all.
    pub networks: Vec<String>,
    /// Calls a second that one caller may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
}

/// A parameter to send.
#[derive(Debug, Serialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it is: `phone`, `email`, `account`, `text`, `int`, `number`, `bool`.
    pub r#type: &'static str,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Whether it must be sent.
    pub need: Need,
    /// Of a phone: the country of numbers without a country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Of a phone: the input that names the country of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_from: Option<String>,
    /// Of an account: its kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Other names under which it may come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A header that it may come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Its value where none is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

/// Whether a parameter must be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Without it, nobody is looked for.
    Needed,
    /// Without any of those of this kind, nobody is looked for.
    OneOf,
    /// It may be left out.
    Optional,
}

/// A parameter of the answer.
#[derive(Debug, Serialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The type that it is answered in: `string`, `int`, `number`, `bool`.
    pub r#type: &'static str,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// All that it can be; empty: anything of its type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Its value where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The same for single outcomes.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub default_on: serde_json::Map<String, Value>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A way in which a call may end.
#[derive(Debug, Serialize)]
pub struct Ending {
    /// The outcome.
    pub outcome: &'static str,
    /// When that is.
    pub about: &'static str,
    /// The HTTP status.
    pub status: &'static str,
    /// Whether the answer is `null` then.
    pub is_null: bool,
}

/// How the answer is written.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// `json`, `strings`, `pairs` or `template`.
    pub dialect: &'static str,
    /// Its media type.
    pub content_type: String,
}

/// Lines for a shell; none where the node does not take the method.
#[derive(Debug, Serialize)]
pub struct Curl {
    /// By GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get: Option<String>,
    /// By POST, as a FORM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// By POST, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
}

impl Description {
    /// Describes a node that is called below this address, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn of(node: &Node, base: &str) -> Self {
        let url = format!("{}/nodes/{}", base.trim_end_matches('/'), node.name);
        let methods = [(node.methods.get, "GET"), (node.methods.post, "POST")];
        let sample = Sample::of(node);
        Self {
            node: node.name.to_string(),
            about: node.about.clone(),
            methods: methods.into_iter().filter(|(takes, _)| *takes).map(|(_, name)| name).collect(),
            budget_ms: node.budget.as_millis(),
            access: access(node),
            inputs: input::all(node),
            outputs: node.outputs.iter().map(|output| output::one(output, node)).collect(),
            outcomes: outcome::endings(node),
            answer: answer(&node.dialect),
            curl: Curl {
                get: node.methods.get.then(|| sample.get(&url)),
                form: node.methods.post.then(|| sample.form(&url)),
                json: node.methods.post.then(|| sample.json(&url)),
            },
            url,
        }
    }
}

fn access(node: &Node) -> Option<Access> {
    let access = &node.access;
    let is_open = access.keys.is_none() && access.networks.is_empty() && access.per_second.is_none();
    (!is_open).then(|| Access {
        header: access.keys.as_ref().map(|keys| keys.header.clone()),
        value: access.keys.as_ref().map(sample::key),
        networks: access.networks.iter().map(ToString::to_string).collect(),
        per_second: access.per_second,
    })
}

fn answer(dialect: &Dialect) -> Answer {
    let (dialect, content_type) = match dialect {
        Dialect::Json => ("json", "application/json"),
        Dialect::Strings => ("strings", "application/json"),
        Dialect::Pairs => ("pairs", "application/x-www-form-urlencoded"),
        Dialect::Template { content_type, .. } => ("template", content_type.as_ref()),
    };
    Answer { dialect, content_type: content_type.to_owned() }
}
