//! Where each output has its value from. What the mapping's author wrote (defaults, `values`, choices) is shown as it
//! is; what comes from a record is personal.

use serde_json::{Map, Value, json};

use crate::explain::Past;
use crate::explain::mask::{Kind, mark};
use crate::expr::Template;
use crate::output::account::{Account, account};
use crate::plan::Node;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{From, Many, Output, Source};

/// Each output of the node.
pub(super) fn outputs(past: &Past) -> Value {
    if past.node.null_on.contains(&past.outcome) {
        return json!([]);
    }
    let accounts = account(&past.node, past.facts());
    accounts.iter().map(|account| Value::Object(one(&past.node, account))).collect()
}

fn one(node: &Node, account: &Account<'_>) -> Map<String, Value> {
    let output = account.output;
    let mut told = Map::new();
    told.insert("name".into(), (*output.name).into());
    let is_personal = account.default.is_none() && !is_the_authors(output, account.value.as_ref());
    let value = account.value.clone();
    told.insert(
        "value".into(),
        value.map_or(Value::Null, |value| if is_personal { mark(Kind::Other, value) } else { value }),
    );
    source(&mut told, node, output);
    if matches!(output.source, Source::Path(..)) {
        told.insert("matched".into(), account.count.into());
        let matched = account.matched.iter().map(|value| mark(Kind::Other, value.clone()));
        told.insert("values".into(), matched.collect());
        told.insert("mapped".into(), output.values.is_some().into());
    }
    if let Some((why, outcome)) = &account.default {
        let how = if account.value.is_some() { "default" } else { "left_out" };
        let mut because = json!({ "code": why.code(), "text": why.to_string(), "outcome": outcome.name() });
        if let (Some(found), Some(because)) = (why.found(), because.as_object_mut()) {
            because.insert("found".into(), mark(Kind::Other, found));
        }
        told.insert(how.into(), because);
    }
    told
}

fn source(told: &mut Map<String, Value>, node: &Node, output: &Output) {
    let (how, text) = match &output.source {
        Source::Path(from, path) => {
            let from = match from {
                From::Record => "record".to_owned(),
                From::Then(at) => node.then.get(*at).map(|read| read.name.to_string()).unwrap_or_default(),
                From::Write => node.write.as_ref().map(|write| write.name.to_string()).unwrap_or_default(),
            };
            told.insert("in".into(), from.into());
            ("path", path.text().to_owned())
        }
        Source::Text(template) => ("text", template.text().to_owned()),
        Source::Choose(choices) => ("choose", format!("{} choices", choices.len())),
        Source::Outcome => ("outcome", String::new()),
        Source::Constant(_) => ("value", String::new()),
    };
    told.insert("source".into(), how.into());
    if !text.is_empty() {
        told.insert(how.into(), text.into());
    }
}

/// Whether a value stands in the mapping file itself, so that it can be nobody's.
fn is_the_authors(output: &Output, value: Option<&Value>) -> bool {
    match &output.source {
        Source::Outcome | Source::Constant(_) => true,
        Source::Path(..) => output.values.is_some() || output.many == Many::Count,
        Source::Text(template) => template.is_literal(),
        Source::Choose(choices) => choices.iter().any(|choice| match &choice.value {
            JsonTemplate::Constant(constant) => Some(constant) == value,
            JsonTemplate::Text(template) => is_it(template, value),
            JsonTemplate::List(_) | JsonTemplate::Object(_) => false,
        }),
    }
}

fn is_it(template: &Template, value: Option<&Value>) -> bool {
    template.is_literal() && value.and_then(Value::as_str) == Some(template.text())
}
