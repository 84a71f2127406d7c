//! `datadip completions SHELL`.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, Unusable, say};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The shell to write for
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(flags: &Flags) -> Result<ExitCode, Unusable> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Cli::command(), "datadip", &mut script);
    say(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}
