//! The gateway from outside: the real binary, real sockets, a real upstream on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod admin;
mod answers;
mod call;
mod cli;
mod console;
mod describe;
mod explain;
#[path = "../harness/folder.rs"]
mod folder;
mod forget;
mod forms;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/gateway.rs"]
mod gateway;
mod hooks;
mod kept;
mod learn;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/machine.rs"]
mod machine;
mod meanwhile;
mod metrics;
mod openapi;
mod pages;
mod reading;
#[path = "../harness/redis.rs"]
#[allow(dead_code, reason = "the cache's tests need more of it")]
mod redis;
mod reload;
mod replicas;
#[path = "../harness/shell.rs"]
mod shell;
mod shipped;
mod smoke;
mod statuses;
mod stop;
mod swap;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/upstream.rs"]
mod upstream;
mod upstreams;
#[path = "../harness/wire.rs"]
mod wire;
