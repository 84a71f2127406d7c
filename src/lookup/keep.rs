//! Keeps what a question found: only the fields that are read, under the question's own key and, where the operation
//! says that a record is one customer's alone, under the keys of the steps that would find the same record.

use std::sync::Arc;

use crate::cache::{self, Cache, Entry, Finding, Kept, Mark, StepKey};
use crate::expr::text_of;
use crate::lookup::question::Question;
use crate::lookup::scope::Scope;
use crate::lookup::step::Found;
use crate::node::input::Identifier;
use crate::plan::operation::Operation;
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
    let (fields_kept, about) = (question.keep().fingerprint, scope.about());
    let finding = Finding { kept, fields: fields_kept, identifiers: &identifiers, about, by };
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

/// What else this record answers to.
fn aliases<'s>(question: &Question, scope: &'s Scope, record: &Record) -> Vec<Alias<'s>> {
    let node = scope.node();
    let own = question.step().and_then(|at| node.lookup.get(at));
    let answers = answers_to(question.operation(), scope, record).map(|(at, identifier)| {
        let same = |step: &&Step| {
            let is_same = own.is_some_and(|own| own.record.is_some() && own.record == step.record);
            is_same && step.by == Some(at) && step.keep.inputs.is_empty() && step.keep.is_steady
        };
        Alias { identifier, step: node.lookup.iter().find(same) }
    });
    answers.collect()
}

/// The inputs whose values a record that this operation has found holds: indexes. How it writes numbers, the call's
/// region says.
fn answers_to<'s>(
    operation: &'s Operation,
    scope: &'s Scope,
    record: &'s Record,
) -> impl Iterator<Item = (usize, Identifier)> + 's {
    let inputs = &scope.node().inputs;
    operation.unique.iter().filter_map(move |(name, path)| {
        let at = inputs.iter().position(|input| *input.name == **name)?;
        let text = path.first(record).and_then(text_of)?;
        Some((at, scope.given().identify(inputs, at, &text)?))
    })
}

/// Whom a record of the lookup is about, as keyed hashes: what is kept says it, for the record may be cut to the fields
/// that are read. Where it is not kept, it is whole.
pub(super) fn about(
    cache: &Cache,
    entry: Option<&Entry>,
    step: &Step,
    scope: &Scope,
    record: &Record,
) -> Arc<[u128]> {
    let hash = |(_, identifier): (usize, Identifier)| cache.identifier(identifier.canonical());
    match entry {
        Some(entry) => entry.about(),
        None => answers_to(&step.ask.operation, scope, record).map(hash).collect(),
    }
}
