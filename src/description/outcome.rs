//! How calls of a node may end.

use crate::description::Ending;
use crate::node::phone::form::Form;
use crate::plan::operation::Call;
use crate::plan::{Ask, Node, Pick};
use crate::record::Outcome;

/// The outcomes that a node can have.
pub(super) fn possible(node: &Node) -> Vec<Outcome> {
    Outcome::ALL.into_iter().filter(|outcome| is_possible(*outcome, node)).collect()
}

fn is_possible(outcome: Outcome, node: &Node) -> bool {
    let is_remote = |ask: &Ask| matches!(ask.operation.call, Call::Http(_));
    let awaited = node.write.as_ref().filter(|write| write.waits);
    let may_fail = node.lookup.iter().any(|step| is_remote(&step.ask))
        || awaited.is_some_and(|write| is_remote(&write.ask));
    match outcome {
        Outcome::Found => !node.lookup.is_empty() || awaited.is_none_or(|write| write.ask.when.is_some()),
        Outcome::Done => awaited.is_some(),
        Outcome::NotFound => !node.lookup.is_empty(),
        Outcome::NoIdentifier if node.lookup.is_empty() => {
            node.inputs.iter().any(|input| input.kind.is_identifier())
        }
        Outcome::NoIdentifier => node.lookup.iter().all(|step| step.by.is_some() || step.ask.when.is_some()),
        Outcome::Ambiguous => node
            .lookup
            .iter()
            .any(|step| matches!(step.ask.pick, Pick::Only) || step.forms.iter().any(Form::is_loose)),
        Outcome::Timeout | Outcome::Error => may_fail,
        Outcome::Overloaded => may_fail || node.access.per_second.is_some(),
        Outcome::BadInput => true,
    }
}

/// The same, with what they mean.
pub(super) fn endings(node: &Node) -> Vec<Ending> {
    let ending = |outcome: Outcome| Ending {
        outcome: outcome.name(),
        about: about(outcome, node),
        status: match outcome {
            Outcome::BadInput => "4xx",
            Outcome::Overloaded if node.access.per_second.is_some() => "200 or 429",
            _ => "200",
        },
        is_null: node.null_on.contains(&outcome),
    };
    possible(node).into_iter().map(ending).collect()
}

fn about(outcome: Outcome, node: &Node) -> &'static str {
    match outcome {
        Outcome::Found if node.lookup.is_empty() => "the call was answered; nobody is looked for",
        Outcome::Found => "a record was found",
        Outcome::Done => "the node's write was carried out",
        Outcome::NotFound => "every step was asked, and none found a record",
        Outcome::NoIdentifier => "no identifier was sent, or none that is valid",
        Outcome::Ambiguous => "several records where only one may be",
        Outcome::Timeout => "an upstream or the budget ran out of time",
        Outcome::Error => "an upstream failed, cannot be read, or is not configured",
        Outcome::Overloaded => "an upstream or this caller is over its limits",
        Outcome::BadInput => "what came is no call; the answer holds `error` and all defaults",
    }
}
