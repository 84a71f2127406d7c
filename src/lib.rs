//! Datadip: a webhook gateway for IVR data-request nodes.
//!
//! # The life of a call
//!
//! ```text
//! http       bytes            → Call          what is no call is refused, with all outputs
//! catalog    node name        → Node          one pointer, loaded once, kept to the end
//! node       Call             → Inputs        typed identifiers; what is not valid is not given
//! lookup     Node + Inputs    → Answer        never fails; owns the budget
//!   upstream   Operation      → Record | Failure
//!   output     Outcome        → Reply         exactly the declared outputs, ordered, typed, defaulted
//! http       Answer           → bytes
//! ```
//!
//! [`mapping`] (offline) and [`lookup`] (on the call) never meet: they share only [`plan`], the product of the one and
//! the food of the other. [`rehearsal`] runs a plan's examples through the true engine before it is put in force.
//! [`description`] says of a plan what its callers need to know.
//! [`draft`] makes a node's first text from what a CRM answered.
//! [`console`] is the door of those who run the service, beside the call's way.
//! [`app`] is the only place that builds and wires; [`cli`] is the same code by another door. [`sim`] is the other side
//! of the wire, for trying and testing; it knows nothing of the rest.

pub mod app;
pub mod cache;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod console;
pub mod description;
pub mod diagnostic;
pub mod draft;
pub mod explain;
pub mod expr;
pub mod http;
pub mod lookup;
pub mod mapping;
pub mod meter;
pub mod node;
pub mod output;
pub mod plan;
pub mod record;
pub mod rehearsal;
pub mod scalar;
pub mod secret;
pub mod settings;
pub mod sim;
pub mod telemetry;
pub mod trace;
pub mod upstream;
