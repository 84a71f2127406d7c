//! The simulators over real sockets, held against the platforms' samples in `tests/contracts/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod contract;
mod crm;
mod customers;
mod faults;
#[path = "../harness/folder.rs"]
mod folder;
#[path = "../harness/gateway.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod gateway;
#[path = "../harness/shell.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod shell;
mod shipped;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/sim.rs"]
mod sim;
mod sobot;
mod sobot_refusals;
mod start;
mod stringee;
#[path = "../harness/wire.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod wire;
mod xswitch;
