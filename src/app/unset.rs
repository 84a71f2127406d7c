//! The environment variables that mapping files name and that are not set, in a few lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::diagnostic::code::Code;
use crate::diagnostic::{Finding, Findings};

/// Longest line of a paragraph, in characters.
const LINE: usize = 110;

/// A paragraph for each file that names such a variable; nothing where all are set.
#[must_use]
pub fn unset(findings: &Findings, indent: &str) -> String {
    let unset = findings.iter().filter(|finding| finding.code == Code::UnsetVariable);
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, variable) in unset.filter_map(|finding| Some((&finding.source.path, variable(finding)?))) {
        files.entry(path).or_default().push(variable);
    }
    let mut text = String::new();
    for (path, variables) in files {
        let first = std::iter::once(format!("{path}:"));
        let words = first.chain(variables.iter().map(|variable| (*variable).to_owned()));
        // Writing to a text cannot fail.
        let _ = paragraph(&mut text, indent, words);
    }
    text
}

/// The name in the `${NAME}` that a note points at.
fn variable(note: &Finding) -> Option<&str> {
    let reference = note.source.slice(note.span?);
    let name = reference.strip_prefix("${")?.strip_suffix('}')?;
    Some(name.strip_prefix("secret:").unwrap_or(name))
}

/// Words in lines, those after the first a little further in.
pub(super) fn paragraph<W: AsRef<str>>(
    text: &mut String,
    indent: &str,
    words: impl IntoIterator<Item = W>,
) -> std::fmt::Result {
    let mut line = indent.to_owned();
    for word in words {
        if line.len() + word.as_ref().len() > LINE {
            writeln!(text, "{}", line.trim_end())?;
            line = format!("{indent}  ");
        }
        line.push_str(word.as_ref());
        line.push(' ');
    }
    writeln!(text, "{}", line.trim_end())
}
