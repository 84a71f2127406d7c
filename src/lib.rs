//! Datadip: a webhook gateway for IVR data-request nodes.

pub mod app;
pub mod cache;
pub mod catalog;
pub mod cli;
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
pub mod rehearsal;
pub mod secret;
pub mod settings;
pub mod telemetry;
pub mod trace;
pub mod upstream;
