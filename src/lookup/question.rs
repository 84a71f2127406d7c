//! A question of a node: a step of its lookup or a further read, with whom and what it asks.

use std::fmt::Write;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::cache::{Entry, Kept, StepKey};
use crate::lookup::ask::{Asking, arguments};
use crate::lookup::scope::Scope;
use crate::lookup::step::{self, Found};
use crate::lookup::then;
use crate::node::input::Identifier;
use crate::plan::operation::Operation;
use crate::plan::{Keep, Read, Step};
use crate::record::{Failure, Tier};
use crate::trace::TraceId;

/// What a question gave, and how far it had to go.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) found: Found,
    /// None where no cache could have helped.
    pub(super) tier: Option<Tier>,
    /// What it was answered from, if that is kept.
    pub(super) entry: Option<Arc<Entry>>,
}

impl Asked {
    /// It was not asked.
    pub(super) fn not() -> Self {
        Self { found: Found::NotAsked, tier: None, entry: None }
    }

    /// It could not be asked.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { found: Found::Failed(failure), tier: None, entry: None }
    }

    /// It is kept. None: what is kept cannot be read.
    pub(super) fn of(entry: Arc<Entry>, tier: Tier) -> Option<Self> {
        let found = match entry.kept()? {
            Kept::Record(record) => Found::Record(record),
            Kept::Nothing => Found::Nothing,
        };
        Some(Self { found, tier: Some(tier), entry: Some(entry) })
    }

    /// The call that asked for what it was answered from.
    pub(super) fn by(&self) -> Option<TraceId> {
        self.entry.as_ref().map(|entry| entry.by())
    }
}

/// A step or a read, with whom and what it asks.
pub(super) struct Question {
    pub(super) place: Place,
    pub(super) operation: Arc<Operation>,
    pub(super) keep: Keep,
    /// Whom, and with which other values.
    pub(super) identity: String,
}

/// Where in the node the question stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Lookup(usize),
    Then(usize),
}

impl Question {
    /// What it is kept under.
    pub(super) fn key(&self) -> StepKey<'_> {
        let operation = self.operation.name.as_ref();
        StepKey { revision: self.keep.revision, operation, identity: &self.identity }
    }

    /// How its result is kept.
    pub(super) fn keep(&self) -> &Keep {
        &self.keep
    }

    /// The operation that it asks.
    pub(super) fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The step of the lookup that it is; none: a further read.
    pub(super) fn step(&self) -> Option<usize> {
        match self.place {
            Place::Lookup(at) => Some(at),
            Place::Then(_) => None,
        }
    }

    /// The question of a step: its identifier, and the other inputs it depends on. Nothing is rendered for it.
    pub(super) fn of_step(step: &Step, at: usize, identifier: Option<&Identifier>, scope: &Scope) -> Self {
        let mut identity = identifier.map(Identifier::key).unwrap_or_default();
        for input in &step.keep.inputs {
            let given = scope.given().get(*input);
            // Writing to a text cannot fail.
            let _ = match given {
                Some(given) => write!(identity, "\u{1f}{}", given.value),
                None => write!(identity, "\u{1f}"),
            };
        }
        let operation = Arc::clone(&step.ask.operation);
        Self { place: Place::Lookup(at), operation, keep: step.keep.clone(), identity }
    }

    /// The question of a further read: its arguments, which the record gives.
    pub(super) fn of_read(read: &Read, at: usize, scope: &Scope) -> Result<Self, Failure> {
        let arguments = arguments(&read.ask, scope)?;
        let identity = serde_json::to_string(&arguments).unwrap_or_default();
        let operation = Arc::clone(&read.ask.operation);
        Ok(Self { place: Place::Then(at), operation, keep: read.keep.clone(), identity })
    }
}

impl Place {
    pub(super) fn ask(self, scope: Scope, asking: Asking) -> BoxFuture<'static, Found> {
        match self {
            Self::Lookup(at) => step::ask_all(at, scope, asking),
            Self::Then(at) => then::ask_one(at, scope, asking),
        }
    }
}
