//! What the samples count but do not show: the rest of the agents, skill groups, extensions and flows.

use serde::Deserialize;
use serde_json::Value;

/// The rows, by what they are.
#[derive(Debug, Deserialize)]
pub(super) struct Seeds {
    /// Agents, by id, work number and name.
    pub(super) agents: Vec<Value>,
    /// Skill groups; `members` are agents' ids.
    pub(super) queues: Vec<Value>,
    /// Extensions, as the list has them.
    pub(super) exts: Vec<Value>,
    /// Published IVR flows.
    pub(super) flows: Vec<Value>,
}

impl Seeds {
    /// Reads them.
    ///
    /// # Errors
    /// Where the file is not of that form.
    pub(super) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("seeds.json"))
    }
}
