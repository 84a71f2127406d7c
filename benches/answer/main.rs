//! What an answer costs the server, as a ratio to a named floor: user and system CPU time a call, over many calls,
//! in interleaved rounds of one run. `cargo bench --bench answer`.
//!
//! The load is bounded in count and stays on this machine; both servers end with the run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at what it did not expect"
)]

mod floor;
mod load;
mod server;

use crate::load::{Load, Measured};
use crate::server::Server;

/// Rounds of each subject, interleaved. The first is not counted: it warms both.
const ROUNDS: usize = 10;
/// Calls a round.
const CALLS: usize = 20_000;
/// Connections, each with one call under way.
const CONNECTIONS: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == floor::ARGUMENT) {
        floor::serve(&arguments[2]);
        return;
    }
    let body = "partnerId=1001&m&token=abc&source=0&tel=%2B6591234567";
    let gateway = Server::gateway();
    let answer = load::once(gateway.address, "/nodes/caller", body);
    let floor = Server::floor(&answer);
    println!("node answer from the memory table, POST FORM, {} bytes of answer", answer.len());
    println!("{CALLS} calls a round on {CONNECTIONS} connections, {} rounds\n", ROUNDS - 1);
    compare(&gateway, &floor, &Load { path: "/nodes/caller", body, calls: CALLS, connections: CONNECTIONS });
}

/// Measures both, round by round, and prints the ratio of their CPU time a call.
fn compare(gateway: &Server, floor: &Server, load: &Load<'_>) {
    let mut ratios = Vec::new();
    let mut all: [Vec<Measured>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let measured = [gateway, floor].map(|server| load.run(server));
        if round == 0 {
            continue;
        }
        ratios.push(measured[0].cpu_us / measured[1].cpu_us);
        for (all, measured) in all.iter_mut().zip(measured) {
            all.push(measured);
        }
    }
    println!(
        "{:<10}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "", "CPU µs/call", "calls/s", "p50 µs", "p99 µs", "p99.9 µs"
    );
    for (name, rounds) in ["datadip", "floor"].iter().zip(&all) {
        let of = |value: fn(&Measured) -> f64| median(rounds.iter().map(value).collect());
        println!(
            "{name:<10}{:>12.2}{:>12.0}{:>12.0}{:>12.0}{:>12.0}",
            of(|m| m.cpu_us),
            of(|m| m.calls_per_second),
            of(|m| m.p50_us),
            of(|m| m.p99_us),
            of(|m| m.p999_us)
        );
    }
    let (low, high) = ratios.iter().fold((f64::MAX, f64::MIN), |(low, high), r| (low.min(*r), high.max(*r)));
    println!("\nratio of CPU a call, datadip to floor: {:.2} (from {low:.2} to {high:.2})", median(ratios));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
