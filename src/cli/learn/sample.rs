//! Where a sample comes from: a file, standard input, or an operation that is asked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::Instant;

use crate::app::{self, Environment};
use crate::cli::learn::{Flags, UPSTREAM};
use crate::cli::{Unusable, call, mappings_folder, runtime};
use crate::clock::Deadline;
use crate::draft::Asked;
use crate::expr::Path;
use crate::plan::operation::{Effect, HttpUpstream, Operation};
use crate::plan::part::Part;
use crate::record::Failure;
use crate::trace::Trace;
use crate::upstream::args::Args;
use crate::upstream::http::HttpTransport;
use crate::upstream::pages::Walk;
use crate::upstream::transport::{Request, Response, Transport};
use crate::upstream::{Spare, Upstreams};

/// The largest sample, in bytes.
const LARGEST: u64 = 4 << 20;
/// The longest that the command waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a draft is made from, and the operations that it may name.
pub(super) struct Sample {
    pub(super) body: Value,
    pub(super) records: Option<Path>,
    pub(super) asked: Asked,
    pub(super) operations: BTreeMap<Arc<str>, Arc<Operation>>,
}

/// A sample from a file or from standard input.
pub(super) fn given(flags: &Flags) -> Result<Sample, Unusable> {
    let mut text = String::new();
    let shown = match flags.from.as_deref().filter(|path| *path != FilePath::new("-")) {
        Some(path) => {
            let tell = |error: io::Error| format!("{}: {error}", path.display());
            let file = fs::File::open(path).map_err(tell)?;
            file.take(LARGEST + 1).read_to_string(&mut text).map_err(tell)?;
            path.display().to_string()
        }
        None if io::stdin().is_terminal() => {
            return Err("where is the sample? Name a file with --from, or an operation to ask: \
                        datadip learn crm.customer_by_phone phone=+6591234567"
                .into());
        }
        None => {
            io::stdin().take(LARGEST + 1).read_to_string(&mut text)?;
            "standard input".to_owned()
        }
    };
    if u64::try_from(text.len())? > LARGEST {
        return Err(
            format!("{shown}: a sample has at most {} MiB: one customer is enough", LARGEST >> 20).into()
        );
    }
    let text = text.trim_start_matches('\u{feff}');
    let body = serde_json::from_str(text).map_err(|error| format!("{shown} is no JSON: {error}"))?;
    let name = flags.upstream.clone().unwrap_or_else(|| UPSTREAM.to_owned());
    let records = flags.records.as_deref().map(Path::compile).transpose();
    let records = records.map_err(|error| format!("--records: {}", error.message))?;
    let asked = Asked::Upstream { name, path: flags.path.clone() };
    Ok(Sample { body, records, asked, operations: BTreeMap::new() })
}

/// The answer of an operation.
pub(super) fn live(flags: &Flags, name: &str, environment: Environment) -> Result<Sample, Unusable> {
    let folder = mappings_folder(flags.mappings.mappings.as_deref(), environment)?;
    let runtime = runtime()?;
    let loaded = runtime.block_on(app::load(&folder, environment))?;
    let operation = call::operation(&loaded, name)?;
    if operation.effect == Effect::Write {
        return Err(format!("`{name}` writes; a draft is made from what is read").into());
    }
    let args = Args::check(operation, call::given(operation, &flags.arguments)?)?;
    let walk = Walk::begin(operation, &args);
    let recorder =
        Arc::new(Recorder { wire: HttpTransport::new(), operation: name.into(), body: Mutex::default() });
    let upstreams = Upstreams::new(Arc::clone(&recorder) as Arc<dyn Transport>);
    let trace = Trace::new(Instant::now());
    let asked = walk.as_ref().map_or(&args, Walk::args);
    let found = runtime.block_on(async {
        let deadline = Deadline::new(Instant::now(), PATIENCE);
        upstreams.ask(operation, asked, &Part::Whole, deadline, &Spare::default(), &trace).await
    });
    let found = found.map_err(|failure| format!("`{name}` gave no sample: {failure}"))?;
    if found.records.is_empty() {
        return Err(format!("`{name}` found nobody: ask for a customer who exists").into());
    }
    let body = match recorder.body.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(body) => serde_json::from_slice(&body)?,
        None => Value::Array(found.records.iter().map(|record| Value::clone(record)).collect()),
    };
    Ok(Sample {
        body,
        records: Some(operation.records.clone()),
        asked: Asked::Operation { name: name.to_owned(), arguments: flags.arguments.clone() },
        operations: loaded.catalogue.operations.clone(),
    })
}

/// The wire, which also keeps what one operation was answered.
struct Recorder {
    wire: HttpTransport,
    operation: Arc<str>,
    body: Mutex<Option<Bytes>>,
}

impl Transport for Recorder {
    fn exchange<'a>(
        &'a self,
        upstream: &'a HttpUpstream,
        operation: &'a Operation,
        args: &'a Args,
        request: &'a Request,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(async move {
            let response = self.wire.exchange(upstream, operation, args, request, deadline).await?;
            if operation.name == self.operation {
                *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Some(response.body.clone());
            }
            Ok(response)
        })
    }
}
