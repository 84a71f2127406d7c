//! `examples:` calls with their answers.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::Found;
use crate::mapping::language::node::EXAMPLE;
use crate::mapping::node::Known;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{self, Key, Value};
use crate::node::input::Input;
use crate::plan::{Canned, Example, Expected};
use crate::record::Outcome;

/// Compiles `examples`.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &Known<'_>,
    inputs: &[Input],
    outputs: &[Arc<str>],
) -> Vec<Example> {
    let items = fields.list(&mut compiling.reader, "examples").unwrap_or_default();
    let examples: Vec<Example> =
        items.iter().filter_map(|item| one(item, compiling, known, inputs, outputs)).collect();
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
    let upstream = upstream(&fields, compiling, known);
    let outcomes = Outcome::ALL.map(|outcome| (outcome.name(), outcome));
    let outcome = fields.word(&mut compiling.reader, "outcome", &outcomes);
    let answer = answer(&fields, compiling, outputs);
    let name = name?;
    Some(Example { name: name.text.clone(), span: name.span, send, upstream, outcome, answer })
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

/// What upstreams say: bodies, statuses and failures, by operation.
fn upstream(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    known: &Known<'_>,
) -> Vec<(Arc<str>, Canned)> {
    let mut canned: Vec<(Arc<str>, Canned)> = Vec::new();
    for (key, node) in entries(fields, compiling, "upstream") {
        let body = compiling.reader.json(node);
        let name = operation(key, compiling, known);
        if let (Some(name), Some(body)) = (name, body) {
            canned.push((name, Canned::Answer { status: 200, body }));
        }
    }
    for (key, node) in entries(fields, compiling, "upstream_status") {
        let status = compiling.reader.int(node, &format!("the status of `{}`", key.text), 100..=599, "");
        let status = status.and_then(|status| u16::try_from(status).ok());
        let name = operation(key, compiling, known);
        if let (Some(name), Some(status)) = (name, status) {
            let body = canned.iter().position(|(earlier, _)| *earlier == name).map(|at| canned.remove(at));
            let body = match body {
                Some((_, Canned::Answer { body, .. })) => body,
                _ => Json::Null,
            };
            canned.push((name, Canned::Answer { status, body }));
        }
    }
    for (key, node) in entries(fields, compiling, "upstream_fails") {
        let words = [("timeout", true), ("unreachable", false)];
        let failure = compiling.reader.word(node, &format!("the failure of `{}`", key.text), &words);
        let name = operation(key, compiling, known);
        if let (Some(name), Some(is_timeout)) = (name, failure) {
            canned.retain(|(earlier, _)| *earlier != name);
            canned.push((name, if is_timeout { Canned::Timeout } else { Canned::Unreachable }));
        }
    }
    canned
}

fn entries<'n>(fields: &Fields<'n>, compiling: &mut Compiling<'_>, key: &str) -> Vec<&'n (Key, yaml::Node)> {
    fields.entries(&mut compiling.reader, key).map(|map| map.iter().collect()).unwrap_or_default()
}

fn operation(key: &Key, compiling: &mut Compiling<'_>, known: &Known<'_>) -> Option<Arc<str>> {
    match known.operations.find(&key.text) {
        Found::There(name, _) => Some(Arc::clone(name)),
        Found::Unread => None,
        Found::Nowhere => {
            let names = known.operations.named.keys();
            compiling.reader.unknown_name(Code::UnknownOperation, key.span, "operation", &key.text, names);
            None
        }
    }
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
