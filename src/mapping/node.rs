//! A node file, to a plan.

mod access;
mod ask;
mod dialect;
mod examples;
mod identifier;
mod inputs;
mod keep;
mod lookup;
mod meaning;
mod once;
mod order;
mod output;
mod outputs;
mod source;
mod value;

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::Operations;
use crate::mapping::language::node::NODE;
use crate::mapping::node::lookup::Asked;
use crate::mapping::node::meaning::Meant;
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::yaml;
use crate::node::input::{Input, names_a_region};
use crate::plan::{CallId, Methods, Node};
use crate::record::Outcome;

/// What a node file declares.
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) span: Span,
    /// The node, or what of others keeps it from being one.
    pub(super) node: Result<Node, String>,
}

/// The operations, and those that a node names although their own file has errors.
pub(super) struct Known<'o> {
    operations: &'o Operations,
    broken: Vec<Arc<str>>,
}

/// Compiles one node file. None: it does not even say which node it is.
pub(super) fn compile(
    root: &yaml::Node,
    compiling: &mut Compiling<'_>,
    operations: &Operations,
) -> Option<Declared> {
    if compiling.reader.is_misplaced(root, "node", "upstream", "upstreams") {
        return None;
    }
    let fields = compiling.reader.map(root, "a node", NODE.names)?;
    let name_node = fields.required(&mut compiling.reader, "node");
    let name = name_node.and_then(|node| {
        let scalar = compiling.reader.text(node, "`node`")?;
        compiling.reader.name(&scalar.text, scalar.span, "a node", Name::Slug).map(str::to_owned)
    });
    let mut known = Known { operations, broken: Vec::new() };
    let node = body(&fields, compiling, &mut known, name.clone().unwrap_or_default());
    let node = match known.broken.first() {
        Some(operation) => Err(format!("the operation `{operation}` has errors in its upstream's file")),
        None => Ok(node),
    };
    Some(Declared { name: name?.into(), span: name_node?.span, node })
}

fn body(fields: &Fields<'_>, compiling: &mut Compiling<'_>, known: &mut Known<'_>, name: String) -> Node {
    let reader = &mut compiling.reader;
    let about = fields.text(reader, "about").map(|about| about.text.trim().to_owned());
    let budget = fields.int(reader, "budget_ms", 50..=4500, "ms").unwrap_or(1800);
    let least = fields.int(reader, "least_ms", 1..=1000, "ms").unwrap_or(30);
    let methods = methods(fields, compiling);
    let access = access::compile(fields, compiling);
    let inputs = inputs::compile(fields, compiling);
    let mut asked = lookup::compile(fields, compiling, known, &inputs);
    let (outputs, making) = outputs::compile(fields, compiling, &inputs, &mut asked);
    let null_on = null_on(fields, compiling);
    let cache = keep::lives(fields, compiling);
    let names = output_names(fields);
    let dialect = dialect::compile(fields, compiling, &names);
    let examples = examples::compile(fields, compiling, known, &inputs, &names);
    let call_id = call_id(fields, compiling, &inputs, &asked);
    let Asked { lookup, then, write, sought, variables, .. } = asked;
    let node = Node {
        name: name.into(),
        about,
        budget: millis(budget),
        least: millis(least),
        methods,
        access,
        inputs,
        lookup,
        then,
        write,
        outputs,
        making,
        dialect,
        call_id,
        null_on,
        cache,
        revision: 0,
        keeps_replies: false,
        examples,
        source: Arc::clone(compiling.reader.source()),
    };
    if known.broken.is_empty() && !compiling.reader.has_errors() {
        Meant { fields, node: &node, sought: &sought, variables: &variables }.check(compiling);
    }
    node
}

/// The names of all outputs, also of those that have errors.
fn output_names(fields: &Fields<'_>) -> Vec<Arc<str>> {
    let map = fields.get("outputs").and_then(yaml::Node::as_map);
    map.map(|map| map.iter().map(|(key, _)| Arc::from(key.text.as_str())).collect()).unwrap_or_default()
}

fn millis(value: i64) -> Duration {
    Duration::from_millis(value.unsigned_abs())
}

fn methods(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Methods {
    let words = [("get", true), ("post", false)];
    let items = fields.one_or_many(&compiling.reader, "methods");
    if items.is_empty() {
        return Methods { get: true, post: true };
    }
    let mut methods = Methods { get: false, post: false };
    for item in items {
        match compiling.reader.word(item, "an item of `methods`", &words) {
            Some(true) => methods.get = true,
            Some(false) => methods.post = true,
            None => {}
        }
    }
    methods
}

fn null_on(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Vec<Outcome> {
    let words = [
        ("no_identifier", Outcome::NoIdentifier),
        ("not_found", Outcome::NotFound),
        ("ambiguous", Outcome::Ambiguous),
        ("timeout", Outcome::Timeout),
        ("error", Outcome::Error),
    ];
    let items = fields.one_or_many(&compiling.reader, "null_on");
    items.iter().filter_map(|item| compiling.reader.word(item, "an item of `null_on`", &words)).collect()
}

/// `call_id:` the input that brings the IVR's own number for the call.
fn call_id(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    inputs: &[Input],
    asked: &Asked,
) -> Option<CallId> {
    let name = fields.text(&mut compiling.reader, "call_id")?;
    let Some(input) = inputs.iter().position(|input| *input.name == *name.text) else {
        let names = inputs.iter().map(|input| &input.name);
        compiling.reader.unknown_name(Code::UnknownInput, name.span, "input", &name.text, names);
        return None;
    };
    if let Some(kind) = inputs.get(input).map(|input| &input.kind).filter(|kind| kind.is_identifier()) {
        let message = format!("`{}` is of type {}: it names a customer, and no call", name.text, kind.name());
        let help = "name the input that brings the IVR's own number for the call, `callid: text`";
        compiling.reader.error(Code::ValueType, name.span, message, help);
        return None;
    }
    let is_read = asked.variables.iter().any(|variables| variables.was_read("inputs", &name.text));
    let locates = names_a_region(inputs, input);
    Some(CallId { input, is_read: is_read || locates || asked.sought.contains(&input) })
}
