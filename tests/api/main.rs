//! The gateway from outside: the real binary, real sockets, a real upstream on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod admin;
mod answers;
mod cli;
mod folder;
mod forms;
mod gateway;
mod hooks;
mod reading;
#[path = "../cache/server.rs"]
#[allow(dead_code, reason = "the cache's tests need more of it")]
mod redis;
mod shell;
mod shipped;
mod smoke;
mod statuses;
mod upstream;
mod upstreams;
mod wire;
