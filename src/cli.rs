//! The command line: one file a command, each the same code as the service by another door. Exit codes: 0 well, 1
//! findings, 2 unusable.

mod admin;
mod call;
mod check;
mod completions;
mod describe;
mod explain;
mod forget;
mod learn;
mod operations;
mod purge;
mod reload;
mod schema;
mod serve;
mod sim;
mod try_call;
mod warm;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::Resettable;
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::app::Environment;
use crate::catalog::reload::Offer;
use crate::diagnostic::render::{self, Style};
use crate::diagnostic::suggest::{did_you_mean, suggest};
use crate::diagnostic::{Findings, Severity};
use crate::plan::{Node, Slot};
use crate::settings::{Given, Settings};

/// A webhook gateway for IVR data-request nodes: it finds the customer while the caller is on the line.
#[derive(Debug, Parser)]
#[command(name = "datadip", version, about, after_help = "Without a command, datadip serves.")]
#[command(override_usage = "datadip [COMMAND]")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the nodes of a mappings folder
    Serve(serve::Flags),
    /// Compile the mapping files as `serve` would and run their examples
    ///
    /// Exit code 0: nothing to mend. 1: findings. 2: the folder cannot be used.
    Check(check::Flags),
    /// Answer one call from the shell, through the same engine as the service
    ///
    /// A node's write (`do`) is not carried out unless --write is given.
    Try(try_call::Flags),
    /// Ask one operation of an upstream, without any node
    ///
    /// An operation that writes does write; --dry-run shows the request and sends nothing. Exit code 0: found, or
    /// done. 1: not found, or failed. 2: nothing was sent.
    Call(call::Flags),
    /// Draft a node from a sample answer of the CRM: a file, standard input, or an operation that is asked
    ///
    /// The people in the example are made up, unless --keep-values is given. Exit code 0: drafted. 1: drafted, and
    /// something is to be mended. 2: nothing could be drafted.
    Learn(learn::Flags),
    /// Say what to type into the IVR's form for a node: address, parameters, outputs, and lines to try it with
    Describe(describe::Flags),
    /// List the operations of all upstreams, with their arguments
    Operations(operations::Flags),
    /// Remove what a running gateway keeps, so that the upstream is asked again
    ///
    /// Exit code 0: done. 1: done here, and the other replicas will know when Redis is back. 2: not done.
    Purge(purge::Flags),
    /// Remove all that a running gateway keeps about a customer, and print a receipt
    ///
    /// Exit code 0: done. 1: done here, and the other replicas will know when Redis is back. 2: not done.
    Forget(forget::Flags),
    /// Have a running gateway answer the calls of a list before they come
    ///
    /// A node's write (`do`) is never carried out. Exit code 0: all answered. 1: some could not be looked up. 2: not
    /// done.
    Warm(warm::Flags),
    /// Print the JSON Schema of the mapping files, for editors
    Schema(schema::Flags),
    /// Have a running gateway put its mapping files in force as they are now
    ///
    /// Exit code 0: in force. 1: they have errors, and those before stay. 2: not done.
    Reload(reload::Flags),
    /// Run the simulators of a CRM, Sobot, Stringee and XSwitch, until told to stop
    ///
    /// In one shell: datadip sim --env > sim.env. In another: . ./sim.env && datadip serve
    Sim(sim::Flags),
    /// Tell why a past call found what it found, or list the calls of a customer, a node or an IVR's call
    ///
    /// What is personal is masked, unless --personal is given and DATADIP_ADMIN_PERSONAL_TOKEN is set. Exit code 0: told.
    /// 1: there is no such call. 2: not done.
    Explain(explain::Flags),
    /// Print a completion script for a shell
    Completions(completions::Flags),
}

/// Where a command finds the mapping files.
#[derive(Debug, clap::Args)]
struct MappingsFlag {
    /// The folder that holds `nodes/` and `upstreams/` [default: that of datadip.yaml, else mappings]
    #[arg(long, value_name = "DIR", env = "DATADIP_MAPPINGS")]
    mappings: Option<PathBuf>,
}

/// What is given on the command line as a name and its value.
fn named_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE, such as phone=+6591234567".to_owned()),
    }
}

