//! Why an output has no value of its own, so that it takes its default or is left out.

use thiserror::Error;

use crate::expr::RenderError;
use crate::plan::output::Kind;
use crate::record::Outcome;

/// Why an output has no value. Its sentences hold no value of the call or the record: [`Why::found`] gives that.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Why {
    /// The lookup found no record to read; how it ended.
    #[error("no record was found ({0})")]
    NoRecord(Outcome),
    /// The read or write that it reads gave nothing.
    #[error("what it reads was not found or not asked")]
    NoRead,
    /// The read or write that it reads failed, or found several records; how that ended.
    #[error("what it reads {}", ended(*.0))]
    ReadFailed(Outcome),
    /// The path selects nothing.
    #[error("`{0}` matched nothing")]
    Nothing(String),
    /// The path selects nothing that can be joined.
    #[error("`{0}` matched nothing that can be joined")]
    NothingToJoin(String),
    /// A variable of the template is not there.
    #[error("`{0}` is not there")]
    NotThere(String),
    /// None of the choices applies.
    #[error("none of its choices applies")]
    NoChoice,
    /// The template failed.
    #[error("its template failed")]
    Template(RenderError),
    /// What was found is a list, an object or null.
    #[error("what was found is {0}, and an output is one value")]
    NoScalar(&'static str),
    /// The value is in no line of the output's `values`.
    #[error("the value is not among its `values`")]
    NotInValues(String),
    /// The value cannot be written in the output's type.
    #[error("the value is no {}", .1.name())]
    NotOfType(String, Kind),
}

/// How a read ended that gave no record although it was asked.
fn ended(outcome: Outcome) -> String {
    match outcome {
        Outcome::Ambiguous => "found several records where there may be one".to_owned(),
        other => format!("failed ({other})"),
    }
}

impl Why {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRecord(_) => "no_record",
            Self::NoRead => "no_read",
            Self::ReadFailed(_) => "read_failed",
            Self::Nothing(_) | Self::NothingToJoin(_) => "nothing_matched",
            Self::NotThere(_) => "not_there",
            Self::NoChoice => "no_choice",
            Self::Template(_) => "template",
            Self::NoScalar(_) => "no_single_value",
            Self::NotInValues(_) => "not_in_values",
            Self::NotOfType(..) => "wrong_type",
        }
    }

    /// The value that did not do, or what the template engine said; personal.
    #[must_use]
    pub fn found(&self) -> Option<String> {
        match self {
            Self::NotInValues(text) | Self::NotOfType(text, _) => Some(text.clone()),
            Self::Template(error) => Some(error.to_string()),
            _ => None,
        }
    }
}
