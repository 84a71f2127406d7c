//! One output: its source, its type, its table of values, its defaults.

pub(super) mod absence;

use std::sync::Arc;

use serde_json::{Number, Value as Json};

use crate::diagnostic::code::Code;
use crate::expr::canonical_number;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::output::OUTPUT;
use crate::mapping::node::lookup::Asked;
use crate::mapping::node::{source, value};
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Node, Value};
use crate::plan::output::{Kind, Many, Output, Source};
use crate::record::Outcome;

const KINDS: [(&str, Kind); 4] =
    [("string", Kind::String), ("int", Kind::Int), ("number", Kind::Number), ("bool", Kind::Bool)];

/// An output that compiled, with what is written of its absence.
pub(super) struct Made<'n> {
    pub(super) key: &'n Key,
    pub(super) output: Output,
    /// The key `default`, if it is written.
    pub(super) default: Option<&'n Key>,
    /// The values of `choose`, if it is written.
    pub(super) choices: Vec<&'n Node>,
}

/// Compiles one output.
pub(super) fn compile<'n>(
    key: &'n Key,
    node: &'n Node,
    compiling: &mut Compiling<'_>,
    asked: &Asked,
    variables: &Variables,
) -> Option<Made<'n>> {
    if let Value::Scalar(scalar) = &node.value {
        let is_path = scalar.text.starts_with('$') && !scalar.text.starts_with("${");
        let output = short(key, node, is_path, compiling)?;
        return Some(Made { key, output, default: None, choices: Vec::new() });
    }
    let fields = compiling.reader.map(node, &format!("the output `{}`", key.text), OUTPUT.names)?;
    let many = many(&fields, compiling);
    let kind = kind(&fields, compiling, &many)?;
    check_join(&many, kind, &fields, compiling);
    let values = fields.get("values").map(|node| table(node, compiling, kind));
    // What a table of values maps from is free; without one it must be of the type.
    let constants = if values.is_some() { None } else { Some(kind) };
    let source = source::compile(&fields, compiling, asked, variables, constants);
    let default = fields.get("default").map(|node| value::typed(compiling, node, "`default`", kind));
    let default_on = default_on(&fields, compiling, kind);
    let optional = fields.bool(&mut compiling.reader, "optional").unwrap_or(false);
    let about = fields.text(&mut compiling.reader, "about").map(|about| about.text.clone());
    let source = source?;
    check_constant(&source, &fields, compiling);
    let default = default.map_or(Some(None), |default| default.map(Some))?;
    let values = values.map_or(Some(None), |values| values.map(Some))?;
    let name = Arc::from(key.text.as_str());
    let output = Output { name, about, source, many, values, kind, default, default_on, optional };
    let choices = fields.one_or_many(&compiling.reader, "choose");
    let choices = choices.iter().filter_map(|item| item.as_map()?.get("value")).map(|(_, value)| value);
    let default = fields.entry("default").map(|(key, _)| key);
    Some(Made { key, output, default, choices: choices.collect() })
}

/// The type of its values. None: what is written is none, and nothing more is said of values.
fn kind(fields: &Fields<'_>, compiling: &mut Compiling<'_>, many: &Many) -> Option<Kind> {
    match fields.get("type") {
        Some(node) => compiling.reader.word(node, "`type`", &KINDS),
        None if *many == Many::Count => Some(Kind::Int),
        None => Some(Kind::String),
    }
}

/// The finding that a constant is given a table of values.
fn check_constant(source: &Source, fields: &Fields<'_>, compiling: &mut Compiling<'_>) {
    if let Some((key, _)) = fields.entry("values").filter(|_| matches!(source, Source::Constant(_))) {
        let message = "`values` has no effect on a constant";
        compiling.reader.error(Code::NoEffect, key.span, message, "leave it out");
    }
}

