//! Upstreams from outside: what is sent, how answers are read, and what a bad wire does.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod faults;
mod logins;
mod operations;
mod redirects;
mod requests;
mod resilience;
mod server;
mod tables;
mod traces;
