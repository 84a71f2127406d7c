//! `datadip learn`: drafts a node from what a CRM answers. The sample comes from a file, from standard input, or from an
//! operation that is asked.

mod sample;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path as FilePath, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use regex::Regex;

use crate::app::Environment;
use crate::app::draft::try_draft;
use crate::cli::learn::sample::{given, live};
use crate::cli::{MappingsFlag, Unusable, named_value, runtime, say};
use crate::diagnostic::Severity;
use crate::diagnostic::render::{self, Style};
use crate::draft::{By, Draft, Wish};
use crate::mapping::language::SLUG;
use crate::node::phone::region::Region;

/// The upstream whose operations a draft names, where none is given.
const UPSTREAM: &str = "crm";

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// An operation to ask for the sample, as `datadip operations` lists it
    #[arg(value_name = "UPSTREAM.OPERATION", conflicts_with_all = ["from", "upstream", "path", "records"])]
    operation: Option<String>,
    /// Its arguments
    #[arg(value_name = "NAME=VALUE", value_parser = named_value)]
    arguments: Vec<(String, String)>,
    /// The sample: a file with an answer in JSON, `-` for standard input [default: -]
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where the records stand in it, such as '$.data[*]' [default: found out]
    #[arg(long, value_name = "PATH")]
    records: Option<String>,
    /// The node's name [default: the file's, else draft]
    #[arg(long, value_name = "NODE")]
    name: Option<String>,
    /// Draft this upstream too
    #[arg(long, value_name = "NAME")]
    upstream: Option<String>,
    /// The path of the upstream's requests, such as /v1/customers
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// What customers are found by [default: what the sample has]
    #[arg(long, value_enum)]
    by: Option<Identifier>,
    /// The country of phone numbers without a country code
    #[arg(long, value_name = "REGION", default_value = "SG", value_parser = region)]
    region: Region,
    /// Keep the sample's values in the example, phone numbers and names among them
    #[arg(long)]
    keep_values: bool,
    /// Write the files into this mappings folder; none that is there is written over
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    #[command(flatten)]
    mappings: MappingsFlag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Identifier {
    /// By a phone number
    Phone,
    /// By an e-mail address
    Email,
    /// By another id
    Account,
}

fn region(text: &str) -> Result<Region, String> {
    text.parse::<Region>().map_err(|error| error.to_string())
}

/// Drafts, tries the draft, and prints or writes it.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let node = name(flags)?;
    let sample = match &flags.operation {
        Some(operation) => live(flags, operation, environment)?,
        None => given(flags)?,
    };
    let by = flags.by.map(|by| match by {
        Identifier::Phone => By::Phone,
        Identifier::Email => By::Email,
        Identifier::Account => By::Account,
    });
    let (region, keep_values) = (flags.region, flags.keep_values);
    let wish = Wish { node, records: sample.records, by, region, keep_values, asked: sample.asked };
    let draft = Draft::of(&sample.body, wish)?;
    let upstream = draft.upstream();
    let runtime = runtime()?;
    let tried =
        |text: &str| runtime.block_on(try_draft(text, upstream.as_deref(), &sample.operations, environment));
    let outputs = tried(&draft.node(None)).outputs;
    let text = draft.node(outputs.as_deref());
    let findings = tried(&text).findings;
    let mut is_whole = true;
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Note) {
        is_whole = false;
        writeln!(io::stderr(), "{}\n", render::text(finding, Style::Plain))?;
    }
    put(flags, &draft_name(flags)?, &text, upstream.as_deref())?;
    Ok(ExitCode::from(u8::from(!is_whole)))
}

fn name(flags: &Flags) -> Result<String, Unusable> {
    let name = draft_name(flags)?;
    let slug = Regex::new(SLUG)?;
    for name in [Some(&name), flags.upstream.as_ref()].into_iter().flatten() {
        if !slug.is_match(name) {
            return Err(
                format!("`{name}` is no name: use letters a–z, digits, `-` and `_`, a letter first").into()
            );
        }
    }
    if flags.path.as_ref().is_some_and(|path| !path.starts_with('/') || path.contains(['?', '#'])) {
        return Err("--path begins with `/` and has no query: /v1/customers".into());
    }
    Ok(name)
}

/// The name that was given, else the file's if it can be one.
fn draft_name(flags: &Flags) -> Result<String, Unusable> {
    if let Some(name) = &flags.name {
        return Ok(name.clone());
    }
    let stem = flags.from.as_deref().and_then(FilePath::file_stem).and_then(|stem| stem.to_str());
    let slug = Regex::new(SLUG)?;
    Ok(stem.filter(|stem| slug.is_match(stem)).unwrap_or("draft").to_owned())
}

/// Prints the files, or writes them.
fn put(flags: &Flags, node: &str, text: &str, upstream: Option<&str>) -> Result<(), Unusable> {
    let node_file = PathBuf::from(format!("nodes/{node}.yaml"));
    let mut files = vec![(node_file, text)];
    match (&flags.upstream, upstream) {
        (Some(name), Some(text)) => files.push((PathBuf::from(format!("upstreams/{name}.yaml")), text)),
        (None, Some(_)) => writeln!(
            io::stderr(),
            "the node asks operations of the upstream `{UPSTREAM}`; --upstream {UPSTREAM} drafts that file too"
        )?,
        (_, None) => {}
    }
    let Some(folder) = &flags.write else {
        let texts: Vec<String> =
            files.iter().map(|(path, text)| format!("# {}\n{text}", path.display())).collect();
        return say(&texts.join("\n"));
    };
    if let Some((path, _)) = files.iter().find(|(path, _)| folder.join(path).exists()) {
        let path = folder.join(path);
        return Err(format!(
            "{} is there already, and nothing was written; --name gives another name",
            path.display()
        )
        .into());
    }
    for (path, text) in &files {
        let path = folder.join(path);
        let tell = |error: io::Error| format!("{}: {error}", path.display());
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(tell)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(tell)?;
        file.write_all(text.as_bytes()).map_err(tell)?;
        say(&format!("{}\n", path.display()))?;
    }
    Ok(())
}
