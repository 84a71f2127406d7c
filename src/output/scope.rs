//! The variables that an output's expressions may read.

use std::borrow::Cow;

use serde_json::Value;

use crate::expr::{self, Read, Template};
use crate::node::input::Variables;
use crate::output::{Facts, Held};
use crate::plan::Node;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{From, Output, Source};
use crate::record::{Outcome, Record};

/// A node's inputs, records and the outputs made so far.
pub(super) struct Scope<'a> {
    pub(super) node: &'a Node,
    pub(super) facts: Facts<'a>,
    pub(super) made: Vec<Option<Value>>,
}

impl Scope<'_> {
    /// The record that a path is followed in.
    pub(super) fn from(&self, from: From) -> Option<&Record> {
        match from {
            From::Record => self.facts.record,
            From::Then(at) => self.facts.then.get(at)?.record(),
            From::Write => self.facts.write?.record(),
        }
    }

    /// Of the reads that an output uses, the outcome of the first that gave nothing.
    pub(super) fn failed_read(&self, output: &Output) -> Option<Outcome> {
        if self.facts.record.is_none() && !self.node.lookup.is_empty() {
            return None;
        }
        let held = |from: From| match from {
            From::Record => None,
            From::Then(at) => self.facts.then.get(at).and_then(Held::outcome),
            From::Write => self.facts.write.and_then(Held::outcome),
        };
        let first = |reads: &[Read]| reads.iter().find_map(|read| self.read_named(&read.root).and_then(held));
        match &output.source {
            Source::Path(from, _) => held(*from),
            Source::Text(template) => first(template.reads()),
            Source::Choose(choices) => choices.iter().find_map(|choice| {
                let when = choice.when.as_ref().and_then(|when| first(when.reads()));
                when.or_else(|| match &choice.value {
                    JsonTemplate::Text(template) => first(template.reads()),
                    JsonTemplate::Constant(_) | JsonTemplate::List(_) | JsonTemplate::Object(_) => None,
                })
            }),
            Source::Outcome | Source::Constant(_) => None,
        }
    }

    /// Whether the text that it would be made of reads the record, and there is none.
    pub(super) fn lacks_record(&self, output: &Output) -> bool {
        let reads = |template: &Template| template.reads().iter().any(|read| read.root == "record");
        let is_read = match &output.source {
            Source::Text(template) => reads(template),
            Source::Choose(choices) => choices
                .iter()
                .any(|choice| matches!(&choice.value, JsonTemplate::Text(template) if reads(template))),
            Source::Path(..) | Source::Outcome | Source::Constant(_) => false,
        };
        is_read && self.facts.record.is_none()
    }

    fn read_named(&self, name: &str) -> Option<From> {
        if let Some(at) = self.node.then.iter().position(|read| read.name.as_ref() == name) {
            return Some(From::Then(at));
        }
        self.node.write.as_ref().filter(|write| write.name.as_ref() == name).map(|_| From::Write)
    }

    fn made(&self, name: &str) -> Option<&Value> {
        let at = self.node.outputs.iter().position(|output| output.name.as_ref() == name)?;
        self.made.get(at)?.as_ref()
    }

    fn all_made(&self) -> Value {
        let named = self.node.outputs.iter().zip(&self.made);
        let there = named.filter_map(|(output, value)| Some((output.name.to_string(), value.clone()?)));
        Value::Object(there.collect())
    }
}

impl expr::Scope for Scope<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let inputs = Variables { inputs: &self.node.inputs, given: self.facts.inputs };
        match name {
            "record" => return self.facts.record.map(|record| Cow::Borrowed(record.as_ref())),
            "outcome" => return Some(Cow::Owned(Value::String(self.facts.outcome.name().to_owned()))),
            "inputs" => return Some(Cow::Owned(inputs.all())),
            "now" => return Some(Cow::Owned(self.facts.now.into())),
            "outputs" => return Some(Cow::Owned(self.all_made())),
            _ => {}
        }
        if let Some(from) = self.read_named(name) {
            return self.from(from).map(|record| Cow::Borrowed(record.as_ref()));
        }
        self.made(name).or_else(|| inputs.get(name)).map(Cow::Borrowed)
    }
}
