//! An operation: one call that an upstream understands, with its arguments, its request and how its answer is
//! read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::expr::{Condition, Path, Template};
use crate::plan::login::Login;
use crate::plan::pages::Pages;
use crate::plan::table::Table;
use crate::secret::Secret;

/// One call that an upstream understands.
#[derive(Debug)]
pub struct Operation {
    /// Its full name, `upstream.operation`.
    pub name: Arc<str>,
    /// What it is for.
    pub about: Option<String>,
    /// What it is run with.
    pub args: Vec<Arg>,
    /// How it is run.
    pub call: Call,
    /// Where the records stand in the answer; none selected is not found.
    pub records: Path,
    /// What a record that it finds also answers to: an input's name, and where the record holds its value. Only
    /// what is one customer's alone may stand here.
    pub unique: Vec<(String, Path)>,
    /// Whether it changes anything behind it.
    pub effect: Effect,
    /// Its own limit for one try, inside the budget.
    pub timeout: Duration,
}

impl Operation {
    /// Whether all that it takes from the environment is there.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        let Call::Http(call) = &self.call else {
            return true;
        };
        matches!((&call.base_url, &call.auth), (Setting::Set(_), Setting::Set(_)))
    }
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It may be asked any number of times.
    Read,
    /// It is run at most once a call.
    Write,
}

/// How an operation is run.
#[derive(Debug)]
pub enum Call {
    /// One HTTP request.
    Http(Box<HttpCall>),
    /// One look into a table in memory.
    Table(TableCall),
}

/// An argument of an operation.
#[derive(Debug, Clone)]
pub struct Arg {
    /// Its name in the operation's templates.
    pub name: Arc<str>,
    /// The type it is sent as.
    pub kind: ArgKind,
    /// Whether the operation cannot be run without it.
    pub required: bool,
    /// Its value where none is given.
    pub default: Option<Value>,
    /// The only values it may have, if it is a choice.
    pub one_of: Vec<Value>,
    /// What it means.
    pub about: Option<String>,
}

/// The type of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgKind {
    /// Any scalar, as text.
    Text,
    /// A whole number, or text that is one.
    Int,
    /// A number, or text that is one.
    Number,
    /// `true` or `false`, also as text or as 1 and 0.
    Bool,
    /// A JSON list.
    List,
    /// A JSON object.
    Object,
}

impl ArgKind {
    /// The type's name in a mapping file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::List => "list",
            Self::Object => "object",
        }
    }
}

/// Something that may depend on an environment variable that is not set. Then the upstream is unconfigured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// It is known.
    Set(T),
    /// The variable of this name is not set, and there is no default.
    Unset(String),
}

/// A system behind HTTP, shared by its operations.
#[derive(Debug)]
pub struct HttpUpstream {
    /// Its name.
    pub name: Arc<str>,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Follow redirects, to the same host only.
    pub redirects: bool,
    /// What it is willing to bear.
    pub limits: Limits,
}

/// How much an upstream is asked at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests under way at once.
    pub concurrency: Option<usize>,
    /// Requests begun in a second.
    pub per_second: Option<u32>,
}

/// One HTTP request.
#[derive(Debug)]
pub struct HttpCall {
    /// Whose it is.
    pub upstream: Arc<HttpUpstream>,
    /// Scheme, host and path prefix, without a slash at the end.
    pub base_url: Setting<String>,
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// The path, beginning with a slash; its values are encoded as segments.
    pub path: Template,
    /// Query items; one that is only an optional argument that was not given is left out.
    pub query: Vec<(String, Template)>,
    /// Headers, under the same rule.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Body,
    /// The credential it carries.
    pub auth: Setting<Auth>,
    /// What counts as success, of `status`, `body` and `headers`; without it, a 2xx status.
    pub ok: Option<Condition>,
    /// Whether what stands at `records` is one record as a whole, even a list without items.
    pub is_whole: bool,
    /// How its pages are walked, if it has any.
    pub pages: Option<Pages>,
    /// The key by which the upstream knows a request that came before, if it takes one.
    pub idempotency: Option<Idempotency>,
    /// Where the answer says what went wrong: the first path that selects a text counts.
    pub error: Vec<Path>,
    /// Statuses that mean that there is no such record.
    pub not_found: Vec<u16>,
}

/// The key by which an upstream knows a request that came before.
#[derive(Debug)]
pub struct Idempotency {
    /// The header that carries it.
    pub header: String,
    /// The arguments that make it, as indexes: equal ones make an equal key. Without any, each request has its own.
    pub by: Vec<usize>,
}

/// The method of an HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The body of an HTTP request.
#[derive(Debug)]
pub enum Body {
    /// None.
    None,
    /// Any JSON value.
    Json(JsonTemplate),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, Template)>),
    /// XML, its values escaped.
    Xml(Template),
    /// Plain text, as it is.
    Text(Template),
}

/// A JSON value with templates in it.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// A value without any template.
    Constant(Value),
    /// A text with templates; one bare variable keeps its type.
    Text(Template),
    /// A list; items that are only an optional argument that was not given are left out.
    List(Vec<JsonTemplate>),
    /// An object, under the same rule.
    Object(Vec<(String, JsonTemplate)>),
}

/// The credential that a request carries.
#[derive(Debug, Clone)]
pub enum Auth {
    /// None.
    None,
    /// A header of any name.
    Header(String, Secret),
    /// A query item.
    Query(String, Secret),
    /// `Authorization: Basic`.
    Basic(Secret, Secret),
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// A token that is signed or fetched.
    Login(Arc<Login>),
}

/// One look into a table.
#[derive(Debug)]
pub struct TableCall {
    /// The table.
    pub table: Arc<Table>,
    /// The columns that must hold these values, all of them; at least one is an identifier of the table.
    pub find: Vec<(Column, Template)>,
}

/// The column that a look-up compares.
#[derive(Debug, Clone)]
pub enum Column {
    /// This one.
    Named(String),
    /// The one that this argument (an index into the operation's `args`) names, by the argument's value. Its
    /// `one_of` are all identifiers of the table, or stand for one.
    Argument(usize, BTreeMap<String, String>),
}
