//! What can go wrong with an expression: while it is compiled (the author's fault, with a place in the text) and
//! while it is evaluated (this call's values).

use std::ops::Range;

use thiserror::Error;

/// What kind of mistake keeps an expression from compiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not parse.
    Syntax,
    /// It uses what a mapping may not.
    Forbidden,
    /// It uses a filter, test or function that there is not.
    UnknownFilter,
    /// It gives a filter, test or function what that does not take, or not what it needs.
    Argument,
    /// It gives one of them a value that cannot be used.
    Value,
    /// It is written with an operator of another language.
    Operator,
    /// It is a path that does not begin at the root.
    NoRoot,
    /// It is longer than allowed.
    TooLong,
}

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct CompileError {
    /// What kind of mistake it is.
    pub fault: Fault,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// The bytes of the expression's own text that are meant.
    pub range: Range<usize>,
    /// What is allowed instead.
    pub help: Option<String>,
}

impl CompileError {
    /// A mistake in its syntax, without a remedy.
    pub(crate) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { fault: Fault::Syntax, message: message.into(), range, help: None }
    }

    /// The same as a mistake of another kind.
    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
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
    /// Anything else.
    #[error("{reason}")]
    Failed {
        /// In the template engine's words, which may repeat a value: they are for no log.
        reason: String,
        /// The line of the template, from 1.
        line: usize,
    },
}

impl RenderError {
    /// A failure of a template that has one line only.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into(), line: 1 }
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Failed { .. } => "failed",
        }
    }

    /// Where it failed, as the template is written, without any value.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Missing(variable) => variable.clone(),
            Self::Failed { line, .. } => format!("line {line}"),
        }
    }
}
