//! What operations say of the customer's own: each name that `unique` gives is to be an input by which a node finds. Only
//! when all nodes are known can it be said that none has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::suggest::{did_you_mean, list};
use crate::diagnostic::{Finding, Findings, Span};
use crate::mapping::declared::Nodes;
use crate::mapping::yaml;
use crate::plan::Node;

/// One name below `unique`.
#[derive(Debug)]
pub(super) struct Unique {
    operation: Arc<str>,
    name: String,
    span: Span,
    source: Arc<Source>,
}

/// All of an upstream's file.
pub(super) fn of(upstream: &str, root: &yaml::Node, source: &Arc<Source>) -> Vec<Unique> {
    let mut found = Vec::new();
    for (operation, node) in below(root, "operations") {
        let operation: Arc<str> = format!("{upstream}.{}", operation.text).into();
        found.extend(below(node, "unique").map(|(key, _)| Unique {
            operation: Arc::clone(&operation),
            name: key.text.clone(),
            span: key.span,
            source: Arc::clone(source),
        }));
    }
    found
}

/// What stands in the map below a key.
fn below<'n>(node: &'n yaml::Node, key: &str) -> impl Iterator<Item = &'n (yaml::Key, yaml::Node)> {
    let map = node.as_map().and_then(|map| map.get(key)?.1.as_map());
    map.into_iter().flat_map(yaml::Map::iter)
}

/// The finding for each name that no node which asks the operation has as an input to find by. Where nobody asks it, or
/// something has errors, nothing is known.
pub(super) fn check(all: &[Unique], nodes: &Nodes, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    let nodes: Vec<&Node> = nodes.named.values().filter_map(|node| node.as_ref().ok()).collect();
    for unique in all {
        let asks = |node: &Node| node.lookup.iter().any(|step| step.ask.operation.name == unique.operation);
        let asking: Vec<&Node> = nodes.iter().copied().filter(|node| asks(node)).collect();
        let inputs = asking.iter().flat_map(|node| &node.inputs);
        let names: BTreeSet<&str> =
            inputs.filter(|input| input.kind.is_identifier()).map(|input| &*input.name).collect();
        if asking.is_empty() || names.contains(unique.name.as_str()) {
            continue;
        }
        let message = format!(
            "no node that asks `{}` finds by an input `{}`, so nobody is known by it",
            unique.operation, unique.name
        );
        let names: Vec<&str> = names.into_iter().collect();
        let help = match did_you_mean(&unique.name, names.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if names.is_empty() => "they find by no input at all; leave it out".to_owned(),
            None => format!("they find by {}", list(&names)),
        };
        findings.push(Finding::warning(Code::UnknownInput, &unique.source, unique.span, message).help(help));
    }
}
