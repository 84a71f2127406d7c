//! The variables that a node's questions may read.

use std::borrow::Cow;

use serde_json::Value;

use crate::clock::Clock;
use crate::expr;
use crate::node::input::{Inputs, Variables};
use crate::output::Held;
use crate::plan::Node;
use crate::record::{Outcome, Record};

/// A node's inputs, and what has been found so far.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    node: &'a Node,
    inputs: Variables<'a>,
    clock: &'a Clock,
    outcome: Option<Outcome>,
    record: Option<&'a Record>,
    then: &'a [Held],
    /// The identifier in the form that is being asked for, and the kind of account.
    form: Option<(usize, Value)>,
    kind: Option<Value>,
    /// Reads that are known while others still run.
    done: Vec<(usize, Record)>,
}

impl<'a> Scope<'a> {
    /// The inputs alone.
    pub(super) fn new(node: &'a Node, given: &'a Inputs, clock: &'a Clock) -> Self {
        let inputs = Variables { inputs: &node.inputs, given };
        Self {
            node,
            inputs,
            clock,
            outcome: None,
            record: None,
            then: &[],
            form: None,
            kind: None,
            done: Vec::new(),
        }
    }

    /// With the record that the lookup found.
    pub(super) fn with_record(&self, record: &'a Record) -> Self {
        Self { record: Some(record), ..self.clone() }
    }

    /// With how the lookup ended.
    pub(super) fn with_outcome(&self, outcome: Outcome, record: Option<&'a Record>) -> Self {
        Self { outcome: Some(outcome), record, ..self.clone() }
    }

    /// With what the further reads gave.
    pub(super) fn with_then(&self, then: &'a [Held]) -> Self {
        Self { then, ..self.clone() }
    }

    /// With one identifier written as it is asked for now.
    pub(super) fn with_form(&self, input: usize, form: String, kind: Option<&str>) -> Self {
        let kind = kind.map(|kind| Value::String(kind.to_owned()));
        Self { form: Some((input, Value::String(form))), kind, ..self.clone() }
    }

    /// With the reads that have ended so far.
    pub(super) fn with_done(&self, done: Vec<(usize, Record)>) -> Self {
        Self { done, ..self.clone() }
    }

    /// What the call was given.
    pub(super) fn given(&self) -> &'a Inputs {
        self.inputs.given
    }

    /// The node.
    pub(super) fn node(&self) -> &'a Node {
        self.node
    }

    /// The record, once there is one.
    pub(super) fn record(&self) -> Option<&'a Record> {
        self.record
    }

    fn then(&self, name: &str) -> Option<&Value> {
        let at = self.node.then.iter().position(|read| read.name.as_ref() == name)?;
        if let Some((_, record)) = self.done.iter().find(|(done, _)| *done == at) {
            return Some(record);
        }
        match self.then.get(at)? {
            Held::Record(record) => Some(record),
            Held::Nothing | Held::Failed(_) => None,
        }
    }

    /// All inputs, the one that is asked for in its form.
    fn all_inputs(&self) -> Value {
        let mut all = self.inputs.all();
        if let Some((at, form)) = &self.form
            && let Some(input) = self.node.inputs.get(*at)
            && let Some(members) = all.as_object_mut()
        {
            members.insert(input.name.to_string(), form.clone());
        }
        all
    }

    fn current(&self, name: &str) -> Option<&Value> {
        let (input, value) = self.form.as_ref()?;
        let asked = self.node.inputs.get(*input)?;
        (asked.name.as_ref() == name).then_some(value)
    }
}

impl expr::Scope for Scope<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "record" => return self.record.map(|record| Cow::Borrowed(record.as_ref())),
            "kind" => return self.kind.as_ref().map(Cow::Borrowed),
            "outcome" => return self.outcome.map(|outcome| Cow::Owned(outcome.name().into())),
            "now" => return Some(Cow::Owned(now(self.clock))),
            "inputs" => return Some(Cow::Owned(self.all_inputs())),
            _ => {}
        }
        let value = self.current(name).or_else(|| self.then(name)).or_else(|| self.inputs.get(name));
        value.map(Cow::Borrowed)
    }
}

/// Seconds since 1970.
fn now(clock: &Clock) -> Value {
    let since = clock.wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.as_secs().into()
}
