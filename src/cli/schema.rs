//! `datadip schema`: the language of mapping files, for editors that know JSON Schema.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::Value;

use crate::cli::{Unusable, say};
use crate::mapping::language::FILES;
use crate::mapping::schema;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The kind of files [default: all in one schema]
    kind: Option<Kind>,
    /// Write one file a kind into this folder: node.json, upstream.json, hook.json
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Files in `nodes/`
    Node,
    /// Files in `upstreams/`
    Upstream,
    /// Files in `hooks/`
    Hook,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Upstream => "upstream",
            Self::Hook => "hook",
        }
    }
}

/// Prints the schema, or writes the files.
pub(super) fn run(flags: &Flags) -> Result<ExitCode, Unusable> {
    let kind = flags.kind.map(Kind::name);
    let Some(folder) = &flags.dir else {
        let schema = kind.map_or_else(|| Some(schema::of_all()), schema::of);
        say(&text(&schema.ok_or("there is no such kind of files")?)?)?;
        return Ok(ExitCode::SUCCESS);
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, _) in FILES.iter().filter(|(name, _)| kind.is_none_or(|kind| kind == *name)) {
        let path = folder.join(format!("{name}.json"));
        let schema = schema::of(name).ok_or("there is no such kind of files")?;
        fs::write(&path, text(&schema)?).map_err(|error| format!("{}: {error}", path.display()))?;
        say(&format!("{}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(schema: &Value) -> Result<String, Unusable> {
    Ok(format!("{}\n", serde_json::to_string_pretty(schema)?))
}
