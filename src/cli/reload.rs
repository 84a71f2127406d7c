//! `datadip reload`: has a running gateway put its mapping files in force as they are now, and prints what came of
//! it. The gateway sees changes by itself; this is for who wants to know, or has switched that off.

use std::process::ExitCode;

use serde_json::Value;

use crate::app::Environment;
use crate::cli::admin::{Admin, AdminFlag};
use crate::cli::{Unusable, runtime, say};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    #[command(flatten)]
    admin: AdminFlag,
}

/// Asks the gateway, and prints what it says.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let admin = Admin::new(&flags.admin, environment)?;
    let (is_in_force, said) = runtime()?.block_on(admin.post_or_findings("/api/reload"))?;
    say(&findings(&said))?;
    say(&if is_in_force { change(&said) } else { format!("not in force: {}\n", text(&said, "error")) })?;
    Ok(ExitCode::from(u8::from(!is_in_force)))
}

/// The findings, each with its place and what is allowed instead.
fn findings(said: &Value) -> String {
    let findings = said.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mended = findings.iter().filter(|finding| text(finding, "severity") != "note");
    mended.map(|finding| format!("{}\n\n", one(finding))).collect()
}

fn one(finding: &Value) -> String {
    let number = |name: &str| finding.get(name).and_then(Value::as_u64);
    let place = match (number("line"), number("column")) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", text(finding, "file")),
        _ => text(finding, "file").to_owned(),
    };
    let [severity, code, message, help] =
        ["severity", "code", "message", "help"].map(|name| text(finding, name));
    let help = if help.is_empty() { String::new() } else { format!("\n  help: {help}") };
    format!("{severity}[{code}]: {message}\n  --> {place}{help}")
}

fn change(said: &Value) -> String {
    let list = |name: &str| {
        let names = said.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let revision = said.get("revision").and_then(Value::as_u64).unwrap_or_default();
    let [came, changed, went] = ["came", "changed", "went"].map(list);
    format!("in force  revision {revision}\ncame      {came}\nchanged   {changed}\nwent      {went}\n")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
