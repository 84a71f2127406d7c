//! Runs one operation for a node: its arguments from the node's variables, its answer to the one record that
//! counts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::clock::Deadline;
use crate::expr::RenderError;
use crate::lookup::latest::Latest;
use crate::lookup::pick::{Picked, pick};
use crate::lookup::scope::Scope;
use crate::output::Held;
use crate::plan::operation::JsonTemplate;
use crate::plan::part::Part;
use crate::plan::{Ask, Pick};
use crate::record::{Failure, Record};
use crate::trace::Trace;
use crate::trace::note::Place;
use crate::upstream::args::Args;
use crate::upstream::pages::{Page, Walk};
use crate::upstream::{Spare, Upstreams};

/// What every question of one call shares. It owns its parts, as [`Scope`] does.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) upstreams: Upstreams,
    /// An operation starts only with this much left.
    pub(super) least: Duration,
    pub(super) deadline: Deadline,
    /// Until when operations are begun, where that is not the deadline itself.
    pub(super) begun_by: Option<Latest>,
    pub(super) trace: Arc<Trace>,
    pub(super) spare: Spare,
}

impl Asking {
    /// The same, for this place of the node.
    pub(super) fn at(&self, place: Place) -> Self {
        Self { trace: Arc::new(self.trace.at(place)), ..self.clone() }
    }

    /// The records that an operation finds, before one is picked: of all its pages, as far as picking
    /// needs them, and of each answer this part.
    pub(super) async fn records(
        &self,
        ask: &Ask,
        part: &Part,
        by: &Pick,
        scope: &Scope,
    ) -> Result<Vec<Record>, Failure> {
        let args = Args::check(&ask.operation, arguments(ask, scope)?)?;
        let Some(mut walk) = Walk::begin(&ask.operation, &args) else {
            return self.page(ask, part, &args).await.map(|page| page.records);
        };
        let mut found = Vec::new();
        loop {
            let mut page = self.page(ask, part, walk.args()).await?;
            let turned = walk.turn(&page);
            found.append(&mut page.records);
            if is_enough(by, &found) || !turned? {
                return Ok(found);
            }
        }
    }

    async fn page(&self, ask: &Ask, part: &Part, args: &Args) -> Result<Page, Failure> {
        if self.is_late() {
            return Err(Failure::Timeout);
        }
        self.upstreams.ask(&ask.operation, args, part, self.deadline, &self.spare, &self.trace).await
    }

    /// Whether too little time is left to begin anything.
    pub(super) fn is_late(&self) -> bool {
        self.begun_by.as_ref().map_or(self.deadline, Latest::deadline).remaining() < self.least
    }

    /// The record that a read gives.
    pub(super) async fn run(&self, ask: &Ask, part: &Part, scope: &Scope) -> Held {
        match self
            .records(ask, part, &ask.pick, scope)
            .await
            .map(|records| pick(&ask.pick, records, &self.trace))
        {
            Ok(Picked::One(record)) => Held::Record(record),
            Ok(Picked::None) => Held::Nothing,
            Ok(Picked::Several) => Held::Ambiguous,
            Err(failure) => Held::Failed(failure),
        }
    }

    /// What a write answers; an answer that selects no record is a success all the same.
    pub(super) async fn run_write(&self, ask: &Ask, scope: &Scope) -> Held {
        match self
            .records(ask, &Part::Whole, &Pick::First, scope)
            .await
            .map(|records| pick(&Pick::First, records, &self.trace))
        {
            Ok(Picked::One(record)) => Held::Record(record),
            Ok(Picked::None | Picked::Several) => Held::Record(Record::new(Value::Null)),
            Err(failure) => Held::Failed(failure),
        }
    }
}

/// Whether further pages cannot change what is picked.
fn is_enough(by: &Pick, found: &[Record]) -> bool {
    match by {
        Pick::First => !found.is_empty(),
        Pick::Only => found.iter().any(|record| Some(record) != found.first()),
        Pick::Newest(_) => false,
    }
}

/// The values of an operation's arguments, in its order; one whose variable is not there is not given.
pub(super) fn arguments(ask: &Ask, scope: &Scope) -> Result<Vec<Option<Value>>, Failure> {
    let mut values = vec![None; ask.operation.args.len()];
    for (at, template) in &ask.args {
        let value = fill(template, scope).map_err(|error| Failure::Argument {
            name: ask.operation.args.get(*at).map(|arg| arg.name.to_string()).unwrap_or_default(),
            reason: error.to_string(),
        })?;
        if let Some(place) = values.get_mut(*at) {
            *place = value;
        }
    }
    Ok(values)
}

fn fill(template: &JsonTemplate, scope: &Scope) -> Result<Option<Value>, RenderError> {
    match template {
        JsonTemplate::Constant(value) => Ok(Some(value.clone())),
        JsonTemplate::Text(template) => template.value(scope),
        JsonTemplate::List(items) => {
            let filled: Result<Vec<_>, _> = items.iter().map(|item| fill(item, scope)).collect();
            Ok(Some(filled?.into_iter().flatten().collect()))
        }
        JsonTemplate::Object(members) => {
            let mut filled = serde_json::Map::new();
            for (name, member) in members {
                if let Some(value) = fill(member, scope)? {
                    filled.insert(name.clone(), value);
                }
            }
            Ok(Some(Value::Object(filled)))
        }
    }
}
