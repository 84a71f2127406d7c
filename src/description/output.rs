//! The parameters of a node's answer, with all that they can be where that is known.

use serde_json::{Map, Value};

use crate::description::{Output, outcome};
use crate::expr::text_of;
use crate::plan::Node;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{self, Choice, Dialect, Kind, Many, Source};

/// Describes one output, as the node's dialect writes it.
pub(super) fn one(output: &output::Output, node: &Node) -> Output {
    let is_text = matches!(node.dialect, Dialect::Strings | Dialect::Pairs);
    let written = |value: Value| match text_of(&value) {
        Some(text) if is_text => Value::String(text.into_owned()),
        _ => value,
    };
    let on = output.default_on.iter();
    let default_on: Map<String, Value> =
        on.map(|(outcome, value)| (outcome.name().to_owned(), written(value.clone()))).collect();
    let values = values(output, node).unwrap_or_default();
    Output {
        name: output.name.to_string(),
        r#type: if is_text { Kind::String.name() } else { output.kind.name() },
        about: output.about.clone(),
        values: values.into_iter().map(written).collect(),
        default: output.default.clone().map(written),
        default_on,
        optional: output.optional,
    }
}

/// All that an output can be; none: anything of its type.
fn values(output: &output::Output, node: &Node) -> Option<Vec<Value>> {
    let made = match (&output.source, &output.values) {
        (_, Some(table)) if !matches!(output.many, Many::Join(_)) => {
            table.iter().map(|(_, value)| value.clone()).collect()
        }
        (_, Some(_)) => return None,
        (Source::Constant(value), None) => vec![value.clone()],
        (Source::Outcome, None) => {
            outcome::possible(node).into_iter().map(|outcome| Value::from(outcome.name())).collect()
        }
        (Source::Choose(choices), None) => choices.iter().map(constant).collect::<Option<Vec<_>>>()?,
        (Source::Path(..) | Source::Text(_), None) if output.kind == Kind::Bool => {
            vec![Value::Bool(true), Value::Bool(false)]
        }
        (Source::Path(..) | Source::Text(_), None) => return None,
    };
    let defaults = output.default.iter().chain(output.default_on.iter().map(|(_, value)| value));
    let mut all: Vec<Value> = Vec::new();
    for value in made.into_iter().chain(defaults.cloned()) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    Some(all)
}

fn constant(choice: &Choice) -> Option<Value> {
    match &choice.value {
        JsonTemplate::Constant(value) => Some(value.clone()),
        JsonTemplate::Text(_) | JsonTemplate::List(_) | JsonTemplate::Object(_) => None,
    }
}
