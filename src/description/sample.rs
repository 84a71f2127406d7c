//! A call of a node to try it with: the parameters of one of its examples, as lines for a shell. Nothing in them can
//! end a quotation, and a key is named by its variable.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::node::input::{Input, InputKind};
use crate::plan::example::Example;
use crate::plan::{Keys, Node};
use crate::record::Outcome;

/// A sample call.
pub struct Sample {
    send: Vec<(String, String)>,
    /// The header with the key, quoted for a shell.
    key: Option<String>,
}

impl Sample {
    /// The call of the first example that finds or does something, else of the first that sends anything, else one that
    /// is made up.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        let sends = || node.examples.iter().filter(|example| !example.send.is_empty());
        let succeeds =
            |example: &&Arc<Example>| matches!(example.outcome, Some(Outcome::Found | Outcome::Done));
        let example = sends().find(succeeds).or_else(|| sends().next());
        let send = example.map_or_else(|| made_up(node), |example| example.send.clone());
        let header = |keys: &Keys| format!("\"{}: {}\"", escaped(&keys.header), key(keys));
        Self { send, key: node.access.keys.as_ref().map(header) }
    }

    /// By GET.
    #[must_use]
    pub fn get(&self, url: &str) -> String {
        let pairs = self.pairs();
        let target = if pairs.is_empty() { url.to_owned() } else { format!("{url}?{pairs}") };
        self.line(&quoted(&target))
    }

    /// By POST, as a FORM.
    #[must_use]
    pub fn form(&self, url: &str) -> String {
        self.line(&format!("-d {} {}", quoted(&self.pairs()), quoted(url)))
    }

    /// By POST, as JSON.
    #[must_use]
    pub fn json(&self, url: &str) -> String {
        let members: Map<String, Value> =
            self.send.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let body = quoted(&Value::Object(members).to_string());
        self.line(&format!("-H 'Content-Type: application/json' -d {body} {}", quoted(url)))
    }

    fn pairs(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.send).finish()
    }

    fn line(&self, rest: &str) -> String {
        match &self.key {
            Some(key) => format!("curl -H {key} {rest}"),
            None => format!("curl {rest}"),
        }
    }
}

/// What the header of a node's key holds, the key by its variable.
pub(super) fn key(keys: &Keys) -> String {
    let variable = keys.variables.first().map_or("NODE_KEY", String::as_str);
    if keys.header == "authorization" { format!("Bearer ${variable}") } else { format!("${variable}") }
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text within double quotes of a POSIX shell.
fn escaped(text: &str) -> String {
    text.replace('`', r"\`").replace('$', r"\$")
}

/// What a node without examples may be sent: its first identifier, and all that has no default.
fn made_up(node: &Node) -> Vec<(String, String)> {
    let first = node.lookup.iter().find_map(|step| step.by);
    let is_sent = |(at, input): &(usize, &Input)| {
        first == Some(*at) || (!input.kind.is_identifier() && input.default.is_none())
    };
    let value = |input: &Input| match input.kind {
        InputKind::Phone { .. } => "+6591234567",
        InputKind::Email => "someone@example.com",
        InputKind::Account(_) => "1001",
        InputKind::Text => "text",
        InputKind::Int => "1",
        InputKind::Number => "1.5",
        InputKind::Bool => "true",
    };
    let sent = node.inputs.iter().enumerate().filter(is_sent);
    sent.map(|(_, input)| (input.name.to_string(), value(input).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_text_ends_its_quotation() {
        assert_eq!(quoted("it's $HOME `x` 电话"), r"'it'\''s $HOME `x` 电话'");
    }
}
