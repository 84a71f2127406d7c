//! What mapping files compile to: everything that a call needs, proven, with nothing left to parse. Plans are
//! built by `mapping` and run by `lookup`; they hold no behaviour beyond reading themselves.

mod about;
pub mod example;
pub mod fields;
pub mod hook;
pub mod identity;
pub mod login;
pub mod operation;
pub mod output;
pub mod pages;
pub mod part;
pub mod table;
pub mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::diagnostic::source::Source;
use crate::expr::{Condition, Path};
use crate::node::input::Input;
use crate::node::phone::form::Form;
use crate::plan::example::Example;
use crate::plan::fields::Fields;
use crate::plan::hook::Hook;
use crate::plan::operation::{JsonTemplate, Operation};
use crate::plan::output::{Dialect, Output};
use crate::plan::part::Reading;
use crate::plan::write::Write;
use crate::record::Outcome;
use crate::secret::Secret;

/// All that the mapping files compile to.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The nodes by name, a broken one with what is wrong with it.
    pub nodes: BTreeMap<Arc<str>, Slot>,
    /// Every operation by its full name, `upstream.operation`.
    pub operations: BTreeMap<Arc<str>, Arc<Operation>>,
    /// The hooks by name, a broken one with what is wrong with it.
    pub hooks: BTreeMap<Arc<str>, Slot<Hook>>,
}

/// A node's or a hook's place in the catalogue.
#[derive(Debug, Clone)]
pub enum Slot<T = Node> {
    /// It compiles and answers.
    Ready(Arc<T>),
    /// It does not; the text says why, in one line.
    Broken(String),
}

/// An endpoint that one IVR data node calls.
#[derive(Debug)]
pub struct Node {
    /// Its name, as in `/nodes/{name}`.
    pub name: Arc<str>,
    /// What it is for.
    pub about: Option<String>,
    /// The time a call may take, from its first byte to its last.
    pub budget: Duration,
    /// An operation starts only with at least this much of the budget left.
    pub least: Duration,
    /// The methods it takes.
    pub methods: Methods,
    /// Who may call it, and how often.
    pub access: Access,
    /// What it is called with.
    pub inputs: Vec<Input>,
    /// The steps that find the record, in order.
    pub lookup: Vec<Step>,
    /// Further reads about the record.
    pub then: Vec<Read>,
    /// The one write after the lookup.
    pub write: Option<Write>,
    /// What it answers, in this order.
    pub outputs: Vec<Output>,
    /// The order in which outputs are made, so that one may read another: indexes into `outputs`.
    pub making: Vec<usize>,
    /// How the answer is written.
    pub dialect: Dialect,
    /// The input that brings the IVR's own number for the call.
    pub call_id: Option<CallId>,
    /// The outcomes on which the answer is `null` whole.
    pub null_on: Vec<Outcome>,
    /// How long records are kept; without it they are not.
    pub cache: Option<Lives>,
    /// A number that changes whenever the node answers anything differently for the same inputs and records.
    pub revision: u64,
    /// Whether the same inputs and records always give the same reply, so that it may be kept beside them.
    pub keeps_replies: bool,
    /// Calls with their answers, run before the node is put in force.
    pub examples: Vec<Arc<Example>>,
    /// The file it was written in.
    pub source: Arc<Source>,
}

impl Node {
    /// All that it asks: its steps, its further reads, its write.
    pub fn asks(&self) -> impl Iterator<Item = &Ask> {
        let steps = self.lookup.iter().map(|step| &step.ask);
        let reads = self.then.iter().map(|read| &read.ask);
        steps.chain(reads).chain(self.write.iter().map(|write| &write.ask))
    }

    /// Whether it, and every operation that it asks, has all that it takes from the environment.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.access.is_shut() && self.asks().all(|ask| ask.operation.is_configured())
    }
}

/// The input that brings the IVR's own number for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallId {
    /// An index into the node's inputs.
    pub input: usize,
    /// Whether anything else reads it. If not, calls that differ in it alone have the same answer.
    pub is_read: bool,
}

