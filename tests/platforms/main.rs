//! The shipped upstreams of call-centre platforms, held against the samples of the platforms' documents.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod contract;
mod documented;
