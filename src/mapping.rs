//! Documents as written, to plans: reads a mappings folder and compiles every file of it. In: a folder and the
//! environment. Out: a catalogue and all findings at once. What is checked here is what runs; nothing is parsed
//! again on a call.

mod braces;
mod comparison;
mod compiling;
mod declared;
mod environment;
mod expression;
mod folder;
mod hook;
pub mod language;
mod node;
mod plain;
pub mod read;
mod region;
mod revision;
pub mod schema;
pub mod tables;
mod unique;
mod unread;
mod upstream;
mod variables;
pub mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Severity, Span};
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::{Nodes, Operations};
use crate::mapping::folder::File;
use crate::mapping::tables::Tables;
use crate::plan::hook::Hook;
use crate::plan::operation::Operation;
use crate::plan::{Catalogue, Node, Slot};

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
    /// The files that mapping files name, whether they are there or not.
    pub named: BTreeSet<PathBuf>,
}

/// The folders of a mappings folder that hold mapping files.
#[must_use]
pub fn folders(folder: &Path) -> [PathBuf; 3] {
    folder::FOLDERS.map(|name| folder.join(name))
}

/// What compiling one file after the other gathers.
struct Gathered<'e> {
    environment: Environment<'e>,
    findings: Findings,
    named: BTreeSet<PathBuf>,
    tables: Tables,
}

/// Compiles all mapping files of a folder.
///
/// # Errors
/// A [`FolderError`] where the folder itself cannot be used; whatever is wrong inside it is a finding.
pub fn compile(folder: &Path, environment: Environment<'_>) -> Result<Compiled, FolderError> {
    compile_again(folder, environment, &mut Tables::default())
}

/// The same. `tables`: those of the compilation before, and then those of this one.
///
/// # Errors
/// As [`compile`].
pub fn compile_again(
    folder: &Path,
    environment: Environment<'_>,
    tables: &mut Tables,
) -> Result<Compiled, FolderError> {
    let files = folder::read(folder)?;
    let mut gathered = Gathered {
        environment,
        findings: files.findings,
        named: BTreeSet::new(),
        tables: std::mem::take(tables),
    };
    let mut operations = operations(&files.upstreams, &mut gathered);
    misplaced(&files.nodes, "upstream", "node").for_each(|name| operations.unread.note(Some(name)));
    let mut nodes = nodes(&files.nodes, &operations, &mut gathered);
    misplaced(&files.upstreams, "node", "upstream").for_each(|name| nodes.unread.note(Some(name)));
    let hooks = hooks(&files.hooks, &nodes, &mut gathered);
    let Gathered { mut findings, named, .. } = gathered;
    unique::check(&operations.unique, &nodes, &mut findings);
    *tables = gathered.tables;
    tables.turn();
    let mut nodes = nodes.named;
    revision::settle(nodes.values_mut().filter_map(|node| node.as_mut().ok()).collect());
    findings.sort();
    let operations = operations.named.into_iter();
    let catalogue = Catalogue {
        nodes: slots(nodes),
        operations: operations.filter_map(|(name, operation)| Some((name, operation?))).collect(),
        hooks: slots(hooks),
    };
    Ok(Compiled { catalogue, findings, named })
}

/// Compiles a node that stands in no folder yet: beside operations that are there, and an upstream of its own where it
/// has one. None: it does not compile, and the findings say why.
#[must_use]
pub fn compile_draft(
    node: &str,
    upstream: Option<&str>,
    known: &BTreeMap<Arc<str>, Arc<Operation>>,
    environment: Environment<'_>,
) -> (Option<Node>, Findings) {
    let file = |path: &str, text: &str| File {
        source: Source::new(path, text),
        unread: None,
        folder: PathBuf::new(),
    };
    let upstreams: Vec<File> = upstream.into_iter().map(|text| file("upstreams/draft.yaml", text)).collect();
    let (findings, named, tables) = (Findings::new(), BTreeSet::new(), Tables::default());
    let mut gathered = Gathered { environment, findings, named, tables };
    let mut all = operations(&upstreams, &mut gathered);
    let known = known.iter().map(|(name, operation)| (Arc::clone(name), Some(Arc::clone(operation))));
    all.named.extend(known);
    let mut nodes = nodes(&[file("nodes/draft.yaml", node)], &all, &mut gathered).named;
    revision::settle(nodes.values_mut().filter_map(|node| node.as_mut().ok()).collect());
    (nodes.into_values().find_map(Result::ok), gathered.findings)
}

