//! The shipped operations, compiled with a test's variables and asked through the true engine over real sockets.

use std::sync::Arc;
use std::time::Duration;

use datadip::app;
use datadip::clock::Deadline;
use datadip::plan::operation::Operation;
use datadip::plan::part::Part;
use datadip::record::Failure;
use datadip::trace::Trace;
use datadip::upstream::args::Args;
use datadip::upstream::{Spare, Upstreams};
use serde_json::Value;
use tokio::time::Instant;

use crate::contract::operations_with;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The operations, and the engine that asks them.
pub struct Asking {
    pub operations: Vec<Arc<Operation>>,
    upstreams: Upstreams,
}

impl Asking {
    /// The operations under these variables.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self { operations: operations_with(variables).await, upstreams: app::upstreams() }
    }

    /// The operation of this full name.
    pub fn operation(&self, name: &str) -> &Arc<Operation> {
        self.operations.iter().find(|operation| &*operation.name == name).unwrap()
    }

    /// What an operation finds, asked with these arguments.
    pub async fn ask(
        &self,
        operation: &Arc<Operation>,
        args: &[(String, Value)],
    ) -> Result<Vec<Value>, Failure> {
        let known = |name: &str| operation.args.iter().any(|arg| &*arg.name == name);
        assert!(args.iter().all(|(name, _)| known(name)), "{}: {args:?}", operation.name);
        let value = |name: &str| args.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        let args = Args::check(operation, operation.args.iter().map(|arg| value(&arg.name)).collect())?;
        let start = Instant::now();
        let (deadline, trace) = (Deadline::new(start, PATIENCE), Trace::new(start));
        let page =
            self.upstreams.ask(operation, &args, &Part::Whole, deadline, &Spare::default(), &trace).await?;
        Ok(page.records.iter().map(|record| Value::clone(record)).collect())
    }
}