/// The folder that was given, else the one that `serve` would take.
fn mappings_folder(given: Option<&Path>, environment: Environment) -> Result<PathBuf, Unusable> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let config = environment("DATADIP_CONFIG").map(PathBuf::from);
    Ok(Settings::resolve(Given::default(), config.as_deref())?.mappings)
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let matches = without_empty_variables(Cli::command()).get_matches_from(arguments());
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let environment: Environment = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let ended = match cli.command {
        Command::Serve(flags) => serve::run(flags, environment),
        Command::Check(flags) => check::run(&flags, environment),
        Command::Try(flags) => try_call::run(&flags, environment),
        Command::Call(flags) => call::run(&flags, environment),
        Command::Learn(flags) => learn::run(&flags, environment),
        Command::Describe(flags) => describe::run(&flags, environment),
        Command::Operations(flags) => operations::run(&flags, environment),
        Command::Purge(flags) => purge::run(&flags, environment),
        Command::Forget(flags) => forget::run(&flags, environment),
        Command::Warm(flags) => warm::run(&flags, environment),
        Command::Schema(flags) => schema::run(&flags),
        Command::Reload(flags) => reload::run(&flags, environment),
        Command::Sim(flags) => sim::run(&flags),
        Command::Explain(flags) => explain::run(&flags, environment),
        Command::Completions(flags) => completions::run(&flags),
    };
    match ended {
        Ok(code) => code,
        Err(error) => {
            say_error(&error);
            ExitCode::from(2)
        }
    }
}

/// The command line, for which a variable that holds nothing is one that is not set: whoever passes variables on
/// (`DATADIP_LISTEN=${LISTEN:-}`) cannot leave one out.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    let unset = move |arg: Arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg };
    command.mut_subcommands(move |command| command.mut_args(unset))
}

/// What the process was started with. Nothing is `serve`, which then reads its variables like any other.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.len() == 1 {
        arguments.push("serve".into());
    }
    arguments
}

/// Why a command could not do its work; one sentence for the person at the shell.
type Unusable = Box<dyn std::error::Error>;

fn say_error(error: &Unusable) {
    // Nothing is left to do where even this cannot be said.
    let _ = writeln!(io::stderr(), "datadip: {error}");
}

/// Shows what keeps parts of a mappings folder from being used.
fn tell_errors(findings: &Findings) -> io::Result<()> {
    let style = if io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        writeln!(io::stderr(), "{}\n", render::text(finding, style))?;
    }
    Ok(())
}

/// The node of that name, if it is in force.
fn ready_node<'l>(loaded: &'l Offer, name: &str) -> Result<&'l Arc<Node>, Unusable> {
    match loaded.catalogue.nodes.get(name) {
        Some(Slot::Ready(node)) => Ok(node),
        Some(Slot::Broken(why)) => {
            tell_errors(&loaded.findings)?;
            Err(format!("the node `{name}` is not in force: {why}").into())
        }
        None => Err(missing(loaded, "node", name, loaded.catalogue.nodes.keys())?),
    }
}

/// That nothing of this name is in force: it is not there, or nobody can say while files have errors.
fn missing<'n>(
    loaded: &Offer,
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'n Arc<str>>,
) -> io::Result<Unusable> {
    let names: Vec<&str> = names.map(AsRef::as_ref).collect();
    // Nothing of another upstream is meant where the one that is named may be broken.
    let upstream = |name: &str| name.split_once('.').map(|(upstream, _)| upstream.to_owned());
    let near = did_you_mean(name, names.iter().copied()).filter(|near| upstream(near) == upstream(name));
    if !loaded.findings.has_errors() || near.is_some() {
        return Ok(format!("there is no {what} `{name}`; {}", suggest(name, &names)).into());
    }
    tell_errors(&loaded.findings)?;
    Ok(format!("no {what} `{name}` is in force: its file may be one of those with errors").into())
}

/// Writes to standard output; a reader that went away (`datadip operations | head`) is no error.
fn say(text: &str) -> Result<(), Unusable> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        ended => ended.map_err(Into::into),
    }
}

/// A runtime for a command that ends by itself.
fn runtime() -> Result<tokio::runtime::Runtime, Unusable> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}
