//! The gateway from outside: the real binary, real sockets, a real upstream on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod cli;
mod folder;
mod gateway;
mod reading;
mod shell;
mod shipped;
mod smoke;
mod statuses;
mod upstream;
mod wire;
