//! Files that look like mappings and are not read: a wrong ending, or a place where nobody looks.

use std::fs;
use std::path::Path;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Severity};

/// Notes a file or folder that stands among mapping files and is none, if it was probably meant to be.
pub(super) fn note(path: &Path, findings: &mut Findings) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if path.is_dir() {
        if holds_yaml(path) {
            tell(
                path,
                "nothing in this folder is read: folders are not looked into",
                "move its files up",
                findings,
            );
        }
    } else if is_yaml(path) || [".yaml.txt", ".yml.txt"].iter().any(|ending| name.ends_with(ending)) {
        let message = "this file is not read: the name of a mapping file ends with `.yaml`";
        tell(path, message, "rename it, its ending in small letters", findings);
    }
}

/// Notes the mapping files that stand beside the folders `nodes/`, `upstreams/` and `hooks/`.
pub(super) fn beside(folder: &Path, findings: &mut Findings) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file() && is_yaml(path)) {
        let help = "move it into `nodes/`, `upstreams/` or `hooks/`";
        tell(path, "this file is not read: it stands in no folder of mapping files", help, findings);
    }
}

fn tell(path: &Path, message: &str, help: &str, findings: &mut Findings) {
    let source = Source::unread(path.display().to_string());
    let finding = Finding::whole_file(Code::IgnoredFile, &source, message).help(help);
    findings.push(Finding { severity: Severity::Note, ..finding });
}

/// Whether a name ends as that of a mapping file, in letters of any size.
fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
}

fn holds_yaml(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| is_yaml(&path))
}
