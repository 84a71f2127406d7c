//! `datadip check`: what `serve` would say of the mapping files, without serving.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::app::unset::unset;
use crate::app::{self, Environment};
use crate::catalog::reload::Offer;
use crate::cli::{Unusable, mappings_folder, runtime, say};
use crate::diagnostic::code::Code;
use crate::diagnostic::render::{self, Style};
use crate::diagnostic::suggest::suggest;
use crate::diagnostic::{Finding, Severity, json, sarif};
use crate::plan::{Catalogue, Slot};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The folder that holds `nodes/` and `upstreams/` [default: that of datadip.yaml, else mappings]
    #[arg(value_name = "DIR", env = "DATADIP_MAPPINGS")]
    mappings: Option<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where docs/findings.md is read, for the links of `--format sarif`
    #[arg(long, value_name = "URL")]
    docs_url: Option<String>,
    /// Say what a code such as `unknown-key` means and how to mend it, and check nothing
    #[arg(long, value_name = "CODE", conflicts_with_all = ["mappings", "docs_url"])]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: the line with carets, and what is allowed instead
    Text,
    /// One JSON object that lists them
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
}

/// Compiles, rehearses, and tells.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    if let Some(code) = &flags.explain {
        return explain(code);
    }
    let folder = mappings_folder(flags.mappings.as_deref(), environment)?;
    let loaded = runtime()?.block_on(app::load(&folder, environment))?;
    say(&match flags.format {
        Format::Text => text(&loaded),
        Format::Json => format!("{:#}\n", json::report(&loaded.findings)),
        Format::Sarif => format!("{:#}\n", sarif::report(&loaded.findings, flags.docs_url.as_deref())),
    })?;
    let counts = loaded.findings.counts();
    if loaded.catalogue.nodes.is_empty() && counts.errors == 0 {
        writeln!(io::stderr(), "datadip: {} holds no nodes", folder.display())?;
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::from(u8::from(counts.errors + counts.warnings > 0)))
}

/// Prints the section of a code.
fn explain(text: &str) -> Result<ExitCode, Unusable> {
    let Some(code) = Code::named(text) else {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.code()).collect();
        return Err(format!("there is no finding `{text}`; {}", suggest(text, &codes)).into());
    };
    say(&format!("{text}\n\n{}\n", code.section()))?;
    Ok(ExitCode::SUCCESS)
}

/// So many variables that are not set are told one by one; more of them would hide what else there is.
const FEW: usize = 3;

fn text(loaded: &Offer) -> String {
    let style = if io::stdout().is_terminal() { Style::Coloured } else { Style::Plain };
    let is_unset = |finding: &&Finding| finding.code == Code::UnsetVariable;
    let many = Some(loaded.findings.iter().filter(is_unset).count()).filter(|count| *count > FEW);
    let told = loaded.findings.iter().filter(|finding| many.is_none() || !is_unset(finding));
    let mut said: String = told.map(|finding| format!("{}\n\n", render::text(finding, style))).collect();
    if let Some(many) = many {
        let files = unset(&loaded.findings, "  ");
        said.push_str(&format!(
            "note[unset-variable]: {many} places name an environment variable that is not set\n{files}"
        ));
        said.push_str(
            "  until they are, a node whose upstream needs one answers `error` with its defaults;\n  \
             a hook without its secret, and a node none of whose keys is set, answer 401\n\n",
        );
    }
    let found = match loaded.findings.is_empty() {
        true => "nothing to mend".to_owned(),
        false => render::summary(loaded.findings.counts()),
    };
    said.push_str(&format!("{}: {found}\n", summary(&loaded.catalogue)));
    let worst = loaded.findings.iter().map(|finding| finding.severity).max();
    let first = loaded.findings.iter().find(|finding| Some(finding.severity) == worst);
    if let Some(first) = first.filter(|first| first.severity > Severity::Note) {
        let code = first.code;
        said.push_str(&format!("see {}, or: datadip check --explain {}\n", code.place(), code.code()));
    }
    said
}

fn summary(catalogue: &Catalogue) -> String {
    let examples: usize = catalogue
        .nodes
        .values()
        .map(|slot| match slot {
            Slot::Ready(node) => node.examples.len(),
            Slot::Broken(_) => 0,
        })
        .sum();
    let mut parts = vec![
        plural(catalogue.nodes.len(), "node"),
        plural(catalogue.operations.len(), "operation"),
        plural(examples, "example"),
    ];
    if !catalogue.hooks.is_empty() {
        parts.insert(2, plural(catalogue.hooks.len(), "hook"));
    }
    parts.join(", ")
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
