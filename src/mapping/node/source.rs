//! Where an output's value comes from: a path, a text, a choice, the outcome, a constant.

use crate::diagnostic::code::Code;
use crate::expr::{Condition, Place};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::output::CHOICE;
use crate::mapping::node::lookup::Asked;
use crate::mapping::node::value;
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::{AWAIT, UNAWAITED, Variables};
use crate::mapping::yaml::Node;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{Choice, From, Kind, Source};

const SOURCES: [&str; 5] = ["path", "text", "choose", "outcome", "value"];

/// Compiles where the value comes from. `constants`: the type that constants must have.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    asked: &Asked,
    variables: &Variables,
    constants: Option<Kind>,
) -> Option<Source> {
    let (key, node) = fields.exactly_one(&mut compiling.reader, &SOURCES)?;
    if key.text != "path"
        && let Some((from, _)) = fields.entry("from")
    {
        let message = "`from` has no effect here: it belongs to a path";
        compiling.reader.error(Code::NoEffect, from.span, message, "leave it out");
    }
    match key.text.as_str() {
        "path" => {
            let path = compiling.path(node, "`path`");
            let from = from(fields, compiling, asked);
            if matches!(from, Some(From::Write)) && asked.write.as_ref().is_some_and(|write| !write.waits) {
                compiling.reader.error(Code::UnawaitedAnswer, key.span, UNAWAITED, AWAIT);
            }
            Some(Source::Path(from?, path?))
        }
        "text" => {
            let scalar = compiling.reader.text(node, "`text`")?;
            compiling.refuse_expansion(scalar);
            compiling.template(scalar, Place::Text, variables).map(Source::Text)
        }
        "choose" => choose(node, compiling, variables, constants).map(Source::Choose),
        "outcome" => match compiling.reader.bool(node, "`outcome`")? {
            true => Some(Source::Outcome),
            false => {
                let message = "`outcome: false` means nothing";
                compiling.reader.error(Code::NoEffect, key.span, message, "write `outcome: true`");
                None
            }
        },
        _ => {
            let kind = constants.unwrap_or(Kind::String);
            value::typed(compiling, node, "`value`", kind).map(Source::Constant)
        }
    }
}

/// What a path is followed in: the record, unless `from` names a read.
fn from(fields: &Fields<'_>, compiling: &mut Compiling<'_>, asked: &Asked) -> Option<From> {
    let Some(node) = fields.get("from") else {
        return match (&asked.write, asked.has_lookup) {
            (Some(_), false) => Some(From::Write),
            _ => Some(From::Record),
        };
    };
    let scalar = compiling.reader.text(node, "`from`")?;
    let name = scalar.text.as_str();
    if name == "record" {
        return Some(From::Record);
    }
    if !asked.names.iter().any(|known| known == name) {
        let names = std::iter::once("record").chain(asked.names.iter().map(String::as_str));
        compiling.reader.unknown_name(Code::UnknownRead, scalar.span, "read", name, names);
        return None;
    }
    let then = asked.then.iter().position(|read| *read.name == *name).map(From::Then);
    let write = || asked.write.as_ref().filter(|write| *write.name == *name).map(|_| From::Write);
    then.or_else(write)
}

fn choose(
    node: &Node,
    compiling: &mut Compiling<'_>,
    variables: &Variables,
    constants: Option<Kind>,
) -> Option<Vec<Choice>> {
    let items = compiling.reader.list(node, "`choose`")?;
    let mut choices: Vec<Choice> = Vec::new();
    let mut is_whole = !items.is_empty();
    for (at, item) in items.iter().enumerate() {
        let Some(fields) = compiling.reader.map(item, "a choice", CHOICE.names) else {
            is_whole = false;
            continue;
        };
        let when = fields.get("when").map(|node| compiling.condition(node, "`when`", variables));
        if when.is_none() && at + 1 < items.len() {
            let message = "no choice below this one can be reached: it has no `when`";
            let help = "put it last, or give it a `when`";
            compiling.reader.error(Code::UnreachableChoice, fields.span(), message, help);
        }
        if let (Some(Some(when)), Some(node)) = (&when, fields.get("when")) {
            check_earlier(when, &choices, node, compiling);
        }
        let value = fields.required(&mut compiling.reader, "value");
        let value = value.and_then(|node| chosen(node, compiling, variables, constants));
        match (when, value) {
            (None, Some(value)) => choices.push(Choice { when: None, value }),
            (Some(Some(when)), Some(value)) => choices.push(Choice { when: Some(when), value }),
            _ => is_whole = false,
        }
    }
    is_whole.then_some(choices)
}

/// The finding that an earlier choice is taken whenever this one would be.
fn check_earlier(when: &Condition, earlier: &[Choice], node: &Node, compiling: &mut Compiling<'_>) {
    let same =
        |choice: &Choice| choice.when.as_ref().is_some_and(|other| other.text().trim() == when.text().trim());
    if earlier.iter().any(same) {
        let message = "this choice is never reached: an earlier one has the same `when`";
        let help = "change the condition, or leave it out";
        compiling.reader.warning(Code::UnreachableChoice, node.span, message, help);
    }
}

/// A choice's value: a template, or a constant of the output's type.
fn chosen(
    node: &Node,
    compiling: &mut Compiling<'_>,
    variables: &Variables,
    constants: Option<Kind>,
) -> Option<JsonTemplate> {
    let is_template =
        node.as_scalar().is_some_and(|scalar| scalar.text.contains("{{") || scalar.text.contains("{%"));
    if is_template {
        return compiling.json_template(node, variables);
    }
    match constants {
        Some(kind) => value::typed(compiling, node, "`value`", kind).map(JsonTemplate::Constant),
        None => {
            compiling.reader.text_or_number(node, "`value`")?;
            compiling.reader.json(node).map(JsonTemplate::Constant)
        }
    }
}