fn operations(files: &[File], gathered: &mut Gathered<'_>) -> Operations {
    let (mut operations, mut names) = (Operations::default(), BTreeMap::new());
    for file in files {
        let (declared, mut found) = gathered.read(file, upstream::compile);
        if let Some(declared) = declared {
            let usable = !found.has_errors();
            duplicate("upstream", &declared.name, declared.span, &file.source, &mut names, &mut found);
            if declared.operations.is_empty() {
                operations.unread.note(Some(&declared.name));
            }
            let named = declared.operations.into_iter();
            operations.named.extend(named.map(|(name, operation)| (name, operation.filter(|_| usable))));
            operations.upstreams.insert(declared.name);
            operations.unique.extend(declared.unique);
        } else if unread::named(&file.source.text, "node").is_none() {
            operations.unread.note(unread::named(&file.source.text, "upstream"));
        }
        gathered.findings.append(found);
    }
    operations
}

fn nodes(files: &[File], operations: &Operations, gathered: &mut Gathered<'_>) -> Nodes {
    let (mut nodes, mut names, mut unread) = (Nodes::default(), BTreeMap::new(), Vec::new());
    for file in files {
        let (declared, mut found) =
            gathered.read(file, |root, compiling| node::compile(root, compiling, operations));
        if let Some(declared) = declared {
            duplicate("node", &declared.name, declared.span, &file.source, &mut names, &mut found);
            let node = first_error(&found).map_or(declared.node, Err);
            nodes.named.entry(declared.name).or_insert(node);
        } else if let Some(name) = unread::named(&file.source.text, "node") {
            unread.push((Arc::from(name), first_error(&found).unwrap_or_default()));
        } else if unread::named(&file.source.text, "upstream").is_none() {
            nodes.unread.note(None);
        }
        gathered.findings.append(found);
    }
    for (name, why) in unread {
        nodes.named.entry(name).or_insert(Err(why));
    }
    nodes
}

fn hooks(
    files: &[File],
    nodes: &Nodes,
    gathered: &mut Gathered<'_>,
) -> BTreeMap<Arc<str>, Result<Hook, String>> {
    let (mut hooks, mut names, mut unread) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for file in files {
        let (declared, mut found) =
            gathered.read(file, |root, compiling| hook::compile(root, compiling, nodes));
        if let Some(declared) = declared {
            duplicate("hook", &declared.name, declared.span, &file.source, &mut names, &mut found);
            let hook = declared.hook.ok_or_else(|| format!("{}: has errors", file.source.path));
            hooks.entry(declared.name).or_insert(first_error(&found).map_or(hook, Err));
        } else if let Some(name) = unread::named(&file.source.text, "hook") {
            unread.push((Arc::from(name), first_error(&found).unwrap_or_default()));
        }
        gathered.findings.append(found);
    }
    for (name, why) in unread {
        hooks.entry(name).or_insert(Err(why));
    }
    hooks
}

/// What files of one kind declare that stand among those of another.
fn misplaced<'f>(files: &'f [File], kind: &'f str, other: &'f str) -> impl Iterator<Item = &'f str> {
    let texts = files.iter().map(|file| file.source.text.as_str());
    texts.filter(|text| unread::named(text, other).is_none()).filter_map(|text| unread::named(text, kind))
}

impl Gathered<'_> {
    /// What a file declares, and what is wrong with it.
    fn read<T>(
        &mut self,
        file: &File,
        compile: impl FnOnce(&yaml::Node, &mut Compiling<'_>) -> Option<T>,
    ) -> (Option<T>, Findings) {
        let mut found: Findings = file.unread.iter().cloned().collect();
        let root = if file.unread.is_none() { yaml::parse(&file.source, &mut found) } else { None };
        let declared = root.and_then(|root| {
            let mut compiling = Compiling::new(&file.source, &mut found, self.environment, &file.folder);
            compiling.tables = std::mem::take(&mut self.tables);
            let declared = compile(&root, &mut compiling);
            self.tables = compiling.tables;
            self.named.append(&mut compiling.named);
            declared
        });
        (declared, found)
    }
}

fn slots<T>(compiled: BTreeMap<Arc<str>, Result<T, String>>) -> BTreeMap<Arc<str>, Slot<T>> {
    let slot = |compiled| match compiled {
        Ok(plan) => Slot::Ready(Arc::new(plan)),
        Err(why) => Slot::Broken(why),
    };
    compiled.into_iter().map(|(name, compiled)| (name, slot(compiled))).collect()
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
