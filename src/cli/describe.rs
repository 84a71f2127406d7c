//! `datadip describe`: what to type into the IVR's form for a node.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::Value;

use crate::app::banner::reachable;
use crate::app::{self, Environment};
use crate::catalog::reload::Offer;
use crate::cli::{MappingsFlag, Unusable, mappings_folder, ready_node, runtime, say};
use crate::description::{Description, Ending, Input, Need, Output};
use crate::plan::{Node, Slot};
use crate::settings::{Given, Settings};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The node's name [default: all nodes, in short]
    node: Option<String>,
    /// Where the IVR reaches the gateway, such as https://dip.example.com [default: where `serve` listens]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    mappings: MappingsFlag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object; without a node, a list of them
    Json,
}

/// Prints the description.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let folder = mappings_folder(flags.mappings.mappings.as_deref(), environment)?;
    let loaded = runtime()?.block_on(app::load(&folder, environment))?;
    let base = base(flags.base.as_deref(), environment)?;
    let text = match (&flags.node, flags.format) {
        (Some(name), Format::Text) => whole(&Description::of(ready_node(&loaded, name)?, &base))?,
        (Some(name), Format::Json) => {
            serde_json::to_string_pretty(&Description::of(ready_node(&loaded, name)?, &base))? + "\n"
        }
        (None, Format::Text) => short(&loaded, &base)?,
        (None, Format::Json) => {
            let all: Vec<Description> = ready(&loaded).map(|node| Description::of(node, &base)).collect();
            serde_json::to_string_pretty(&all)? + "\n"
        }
    };
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn base(given: Option<&str>, environment: Environment) -> Result<String, Unusable> {
    if let Some(base) = given {
        let url = url::Url::parse(base).ok();
        let is_address =
            url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none());
        return match is_address {
            true => Ok(base.trim_end_matches('/').to_owned()),
            false => Err(format!("--base {base}: write scheme and host: https://dip.example.com").into()),
        };
    }
    let config = environment("DATADIP_CONFIG").map(PathBuf::from);
    let listen = environment("DATADIP_LISTEN").map(|listen| listen.parse::<SocketAddr>()).transpose();
    let listen = listen.map_err(|_| "DATADIP_LISTEN is no address such as 127.0.0.1:8080")?;
    let settings = Settings::resolve(Given { listen, ..Given::default() }, config.as_deref())?;
    Ok(format!("http://{}", reachable(settings.listen)))
}

fn ready(loaded: &Offer) -> impl Iterator<Item = &Arc<Node>> {
    loaded.catalogue.nodes.values().filter_map(|slot| match slot {
        Slot::Ready(node) => Some(node),
        Slot::Broken(_) => None,
    })
}

/// All nodes, each in a few lines.
fn short(loaded: &Offer, base: &str) -> Result<String, Unusable> {
    let mut text = String::new();
    for (name, slot) in &loaded.catalogue.nodes {
        writeln!(text, "{name}")?;
        match slot {
            Slot::Ready(node) => {
                let described = Description::of(node, base);
                if let Some(about) = &described.about {
                    writeln!(text, "    {}", about.lines().next().unwrap_or_default())?;
                }
                let names = |names: Vec<&str>| names.join(", ");
                writeln!(text, "    {}  {}", described.methods.join(", "), described.url)?;
                writeln!(
                    text,
                    "    in   {}",
                    names(described.inputs.iter().map(|input| &*input.name).collect())
                )?;
                writeln!(
                    text,
                    "    out  {}\n",
                    names(described.outputs.iter().map(|output| &*output.name).collect())
                )?;
            }
            Slot::Broken(why) => writeln!(text, "    not in force: {why}\n")?,
        }
    }
    Ok(text)
}

