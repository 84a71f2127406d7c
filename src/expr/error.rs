//! What can go wrong with an expression: while it is compiled (the author's fault, with a place in the text) and
//! while it is evaluated (this call's values).

use std::ops::Range;

use thiserror::Error;

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct CompileError {
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// The bytes of the expression's own text that are meant.
    pub range: Range<usize>,
    /// What is allowed instead.
    pub help: Option<String>,
}

impl CompileError {
    /// An error without a remedy.
    pub(crate) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { message: message.into(), range, help: None }
    }

    /// The same with a remedy.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why a template gave no text for this call's values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A variable that it reads is not there.
    #[error("`{0}` is not there")]
    Missing(String),
    /// Anything else, in the template engine's words.
    #[error("{0}")]
    Failed(String),
}
