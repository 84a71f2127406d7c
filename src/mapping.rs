//! Documents as written, to plans.

pub mod read;
pub mod yaml;
