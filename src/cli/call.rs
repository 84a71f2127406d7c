//! `datadip call`: one operation of an upstream from the shell. What it found goes to standard output as JSON,
//! everything about it to standard error; what cannot be sent is said before anything is.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::app::{self, Environment};
use crate::catalog::reload::Offer;
use crate::cli::{MappingsFlag, Unusable, mappings_folder, missing, named_value, runtime, say};
use crate::clock::Deadline;
use crate::diagnostic::suggest::suggest;
use crate::plan::operation::{Arg, ArgKind, Effect, Operation};
use crate::plan::part::Part;
use crate::record::{Failure, Record};
use crate::trace::Trace;
use crate::trace::line::lines;
use crate::trace::note::What;
use crate::upstream::args::Args;
use crate::upstream::pages::{Page, Walk};
use crate::upstream::preview::preview;
use crate::upstream::{Spare, Upstreams};

/// The longest that the command waits, over login, retry and answer of one request.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many pages are walked at most.
const MOST_PAGES: u64 = 1000;
/// How long a walk waits where the upstream is over its limits, and how often in a row.
const WAIT: Duration = Duration::from_secs(1);
const MOST_WAITS: u32 = 5;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The operation, as `datadip operations` lists it
    #[arg(value_name = "UPSTREAM.OPERATION")]
    operation: String,
    /// Its arguments; a list or an object is written as JSON
    #[arg(value_name = "NAME=VALUE", value_parser = named_value)]
    arguments: Vec<(String, String)>,
    /// Print the request, its secrets hidden, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Ask for all pages, one after the other, and not only for the first
    #[arg(long, conflicts_with = "dry_run")]
    all: bool,
    #[command(flatten)]
    mappings: MappingsFlag,
}

/// Asks the operation, or shows what would be asked.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let folder = mappings_folder(flags.mappings.mappings.as_deref(), environment)?;
    let runtime = runtime()?;
    let loaded = runtime.block_on(app::load(&folder, environment))?;
    let operation = operation(&loaded, &flags.operation)?;
    let args = Args::check(operation, given(operation, &flags.arguments)?)?;
    let walk = Walk::begin(operation, &args);
    if flags.all && walk.is_none() {
        return Err(
            format!("`{}` has no pages to be walked, or one of them is asked for", operation.name).into()
        );
    }
    if flags.dry_run {
        let args = walk.as_ref().map_or(&args, Walk::args);
        let request = match preview(operation, args)? {
            Some(request) => request.to_string(),
            None => format!("`{}` reads a table: no request is sent", operation.name),
        };
        say(&format!("{}\n", request.trim_end()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let trace = Trace::new(Instant::now()).recording();
    let shell = Shell { operation, upstreams: app::upstreams(), trace };
    let found = runtime.block_on(shell.ask(&args, walk, flags.all));
    if let Err(failure) = &found
        && is_ours(failure)
    {
        return Err(Box::new(failure.clone()));
    }
    for line in lines(&shell.trace.notes()) {
        writeln!(io::stderr(), "{line}")?;
    }
    match found {
        Ok(records) => show(operation, &records),
        Err(_) => Ok(ExitCode::FAILURE),
    }
}

pub(super) fn operation<'l>(loaded: &'l Offer, name: &str) -> Result<&'l Arc<Operation>, Unusable> {
    let operations = &loaded.catalogue.operations;
    match operations.get(name) {
        Some(operation) => Ok(operation),
        None => Err(missing(loaded, "operation", name, operations.keys())?),
    }
}

/// The values of the operation's arguments, in its order.
pub(super) fn given(
    operation: &Operation,
    written: &[(String, String)],
) -> Result<Vec<Option<Value>>, Unusable> {
    let mut values = vec![None; operation.args.len()];
    for (name, text) in written {
        let Some((at, arg)) = operation.args.iter().enumerate().find(|(_, arg)| *arg.name == **name) else {
            let names: Vec<&str> = operation.args.iter().map(|arg| arg.name.as_ref()).collect();
            return Err(
                format!("`{}` has no argument `{name}`; {}", operation.name, suggest(name, &names)).into()
            );
        };
        match values.get_mut(at) {
            Some(place @ None) => *place = Some(value(arg, text)?),
            _ => return Err(format!("argument `{name}` is given twice").into()),
        }
    }
    Ok(values)
}

/// A value as it is typed at a shell: text, which the operation's own type makes a number of, or JSON.
fn value(arg: &Arg, text: &str) -> Result<Value, Unusable> {
    let (what, example) = match arg.kind {
        ArgKind::List => ("a list", "[\"1001\", \"1002\"]"),
        ArgKind::Object => ("an object", "{\"name\": \"Ada\"}"),
        ArgKind::Text | ArgKind::Int | ArgKind::Number | ArgKind::Bool => return Ok(Value::from(text)),
    };
    let name = &arg.name;
    let wrong = |_| format!("argument `{name}`: write {what} as JSON: {name}='{example}'");
    Ok(serde_json::from_str(text).map_err(wrong)?)
}

/// What asks, and what notes it.
struct Shell<'o> {
    operation: &'o Arc<Operation>,
    upstreams: Upstreams,
    trace: Trace,
}

impl Shell<'_> {
    /// The records of the one page that is asked for, or of all.
    async fn ask(&self, args: &Args, walk: Option<Walk<'_>>, all: bool) -> Result<Vec<Record>, Failure> {
        let Some(walk) = walk else {
            return Ok(self.page(args).await?.records);
        };
        if all {
            return self.walk(walk.at_most(MOST_PAGES)).await;
        }
        let page = self.page(walk.args()).await?;
        if let Some(length) = walk.length(&page).filter(|length| *length > 1) {
            self.note(format!("this is the first of {length} pages; --all asks for all of them"));
        }
        Ok(page.records)
    }

    async fn walk(&self, mut walk: Walk<'_>) -> Result<Vec<Record>, Failure> {
        let mut found = Vec::new();
        let mut waited = 0;
        loop {
            let page = match self.page(walk.args()).await {
                // A walk over many pages keeps to the upstream's limits by waiting.
                Err(Failure::Overloaded(_)) if waited < MOST_WAITS => {
                    waited += 1;
                    sleep(WAIT).await;
                    continue;
                }
                page => page?,
            };
            waited = 0;
            let goes_on = walk.turn(&page).inspect_err(|failure| self.note(failure.to_string()))?;
            found.extend(page.records);
            if !goes_on {
                return Ok(found);
            }
        }
    }

    fn note(&self, what: String) {
        self.trace.note(|| What::Said(what));
    }

    async fn page(&self, args: &Args) -> Result<Page, Failure> {
        let deadline = Deadline::new(Instant::now(), PATIENCE);
        self.upstreams.ask(self.operation, args, &Part::Whole, deadline, &Spare::default(), &self.trace).await
    }
}

/// Whether nothing could be sent, for a reason that stands on this side.
fn is_ours(failure: &Failure) -> bool {
    matches!(failure, Failure::Argument { .. } | Failure::Template { .. } | Failure::Unconfigured(_))
}

/// Prints the records: a list where `records` selects several values, else the one as it is.
fn show(operation: &Operation, records: &[Record]) -> Result<ExitCode, Unusable> {
    if records.is_empty() && operation.effect == Effect::Read {
        return Ok(ExitCode::FAILURE);
    }
    let mut values = records.iter().map(|record| Value::clone(record));
    let shown =
        if operation.records.is_plural() { values.collect() } else { values.next().unwrap_or_default() };
    say(&format!("{}\n", serde_json::to_string_pretty(&shown)?))?;
    Ok(ExitCode::SUCCESS)
}
