//! The one write of a node.

use std::sync::Arc;
use std::time::Duration;

use crate::expr::Template;
use crate::plan::Ask;

/// The write after the lookup.
#[derive(Debug)]
pub struct Write {
    /// The name under which outputs know its answer.
    pub name: Arc<str>,
    /// What it asks.
    pub ask: Ask,
    /// By what two calls mean the same write, which is then carried out once.
    pub once: Option<Once>,
    /// Whether the call waits for what it answers.
    pub waits: bool,
}

/// By what two calls mean the same write.
#[derive(Debug)]
pub struct Once {
    /// The values that they share.
    pub by: Vec<Template>,
    /// For how long it is not carried out again.
    pub keep: Duration,
}
