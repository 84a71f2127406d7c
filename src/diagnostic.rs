//! A finding about a file that a person wrote: where it is, what is wrong, and what is allowed instead. Findings are
//! collected, never thrown, so that all of a file's mistakes are told at once. `render` writes them for people, `json` and
//! `sarif` for machines.

pub mod code;
pub mod json;
pub mod page;
pub mod render;
pub mod sarif;
pub mod source;
pub mod suggest;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;

/// How bad a finding is. An error keeps the file from being put in force; a warning and a note do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing, nothing to mend.
    Note,
    /// Works, but probably not as meant.
    Warning,
    /// Cannot be put in force.
    Error,
}

impl Severity {
    /// The severity's name: `error`, `warning` or `note`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A range of bytes in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The bytes from this span's first to the other's last.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same, for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// One thing found in one file.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The file it is about.
    pub source: Arc<Source>,
    /// Where in the file; `None` where it is about the whole file, as when that cannot be read.
    pub span: Option<Span>,
    /// What is wrong: one sentence, lower case and without a full stop, names in backticks.
    pub message: String,
    /// What is allowed instead, in the same form.
    pub help: Option<String>,
    /// Other places of the same file that explain it, each with a few words.
    pub related: Vec<(Span, String)>,
    /// The example that did not end as its author says, by its name.
    pub example: Option<String>,
}

impl Finding {
    /// A finding at a place of a file.
    #[must_use]
    pub fn at(
        severity: Severity,
        code: Code,
        source: &Arc<Source>,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        let source = Arc::clone(source);
        let message = message.into();
        let (help, related, example) = (None, Vec::new(), None);
        Self { code, severity, source, span: Some(span), message, help, related, example }
    }

    /// An error at a place of a file.
    #[must_use]
    pub fn error(code: Code, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::at(Severity::Error, code, source, span, message)
    }

    /// A warning at a place of a file.
    #[must_use]
    pub fn warning(code: Code, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::at(Severity::Warning, code, source, span, message)
    }

    /// A note at a place of a file.
    #[must_use]
    pub fn note(code: Code, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::at(Severity::Note, code, source, span, message)
    }

    /// An error about a whole file, shown by its path alone.
    #[must_use]
    pub fn whole_file(code: Code, source: &Arc<Source>, message: impl Into<String>) -> Self {
        Self { span: None, ..Self::error(code, source, Span::default(), message) }
    }

    /// The same finding, with what is allowed instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding, as one about an example.
    #[must_use]
    pub fn of_example(mut self, name: &str) -> Self {
        self.example = Some(name.to_owned());
        self
    }

    /// The same finding, with another place of the same file that explains it.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Findings that keep a file from being put in force.
    pub errors: usize,
    /// Findings about what is probably not meant.
    pub warnings: usize,
    /// Findings that are only worth knowing.
    pub notes: usize,
}

/// All findings about a set of files, in the order in which they were found until sorted.
#[derive(Debug, Clone, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// No findings yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Adds all of another collection.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.counts().errors > 0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are of each severity.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |severity| self.0.iter().filter(|finding| finding.severity == severity).count();
        Counts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }

    /// Puts them in the order of a reader: by file, then by position; what is about a whole file comes first. Before all
    /// others stand the files whose text cannot be read, because much else may follow from that.
    pub fn sort(&mut self) {
        let of_text =
            |finding: &&Finding| finding.severity == Severity::Error && finding.code.is_about_the_text();
        let unread: BTreeSet<String> =
            self.0.iter().filter(of_text).map(|finding| finding.source.path.clone()).collect();
        self.0.sort_by(|a, b| {
            let file = |finding: &Finding| !unread.contains(&finding.source.path);
            let key = |finding: &Finding| (finding.span, finding.code);
            let files = file(a).cmp(&file(b)).then_with(|| a.source.path.cmp(&b.source.path));
            files.then_with(|| key(a).cmp(&key(b)))
        });
    }

    /// Each finding, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.0.extend(findings);
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        Self(findings.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Counts, Finding, Findings, Source, Span};

    #[test]
    fn findings_are_told_by_file_and_then_by_position() {
        let (a, b) = (Source::new("a.yaml", "one: 1\n"), Source::new("b.yaml", "two: 2\n"));
        let mut findings: Findings = [
            Finding::error(Code::UnknownKey, &b, Span::new(0, 3), "third"),
            Finding::note(Code::UnknownKey, &a, Span::new(5, 6), "second"),
            Finding::warning(Code::UnknownKey, &a, Span::new(0, 3), "first"),
            Finding::whole_file(Code::Unreadable, &a, "before all"),
        ]
        .into_iter()
        .collect();
        findings.sort();
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, ["before all", "first", "second", "third"]);
        assert_eq!(findings.counts(), Counts { errors: 2, warnings: 1, notes: 1 });
    }

    #[test]
    fn a_file_whose_text_cannot_be_read_is_told_before_all_that_may_follow_from_it() {
        let (a, b) = (Source::new("a.yaml", "one: 1\n"), Source::new("b.yaml", "two: 2\n"));
        let mut findings: Findings = [
            Finding::error(Code::UnknownOperation, &a, Span::new(0, 3), "third"),
            Finding::error(Code::YamlTab, &b, Span::new(5, 6), "second"),
            Finding::note(Code::UnsetVariable, &b, Span::new(0, 3), "first"),
        ]
        .into_iter()
        .collect();
        findings.sort();
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, ["first", "second", "third"]);
    }

    #[test]
    fn a_warning_alone_keeps_nothing_out_of_force() {
        let source = Source::new("a.yaml", "one: 1\n");
        let mut findings = Findings::new();
        findings.push(Finding::warning(Code::UnknownKey, &source, Span::new(0, 3), "odd"));
        assert!(!findings.has_errors());
        findings.push(Finding::error(Code::UnknownKey, &source, Span::new(0, 3), "wrong"));
        assert!(findings.has_errors());
    }
}
