//! `datadip try`: one call from the shell, answered by the same engine. The answer's body goes to standard output,
//! everything about it to standard error.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;

use crate::app::{self, Environment};
use crate::cache;
use crate::cli::{MappingsFlag, Unusable, mappings_folder, named_value, ready_node, runtime, say};
use crate::diagnostic::suggest::suggest;
use crate::explain::text::text;
use crate::explain::{Eyes, Traces};
use crate::node::call::Call;
use crate::plan::Node;
use crate::trace::Trace;

/// Room for the one call, in bytes.
const TRACES: u64 = 1 << 23;

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The node's name
    node: String,
    /// The parameters of the call
    #[arg(value_name = "NAME=VALUE", value_parser = named_value)]
    parameters: Vec<(String, String)>,
    /// Show every stage of the call
    #[arg(long)]
    trace: bool,
    /// Carry out the node's write too
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    mappings: MappingsFlag,
}

/// Answers the call.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let folder = mappings_folder(flags.mappings.mappings.as_deref(), environment)?;
    let runtime = runtime()?;
    let loaded = runtime.block_on(app::load(&folder, environment))?;
    let node = ready_node(&loaded, &flags.node)?;
    for (name, _) in &flags.parameters {
        warn_undeclared(node, name)?;
    }
    if let (Some(write), false) = (&node.write, flags.write) {
        let operation = &write.ask.operation.name;
        writeln!(
            io::stderr(),
            "`{}` may write (`{operation}`); nothing is written without --write",
            node.name
        )?;
    }
    let engine = app::engine(&cache::Config::default(), runtime.handle().clone(), flags.write)?;
    let call: Call = flags.parameters.iter().cloned().collect();
    let traces = Traces::new(TRACES, TRACES, engine.cache(), SystemTime::now(), runtime.handle());
    let engine = engine.remembering(Arc::clone(&traces));
    let trace = Arc::new(Trace::new(Instant::now()));
    let answer = runtime.block_on(engine.answer(node, &call, &trace));
    let took = trace.start().elapsed();
    runtime.block_on(engine.written());

    let mut err = io::stderr().lock();
    let explained = runtime.block_on(traces.explain(trace.id(), Eyes::Personal));
    if let Some(explained) = explained.filter(|_| flags.trace) {
        writeln!(err, "{}", text(&explained))?;
    }
    let partial = if answer.partial.is_empty() {
        String::new()
    } else {
        format!(", partial: {}", answer.partial.join(", "))
    };
    let micros = took.as_micros();
    writeln!(
        err,
        "{}, cache {}{partial}, {}.{:03} ms",
        answer.reply.outcome,
        answer.tier.name(),
        micros / 1000,
        micros % 1000
    )?;
    drop(err);
    say(&format!("{}\n", String::from_utf8_lossy(&answer.reply.body)))?;
    Ok(ExitCode::SUCCESS)
}

fn warn_undeclared(node: &Node, name: &str) -> io::Result<()> {
    let declared = node.inputs.iter().flat_map(|input| {
        std::iter::once(input.name.as_ref()).chain(input.aliases.iter().map(String::as_str))
    });
    let declared: Vec<&str> = declared.collect();
    if declared.contains(&name) {
        return Ok(());
    }
    let hint = suggest(name, &declared);
    writeln!(io::stderr(), "`{}` does not declare `{name}`, so it is ignored; {hint}", node.name)
}
