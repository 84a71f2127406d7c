//! `lookup:`, `pick:`, `then:` and `do:`: what a node asks, and in which order.

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::lookup::{PICK, READ, STEP, WRITE};
use crate::mapping::node::ask::By;
use crate::mapping::node::order::order;
use crate::mapping::node::{Known, ask, identifier, once};
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{self, Value};
use crate::node::input::{Input, InputKind};
use crate::node::phone::form::Form;
use crate::plan::operation::Effect;
use crate::plan::write::Write;
use crate::plan::{Keep, Pick, Read, Step};

/// The name of a write that is given none.
const ANSWER: &str = "answer";

/// Names that mean something else in a node's expressions.
const RESERVED: [&str; 8] = ["record", "inputs", "outputs", "outcome", "error", "now", "kind", "form"];

/// What a node asks.
pub(super) struct Asked {
    pub(super) lookup: Vec<Step>,
    pub(super) then: Vec<Read>,
    pub(super) write: Option<Write>,
    /// The inputs that steps find by, also steps that have errors.
    pub(super) sought: Vec<usize>,
    /// The names of reads and write that are declared, also of those that have errors.
    pub(super) names: Vec<String>,
    /// Whether the file declares a lookup at all.
    pub(super) has_lookup: bool,
    /// All variables of the node's expressions, with what was read of them.
    pub(super) variables: Vec<Variables>,
}

/// Compiles all that asks.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &mut Known<'_>,
    inputs: &[Input],
) -> Asked {
    let (reads, write_name) = names(fields, compiling, inputs);
    let pick = fields.get("pick").and_then(|node| pick(node, compiling)).unwrap_or(Pick::First);
    let of_inputs = input_variables(inputs).with("now");
    let of_kinds = input_variables(inputs).with("now").with("kind");
    let (mut lookup, mut sought) = (Vec::new(), Vec::new());
    for node in fields.one_or_many(&compiling.reader, "lookup") {
        lookup.extend(step(node, compiling, known, inputs, [&of_inputs, &of_kinds], &pick));
        sought.extend(sought_by(node, inputs));
    }
    let (then, of_reads) = then(fields, compiling, known, inputs, &reads);
    let of_write = with_names(input_variables(inputs).with("now").with("record").with("outcome"), &reads);
    let write = fields.map(&mut compiling.reader, "do", WRITE.names).and_then(|fields| {
        let (effect, by) = (Effect::Write, By::Nothing);
        let once = once::compile(&fields, compiling, &of_write, inputs);
        let waits = fields.bool(&mut compiling.reader, "wait").unwrap_or(true);
        let asked = ask::compile(&fields, compiling, known, &of_write, effect, by, Pick::First)?;
        Some(Write { name: write_name.as_deref()?.into(), ask: asked, once: once?, waits })
    });
    let has_lookup = fields.get("lookup").is_some();
    let variables = vec![of_inputs, of_kinds, of_reads, of_write];
    let names = reads.into_iter().chain(write_name).collect();
    Asked { lookup, then, write, sought, names, has_lookup, variables }
}

/// The input that a step names, however wrong the rest of it is.
fn sought_by(step: &yaml::Node, inputs: &[Input]) -> Option<usize> {
    let (_, by) = step.as_map()?.get("by")?;
    let name = &by.as_scalar()?.text;
    inputs.iter().position(|input| *input.name == **name)
}

/// The inputs as variables.
pub(super) fn input_variables(inputs: &[Input]) -> Variables {
    let names: Vec<String> = inputs.iter().map(|input| input.name.to_string()).collect();
    Variables::new(names.clone()).with_names("inputs", names)
}

fn with_names(variables: Variables, names: &[String]) -> Variables {
    names.iter().fold(variables, |variables, name| variables.with(name.clone()))
}

/// The names under which reads are known, in the file's order, and that of the write.
fn names(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    inputs: &[Input],
) -> (Vec<String>, Option<String>) {
    let mut reads: Vec<String> = Vec::new();
    for node in fields.one_or_many(&compiling.reader, "then") {
        reads.extend(own_name(node, compiling, inputs, &reads));
    }
    let write = fields.get("do");
    let named = write.and_then(|node| own_name(node, compiling, inputs, &reads));
    if let (None, Some(write), true) = (&named, write, reads.iter().any(|read| read == ANSWER)) {
        let message = format!("a read is called `{ANSWER}`, as the write is that has no `as`");
        compiling.reader.error(Code::DuplicateName, write.span, message, "give the write a name: `as: …`");
    }
    (reads, named.or(write.map(|_| ANSWER.to_owned())))
}

