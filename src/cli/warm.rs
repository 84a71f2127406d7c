//! `datadip warm`: has a running gateway answer the calls of a list before they come, at a rate that the upstream
//! bears. The gateway never carries out a node's write for it.

mod list;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::app::Environment;
use crate::cli::admin::{Admin, AdminError, AdminFlag};
use crate::cli::warm::list::Call;
use crate::cli::{Unusable, runtime, say};

/// The most calls under way.
const TOGETHER: usize = 32;
/// Outcomes that say nothing of the customer: the call is not warm.
const FAILED: [&str; 3] = ["timeout", "error", "overloaded"];

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The node's name
    node: String,
    /// The list: CSV whose first line names the node's inputs, or one value a line with --param; `-` reads from
    /// standard input
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The input that every line of the list is a value of
    #[arg(long, value_name = "INPUT")]
    param: Option<String>,
    /// Calls a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    #[command(flatten)]
    admin: AdminFlag,
}

/// Reads the list, has it answered, and prints how the calls ended.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let calls = list::read(&flags.from, flags.param.as_deref())?;
    let admin = Admin::new(&flags.admin, environment)?;
    let begun = Instant::now();
    let sums = runtime()?.block_on(warm(&admin, flags, &calls))?;
    say(&summary(&sums, begun.elapsed()))?;
    let failed = FAILED.iter().any(|outcome| sums.outcomes.contains_key(*outcome));
    Ok(ExitCode::from(u8::from(failed)))
}

/// How many calls ended how.
#[derive(Debug, Default)]
struct Sums {
    count: u64,
    outcomes: BTreeMap<String, u64>,
    tiers: BTreeMap<String, u64>,
}

impl Sums {
    fn add(&mut self, call: &Value) {
        self.count += 1;
        for (name, sums) in [("outcome", &mut self.outcomes), ("cache", &mut self.tiers)] {
            let word = call.get(name).and_then(Value::as_str).unwrap_or("unknown");
            *sums.entry(word.to_owned()).or_default() += 1;
        }
    }
}

async fn warm(admin: &Admin, flags: &Flags, calls: &[Call]) -> Result<Sums, AdminError> {
    let bar = bar(calls.len());
    let mut beat = interval(Duration::from_secs(1) / flags.rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let paced = stream::unfold((calls.iter(), beat), |(mut calls, mut beat)| async {
        let call = calls.next()?;
        beat.tick().await;
        Some((call, (calls, beat)))
    });
    let mut answers = paced.map(|call| one(admin, flags, call)).buffer_unordered(TOGETHER).boxed_local();
    let mut sums = Sums::default();
    while let Some(answer) = answers.next().await {
        sums.add(&answer.inspect_err(|_| bar.abandon())?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(sums)
}

async fn one(admin: &Admin, flags: &Flags, call: &Call) -> Result<Value, AdminError> {
    let answer = admin.post("/api/warm", &json!({ "node": flags.node, "calls": [call] })).await;
    let answer = answer.map_err(|error| told_by_the_list(error, flags))?;
    Ok(answer.pointer("/calls/0").cloned().unwrap_or_default())
}

/// What is wrong with a call is wrong with the list that it comes from.
fn told_by_the_list(error: AdminError, flags: &Flags) -> AdminError {
    let AdminError::Refused { status: status @ StatusCode::BAD_REQUEST, error } = error else {
        return error;
    };
    let names = match flags.param {
        Some(_) => "--param names the input that every line is a value of".to_owned(),
        None => format!(
            "the first line of {} names the inputs; if every line of it is a value, name their input with --param",
            flags.from.display()
        ),
    };
    AdminError::Refused { status, error: format!("{error}; {names}") }
}

/// On a terminal only: a log file has no use for it.
fn bar(length: usize) -> ProgressBar {
    let is_seen = io::stderr().is_terminal();
    let target = if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(length as u64), target);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}");
    style.into_iter().for_each(|style| bar.set_style(style));
    bar
}

fn summary(sums: &Sums, took: Duration) -> String {
    let list = |sums: &BTreeMap<String, u64>| {
        let parts: Vec<String> = sums.iter().map(|(word, count)| format!("{count} {word}")).collect();
        parts.join(", ")
    };
    let calls = if sums.count == 1 { "1 call".to_owned() } else { format!("{} calls", sums.count) };
    let seconds = took.as_secs_f64();
    format!("{calls} in {seconds:.1} s: {}\ncache: {}\n", list(&sums.outcomes), list(&sums.tiers))
}
