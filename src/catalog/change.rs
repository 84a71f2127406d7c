//! What came, changed and went from one catalogue to the next, for who reads the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::hook::Hook;
use crate::plan::operation::Operation;
use crate::plan::{Catalogue, Node, Slot};

/// The names of nodes; a hook's with `hook` before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// There was none of that name.
    pub came: Vec<String>,
    /// It answers differently, or may: its file or what it asks is another.
    pub changed: Vec<String>,
    /// There is none of that name any more.
    pub went: Vec<String>,
}

impl Change {
    /// From one catalogue to the next.
    #[must_use]
    pub fn between(before: &Catalogue, next: &Catalogue) -> Self {
        let mut change = Self::default();
        change.compare("", &before.nodes, &next.nodes, same_node);
        change.compare("hook ", &before.hooks, &next.hooks, same_hook);
        change
    }

    fn compare<T>(
        &mut self,
        what: &str,
        before: &BTreeMap<Arc<str>, Slot<T>>,
        next: &BTreeMap<Arc<str>, Slot<T>>,
        same: fn(&T, &T) -> bool,
    ) {
        for (name, slot) in next {
            let is_same = match (before.get(name), slot) {
                (None, _) => {
                    self.came.push(format!("{what}{name}"));
                    continue;
                }
                (Some(Slot::Ready(before)), Slot::Ready(next)) => same(before, next),
                (Some(_), _) => false,
            };
            if !is_same {
                self.changed.push(format!("{what}{name}"));
            }
        }
        let gone = before.keys().filter(|name| !next.contains_key(*name));
        self.went.extend(gone.map(|name| format!("{what}{name}")));
    }
}

/// A revision leaves out what changes no answer, such as limits and waits; `Debug` of what is asked does not.
fn same_node(before: &Node, next: &Node) -> bool {
    before.revision == next.revision && format!("{:?}", asked(before)) == format!("{:?}", asked(next))
}

fn asked(node: &Node) -> Vec<&Operation> {
    let asks = node.lookup.iter().map(|step| &step.ask).chain(node.then.iter().map(|read| &read.ask));
    asks.chain(node.write.iter().map(|write| &write.ask)).map(|ask| &*ask.operation).collect()
}

/// `Debug` says everything that was written; the secret it hides is the environment's, which does not change.
fn same_hook(before: &Hook, next: &Hook) -> bool {
    format!("{before:?}") == format!("{next:?}")
}
