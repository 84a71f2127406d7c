//! `datadip operations`: what upstreams can be asked.

use std::fmt::Write;
use std::process::ExitCode;

use crate::app::{self, Environment};
use crate::cli::{MappingsFlag, Unusable, mappings_folder, runtime, say};
use crate::plan::operation::{Arg, Effect, Operation};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    #[command(flatten)]
    mappings: MappingsFlag,
}

/// Prints the list.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let folder = mappings_folder(flags.mappings.mappings.as_deref(), environment)?;
    let loaded = runtime()?.block_on(app::load(&folder, environment))?;
    let mut list = String::new();
    for operation in loaded.catalogue.operations.values() {
        describe(operation, &mut list)?;
    }
    say(&list)?;
    Ok(ExitCode::SUCCESS)
}

fn describe(operation: &Operation, list: &mut String) -> std::fmt::Result {
    let effect = if operation.effect == Effect::Write { "  (write)" } else { "" };
    writeln!(list, "{}{effect}", operation.name)?;
    if let Some(about) = &operation.about {
        writeln!(list, "    {}", about.trim())?;
    }
    for arg in &operation.args {
        argument(arg, list)?;
    }
    writeln!(list)
}

fn argument(arg: &Arg, list: &mut String) -> std::fmt::Result {
    write!(list, "    {}: {}", arg.name, arg.kind.name())?;
    if arg.required {
        write!(list, ", required")?;
    }
    if let Some(default) = &arg.default {
        write!(list, ", else {default}")?;
    }
    if !arg.one_of.is_empty() {
        let choices: Vec<String> = arg.one_of.iter().map(ToString::to_string).collect();
        write!(list, ", one of {}", choices.join(" "))?;
    }
    match &arg.about {
        Some(about) => writeln!(list, " – {}", about.trim()),
        None => writeln!(list),
    }
}
