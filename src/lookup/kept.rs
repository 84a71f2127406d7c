//! A question and how far it has to go for its answer: what is kept, a fill that another caller began, or the
//! upstream. A table in memory is simply read.

use std::fmt::Write;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::clock::Deadline;
use crate::lookup::Shared;
use crate::lookup::ask::{Asking, arguments};
use crate::lookup::fill;
use crate::lookup::scope::Scope;
use crate::lookup::step::{self, Found};
use crate::lookup::then;
use crate::node::input::Identifier;
use crate::plan::operation::{Call, Operation};
use crate::plan::{Keep, Read, Step};
use crate::record::{Failure, Tier};
use crate::upstream::Spare;

/// What a question gave, and how far it had to go.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) found: Found,
    /// None where no cache could have helped.
    pub(super) tier: Option<Tier>,
}

impl Asked {
    /// It was not asked.
    pub(super) fn not() -> Self {
        Self { found: Found::NotAsked, tier: None }
    }

    /// It could not be asked.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { found: Found::Failed(failure), tier: None }
    }
}

/// A step or a read, with whom and what it asks.
pub(super) struct Question {
    place: Place,
    operation: Arc<Operation>,
    keep: Keep,
    /// Whom, and with which other values.
    identity: String,
}

/// Where in the node the question stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Lookup(usize),
    Then(usize),
}

impl Question {
    /// The question of a step: its identifier, and the other inputs it depends on. Nothing is rendered for it.
    pub(super) fn of_step(step: &Step, at: usize, identifier: Option<&Identifier>, scope: &Scope) -> Self {
        let mut identity = identifier.map(Identifier::canonical).unwrap_or_default().to_owned();
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
    fn ask(self, scope: Scope, asking: Asking) -> BoxFuture<'static, Found> {
        match self {
            Self::Lookup(at) => step::ask_all(at, scope, asking),
            Self::Then(at) => then::ask_one(at, scope, asking),
        }
    }
}

/// Answers a question, by the caller's deadline.
pub(super) async fn asked(question: Question, scope: &Scope, asking: &Asking, shared: &Shared) -> Asked {
    let Question { place, operation, keep, identity } = question;
    if matches!(operation.call, Call::Table(_)) {
        return Asked { found: place.ask(scope.clone(), asking.clone()).await, tier: None };
    }
    if asking.is_late() {
        return Asked::failed(Failure::Timeout);
    }
    let budget = scope.node().budget;
    let (scope, asking, spare) = (scope.clone(), asking.clone(), Spare::default());
    let deadline = asking.deadline;
    let again = spare.clone();
    let ask = move || {
        let deadline = Deadline::new(Instant::now(), budget);
        place.ask(scope.clone(), Asking { deadline, spare: spare.clone(), ..asking.clone() })
    };
    let question: fill::Question = (keep.revision, identity);
    let waiting =
        shared.fills.join_or_begin(&question, ask, move |failure| may_pass(failure) && again.take());
    let tier = if waiting.is_joined { Tier::Joined } else { Tier::Miss };
    Asked { found: waiting.until(deadline).await, tier: Some(tier) }
}

/// Whether asking again may help.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Timeout | Failure::Unreachable(_) => true,
        Failure::Status(status) => *status >= 500,
        Failure::Refused(_)
        | Failure::Unreadable(_)
        | Failure::Overloaded(_)
        | Failure::Unconfigured(_)
        | Failure::Argument { .. }
        | Failure::Template { .. } => false,
    }
}
