//! The parameters that a node is called with.

use crate::description::{Input, Need};
use crate::node::account::Kind;
use crate::node::input::{self, InputKind};
use crate::plan::Node;

/// All of them, in the file's order.
pub(super) fn all(node: &Node) -> Vec<Input> {
    node.inputs.iter().enumerate().map(|(at, input)| one(input, need(at, node), node)).collect()
}

/// Without any identifier that a step finds by, nobody is looked for; unless some step asks for nobody in particular. A
/// node without a lookup needs any identifier that it has.
fn need(at: usize, node: &Node) -> Need {
    let is_sought = |at: usize| match node.lookup.is_empty() {
        true => node.inputs.get(at).is_some_and(|input| input.kind.is_identifier()),
        false => node.lookup.iter().any(|step| step.by == Some(at)),
    };
    if !is_sought(at) || node.lookup.iter().any(|step| step.by.is_none()) {
        return Need::Optional;
    }
    let others = (0..node.inputs.len()).filter(|other| *other != at && is_sought(*other)).count();
    if others == 0 { Need::Needed } else { Need::OneOf }
}

fn one(input: &input::Input, need: Need, node: &Node) -> Input {
    let (region, from) = match &input.kind {
        InputKind::Phone { region, region_from } => (Some(region.to_string()), *region_from),
        _ => (None, None),
    };
    let kinds = match &input.kind {
        InputKind::Account(kinds) => kinds.iter().map(Kind::name).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Input {
        name: input.name.to_string(),
        r#type: input.kind.name(),
        about: input.about.clone(),
        need,
        region,
        region_from: from.and_then(|at| node.inputs.get(at)).map(|other| other.name.to_string()),
        kinds,
        aliases: input.aliases.clone(),
        header: input.header.clone(),
        default: input.default.clone(),
    }
}
