//! Documents as written, to plans: reads a mappings folder and compiles every file of it. In: a folder and the
//! environment. Out: a catalogue and all findings at once. What is checked here is what runs; nothing is parsed
//! again on a call.

mod compiling;
mod environment;
mod expression;
mod folder;
mod node;
pub mod read;
mod revision;
mod upstream;
pub mod yaml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Severity, Span};
use crate::mapping::compiling::Compiling;
use crate::plan::operation::Operation;
use crate::plan::{Catalogue, Slot};

pub use crate::mapping::folder::FolderError;

/// Looks an environment variable up.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a folder compiles to.
#[derive(Debug)]
pub struct Compiled {
    /// The nodes and operations, broken nodes among them.
    pub catalogue: Catalogue,
    /// All that was found, in the order of a reader.
    pub findings: Findings,
}

/// The operations that are declared; none: its file has errors.
type Operations = BTreeMap<Arc<str>, Option<Arc<Operation>>>;

/// Compiles all mapping files of a folder.
///
/// # Errors
/// A [`FolderError`] where the folder itself cannot be used; whatever is wrong inside it is a finding.
pub fn compile(folder: &Path, environment: Environment<'_>) -> Result<Compiled, FolderError> {
    let files = folder::read(folder)?;
    let mut findings = files.findings;
    let mut operations = Operations::new();
    let mut names = BTreeMap::new();
    for file in &files.upstreams {
        let mut found = Findings::new();
        let declared = match yaml::parse(&file.source, &mut found) {
            Some(root) => upstream::compile(
                &root,
                &mut Compiling::new(&file.source, &mut found, environment, &file.folder),
            ),
            None => None,
        };
        if let Some(declared) = declared {
            let usable = !found.has_errors();
            duplicate("upstream", &declared.name, declared.span, &file.source, &mut names, &mut found);
            let named = declared.operations.into_iter();
            operations.extend(named.map(|(name, operation)| (name, operation.filter(|_| usable))));
        }
        findings.append(found);
    }
    let mut nodes = BTreeMap::new();
    let mut names = BTreeMap::new();
    for file in &files.nodes {
        let mut found = Findings::new();
        let declared = match yaml::parse(&file.source, &mut found) {
            Some(root) => {
                let mut compiling = Compiling::new(&file.source, &mut found, environment, &file.folder);
                node::compile(&root, &mut compiling, &operations)
            }
            None => None,
        };
        if let Some(declared) = declared {
            duplicate("node", &declared.name, declared.span, &file.source, &mut names, &mut found);
            let node = match (first_error(&found), declared.node) {
                (None, Ok(node)) => Ok(node),
                (Some(why), _) | (None, Err(why)) => Err(why),
            };
            nodes.entry(declared.name).or_insert(node);
        }
        findings.append(found);
    }
    revision::settle(nodes.values_mut().filter_map(|node| node.as_mut().ok()).collect());
    let slot = |node| match node {
        Ok(node) => Slot::Ready(Arc::new(node)),
        Err(why) => Slot::Broken(why),
    };
    let nodes = nodes.into_iter().map(|(name, node)| (name, slot(node))).collect();
    findings.sort();
    let operations =
        operations.into_iter().filter_map(|(name, operation)| Some((name, operation?))).collect();
    Ok(Compiled { catalogue: Catalogue { nodes, operations }, findings })
}

fn first_error(findings: &Findings) -> Option<String> {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error)?;
    let place = match error.span {
        Some(span) => format!("{}:{}", error.source.path, error.source.position(span.start).line),
        None => error.source.path.clone(),
    };
    Some(format!("{place}: {}", error.message))
}

/// The finding that a name stands in an earlier file too.
fn duplicate(
    what: &str,
    name: &Arc<str>,
    span: Span,
    source: &Arc<Source>,
    names: &mut BTreeMap<Arc<str>, String>,
    findings: &mut Findings,
) {
    if let Some(earlier) = names.get(name) {
        let message = format!("the {what} `{name}` is declared in {earlier} already");
        findings.push(
            Finding::error(Code::DuplicateName, source, span, message).help("give one of them another name"),
        );
    } else {
        names.insert(Arc::clone(name), source.path.clone());
    }
}
