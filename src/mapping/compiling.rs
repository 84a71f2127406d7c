//! What compiling one file has at hand: the reader that collects findings, the environment, the file's folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Findings;
use crate::diagnostic::source::Source;
use crate::mapping::Environment;
use crate::mapping::read::Reader;
use crate::mapping::tables::Tables;

/// An upstream whose address or login is not set.
const UNCONFIGURED: &str = "until it is, a node that needs it answers outcome `error` with its defaults";

/// How a value of the environment gets to a place where the environment is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detour {
    /// Not at all.
    None,
    /// By a name under `with`.
    With,
    /// By the credential of the request.
    Auth,
}

/// One file while it is compiled.
pub(super) struct Compiling<'f> {
    pub(super) reader: Reader<'f>,
    pub(super) environment: Environment<'f>,
    /// What becomes of what needs a variable that is not set.
    pub(super) while_unset: &'static str,
    /// What is told where the environment is not read.
    pub(super) detour: Detour,
    /// The folder that paths in the file start from.
    pub(super) folder: &'f Path,
    /// The files that the file names, whether they are there or not.
    pub(super) named: BTreeSet<PathBuf>,
    /// The tables of the compilation before.
    pub(super) tables: Tables,
}

impl<'f> Compiling<'f> {
    pub(super) fn new(
        source: &Arc<Source>,
        findings: &'f mut Findings,
        environment: Environment<'f>,
        folder: &'f Path,
    ) -> Self {
        let (reader, named) = (Reader::new(source, findings), BTreeSet::new());
        let (while_unset, detour, tables) = (UNCONFIGURED, Detour::None, Tables::default());
        Self { reader, environment, while_unset, detour, folder, named, tables }
    }

    /// Compiles what the environment gets to by this detour.
    pub(super) fn by<T>(&mut self, detour: Detour, compile: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.detour, detour);
        let compiled = compile(self);
        self.detour = before;
        compiled
    }
}
