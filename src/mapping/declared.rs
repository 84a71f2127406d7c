//! What the files of a folder declare, for those that name it: also that a file could not be read, so that nobody is told
//! of each of its names that it is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::mapping::unique::Unique;
use crate::mapping::unread::Unread;
use crate::plan::Node;
use crate::plan::operation::Operation;

/// What a name stands for.
pub(super) enum Found<'d, T> {
    /// This, by its name as it is declared.
    There(&'d Arc<str>, &'d T),
    /// It may be declared in a file that could not be read.
    Unread,
    /// Nothing of this name is declared.
    Nowhere,
}

/// The operations of all upstreams by full name; none: its file has errors.
#[derive(Default)]
pub(super) struct Operations {
    pub(super) named: BTreeMap<Arc<str>, Option<Arc<Operation>>>,
    /// The upstreams whose operations are known.
    pub(super) upstreams: BTreeSet<Arc<str>>,
    /// What they say is the customer's own.
    pub(super) unique: Vec<Unique>,
    /// The upstreams whose operations are not.
    pub(super) unread: Unread,
}

impl Operations {
    /// The operation of this full name.
    pub(super) fn find(&self, name: &str) -> Found<'_, Option<Arc<Operation>>> {
        if let Some((name, operation)) = self.named.get_key_value(name) {
            return Found::There(name, operation);
        }
        match name.split_once('.') {
            Some((upstream, _)) if self.unread.may_be(upstream, self.upstreams.contains(upstream)) => {
                Found::Unread
            }
            _ => Found::Nowhere,
        }
    }
}

/// The nodes by name, a broken one with what is wrong with it.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) named: BTreeMap<Arc<str>, Result<Node, String>>,
    /// Those of files that could not be read.
    pub(super) unread: Unread,
}

impl Nodes {
    /// The node of this name.
    pub(super) fn find(&self, name: &str) -> Found<'_, Result<Node, String>> {
        match self.named.get_key_value(name) {
            Some((name, node)) => Found::There(name, node),
            None if self.unread.may_be(name, false) => Found::Unread,
            None => Found::Nowhere,
        }
    }
}
