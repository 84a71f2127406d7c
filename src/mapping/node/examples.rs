//! `examples:` calls with their answers.

mod said;

use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::EXAMPLE;
use crate::mapping::node::Known;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{self, Value};
use crate::node::input::Input;
use crate::plan::example::{Example, Expected};
use crate::record::Outcome;

/// Compiles `examples`.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &Known<'_>,
    inputs: &[Input],
    outputs: &[Arc<str>],
) -> Vec<Arc<Example>> {
    let items = fields.list(&mut compiling.reader, "examples").unwrap_or_default();
    let made = items.iter().filter_map(|item| one(item, compiling, known, inputs, outputs));
    let examples: Vec<Arc<Example>> = made.map(Arc::new).collect();
    for (at, example) in examples.iter().enumerate() {
        if let Some(first) = examples.iter().take(at).find(|earlier| earlier.name == example.name) {
            let message = format!("two examples are called `{}`", example.name);
            let source = compiling.reader.source();
            let finding = Finding::warning(Code::DuplicateExample, source, example.span, message)
                .help("say in each name what it shows, so that a failure names the one")
                .related(first.span, "the first");
            compiling.reader.push(finding);
        }
    }
    examples
}

fn one(
    node: &yaml::Node,
    compiling: &mut Compiling<'_>,
    known: &Known<'_>,
    inputs: &[Input],
    outputs: &[Arc<str>],
) -> Option<Example> {
    let fields = compiling.reader.map(node, "an example", EXAMPLE.names)?;
    let name = fields.required_text(&mut compiling.reader, "name");
    let send = send(&fields, compiling, inputs);
    let now = moment(&fields, compiling);
    let upstream = said::compile(&fields, compiling, known);
    let outcomes = Outcome::ALL.map(|outcome| (outcome.name(), outcome));
    let outcome = fields.word(&mut compiling.reader, "outcome", &outcomes);
    let answer = answer(&fields, compiling, outputs);
    let name = name?;
    Some(Example { name: name.text.clone(), span: name.span, now, send, upstream, outcome, answer })
}

fn send(fields: &Fields<'_>, compiling: &mut Compiling<'_>, inputs: &[Input]) -> Vec<(String, String)> {
    let Some(map) = fields.entries(&mut compiling.reader, "send") else {
        return Vec::new();
    };
    let mut send = Vec::new();
    for (key, node) in map.iter() {
        let is_declared =
            inputs.iter().any(|input| *input.name == *key.text || input.aliases.contains(&key.text));
        if !is_declared && !inputs.is_empty() {
            let names: Vec<&str> = inputs.iter().map(|input| input.name.as_ref()).collect();
            let message = format!("the node has no input `{}`", key.text);
            compiling.reader.warning(Code::UnknownInput, key.span, message, suggest(&key.text, &names));
        }
        let value = compiling.reader.text_or_number(node, &format!("`{}`", key.text));
        send.extend(value.map(|value| (key.text.clone(), value.text.clone())));
    }
    send
}

/// When the example is called.
fn moment(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<SystemTime> {
    let written = fields.text(&mut compiling.reader, "now")?;
    if let Ok(moment) = written.text.parse::<Timestamp>() {
        return Some(moment.into());
    }
    let message = format!("`{}` is no moment", written.text);
    let help = "write the day, the time and its distance to UTC: \"2026-03-02T09:30:00+08:00\"";
    compiling.reader.error(Code::BadTime, written.span, message, help);
    None
}

fn answer(fields: &Fields<'_>, compiling: &mut Compiling<'_>, outputs: &[Arc<str>]) -> Expected {
    let Some((_, node)) = fields.entry("answer") else {
        return Expected::Anything;
    };
    if matches!(node.value, Value::Null) {
        return Expected::Null;
    }
    let Some(map) = compiling.reader.entries(node, "`answer`") else {
        return Expected::Anything;
    };
    let mut expected = Vec::new();
    for (key, node) in map.iter() {
        let Some(output) = outputs.iter().find(|output| ***output == *key.text) else {
            if outputs.is_empty() {
                break; // there is a finding about `outputs` already
            }
            let names: Vec<&str> = outputs.iter().map(AsRef::as_ref).collect();
            let message = format!("the node has no output `{}`", key.text);
            compiling.reader.error(Code::UnknownOutput, key.span, message, suggest(&key.text, &names));
            continue;
        };
        expected.extend(compiling.reader.json(node).map(|value| (Arc::clone(output), value, node.span)));
    }
    Expected::Outputs(expected)
}
