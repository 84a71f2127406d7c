//! Outcome to reply: makes exactly the declared outputs, in order and in type, from what a call found. It cannot
//! fail: what is missing or cannot be converted is the default.

pub mod account;
mod convert;
mod dialect;
mod scope;
pub mod why;

use std::sync::Arc;

use serde_json::Value;

use crate::expr::{Path, RenderError, text_of};
use crate::node::input::Inputs;
use crate::node::reply::{Outputs, Reply};
use crate::output::convert::{convert, mapped};
use crate::output::scope::Scope;
use crate::output::why::Why;
use crate::plan::Node;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{From, Many, Output, Source};
use crate::record::{Failure, Outcome, Record};

/// What one read of the node gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// A record.
    Record(Record),
    /// Nothing: there is no such record, or its condition said no.
    Nothing,
    /// Several records where there may be only one.
    Ambiguous,
    /// It failed.
    Failed(Failure),
}

impl Held {
    fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Nothing | Self::Ambiguous | Self::Failed(_) => None,
        }
    }

    /// The outcome by which outputs that read this take their defaults.
    fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Record(_) => None,
            Self::Nothing => Some(Outcome::NotFound),
            Self::Ambiguous => Some(Outcome::Ambiguous),
            Self::Failed(failure) => Some(failure.outcome()),
        }
    }
}

/// All that a reply is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// How the call ended.
    pub outcome: Outcome,
    /// What it was called with.
    pub inputs: &'a Inputs,
    /// The record that the lookup found.
    pub record: Option<&'a Record>,
    /// What the further reads gave, in the order of the node's `then`; shorter where they were not begun.
    pub then: &'a [Held],
    /// What the write answered.
    pub write: Option<&'a Held>,
    /// What was wrong with the call, for a refusal.
    pub error: Option<&'a str>,
    /// When it is answered, in seconds since 1970.
    pub now: u64,
}

/// Makes the reply, and says what is in it.
#[must_use]
pub fn reply(node: &Node, facts: Facts<'_>) -> (Reply, Outputs) {
    let outputs =
        if node.null_on.contains(&facts.outcome) { Outputs::Null } else { Outputs::Made(make(node, facts)) };
    let (content_type, body) = dialect::write(node, facts, &outputs);
    (Reply { outcome: facts.outcome, content_type, body }, outputs)
}

fn make(node: &Node, facts: Facts<'_>) -> Vec<(Arc<str>, Value)> {
    let mut scope = Scope { node, facts, made: vec![None; node.outputs.len()] };
    for at in &node.making {
        let Some(output) = node.outputs.get(*at) else {
            continue;
        };
        // What is missing or cannot be converted is the default, or left out.
        let value =
            sourced(output, &scope).ok().or_else(|| output.default_for(missed(output, &scope)).cloned());
        if let Some(place) = scope.made.get_mut(*at) {
            *place = value;
        }
    }
    let named = node.outputs.iter().zip(scope.made);
    named.filter_map(|(output, value)| Some((Arc::clone(&output.name), value?))).collect()
}

/// The outcome by which an output without a value takes its default.
fn missed(output: &Output, scope: &Scope<'_>) -> Outcome {
    scope.failed_read(output).unwrap_or(scope.facts.outcome)
}

fn sourced(output: &Output, scope: &Scope<'_>) -> Result<Value, Why> {
    value_of(output, scope).map_err(|why| match (&why, scope.failed_read(output)) {
        // What was asked and failed is another thing than what is not there.
        (
            Why::NoRead | Why::NotThere(_) | Why::Template(RenderError::Missing(_)),
            Some(failed @ (Outcome::Timeout | Outcome::Error | Outcome::Ambiguous)),
        ) => Why::ReadFailed(failed),
        // It failed because nobody was found, which says more.
        (Why::NotThere(_) | Why::Template(_), _) if scope.lacks_record(output) => {
            Why::NoRecord(scope.facts.outcome)
        }
        _ => why,
    })
}

fn value_of(output: &Output, scope: &Scope<'_>) -> Result<Value, Why> {
    let found = match &output.source {
        Source::Constant(value) => return Ok(value.clone()),
        Source::Path(from, path) => {
            let why = match from {
                From::Record => Why::NoRecord(scope.facts.outcome),
                From::Then(_) | From::Write => Why::NoRead,
            };
            let record = scope.from(*from).ok_or(why)?;
            return selected(output, &under(path, record), path.text());
        }
        Source::Outcome => Value::String(scope.facts.outcome.name().to_owned()),
        Source::Text(template) => {
            let value = template.value(scope).map_err(Why::Template)?;
            value.ok_or_else(|| Why::NotThere(template.text().to_owned()))?
        }
        Source::Choose(choices) => {
            let chosen = choices
                .iter()
                .find(|choice| choice.when.as_ref().is_none_or(|when| when.test(scope).unwrap_or(false)))
                .ok_or(Why::NoChoice)?;
            constant_or_text(&chosen.value, scope)?
        }
    };
    finish(output, &found)
}

/// The values under a path; a list that it ends at counts as its items.
fn under<'r>(path: &Path, record: &'r Record) -> Vec<&'r Value> {
    let values = path.select(record);
    match (values.as_slice(), path.is_plural()) {
        ([Value::Array(items)], false) => items.iter().collect(),
        _ => values,
    }
}

fn constant_or_text(template: &JsonTemplate, scope: &Scope<'_>) -> Result<Value, Why> {
    match template {
        JsonTemplate::Constant(value) => Ok(value.clone()),
        JsonTemplate::Text(template) => {
            let value = template.value(scope).map_err(Why::Template)?;
            value.ok_or_else(|| Why::NotThere(template.text().to_owned()))
        }
        JsonTemplate::List(_) | JsonTemplate::Object(_) => Err(Why::NoScalar("a list")),
    }
}

/// Of the values under a path, the one that counts.
fn selected(output: &Output, values: &[&Value], path: &str) -> Result<Value, Why> {
    match &output.many {
        Many::Count => {
            let there = values.iter().filter(|value| !value.is_null()).count();
            finish(output, &Value::from(there))
        }
        Many::First | Many::Last => {
            let value = if output.many == Many::First { values.first() } else { values.last() };
            finish(output, value.ok_or_else(|| Why::Nothing(path.to_owned()))?)
        }
        Many::Join(between) => {
            let texts: Vec<String> = values
                .iter()
                .filter_map(|value| mapped(output, value).ok())
                .filter_map(|value| text_of(&value).map(|text| text.into_owned()))
                .collect();
            if texts.is_empty() {
                return Err(Why::NothingToJoin(path.to_owned()));
            }
            convert(output.kind, &Value::String(texts.join(between)))
        }
    }
}

fn finish(output: &Output, found: &Value) -> Result<Value, Why> {
    let mapped = mapped(output, found)?;
    convert(output.kind, &mapped)
}
