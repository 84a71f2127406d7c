//! Steps that find by an identifier and do not ask with it: they would find the same customer for every caller, unless
//! they ask with another input.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::list;
use crate::expr::{Read, Segment};
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::Node;
use crate::node::input::Input;
use crate::plan::Ask;
use crate::plan::operation::{Arg, ArgKind, JsonTemplate};

/// The finding where no argument of a step reads the identifier that the step finds by. Where one reads another input,
/// that may be meant.
pub(super) fn check(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    ask: &Ask,
    input: &Input,
    inputs: &[Input],
) {
    let written = fields.get("args").and_then(Node::as_map);
    let is_given = |arg: &Arg| written.is_some_and(|map| map.get(&arg.name).is_some());
    // An argument that cannot be used, or is missing, is told already and may be where it is read.
    let is_whole = written.is_none_or(|map| map.len() == ask.args.len());
    let needs = |arg: &Arg| arg.required && arg.default.is_none() && !is_given(arg);
    if is_asked_with(ask, input) || !is_whole || ask.operation.args.iter().any(needs) {
        return;
    }
    let others: Vec<&Input> = inputs.iter().filter(|other| is_asked_with(ask, other)).collect();
    let (span, message, help) = match (written, forgotten(ask, fields, input)) {
        (_, Some(found)) => found,
        (Some(_), None) if !others.is_empty() => by_others(fields, input, &others),
        (Some(_), None) => (
            args_span(fields),
            format!("no argument reads `{}`, so the step finds the same for everybody", input.name),
            format!("write `\"{}\"` behind one of them; {}", variable(input), without(input)),
        ),
        (None, None) => unsaid(fields, ask, input),
    };
    if others.is_empty() {
        compiling.reader.error(Code::UnusedIdentifier, span, message, help);
    } else {
        compiling.reader.warning(Code::UnusedIdentifier, span, message, help);
    }
}

fn args_span(fields: &Fields<'_>) -> Span {
    fields.entry("args").map_or(fields.span(), |(key, _)| key.span)
}

/// Other inputs are what the step asks with.
fn by_others(fields: &Fields<'_>, input: &Input, others: &[&Input]) -> (Span, String, String) {
    let names: Vec<&str> = others.iter().map(|other| &*other.name).collect();
    let message = format!("the step asks by {}, not by `{}`", list(&names), input.name);
    let sent: Vec<String> = others.iter().map(|other| name(other)).collect();
    let help = format!(
        "write `\"{}\"` in its place; without `by`, and with `when: {}`, it is asked of all who send that",
        variable(input),
        sent.join(" and ")
    );
    (args_span(fields), message, help)
}

fn is_asked_with(ask: &Ask, input: &Input) -> bool {
    let mut found = false;
    for (_, value) in &ask.args {
        value.each_read(&mut |read| found |= is_of(read, input));
    }
    found
}

fn is_of(read: &Read, input: &Input) -> bool {
    match read.below.first() {
        _ if read.root == *input.name => true,
        Some(Segment::Key(name)) => read.root == "inputs" && **name == *input.name,
        Some(Segment::Index(_)) | None => read.root == "inputs",
    }
}

/// The name of the identifier that stands as a mere word, where its braces were forgotten.
fn forgotten(ask: &Ask, fields: &Fields<'_>, input: &Input) -> Option<(Span, String, String)> {
    let is_word = |value: &JsonTemplate| match value {
        JsonTemplate::Constant(word) => word.as_str().is_some_and(|word| word.trim() == &*input.name),
        _ => false,
    };
    let (at, _) = ask.args.iter().find(|(_, value)| is_word(value))?;
    let name = &ask.operation.args.get(*at)?.name;
    let (_, node) = fields.get("args")?.as_map()?.get(name)?;
    let message = format!("`{name}` is the word `{}` for everybody, and not what was sent", input.name);
    Some((node.span, message, format!("a template has two braces: `\"{}\"`", variable(input))))
}

/// No `args` are written, and none of the operation's is certain to be the one.
fn unsaid(fields: &Fields<'_>, ask: &Ask, input: &Input) -> (Span, String, String) {
    let operation = &ask.operation;
    let span = fields.get("call").map_or(fields.span(), |node| node.span);
    if operation.args.is_empty() {
        let message = format!(
            "`{}` takes no argument, so `{}` finds the same for everybody",
            operation.name, input.name
        );
        return (span, message, without(input));
    }
    let message = format!(
        "`{}` has several arguments, and which one is `{}` is not said: everybody would be asked for alike",
        operation.name, input.name
    );
    let is_meant = |arg: &&Arg| arg.kind == ArgKind::Text && arg.name.contains(input.kind.name());
    let help = match operation.args.iter().find(is_meant) {
        Some(arg) => format!("say it: `args: {{ {}: \"{}\" }}`", arg.name, variable(input)),
        None => {
            let names: Vec<&str> = operation.args.iter().map(|arg| &*arg.name).collect();
            format!("write `args` and put `\"{}\"` behind one of {}", variable(input), list(&names))
        }
    };
    (span, message, help)
}

/// What is done where nothing was forgotten.
fn without(input: &Input) -> String {
    format!("without `by`, and with `when: {}`, the same is asked of all who send it", name(input))
}

fn variable(input: &Input) -> String {
    format!("{{{{ {} }}}}", name(input))
}

/// The identifier as a template names it.
fn name(input: &Input) -> String {
    let is_plain = input.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain && !input.name.starts_with(|c: char| c.is_ascii_digit()) {
        return input.name.to_string();
    }
    format!("inputs['{}']", input.name)
}
