//! A node file, to a plan.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::mapping::Operations;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml;
use crate::plan::Node;

/// What a node file declares.
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) span: Span,
    /// The node, or what of others keeps it from being one.
    pub(super) node: Result<Node, String>,
}

/// Compiles one node file.
pub(super) fn compile(
    root: &yaml::Node,
    compiling: &mut Compiling<'_>,
    operations: &Operations,
) -> Option<Declared> {
    let _ = (root, compiling, operations);
    None
}
