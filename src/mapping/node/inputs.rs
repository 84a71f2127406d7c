//! `inputs:` what a node is called with.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::INPUT;
use crate::mapping::node::value;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{self, Value};
use crate::node::account::Kind;
use crate::node::input::{Input, InputKind};
use crate::plan::output;

/// The types of an input, with the keys that only they have.
const TYPES: [(&str, Type); 7] = [
    ("phone", Type::Phone),
    ("email", Type::Email),
    ("account", Type::Account),
    ("text", Type::Text),
    ("int", Type::Int),
    ("number", Type::Number),
    ("bool", Type::Bool),
];

/// Names that mean something else in a node's expressions.
const RESERVED: [&str; 8] = ["record", "inputs", "outputs", "outcome", "error", "now", "kind", "form"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Phone,
    Email,
    Account,
    Text,
    Int,
    Number,
    Bool,
}

/// Compiles `inputs`.
pub(super) fn compile(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Vec<Input> {
    let Some(map) = fields.entries(&mut compiling.reader, "inputs") else {
        return fields.get("inputs").map(listed).unwrap_or_default();
    };
    let names: Vec<&str> = map.iter().map(|(key, _)| key.text.as_str()).collect();
    let mut taken: Vec<(String, Span)> = Vec::new();
    let mut inputs = Vec::new();
    for (key, node) in map.iter() {
        if RESERVED.contains(&key.text.as_str()) {
            let message = format!("an input cannot be called `{}`: the name means something else", key.text);
            let help = format!("give it another name, and this one as an alias: `aliases: [{}]`", key.text);
            compiling.reader.error(Code::ReservedName, key.span, message, help);
        }
        taken.push((key.text.clone(), key.span));
        let input = one(&key.text, node, compiling, &names, &mut taken);
        inputs.push(input.unwrap_or_else(|| stand_in(&key.text, node)));
    }
    inputs
}

/// The inputs of what should be a map and is a list, so that what names them is not told as well.
fn listed(node: &yaml::Node) -> Vec<Input> {
    let Value::List(items) = &node.value else { return Vec::new() };
    let name = |item: &yaml::Node| match &item.value {
        Value::Scalar(scalar) => Some(scalar.text.clone()),
        Value::Map(map) => match map.get("name") {
            Some((_, name)) => name.as_scalar().map(|name| name.text.clone()),
            None => map.iter().next().map(|(key, _)| key.text.clone()),
        },
        _ => None,
    };
    items.iter().filter_map(|item| Some(stand_in(&name(item)?, item))).collect()
}

/// In the place of an input with errors, so that what names it is not told as well. Its file is not put in force.
fn stand_in(name: &str, node: &yaml::Node) -> Input {
    let word = match node.as_map().and_then(|map| map.get("type")) {
        Some((_, value)) => value.as_scalar(),
        None => node.as_scalar(),
    };
    let kind = match word.and_then(|word| TYPES.iter().find(|(name, _)| *name == word.text)) {
        Some((_, Type::Phone)) | None => {
            "SG".parse().ok().map(|region| InputKind::Phone { region, region_from: None })
        }
        Some((_, other)) => simple(*other),
    };
    plain(name, kind.unwrap_or(InputKind::Email))
}

fn one(
    name: &str,
    node: &yaml::Node,
    compiling: &mut Compiling<'_>,
    names: &[&str],
    taken: &mut Vec<(String, Span)>,
) -> Option<Input> {
    if matches!(node.value, Value::Scalar(_)) {
        let kind = compiling.reader.word(node, &format!("the input `{name}`"), &TYPES)?;
        if kind == Type::Phone {
            let help = format!("write `{name}: {{ type: phone, region: SG }}`");
            compiling.reader.error(Code::MissingRegion, node.span, "a phone input needs its `region`", help);
            return None;
        }
        return Some(plain(name, simple(kind)?));
    }
    let fields = compiling.reader.map(node, &format!("the input `{name}`"), INPUT.names)?;
    let type_node = fields.required(&mut compiling.reader, "type")?;
    let kind = compiling.reader.word(type_node, "`type`", &TYPES)?;
    only_for(&fields, compiling, "region", kind == Type::Phone, "a phone");
    only_for(&fields, compiling, "region_from", kind == Type::Phone, "a phone");
    only_for(&fields, compiling, "kinds", kind == Type::Account, "an account");
    let identifies = matches!(kind, Type::Phone | Type::Email | Type::Account);
    only_for(&fields, compiling, "default", !identifies, "an input that names no customer");
    let kind = match kind {
        Type::Phone => phone(&fields, compiling, names, name)?,
        Type::Account => InputKind::Account(kinds(&fields, compiling)?),
        other => simple(other)?,
    };
    let mut aliases = Vec::new();
    for alias in fields.texts(&mut compiling.reader, "aliases") {
        if taken.iter().any(|(earlier, _)| *earlier == alias.text) || names.contains(&alias.text.as_str()) {
            let message = format!("`{}` is the name of an input already", alias.text);
            compiling.reader.error(
                Code::ShadowedInput,
                alias.span,
                message,
                "one name can mean one input only",
            );
        }
        taken.push((alias.text.clone(), alias.span));
        aliases.push(alias.text.clone());
    }
    let default = match (fields.get("default"), default_type(&kind)) {
        (Some(node), Some(kind)) => value::typed(compiling, node, "`default`", kind),
        _ => None,
    };
    let header = fields.text(&mut compiling.reader, "header");
    let header = header.filter(|header| compiling.header_name(&header.text, header.span));
    let header = header.map(|header| header.text.to_lowercase());
    let about = fields.text(&mut compiling.reader, "about").map(|about| about.text.clone());
    Some(Input { aliases, header, default, about, ..plain(name, kind) })
}

fn plain(name: &str, kind: InputKind) -> Input {
    Input { name: Arc::from(name), aliases: Vec::new(), header: None, kind, default: None, about: None }
}

fn simple(kind: Type) -> Option<InputKind> {
    match kind {
        Type::Phone => None,
        Type::Email => Some(InputKind::Email),
        Type::Account => Some(InputKind::Account(Vec::new())),
        Type::Text => Some(InputKind::Text),
        Type::Int => Some(InputKind::Int),
        Type::Number => Some(InputKind::Number),
        Type::Bool => Some(InputKind::Bool),
    }
}

fn default_type(kind: &InputKind) -> Option<output::Kind> {
    match kind {
        InputKind::Text => Some(output::Kind::String),
        InputKind::Int => Some(output::Kind::Int),
        InputKind::Number => Some(output::Kind::Number),
        InputKind::Bool => Some(output::Kind::Bool),
        InputKind::Phone { .. } | InputKind::Email | InputKind::Account(_) => None,
    }
}

fn only_for(fields: &Fields<'_>, compiling: &mut Compiling<'_>, key: &str, allowed: bool, what: &str) {
    if let Some((key, _)) = fields.entry(key).filter(|_| !allowed) {
        let message = format!("`{}` has no effect here: it belongs to {what}", key.text);
        compiling.reader.error(Code::NoEffect, key.span, message, "leave it out, or change the `type`");
    }
}

fn phone(fields: &Fields<'_>, compiling: &mut Compiling<'_>, names: &[&str], own: &str) -> Option<InputKind> {
    let region = match fields.get("region") {
        Some(node) => compiling.region(node),
        None => {
            let help = "add `region: SG`, the country of the numbers that come without a country code";
            compiling.reader.error(
                Code::MissingRegion,
                fields.span(),
                "a phone input needs its `region`",
                help,
            );
            None
        }
    };
    let from = fields.text(&mut compiling.reader, "region_from");
    let at = from.and_then(|from| {
        let at = names.iter().position(|name| *name == from.text && *name != own);
        if at.is_none() {
            let others: Vec<&&str> = names.iter().filter(|name| **name != own).collect();
            compiling.reader.unknown_name(Code::UnknownInput, from.span, "other input", &from.text, others);
        }
        at
    });
    (from.is_none() || at.is_some()).then_some(())?;
    Some(InputKind::Phone { region: region?, region_from: at })
}

/// `kinds: [partnerId, { lineId: "U[0-9a-f]{32}" }]`
fn kinds(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Vec<Kind>> {
    let mut kinds: Vec<Kind> = Vec::new();
    let items = fields.one_or_many(&compiling.reader, "kinds");
    for item in items {
        let (name, shape) = match item.as_map().map(|map| (map.len(), map.iter().next())) {
            Some((1, Some((key, shape)))) => {
                (key.text.clone(), Some(compiling.reader.text(shape, "a shape")?))
            }
            _ => (compiling.reader.text(item, "an item of `kinds`")?.text.clone(), None),
        };
        match Kind::new(name, shape.map(|shape| shape.text.as_str())) {
            Ok(kind) if kinds.iter().any(|earlier| earlier.name() == kind.name()) => {
                let message = format!("the kind `{}` is tried already", kind.name());
                compiling.reader.error(Code::DuplicateKind, item.span, message, "name each kind once");
            }
            Ok(kind) => kinds.push(kind),
            Err(error) => {
                let span = shape.map_or(item.span, |shape| shape.span);
                let help = "a shape is a regular expression for the whole id: \"U[0-9a-f]{32}\"";
                // The library draws the expression first; its last line is the reason.
                let reason = error.reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let message = format!("the shape of `{}` is no regular expression: {reason}", error.kind);
                compiling.reader.error(Code::BadShape, span, message, help);
            }
        }
    }
    Some(kinds)
}