/// One node, with all that is typed into the form.
fn whole(node: &Description) -> Result<String, Unusable> {
    let mut text = String::new();
    writeln!(
        text,
        "{}{}\n",
        node.node,
        node.about.as_ref().map(|about| format!(": {about}")).unwrap_or_default()
    )?;
    writeln!(text, "URL      {}", node.url)?;
    writeln!(text, "Method   {}", methods(node))?;
    if let Some(access) = &node.access {
        if let (Some(header), Some(value)) = (&access.header, &access.value) {
            writeln!(text, "Header   {header}: {value}")?;
        }
        if !access.networks.is_empty() {
            writeln!(text, "From     {}", access.networks.join(", "))?;
        }
        if let Some(rate) = access.per_second {
            writeln!(text, "Rate     at most {rate} calls a second from one caller")?;
        }
    }
    writeln!(text, "Timeout  longer than {} ms, in which it answers whatever happens", node.budget_ms)?;
    writeln!(text, "Answer   {} ({})", node.answer.content_type, node.answer.dialect)?;
    table(&mut text, "Parameters to send", node.inputs.iter().map(|input| input_row(input, node)).collect())?;
    table(&mut text, "Output parameters, in this order", node.outputs.iter().map(output_row).collect())?;
    let ending = |ending: &Ending| {
        let null = if ending.is_null { "; the answer is null" } else { "" };
        [ending.outcome.to_owned(), ending.status.to_owned(), format!("{}{null}", ending.about)]
    };
    table(
        &mut text,
        "How a call may end (header X-Datadip-Outcome)",
        node.outcomes.iter().map(ending).collect(),
    )?;
    writeln!(text, "\nTry it")?;
    for line in [&node.curl.get, &node.curl.form, &node.curl.json].into_iter().flatten() {
        writeln!(text, "  {line}")?;
    }
    Ok(text)
}

fn methods(node: &Description) -> String {
    let ways = node.methods.iter().map(|method| match *method {
        "POST" => "POST with FORM or JSON",
        other => other,
    });
    ways.collect::<Vec<_>>().join(", or ")
}

/// Rows in columns, each as wide as its widest cell.
fn table(text: &mut String, title: &str, rows: Vec<[String; 3]>) -> Result<(), Unusable> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{title}")?;
    let width = |cells: &dyn Fn(&[String; 3]) -> usize| rows.iter().map(cells).max().unwrap_or_default();
    let first = width(&|[cell, ..]| cell.chars().count());
    let second = width(&|[_, cell, _]| cell.chars().count());
    for [name, kind, rest] in &rows {
        writeln!(text, "{}", format!("  {name:first$}  {kind:second$}  {rest}").trim_end())?;
    }
    Ok(())
}

fn input_row(input: &Input, node: &Description) -> [String; 3] {
    let mut notes = Vec::new();
    match input.need {
        Need::Needed => notes.push("needed".to_owned()),
        Need::OneOf => {
            let others = node.inputs.iter().filter(|other| other.need == Need::OneOf);
            notes.push(format!("one of {}", others.map(|other| &*other.name).collect::<Vec<_>>().join(", ")));
        }
        Need::Optional => notes.push(match &input.default {
            Some(default) => format!("optional, else {default}"),
            None => "optional".to_owned(),
        }),
    }
    if let Some(region) = &input.region {
        notes.push(match &input.region_from {
            Some(from) => format!("without a country code: of {region}, or of the country of `{from}`"),
            None => format!("without a country code: of {region}"),
        });
    }
    if !input.kinds.is_empty() {
        notes.push(format!("an id at one of {}", input.kinds.join(", ")));
    }
    if !input.aliases.is_empty() {
        notes.push(format!("also as {}", input.aliases.join(", ")));
    }
    notes.extend(input.header.iter().map(|header| format!("also as the header {header}")));
    notes.extend(input.about.clone());
    [input.name.clone(), input.r#type.to_owned(), notes.join("; ")]
}

fn output_row(output: &Output) -> [String; 3] {
    let mut notes = Vec::new();
    if !output.values.is_empty() {
        notes.push(format!("one of {}", listed(&output.values)));
    }
    if let Some(default) = &output.default {
        notes.push(format!("without a value {default}"));
    }
    notes.extend(output.default_on.iter().map(|(outcome, value)| format!("on {outcome} {value}")));
    if output.optional {
        notes.push("may be left out".to_owned());
    }
    notes.extend(output.about.clone());
    [output.name.clone(), output.r#type.to_owned(), notes.join("; ")]
}

fn listed(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
