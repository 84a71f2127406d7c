//! Datadip: a webhook gateway for IVR data-request nodes.

pub mod catalog;
pub mod clock;
pub mod diagnostic;
pub mod expr;
pub mod http;
pub mod lookup;
pub mod mapping;
pub mod node;
pub mod output;
pub mod plan;
pub mod record;
pub mod secret;
pub mod trace;
pub mod upstream;
