//! The cache from outside: real Redis processes, started here and ended by their id, and wires that can be cut.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cluster;
mod faults;
mod memory;
mod once;
mod patience;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/redis.rs"]
mod redis;
mod replica;
mod sentinel;
mod shared;
mod tls;
mod wire;
