//! How each question of a node is kept, and what only all nodes together tell of that: which fields of a record any of
//! them reads, and with that each node's revision.

mod question;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::node::phone::form::Form;
use crate::plan::fields::Fields;
use crate::plan::identity::Identity;
use crate::plan::output::From;
use crate::plan::part::Reading;
use crate::plan::{Ask, Keep, Node};

/// Settles fields and revisions of nodes that are put in force together.
pub(super) fn settle(mut nodes: Vec<&mut Node>) {
    nodes.iter_mut().for_each(|node| question::settle(node));
    let shared = shared_fields(&nodes);
    for node in &mut nodes {
        for (keep, ask, are_compared) in keeps_mut(node) {
            if let Some(fields) = shared.get(&keep.revision) {
                keep.fields = Arc::clone(fields);
                keep.fingerprint = fields.fingerprint();
                keep.reading = Arc::new(Reading::of(ask, fields, are_compared));
            }
        }
        node.revision = revision(node);
        let mut reads_clock = false;
        node.each_read(|read| reads_clock |= read.root == "now");
        node.keeps_replies = node.cache.is_some()
            && node.write.is_none()
            && !reads_clock
            && keeps(node).all(|keep| keep.is_steady);
    }
}

/// Of a record that several nodes ask for in the same way, the fields that any of them reads are kept, so that what
/// one has fetched serves the others. Steps of a node that find the same records keep the same fields.
fn shared_fields(nodes: &[&mut Node]) -> BTreeMap<u64, Arc<Fields>> {
    let mut group: BTreeMap<u64, u64> = BTreeMap::new();
    for node in nodes {
        for step in node.lookup.iter().filter(|step| step.record.is_some()) {
            let same = node.lookup.iter().find(|other| other.record == step.record);
            let (own, first) = (step.keep.revision, same.map_or(0, |same| same.keep.revision));
            let (from, to) = (of(&group, own), of(&group, first));
            group.insert(own, to);
            group.values_mut().filter(|other| **other == from).for_each(|other| *other = to);
        }
    }
    let mut fields: BTreeMap<u64, Fields> = BTreeMap::new();
    for node in nodes {
        let of_record = Fields::read_by(node, From::Record);
        for step in &node.lookup {
            fields.entry(of(&group, step.keep.revision)).or_default().merge(&of_record);
        }
        for (at, read) in node.then.iter().enumerate() {
            fields
                .entry(of(&group, read.keep.revision))
                .or_default()
                .merge(&Fields::read_by(node, From::Then(at)));
        }
    }
    let fields: BTreeMap<u64, Arc<Fields>> =
        fields.into_iter().map(|(group, fields)| (group, Arc::new(fields))).collect();
    let revisions = nodes.iter().flat_map(|node| keeps(node)).map(|keep| keep.revision);
    revisions.filter_map(|own| Some((own, Arc::clone(fields.get(&of(&group, own))?)))).collect()
}

fn of(group: &BTreeMap<u64, u64>, revision: u64) -> u64 {
    group.get(&revision).copied().unwrap_or(revision)
}

/// Any change of the node's file or of what it asks is another revision: no reply of before is given again.
fn revision(node: &Node) -> u64 {
    let keeps: Vec<_> = keeps(node).map(|keep| (keep.revision, keep.fingerprint)).collect();
    // The dialect's template may stand in a file of its own, and the write's operation in the upstream's.
    let write = node.write.as_ref().map(|write| &write.ask.operation);
    Identity::of("node").with(&node.source.text).with(&node.dialect).with(&write).with(&keeps).number()
}

fn keeps(node: &Node) -> impl Iterator<Item = &Keep> {
    node.lookup.iter().map(|step| &step.keep).chain(node.then.iter().map(|read| &read.keep))
}

/// How each question of the node is kept, what it asks, and whether a loose form has it compare what it finds.
fn keeps_mut(node: &mut Node) -> impl Iterator<Item = (&mut Keep, &Ask, bool)> {
    let steps = node.lookup.iter_mut().map(|step| {
        let is_loose = step.forms.iter().any(Form::is_loose);
        (&mut step.keep, &step.ask, is_loose)
    });
    steps.chain(node.then.iter_mut().map(|read| (&mut read.keep, &read.ask, false)))
}

#[cfg(test)]
mod tests;