/// What a read or the write calls itself; a name that it cannot have is told here, and nowhere else.
fn own_name(
    node: &yaml::Node,
    compiling: &mut Compiling<'_>,
    inputs: &[Input],
    earlier: &[String],
) -> Option<String> {
    let (_, value) = node.as_map()?.get("as")?;
    let scalar = compiling.reader.text(value, "`as`")?;
    let name = &scalar.text;
    if compiling.reader.name(name, scalar.span, "a read", Name::Variable).is_some() {
        let taken = earlier.contains(name) || inputs.iter().any(|input| *input.name == **name);
        if taken || RESERVED.contains(&name.as_str()) {
            let code = if taken { Code::DuplicateName } else { Code::ReservedName };
            let message = format!("`{name}` means something else already");
            compiling.reader.error(code, scalar.span, message, "choose another name");
        }
    }
    Some(name.clone())
}

fn step(
    node: &yaml::Node,
    compiling: &mut Compiling<'_>,
    known: &mut Known<'_>,
    inputs: &[Input],
    [of_inputs, of_kinds]: [&Variables; 2],
    node_pick: &Pick,
) -> Option<Step> {
    let fields = compiling.reader.map(node, "a step of `lookup`", STEP.names)?;
    let by = by(&fields, compiling, inputs);
    let input = by.and_then(|at| inputs.get(at));
    let forms = forms(&fields, compiling, input);
    let pick = match fields.get("pick") {
        Some(node) => pick(node, compiling).unwrap_or(Pick::First),
        None => node_pick.clone(),
    };
    let has_kinds =
        matches!(input.map(|input| &input.kind), Some(InputKind::Account(kinds)) if !kinds.is_empty());
    let variables = if has_kinds { of_kinds } else { of_inputs };
    let by_input = match (fields.get("by"), input) {
        (_, Some(input)) => By::Input(input),
        (Some(_), None) => By::Unknown,
        (None, None) => By::Nothing,
    };
    let ask = ask::compile(&fields, compiling, known, variables, Effect::Read, by_input, pick)?;
    if let Some(input) = input {
        identifier::check(&fields, compiling, &ask, input, inputs);
    }
    if let Some(node) = fields.get("when")
        && ask.when.iter().any(|when| when.reads().iter().any(|read| read.root == "kind"))
    {
        let message = "there is no variable `kind` here";
        let help = "`args` read it; whether the step is asked is known before a kind is tried";
        compiling.reader.error(Code::UnknownVariable, node.span, message, help);
    }
    let record = fields.text(&mut compiling.reader, "record").map(|name| Arc::from(name.text.as_str()));
    Some(Step { by, forms, ask, keep: Keep::unsettled(), record })
}

/// The input that a step finds by: an index.
fn by(fields: &Fields<'_>, compiling: &mut Compiling<'_>, inputs: &[Input]) -> Option<usize> {
    let scalar = fields.text(&mut compiling.reader, "by")?;
    let at = inputs.iter().position(|input| *input.name == *scalar.text);
    match at.and_then(|at| inputs.get(at)) {
        None => {
            let names = inputs.iter().filter(|input| input.kind.is_identifier()).map(|input| &input.name);
            compiling.reader.unknown_name(Code::UnknownInput, scalar.span, "input", &scalar.text, names);
        }
        Some(input) if !input.kind.is_identifier() => {
            let message = format!("`{}` is of type {} and names no customer", input.name, input.kind.name());
            let help = "find by an input of type phone, email or account; `when` reads the others";
            compiling.reader.error(Code::NamesNobody, scalar.span, message, help);
        }
        Some(_) => {}
    }
    at
}

