//! Keeps what a question found: only the fields that are read, under the question's own key and, where the operation
//! says that a record is one customer's alone, under the keys of the steps that would find the same record.

use std::sync::Arc;

use crate::cache::{self, Cache, Entry, Finding, Kept, Mark, StepKey};
use crate::expr::text_of;
use crate::lookup::question::Question;
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::node::input::Identifier;
use crate::plan::{Lives, Step};
use crate::record::Record;
use crate::trace::TraceId;

/// Keeps it, and gives it back as far as it is kept. None: it is nothing that is kept, as a failure.
pub(super) fn keep(
    cache: &Cache,
    question: &Question,
    scope: &Scope,
    found: &Found,
    lives: Lives,
    (since, by): (Mark, TraceId),
) -> Option<(Found, Arc<Entry>)> {
    let (fields, reading) = (&question.keep().fields, &question.keep().reading);
    let (kept, aliases) = match found {
        Found::Record(record) => {
            let kept = if reading.is_exact { Arc::clone(record) } else { Record::new(fields.keep(record)) };
            (Kept::Record(kept), aliases(question, scope, record))
        }
        Found::Nothing => (Kept::Nothing, Vec::new()),
        Found::Ambiguous | Found::NotAsked | Found::Failed(_) => return None,
    };
    let others = aliases.iter().map(|alias| &alias.identifier);
    let identifiers: Vec<&str> = scope.sought().chain(others).map(Identifier::canonical).collect();
    let finding = Finding { kept, fields: question.keep().fingerprint, identifiers: &identifiers, by };
    let entry = cache.keep(&question.key(), &finding, &of(lives), since);
    for alias in &aliases {
        if let Some(step) = alias.step.filter(|step| step.keep.fields == *fields) {
            let operation = step.ask.operation.name.as_ref();
            let identity = alias.identifier.key();
            cache.alias(&entry, &StepKey { revision: step.keep.revision, operation, identity: &identity });
        }
    }
    let found = match finding.kept {
        Kept::Record(record) => Found::Record(record),
        Kept::Nothing => Found::Nothing,
    };
    Some((found, entry))
}

fn of(lives: Lives) -> cache::Lives {
    cache::Lives { fresh: lives.fresh, stale: lives.stale, not_found: lives.not_found }
}

/// What else a record answers to.
struct Alias<'n> {
    identifier: Identifier,
    /// The step that would find it by that, if the node has one.
    step: Option<&'n Step>,
}

/// What else this record answers to. How it writes numbers, the call's region says.
fn aliases<'s>(question: &Question, scope: &'s Scope, record: &Record) -> Vec<Alias<'s>> {
    let node = scope.node();
    let own = question.step().and_then(|at| node.lookup.get(at));
    let unique = question.operation().unique.iter();
    let mut aliases = Vec::new();
    for (name, path) in unique {
        let Some(at) = node.inputs.iter().position(|input| *input.name == **name) else {
            continue;
        };
        let text = path.first(record).and_then(text_of);
        let identifier = text.and_then(|text| scope.given().identify(&node.inputs, at, &text));
        let same = |step: &&Step| {
            let is_same = own.is_some_and(|own| own.record.is_some() && own.record == step.record);
            is_same && step.by == Some(at) && step.keep.inputs.is_empty() && step.keep.is_steady
        };
        let step = node.lookup.iter().find(same);
        aliases.extend(identifier.map(|identifier| Alias { identifier, step }));
    }
    aliases
}
