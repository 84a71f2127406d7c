//! What a mapping's author may compute: JSON paths that read a record, and Tera templates and conditions that
//! write a value. Everything is compiled once; evaluating takes a [`Scope`] and never sees the outside.

mod calendar;
mod condition;
mod digest;
mod engine;
mod error;
mod filter;
#[cfg(test)]
mod fixture;
mod json;
mod path;
mod place;
mod scan;
mod slip;
mod template;
mod unique;

pub use condition::Condition;
pub use error::{CompileError, Fault, RenderError};
pub use json::{canonical_number, kind_of, text_of};
pub use path::Path;
pub use place::Place;
pub use scan::{Read, Segment};
pub use template::{Scope, Template};
