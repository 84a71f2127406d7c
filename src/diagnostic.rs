//! A finding about a file that a person wrote: where it is, what is wrong, and what is allowed instead.

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

/// A range of bytes in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}
