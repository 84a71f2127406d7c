//! Variables for tests: the members of an object.

use std::borrow::Cow;

use serde_json::Value;

use crate::expr::Scope;

/// Each member is a variable.
pub(super) struct Variables(pub(super) Value);

impl Scope for Variables {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.get(name).map(Cow::Borrowed)
    }
}