/// The HTTP methods that a node takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Methods {
    /// GET, with query parameters.
    pub get: bool,
    /// POST, FORM or JSON.
    pub post: bool,
}

/// Who may call a node.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The header that carries the key, and the keys; none: no key is asked for. The keys themselves may be
    /// missing from the environment, and then nobody may call.
    pub keys: Option<Keys>,
    /// The networks that may call; empty: all.
    pub networks: Vec<IpNet>,
    /// Calls a second that one caller (its key, else its address) may make.
    pub per_second: Option<u32>,
}

impl Access {
    /// Whether a key is asked for and none is set, so that nobody may call.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.keys.is_empty())
    }
}

/// The keys of a node.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The header's name; `authorization` takes `Bearer KEY` and `Basic` with the key as password.
    pub header: String,
    /// Any of these will do.
    pub keys: Vec<Secret>,
    /// Variables that hold a key and are not set.
    pub unset: Vec<String>,
    /// Variables that hold a key, set or not.
    pub variables: Vec<String>,
}

/// One operation with the arguments to run it with.
#[derive(Debug)]
pub struct Ask {
    /// What is run.
    pub operation: Arc<Operation>,
    /// The operation's arguments (indexes into its `args`) and their values.
    pub args: Vec<(usize, JsonTemplate)>,
    /// Which of several records counts.
    pub pick: Pick,
    /// Runs only where this is true.
    pub when: Option<Condition>,
}

/// One step of the lookup.
#[derive(Debug)]
pub struct Step {
    /// The identifier it finds by: an index into the node's inputs. Without one it always runs.
    pub by: Option<usize>,
    /// The forms of a phone number that are asked for, strict ones first.
    pub forms: Vec<Form>,
    /// What it asks.
    pub ask: Ask,
    /// How its result is kept.
    pub keep: Keep,
    /// The kind of record it finds: steps that name the same one find the same records, so that what one found
    /// may answer the other.
    pub record: Option<Arc<str>>,
}

/// How the result of a question is kept for the next time.
#[derive(Debug, Clone)]
pub struct Keep {
    /// A number that changes whenever anything changes that the result depends on, beside the values asked with:
    /// operation, arguments, forms, pick, login. The same in every process of every build.
    pub revision: u64,
    /// The inputs, beside the identifier, whose values the result depends on: indexes.
    pub inputs: Vec<usize>,
    /// Whether the result depends on nothing else. One that reads the clock is not kept.
    pub is_steady: bool,
    /// The fields of the record that any node reads.
    pub fields: Arc<Fields>,
    /// The fingerprint of these fields.
    pub fingerprint: u64,
    /// What of the upstream's answer is read for them.
    pub reading: Arc<Reading>,
}

impl Keep {
    /// Not at all, until all nodes are known.
    #[must_use]
    pub fn unsettled() -> Self {
        let (fields, reading) = (Arc::new(Fields::default()), Arc::new(Reading::whole()));
        Self { revision: 0, inputs: Vec::new(), is_steady: false, fields, fingerprint: 0, reading }
    }
}

/// How long a record may be answered from a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lives {
    /// Without asking again.
    pub fresh: Duration,
    /// After that, where the upstream fails or is too slow.
    pub stale: Duration,
    /// That there is no such record.
    pub not_found: Duration,
}

/// A further read about the record.
#[derive(Debug)]
pub struct Read {
    /// The name under which outputs and other reads know it.
    pub name: Arc<str>,
    /// What it asks.
    pub ask: Ask,
    /// The reads it needs first: indexes into the node's `then`.
    pub after: Vec<usize>,
    /// How its result is kept.
    pub keep: Keep,
}

/// Which of several records counts.
#[derive(Debug, Clone)]
pub enum Pick {
    /// The first.
    First,
    /// The one with the latest time or highest number under this path.
    Newest(Path),
    /// There may be only one; several are `ambiguous`.
    Only,
}
