//! Two servers under the same load, round by round, and the ratio of what they cost.

use crate::load::{Load, Measured, Numbers};
use crate::server::Server;

/// Rounds of each, interleaved. The first is not counted: it warms both.
pub const ROUNDS: usize = 10;

/// Measures both and prints a table. To the floor all numbers are the same.
pub fn compare(title: &str, gateway: &Server, floor: &Server, load: &Load<'_>) {
    let mut ratios = Vec::new();
    let mut all: [Vec<Measured>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let measured = [load.run(gateway), load.with(Numbers::One).run(floor)];
        if round == 0 {
            continue;
        }
        ratios.push(measured[0].cpu_us / measured[1].cpu_us);
        for (all, measured) in all.iter_mut().zip(measured) {
            all.push(measured);
        }
    }
    println!("## {title}\n");
    println!(
        "{:<10}{:>12}{:>12}{:>10}{:>10}{:>10}",
        "", "CPU us/call", "calls/s", "p50 us", "p99 us", "p99.9 us"
    );
    for (name, rounds) in ["datadip", "floor"].iter().zip(&all) {
        let of = |value: fn(&Measured) -> f64| median(rounds.iter().map(value).collect());
        println!(
            "{name:<10}{:>12.2}{:>12.0}{:>10.0}{:>10.0}{:>10.0}",
            of(|m| m.cpu_us),
            of(|m| m.calls_per_second),
            of(|m| m.p50_us),
            of(|m| m.p99_us),
            of(|m| m.p999_us)
        );
    }
    let (low, high) = ratios.iter().fold((f64::MAX, f64::MIN), |(low, high), r| (low.min(*r), high.max(*r)));
    println!("\nratio of CPU a call, datadip to floor: {:.2} (from {low:.2} to {high:.2})\n", median(ratios));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
