//! An output: one parameter of the answer, where it comes from, its type and its defaults.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::expr::{Condition, Path, Scope, Template};
use crate::plan::operation::JsonTemplate;
use crate::record::Outcome;

/// One parameter of the answer.
#[derive(Debug)]
pub struct Output {
    /// Its name, any text but `error`.
    pub name: Arc<str>,
    /// What it means.
    pub about: Option<String>,
    /// Where its value comes from.
    pub source: Source,
    /// Which of several values under the path counts.
    pub many: Many,
    /// What each value is answered as, by canonical text; no match is the default.
    pub values: Option<Vec<(String, Value)>>,
    /// The type it is answered in.
    pub kind: Kind,
    /// Its value where the source gives none.
    pub default: Option<Value>,
    /// The same for these outcomes, before `default`.
    pub default_on: Vec<(Outcome, Value)>,
    /// Left out where it has no value and no default.
    pub optional: bool,
}

impl Output {
    /// The default for an outcome; None: left out.
    #[must_use]
    pub fn default_for(&self, outcome: Outcome) -> Option<&Value> {
        self.default_on
            .iter()
            .find(|(on, _)| *on == outcome)
            .map(|(_, value)| value)
            .or(self.default.as_ref())
    }
}

/// Where an output's value comes from.
#[derive(Debug)]
pub enum Source {
    /// A path in the record or in what a further read found.
    Path(From, Path),
    /// A text with the node's variables in it.
    Text(Template),
    /// The first choice whose condition is true.
    Choose(Vec<Choice>),
    /// The call's outcome.
    Outcome,
    /// Always the same.
    Constant(Value),
}

/// What a path is followed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The record that the lookup found.
    Record,
    /// What this read found: an index into the node's `then`.
    Then(usize),
    /// What the write answered.
    Write,
}

/// One alternative of `choose`.
#[derive(Debug)]
pub struct Choice {
    /// Taken where this is true; without it, always.
    pub when: Option<Condition>,
    /// The value.
    pub value: JsonTemplate,
}

/// Which of several values counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Many {
    /// The first.
    First,
    /// The last.
    Last,
    /// How many there are.
    Count,
    /// All, with this text between them.
    Join(String),
}

/// The type that an output is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON string.
    String,
    /// A JSON number without a fraction.
    Int,
    /// A JSON number.
    Number,
    /// `true` or `false`.
    Bool,
}

impl Kind {
    /// The type's name in a mapping file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Number => "number",
            Self::Bool => "bool",
        }
    }
}

/// How an answer is written.
#[derive(Debug)]
pub enum Dialect {
    /// A flat JSON object, each output in its type.
    Json,
    /// A flat JSON object of strings.
    Strings,
    /// `k=v&k=v`, percent-encoded, for Asterisk.
    Pairs,
    /// A template of the node's own, over `outputs`, `outcome` and `error`.
    Template {
        /// The template.
        template: Template,
        /// Its media type.
        content_type: Arc<str>,
    },
}

/// What an answer template reads.
#[derive(Debug)]
pub struct Answer {
    outputs: Value,
    outcome: Value,
    error: Value,
}

impl Answer {
    /// These outputs, of a call that ended so; `error` is empty unless it was refused.
    pub fn new(outputs: impl IntoIterator<Item = (String, Value)>, outcome: Outcome, error: &str) -> Self {
        let outputs = Value::Object(outputs.into_iter().collect::<Map<_, _>>());
        Self { outputs, outcome: outcome.name().into(), error: error.into() }
    }
}

impl Scope for Answer {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "outputs" => Some(Cow::Borrowed(&self.outputs)),
            "outcome" => Some(Cow::Borrowed(&self.outcome)),
            "error" => Some(Cow::Borrowed(&self.error)),
            _ => None,
        }
    }
}
