//! An upstream file, to operations.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::Node;
use crate::plan::operation::Operation;

/// What an upstream file declares.
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) span: Span,
    /// Its operations by full name, `upstream.operation`; none: it has errors.
    pub(super) operations: Vec<(Arc<str>, Option<Arc<Operation>>)>,
}

/// Compiles one upstream file.
pub(super) fn compile(root: &Node, compiling: &mut Compiling<'_>) -> Option<Declared> {
    let _ = (root, compiling);
    None
}