fn forms(fields: &Fields<'_>, compiling: &mut Compiling<'_>, input: Option<&Input>) -> Vec<Form> {
    let is_phone = matches!(input.map(|input| &input.kind), Some(InputKind::Phone { .. }));
    let Some((key, _)) = fields.entry("forms") else {
        return if is_phone { vec![Form::E164] } else { Vec::new() };
    };
    if !is_phone {
        let message = "`forms` has no effect here: they are the forms of a phone number";
        compiling.reader.error(
            Code::FormsWithoutPhone,
            key.span,
            message,
            "find `by` a phone input, or leave it out",
        );
        return Vec::new();
    }
    let mut forms: Vec<Form> = Vec::new();
    for scalar in fields.texts(&mut compiling.reader, "forms") {
        let form = match scalar.text.parse::<Form>() {
            Ok(form) => form,
            Err(error) => {
                let help = error.help();
                compiling.reader.error(Code::BadForm, scalar.span, error.to_string(), help);
                continue;
            }
        };
        if forms.contains(&form) {
            let message = format!("the form `{form}` is asked already");
            compiling.reader.error(Code::DuplicateForm, scalar.span, message, "name each form once");
        } else if !form.is_loose() && forms.iter().any(Form::is_loose) {
            let message = format!("the strict form `{form}` stands behind a loose one");
            let help = "put strict forms first: a loose one may find another customer";
            compiling.reader.error(Code::FormOrder, scalar.span, message, help);
        } else {
            forms.push(form);
        }
    }
    forms
}

fn pick(node: &yaml::Node, compiling: &mut Compiling<'_>) -> Option<Pick> {
    if matches!(node.value, Value::Map(_)) {
        let fields = compiling.reader.map(node, "`pick`", PICK.names)?;
        let path = fields.required(&mut compiling.reader, "newest")?;
        return compiling.path(path, "`newest`").map(Pick::Newest);
    }
    let words = [("first", false), ("only", true)];
    let only = compiling.reader.word_or_map(node, "`pick`", &words, "{ newest: $.updated_at }")?;
    Some(if only { Pick::Only } else { Pick::First })
}

/// The further reads, each with those it needs.
fn then(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &mut Known<'_>,
    inputs: &[Input],
    names: &[String],
) -> (Vec<Read>, Variables) {
    let base = || input_variables(inputs).with("now").with("record");
    let of_reads = with_names(base(), names);
    let nodes = fields.one_or_many(&compiling.reader, "then");
    let mut reads = Vec::new();
    let mut needs: Vec<Vec<String>> = Vec::new();
    for node in nodes {
        let Some(fields) = compiling.reader.map(node, "a read of `then`", READ.names) else {
            continue;
        };
        let name = fields.required_text(&mut compiling.reader, "as");
        let pick = fields.get("pick").and_then(|node| pick(node, compiling)).unwrap_or(Pick::First);
        let own = with_names(base(), names);
        let asked = ask::compile(&fields, compiling, known, &own, Effect::Read, By::Nothing, pick);
        // A name that means something else is told already, and is no read.
        let is_other = |name: &String| {
            RESERVED.contains(&name.as_str()) || inputs.iter().any(|input| *input.name == **name)
        };
        let read = names.iter().filter(|name| own.was_read("", name) && !is_other(name));
        needs.push(read.cloned().collect());
        for name in names.iter().filter(|name| own.was_read("", name)) {
            of_reads.mark(name);
        }
        for input in inputs.iter().filter(|input| own.was_read("inputs", &input.name)) {
            of_reads.mark(&input.name);
        }
        if let (Some(name), Some(ask)) = (name, asked) {
            let name = Arc::from(name.text.as_str());
            reads.push(Read { name, ask, after: Vec::new(), keep: Keep::unsettled() });
        }
    }
    if reads.len() == needs.len() {
        let at = |name: &String| reads.iter().position(|read: &Read| *read.name == **name);
        let after: Vec<Vec<usize>> =
            needs.iter().map(|names| names.iter().filter_map(at).collect()).collect();
        circle(fields, compiling, &after, &reads);
        for (read, after) in reads.iter_mut().zip(after) {
            read.after = after;
        }
    }
    (reads, of_reads)
}

fn circle(fields: &Fields<'_>, compiling: &mut Compiling<'_>, after: &[Vec<usize>], reads: &[Read]) {
    let Err(circle) = order(after) else {
        return;
    };
    let names: Vec<String> =
        circle.iter().filter_map(|at| reads.get(*at)).map(|read| format!("`{}`", read.name)).collect();
    let span = fields.entry("then").map_or(fields.span(), |(key, _)| key.span);
    let message = format!("these reads need each other: {}", names.join(" → "));
    compiling.reader.error(Code::Cycle, span, message, "a read can need only what is read before it");
}
