//! One step of the lookup: an identifier, asked for in each of its forms until one finds a record. The step is the
//! unit that is kept and joined: the same identifier and inputs give the same result.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::lookup::Shared;
use crate::lookup::ask::Asking;
use crate::lookup::kept::asked;
use crate::lookup::pick::{Picked, pick};
use crate::lookup::question::{Asked, Question};
use crate::lookup::scope::Scope;
use crate::node::input::{Identifier, InputKind};
use crate::plan::{Pick, Step};
use crate::record::{Failure, Record};
use crate::trace::note::{End, Place, What};

/// What a step gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// The record.
    Record(Record),
    /// There is none.
    Nothing,
    /// Several where only one may be.
    Ambiguous,
    /// Its identifier was not given, or its condition said no.
    NotAsked,
    /// It could not be asked.
    Failed(Failure),
}

/// One way of asking: the identifier's text, the kind of account, and whether the form is a loose one.
struct Try {
    text: String,
    kind: Option<String>,
    label: String,
    loose: bool,
}

/// Runs the step at this place of the node's lookup.
pub(super) async fn run(at: usize, scope: &Scope, asking: &Asking, shared: &Arc<Shared>) -> Asked {
    let Some(step) = scope.node().lookup.get(at) else {
        return Asked::not();
    };
    let asking = &asking.at(Place::Step(at));
    if let Some(when) = &step.ask.when
        && !when.test(scope).unwrap_or(false)
    {
        asking.trace.note(|| What::Unwanted(when.text().into()));
        return Asked::not();
    }
    let identifier = match step.by {
        None => None,
        Some(by) => match scope.given().get(by).and_then(|given| given.identifier.as_ref()) {
            Some(identifier) => Some(identifier),
            None => {
                asking.trace.note(|| What::NoIdentifier);
                return Asked::not();
            }
        },
    };
    let question = Question::of_step(step, at, identifier, scope);
    let asked = asked(question, scope, asking, shared).await;
    asking.trace.note(|| What::Settled(end(&asked.found)));
    asked
}

/// Asks the upstream, form by form.
pub(super) fn ask_all(at: usize, scope: Scope, asking: Asking) -> BoxFuture<'static, Found> {
    Box::pin(async move {
        let Some(step) = scope.node().lookup.get(at) else {
            return Found::NotAsked;
        };
        let identifier = step.by.and_then(|by| Some((by, scope.given().get(by)?.identifier.as_ref()?)));
        let Some((by, identifier)) = identifier else {
            return settle(step, &step.ask.pick, &scope, &asking).await;
        };
        let mut answered = false;
        let mut refused = None;
        for attempt in tries(step, by, identifier, &scope) {
            let scope = scope.with_form(by, attempt.text.clone(), attempt.kind.as_deref());
            let pick = if attempt.loose { &Pick::Only } else { &step.ask.pick };
            asking.trace.note(|| What::Asking(attempt.label.as_str().into(), attempt.text.as_str().into()));
            match settle(step, pick, &scope, &asking).await {
                Found::Nothing => answered = true,
                Found::Failed(failure) if failure.is_about_the_request() => refused = Some(failure),
                ended => return ended,
            }
        }
        match refused {
            Some(failure) if !answered => Found::Failed(failure),
            _ => Found::Nothing,
        }
    })
}

async fn settle(step: &Step, by: &Pick, scope: &Scope, asking: &Asking) -> Found {
    let part = &step.keep.reading.part;
    let found = match asking
        .records(&step.ask, part, by, scope)
        .await
        .map(|records| pick(by, records, &asking.trace))
    {
        Ok(Picked::One(record)) => Found::Record(record),
        Ok(Picked::None) => Found::Nothing,
        Ok(Picked::Several) => Found::Ambiguous,
        Err(failure) => Found::Failed(failure),
    };
    asking.trace.note(|| What::Ended(end(&found)));
    found
}

/// How a trace says what was found.
pub(super) fn end(found: &Found) -> End {
    match found {
        Found::Record(_) => End::Found,
        Found::Nothing | Found::NotAsked => End::Nothing,
        Found::Ambiguous => End::Several,
        Found::Failed(failure) => End::Failed(failure.clone()),
    }
}

/// The ways in which the identifier is asked for, in order, none twice.
fn tries(step: &Step, by: usize, identifier: &Identifier, scope: &Scope) -> Vec<Try> {
    let mut tries: Vec<Try> = Vec::new();
    match identifier {
        Identifier::Phone(phone) => {
            for form in &step.forms {
                let Some(text) = phone.write(form) else {
                    continue;
                };
                if tries.iter().all(|earlier| earlier.text != text) {
                    tries.push(Try { text, kind: None, label: form.to_string(), loose: form.is_loose() });
                }
            }
        }
        Identifier::Email(_) | Identifier::Account(_) => {
            let text = identifier.canonical();
            let kinds = match scope.node().inputs.get(by).map(|input| &input.kind) {
                Some(InputKind::Account(kinds)) => kinds.as_slice(),
                _ => &[],
            };
            let admitting = kinds.iter().filter(|kind| kind.admits(text));
            tries.extend(admitting.map(|kind| Try {
                text: text.to_owned(),
                kind: Some(kind.name().to_owned()),
                label: kind.name().to_owned(),
                loose: false,
            }));
            if kinds.is_empty() {
                tries.push(Try { text: text.to_owned(), kind: None, label: String::new(), loose: false });
            }
        }
    }
    tries
}