/// The finding that a joined value, which is a text, is declared to be something else.
fn check_join(many: &Many, kind: Kind, fields: &Fields<'_>, compiling: &mut Compiling<'_>) {
    if let (Many::Join(_), true, Some(node)) = (many, kind != Kind::String, fields.get("type")) {
        let message = format!("`join` gives a text, and cannot be of type {}", kind.name());
        let help = "leave `type` out, or take one value with `take`";
        compiling.reader.error(Code::JoinType, node.span, message, help);
    }
}

/// `name: $.path` and `name: constant`.
fn short(key: &Key, node: &Node, is_path: bool, compiling: &mut Compiling<'_>) -> Option<Output> {
    let name: Arc<str> = Arc::from(key.text.as_str());
    if is_path {
        compiling.path(node, "a path")?;
        let message = format!("the output `{name}` has no value where nothing is found");
        let written = node.as_scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
        let help = format!("write `{name}: {{ path: {written}, default: \"\" }}`");
        compiling.reader.error(Code::MissingDefault, key.span, message, help);
        return None;
    }
    let value = value::typed(compiling, node, &format!("the output `{name}`"), Kind::String)?;
    let source = Source::Constant(value);
    let (kind, many) = (Kind::String, Many::First);
    Some(Output {
        name,
        about: None,
        source,
        many,
        values: None,
        kind,
        default: None,
        default_on: Vec::new(),
        optional: false,
    })
}

fn many(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Many {
    let found = fields.at_most_one(&mut compiling.reader, &["take", "join"]);
    let Some((key, node)) = found else {
        return Many::First;
    };
    if fields.get("path").is_none() {
        let message = format!("`{}` has no effect here: it belongs to a path", key.text);
        compiling.reader.error(Code::NoEffect, key.span, message, "leave it out");
    }
    if key.text == "join" {
        let between = compiling.reader.text(node, "`join`").map(|text| text.text.clone());
        return Many::Join(between.unwrap_or_default());
    }
    match compiling.reader.word(node, "`take`", &[("first", 0), ("last", 1), ("count", 2)]) {
        Some(1) => Many::Last,
        Some(2) => Many::Count,
        _ => Many::First,
    }
}

fn table(node: &Node, compiling: &mut Compiling<'_>, kind: Kind) -> Option<Vec<(String, Json)>> {
    let map = compiling.reader.entries(node, "`values`")?;
    let mut values: Vec<(String, Json)> = Vec::new();
    for (key, node) in map.iter() {
        if let Some((earlier, _)) =
            values.iter().find(|(earlier, _)| canonical(earlier) == canonical(&key.text))
        {
            let message = format!("`{}` and `{earlier}` are the same value", key.text);
            let help = "keep one of them: a value is found by its text, a number by its amount";
            compiling.reader.warning(Code::DuplicateValue, key.span, message, help);
        }
        let value = value::typed(compiling, node, &format!("the value for `{}`", key.text), kind);
        values.push((key.text.trim().to_owned(), value?));
    }
    Some(values)
}

/// The text by which a value is found: that of a number is the same however it is written.
fn canonical(key: &str) -> String {
    match key.trim().parse::<Number>() {
        Ok(number) => canonical_number(&number).to_owned(),
        Err(_) => key.trim().to_owned(),
    }
}

fn default_on(fields: &Fields<'_>, compiling: &mut Compiling<'_>, kind: Kind) -> Vec<(Outcome, Json)> {
    let Some(map) = fields.entries(&mut compiling.reader, "default_on") else {
        return Vec::new();
    };
    let mut defaults = Vec::new();
    for (key, node) in map.iter() {
        let value = value::typed(compiling, node, &format!("the default on `{}`", key.text), kind);
        match Outcome::named(&key.text) {
            Some(outcome) => defaults.extend(value.map(|value| (outcome, value))),
            None => {
                let names = Outcome::ALL.map(Outcome::name);
                compiling.reader.unknown_name(Code::UnknownOutcome, key.span, "outcome", &key.text, names);
            }
        }
    }
    defaults
}
