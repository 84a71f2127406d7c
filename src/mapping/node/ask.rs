//! `call:` and `args:`: one operation with the arguments to run it with.

use std::sync::Arc;

use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, suggest};
use crate::expr::{Place, Template, kind_of, text_of};
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::Found;
use crate::mapping::node::Known;
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Node};
use crate::node::input::Input;
use crate::plan::operation::{Arg, ArgKind, Call, Effect, JsonTemplate, Method, Operation};
use crate::plan::{Ask, Pick};

/// What an operation is asked by, and so takes where no `args` are written.
#[derive(Clone, Copy)]
pub(super) enum By<'i> {
    /// No input: only what `args` say.
    Nothing,
    /// This input.
    Input(&'i Input),
    /// An input that is not there, which is told already.
    Unknown,
}

/// What `args` say.
#[derive(Default)]
struct Arguments {
    values: Vec<(usize, JsonTemplate)>,
    /// The names that are written, also of those that have errors.
    written: Vec<String>,
}

/// Compiles what asks an operation of that effect.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &mut Known<'_>,
    variables: &Variables,
    effect: Effect,
    by: By<'_>,
    pick: Pick,
) -> Option<Ask> {
    let when = fields.get("when").map(|node| compiling.condition(node, "`when`", variables));
    let operation = operation(fields, compiling, known, effect);
    let args = match (fields.get("args"), by) {
        (Some(node), _) => arguments(node, compiling, operation.as_deref(), variables)?,
        (None, By::Input(input)) => {
            let values = operation.as_deref().and_then(|operation| inferred(operation, input));
            Arguments { values: values.into_iter().collect(), ..Arguments::default() }
        }
        (None, By::Nothing) => Arguments::default(),
        (None, By::Unknown) => return None,
    };
    let operation = operation?;
    missing(fields, compiling, &operation, &args);
    let when = match when {
        Some(when) => Some(when?),
        None => None,
    };
    Some(Ask { operation, args: args.values, pick, when })
}

/// The operation that `call` names; one whose own file has errors is noted and not told again.
fn operation(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &mut Known<'_>,
    effect: Effect,
) -> Option<Arc<Operation>> {
    let scalar = fields.required_text(&mut compiling.reader, "call")?;
    let (name, operation) = match known.operations.find(&scalar.text) {
        Found::There(name, Some(operation)) => (name, operation),
        Found::There(..) | Found::Unread => {
            known.broken.push(Arc::from(scalar.text.as_str()));
            return None;
        }
        Found::Nowhere => {
            let names = known.operations.named.keys();
            let reader = &mut compiling.reader;
            reader.unknown_name(Code::UnknownOperation, scalar.span, "operation", &scalar.text, names);
            return None;
        }
    };
    let help = match (operation.effect, effect) {
        (Effect::Write, Effect::Read) => "a write stands under `do`; a lookup and `then` only read",
        (Effect::Read, Effect::Write) if is_post(operation) => {
            let message = format!("`{name}` does not say that it writes, so it is a read");
            let help = "if it changes anything, write `effect: write` in its operation; a read stands under `lookup` or `then`";
            compiling.reader.error(Code::WrongEffect, scalar.span, message, help);
            return None;
        }
        (Effect::Read, Effect::Write) => "a read stands under `lookup` or `then`; `do` is for writes",
        _ => return Some(Arc::clone(operation)),
    };
    let is = if operation.effect == Effect::Write { "a write" } else { "a read" };
    compiling.reader.error(Code::WrongEffect, scalar.span, format!("`{name}` is {is}"), help);
    None
}

/// Whether an operation is asked by the one method that reads as well as writes.
fn is_post(operation: &Operation) -> bool {
    matches!(&operation.call, Call::Http(call) if call.method == Method::Post)
}

/// Compiles `args`. Of an operation that is not there only the templates can be checked.
fn arguments(
    node: &Node,
    compiling: &mut Compiling<'_>,
    operation: Option<&Operation>,
    variables: &Variables,
) -> Option<Arguments> {
    let (mut args, mut unknown) = (Arguments::default(), Vec::new());
    for (key, value) in compiling.reader.entries(node, "`args`")?.iter() {
        let template = compiling.sent_json(value, variables);
        let Some(operation) = operation else {
            continue;
        };
        args.written.push(key.text.clone());
        let Some((at, arg)) = operation.args.iter().enumerate().find(|(_, arg)| *arg.name == *key.text)
        else {
            unknown.push(key);
            continue;
        };
        let Some(template) = template else {
            continue;
        };
        if let JsonTemplate::Constant(constant) = &template
            && !fits(arg, constant)
        {
            let message = format!("`{}` must be {}, not {}", arg.name, wanted(arg), kind_of(constant));
            let help = format!("`{}` declares it so", operation.name);
            compiling.reader.error(Code::ValueType, value.span, message, help);
        }
        args.values.push((at, template));
    }
    if let Some(operation) = operation {
        tell_unknown(compiling, operation, &unknown, &mut args);
    }
    Some(args)
}

