//! What a node answers: the outputs, in order, and the bytes that say them in the node's dialect.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::record::{Outcome, Tier};
use crate::trace::TraceId;

/// An answer's body. It holds nothing of the one call, so that many may share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// How the call ended.
    pub outcome: Outcome,
    /// The body's media type.
    pub content_type: Arc<str>,
    /// The body, in the node's dialect.
    pub body: Bytes,
}

/// The outputs that a body says.
#[derive(Debug, Clone, PartialEq)]
pub enum Outputs {
    /// Those that are there, in the node's order.
    Made(Vec<(Arc<str>, Value)>),
    /// The node answers `null` whole.
    Null,
    /// The reply was kept from before, and is not taken apart again.
    Kept,
}

/// A reply to one call.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is said.
    pub reply: Arc<Reply>,
    /// The same, not yet written.
    pub outputs: Outputs,
    /// How far the call had to go for it.
    pub tier: Tier,
    /// The reads that failed after the record was found.
    pub partial: Vec<Arc<str>>,
    /// The call's number.
    pub trace: TraceId,
}
