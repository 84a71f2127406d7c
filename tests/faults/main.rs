//! What breaks around the gateway, and that no caller notices: the real binary, real Redis processes, a real upstream,
//! and wires between them that can be cut, slowed, dripped, shortened and silenced.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod aliases;
mod breaker;
mod budget;
mod cable;
mod caller;
mod company;
mod crowds;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/folder.rs"]
mod folder;
#[allow(dead_code)]
#[path = "../harness/gateway.rs"]
mod gateway;
mod joining;
mod limits;
mod load;
mod logins;
#[path = "../harness/machine.rs"]
mod machine;
mod once;
mod outages;
mod privacy;
#[allow(dead_code)]
#[path = "../harness/redis.rs"]
mod redis;
#[allow(dead_code)]
#[path = "../harness/shell.rs"]
mod shell;
#[allow(dead_code)]
#[path = "../harness/sim.rs"]
mod sim;
mod stale;
mod traces;
#[allow(dead_code)]
#[path = "../harness/upstream.rs"]
mod upstream;
mod upstreams;
#[allow(dead_code)]
#[path = "../harness/wire.rs"]
mod wire;
mod writes;
