//! What an answer costs the server, as a ratio to a named floor: user and system CPU time a call, over many calls, in
//! interleaved rounds of one run. `cargo bench --bench answer`, or `-- memory` for one of the comparisons.
//!
//! The gateway runs as it is shipped; the floors do the same reading and parsing. The load is bounded in count and
//! stays on this machine; every server ends with the run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at what it did not expect"
)]

mod floor;
mod load;
mod report;
mod server;
mod upstream;

use crate::load::Load;
use crate::report::compare;
use crate::server::{Redis, Server};

/// Calls a round.
const CALLS: usize = 20_000;
/// Connections, each with one call under way.
const CONNECTIONS: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(floor::ARGUMENT) => return floor::serve(&arguments[1..]),
        Some(upstream::ARGUMENT) => return upstream::serve(),
        _ => {}
    }
    let wanted = |name: &str| {
        let names: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
        names.is_empty() || names.iter().any(|argument| *argument == name)
    };
    println!("{CALLS} calls a round on {CONNECTIONS} connections, nine rounds counted\n");
    if wanted("table") {
        table();
    }
    if wanted("memory") {
        memory();
    }
    if wanted("redis") {
        redis();
    }
    if wanted("miss") {
        miss();
    }
}

fn load<'a>(path: &'a str, numbers: load::Numbers) -> Load<'a> {
    Load { path, numbers, calls: CALLS, connections: CONNECTIONS }
}

/// The shipped node on the shipped table, against a handler that parses the same FORM and answers the same bytes.
fn table() {
    let gateway = Server::gateway(&server::shipped(), &[]);
    let answer = load::once(gateway.address, "/nodes/caller", load::MEI);
    let floor = Server::floor(&["constant", &answer]);
    compare(
        "node answer from the memory table",
        &gateway,
        &floor,
        &load("/nodes/caller", load::Numbers::One),
    );
}

/// A kept reply, against the same handler.
fn memory() {
    let crm = Server::upstream();
    let gateway = Server::gateway(&server::bench_mappings(), &[("CRM_URL", &crm.url())]);
    let answer = load::once(gateway.address, "/nodes/bench", load::MEI);
    let floor = Server::floor(&["constant", &answer]);
    compare("memory hit", &gateway, &floor, &load("/nodes/bench", load::Numbers::One));
}

/// Records that another replica has fetched, each for the first time here, against a handler that does one GET through
/// deadpool-redis.
fn redis() {
    let (crm, redis) = (Server::upstream(), Redis::start());
    let (crm_url, redis_url) = (crm.url(), redis.url());
    let environment = [
        ("CRM_URL", crm_url.as_str()),
        ("DATADIP_REDIS_URL", redis_url.as_str()),
        ("DATADIP_KEY", "benchmarks-need-a-key-of-32-characters"),
    ];
    let [first, gateway] = [(); 2].map(|()| Server::gateway(&server::bench_mappings(), &environment));
    for _ in 0..report::ROUNDS {
        load("/nodes/bench", load::Numbers::New).run(&first);
    }
    let answer = load::once(gateway.address, "/nodes/bench", load::MEI);
    let floor = Server::floor(&["redis", &answer, &redis_url]);
    compare("Redis hit", &gateway, &floor, &load("/nodes/bench", load::Numbers::Again));
}

/// Numbers that nobody asked for before, against a handler that asks the same upstream through reqwest, and parses.
fn miss() {
    let crm = Server::upstream();
    let gateway = Server::gateway(&server::bench_mappings(), &[("CRM_URL", &crm.url())]);
    let answer = load::once(gateway.address, "/nodes/bench", load::MEI);
    let floor = Server::floor(&["miss", &answer, &crm.url()]);
    compare("miss, a CRM answer of 2 KB", &gateway, &floor, &load("/nodes/bench", load::Numbers::New));
}
