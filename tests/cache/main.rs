//! The cache from outside: real Redis processes, started here and ended by their id, and wires that can be cut.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cluster;
mod faults;
mod memory;
mod replica;
mod sentinel;
mod server;
mod shared;
mod wire;