/// The finding for each argument that the operation does not have. What was meant is not told as missing too.
fn tell_unknown(
    compiling: &mut Compiling<'_>,
    operation: &Operation,
    unknown: &[&Key],
    args: &mut Arguments,
) {
    let names: Vec<&str> = operation.args.iter().map(|arg| arg.name.as_ref()).collect();
    for key in unknown {
        let is_left = |arg: &&Arg| is_needed(arg) && !args.written.iter().any(|name| **name == *arg.name);
        let left: Vec<&str> = operation.args.iter().filter(is_left).map(|arg| arg.name.as_ref()).collect();
        let only = match (unknown, left.as_slice()) {
            ([_], [only]) => Some(*only),
            _ => None,
        };
        let meant = did_you_mean(&key.text, names.iter().copied()).or(only);
        let help = match meant {
            Some(name) => format!("did you mean `{name}`?"),
            None => suggest(&key.text, &names),
        };
        args.written.extend(meant.map(str::to_owned));
        let message = format!("`{}` has no argument `{}`", operation.name, key.text);
        compiling.reader.error(Code::UnknownArgument, key.span, message, help);
    }
}

fn is_needed(arg: &Arg) -> bool {
    arg.required && arg.default.is_none()
}

fn wanted(arg: &Arg) -> String {
    if arg.one_of.is_empty() {
        return format!("a value of type {}", arg.kind.name());
    }
    let choices: Vec<String> = arg.one_of.iter().map(ToString::to_string).collect();
    format!("one of {}", choices.join(", "))
}

fn fits(arg: &Arg, constant: &Value) -> bool {
    let is_number = |text: &str| text.trim().parse::<serde_json::Number>().is_ok();
    let text = text_of(constant);
    let of_type = match arg.kind {
        ArgKind::Text => text.is_some(),
        ArgKind::Int => text.as_ref().is_some_and(|text| is_number(text) && !text.contains('.')),
        ArgKind::Number => text.as_ref().is_some_and(|text| is_number(text)),
        ArgKind::Bool => {
            text.as_ref().is_some_and(|text| matches!(text.as_ref(), "true" | "false" | "1" | "0"))
        }
        ArgKind::List => constant.is_array(),
        ArgKind::Object => constant.is_object(),
    };
    of_type && (arg.one_of.is_empty() || arg.one_of.iter().any(|choice| text_of(choice) == text))
}

/// Where no arguments are written, the identifier goes to the only argument that is required, else to the one of
/// its own name, else to the only one there is.
fn inferred(operation: &Operation, input: &Input) -> Option<(usize, JsonTemplate)> {
    let only = |mut found: Vec<usize>| if found.len() == 1 { found.pop() } else { None };
    let all = || operation.args.iter().enumerate();
    let required = only(all().filter(|(_, arg)| arg.required).map(|(at, _)| at).collect());
    let named = || all().find(|(_, arg)| arg.name == input.name).map(|(at, _)| at);
    let at = required.or_else(named).or_else(|| only(all().map(|(at, _)| at).collect()))?;
    let text = format!("{{{{ inputs[{:?}] }}}}", input.name);
    Template::compile(&text, Place::Text).ok().map(|template| (at, JsonTemplate::Text(template)))
}

fn missing(fields: &Fields<'_>, compiling: &mut Compiling<'_>, operation: &Operation, args: &Arguments) {
    for (at, arg) in operation.args.iter().enumerate() {
        let is_given = args.values.iter().any(|(given, _)| *given == at)
            || args.written.iter().any(|written| **written == *arg.name);
        if !is_needed(arg) || is_given {
            continue;
        }
        let span = fields.get("call").map_or(fields.span(), |node| node.span);
        let message = format!("`{}` needs the argument `{}`", operation.name, arg.name);
        let help = format!("add it: `args: {{ {}: … }}`", arg.name);
        compiling.reader.error(Code::MissingArgument, span, message, help);
    }
}
