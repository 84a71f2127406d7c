//! How the questions of one node are kept: what each depends on beside whom it is about, and its revision.

use std::collections::BTreeSet;

use crate::expr::Segment;
use crate::node::input::Input;
use crate::plan::identity::Identity;
use crate::plan::{Ask, Keep, Node, Step};

/// Settles all questions of a node, but for the fields that are kept.
pub(super) fn settle(node: &mut Node) {
    let Node { inputs, lookup, then, .. } = node;
    for step in lookup.iter_mut() {
        step.keep = keep(&step.ask, step.by, inputs);
        step.keep.revision = step.identity(inputs);
    }
    for (at, revision) in answered_by_others(lookup, inputs) {
        if let Some(step) = lookup.get_mut(at) {
            step.keep.revision = revision;
        }
    }
    for read in then {
        read.keep = keep(&read.ask, None, inputs);
        read.keep.revision = read.identity(lookup);
    }
}

/// What the values of a question's arguments depend on. `by`: the input that it asks about.
fn keep(ask: &Ask, by: Option<usize>, inputs: &[Input]) -> Keep {
    let (mut reads, mut is_steady) = (Vec::new(), true);
    for (_, value) in &ask.args {
        value.each_read(&mut |read| match read.root.as_str() {
            "now" => is_steady = false,
            "inputs" => match read.below.first() {
                Some(Segment::Key(name)) => reads.push(name.clone()),
                _ => reads.extend(inputs.iter().map(|input| input.name.to_string())),
            },
            name => reads.push(name.to_owned()),
        });
    }
    let is_read = |input: &Input| reads.iter().any(|read| **read == *input.name);
    let read = inputs.iter().enumerate().filter(|(at, input)| is_read(input) && by != Some(*at));
    Keep { inputs: read.map(|(at, _)| at).collect(), is_steady, ..Keep::unsettled() }
}

/// The revisions of the steps that a record may answer which another step has found: what that one asks counts too.
fn answered_by_others(lookup: &[Step], inputs: &[Input]) -> Vec<(usize, u64)> {
    let steps = lookup.iter().enumerate().filter(|(_, step)| step.keep.inputs.is_empty());
    let answered = steps.filter_map(|(at, step)| {
        let name = &inputs.get(step.by?)?.name;
        let says = |other: &&Step| other.ask.operation.unique.iter().any(|(named, _)| **named == **name);
        let is_same = |other: &&Step| other.record.is_some() && other.record == step.record;
        let others = lookup.iter().filter(is_same).filter(says).map(|other| other.keep.revision);
        let own = step.keep.revision;
        let others: BTreeSet<u64> = others.filter(|other| *other != own).collect();
        let others = Vec::from_iter(others);
        let number = || Identity::of("same record").with(&own).with(&others).number();
        (!others.is_empty()).then(|| (at, number()))
    });
    answered.collect()
}
