//! The variables that a node's questions may read.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::clock::{Clock, seconds};
use crate::expr;
use crate::node::input::{Identifier, Inputs, Variables};
use crate::plan::Node;
use crate::record::{Outcome, Record};

/// A node's inputs, and what has been found so far. It owns its parts, so that it can go into a task that outlives
/// the call.
#[derive(Clone)]
pub(super) struct Scope {
    node: Arc<Node>,
    given: Arc<Inputs>,
    clock: Clock,
    outcome: Option<Outcome>,
    record: Option<Record>,
    /// Whom the record is about: keyed hashes.
    about: Arc<[u128]>,
    /// The reads that have ended so far: index and record.
    done: Vec<(usize, Record)>,
    /// The identifier in the form that is being asked for: index and value.
    form: Option<(usize, Value)>,
    /// The kind of account that is being asked for.
    kind: Option<Value>,
}

impl Scope {
    /// The inputs alone.
    pub(super) fn new(node: Arc<Node>, given: Arc<Inputs>, clock: Clock) -> Self {
        let (outcome, record, about, done) = (None, None, Arc::default(), Vec::new());
        Self { node, given, clock, outcome, record, about, done, form: None, kind: None }
    }

    /// With the record that the lookup found, and whom that is about.
    pub(super) fn with_record(&self, record: &Record, about: Arc<[u128]>) -> Self {
        Self { record: Some(Arc::clone(record)), about, ..self.clone() }
    }

    /// With how the lookup ended.
    pub(super) fn with_outcome(&self, outcome: Outcome, record: Option<&Record>) -> Self {
        Self { outcome: Some(outcome), record: record.cloned(), ..self.clone() }
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

    /// Whom the record is about that all is asked about: keyed hashes.
    pub(super) fn about(&self) -> &[u128] {
        &self.about
    }

    /// What the call was given.
    pub(super) fn given(&self) -> &Inputs {
        &self.given
    }

    /// Whom the node's lookup asks about.
    pub(super) fn sought(&self) -> impl Iterator<Item = &Identifier> {
        let by = self.node.lookup.iter().filter_map(|step| step.by);
        by.filter_map(|by| self.given.get(by)?.identifier.as_ref())
    }

    /// The node.
    pub(super) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// How the lookup ended, once it has.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    fn inputs(&self) -> Variables<'_> {
        Variables { inputs: &self.node.inputs, given: &self.given }
    }

    fn then(&self, name: &str) -> Option<&Value> {
        let at = self.node.then.iter().position(|read| read.name.as_ref() == name)?;
        self.done.iter().find(|(done, _)| *done == at).map(|(_, record)| record.as_ref())
    }

    /// All inputs, the one that is asked for in its form.
    fn all_inputs(&self) -> Value {
        let mut all = self.inputs().all();
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

impl expr::Scope for Scope {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "record" => return self.record.as_deref().map(Cow::Borrowed),
            "kind" => return self.kind.as_ref().map(Cow::Borrowed),
            "outcome" => return self.outcome.map(|outcome| Cow::Owned(outcome.name().into())),
            "now" => return Some(Cow::Owned(seconds(self.clock.wall()).into())),
            "inputs" => return Some(Cow::Owned(self.all_inputs())),
            _ => {}
        }
        let value = self.current(name).or_else(|| self.then(name)).or_else(|| self.inputs().get(name));
        value.map(Cow::Borrowed)
    }
}
