//! The gateway from outside: the real binary, real sockets, a real upstream on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod answers;
mod cli;
mod folder;
mod forms;
mod gateway;
mod reading;
mod shell;
mod shipped;
mod smoke;
mod statuses;
mod upstream;
mod upstreams;
mod wire;
