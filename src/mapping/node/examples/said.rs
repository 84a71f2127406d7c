//! What upstreams say in an example: bodies, statuses and failures, by operation, and by the arguments it is asked with.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::Found;
use crate::mapping::language::node::SAID;
use crate::mapping::node::Known;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{Key, Node};
use crate::plan::example::{Canned, Said};
use crate::plan::operation::Operation;

const FAILURES: [(&str, bool); 2] = [("timeout", true), ("unreachable", false)];

/// Compiles `upstream`, `upstream_status`, `upstream_fails` and `upstream_when`. What is said to certain arguments comes
/// before what is said to all.
pub(super) fn compile(fields: &Fields<'_>, compiling: &mut Compiling<'_>, known: &Known<'_>) -> Vec<Said> {
    let mut said = by_args(fields, compiling, known);
    let canned = to_all(fields, compiling, known);
    said.extend(canned.into_iter().map(|(operation, canned)| Said { operation, args: Vec::new(), canned }));
    said
}

fn by_args(fields: &Fields<'_>, compiling: &mut Compiling<'_>, known: &Known<'_>) -> Vec<Said> {
    let mut said = Vec::new();
    for (key, node) in entries(fields, compiling, "upstream_when") {
        let operation = operation(key, compiling, known);
        for item in compiling.reader.one_or_many(node) {
            let fields = compiling.reader.map(item, &format!("an answer of `{}`", key.text), SAID.names);
            let Some(fields) = fields else { continue };
            let declared = operation.as_ref().and_then(|(_, operation)| operation.as_deref());
            let args = args(&fields, compiling, declared);
            let canned = canned(&fields, compiling);
            if let (Some((name, _)), Some(args), Some(canned)) = (&operation, args, canned) {
                said.push(Said { operation: Arc::clone(name), args, canned });
            }
        }
    }
    said
}

fn args(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    operation: Option<&Operation>,
) -> Option<Vec<(String, Json)>> {
    fields.required(&mut compiling.reader, "args")?;
    let map = fields.entries(&mut compiling.reader, "args")?;
    let mut args = Vec::new();
    for (key, node) in map.iter() {
        if let Some(operation) = operation
            && !operation.args.iter().any(|arg| *arg.name == *key.text)
        {
            let names: Vec<&str> = operation.args.iter().map(|arg| arg.name.as_ref()).collect();
            let message = format!("`{}` has no argument `{}`", operation.name, key.text);
            compiling.reader.error(Code::UnknownArgument, key.span, message, suggest(&key.text, &names));
        }
        args.push((key.text.clone(), compiling.reader.json(node)?));
    }
    Some(args)
}

fn canned(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Canned> {
    if fields.entry("fails").is_some() {
        fields.at_most_one(&mut compiling.reader, &["fails", "answer"])?;
        fields.at_most_one(&mut compiling.reader, &["fails", "status"])?;
        return fields.word(&mut compiling.reader, "fails", &FAILURES).map(failed);
    }
    let status = fields.int(&mut compiling.reader, "status", 100..=599, "");
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let body = match fields.get("answer") {
        Some(node) => compiling.reader.json(node)?,
        None => Json::Null,
    };
    Some(Canned::Answer { status, body })
}

fn failed(is_timeout: bool) -> Canned {
    if is_timeout { Canned::Timeout } else { Canned::Unreachable }
}

/// What operations say whatever they are asked with.
fn to_all(fields: &Fields<'_>, compiling: &mut Compiling<'_>, known: &Known<'_>) -> Vec<(Arc<str>, Canned)> {
    let mut canned: Vec<(Arc<str>, Canned)> = Vec::new();
    for (key, node) in entries(fields, compiling, "upstream") {
        let body = compiling.reader.json(node);
        let operation = operation(key, compiling, known);
        if let (Some((name, _)), Some(body)) = (operation, body) {
            canned.push((name, Canned::Answer { status: 200, body }));
        }
    }
    for (key, node) in entries(fields, compiling, "upstream_status") {
        let status = compiling.reader.int(node, &format!("the status of `{}`", key.text), 100..=599, "");
        let status = status.and_then(|status| u16::try_from(status).ok());
        let operation = operation(key, compiling, known);
        if let (Some((name, _)), Some(status)) = (operation, status) {
            let body = canned.iter().position(|(earlier, _)| *earlier == name).map(|at| canned.remove(at));
            let body = match body {
                Some((_, Canned::Answer { body, .. })) => body,
                _ => Json::Null,
            };
            canned.push((name, Canned::Answer { status, body }));
        }
    }
    for (key, node) in entries(fields, compiling, "upstream_fails") {
        let failure = compiling.reader.word(node, &format!("the failure of `{}`", key.text), &FAILURES);
        let operation = operation(key, compiling, known);
        if let (Some((name, _)), Some(is_timeout)) = (operation, failure) {
            canned.retain(|(earlier, _)| *earlier != name);
            canned.push((name, failed(is_timeout)));
        }
    }
    canned
}

fn entries<'n>(fields: &Fields<'n>, compiling: &mut Compiling<'_>, key: &str) -> Vec<&'n (Key, Node)> {
    fields.entries(&mut compiling.reader, key).map(|map| map.iter().collect()).unwrap_or_default()
}

/// The name of an operation, and what it compiled to.
fn operation<'k>(
    key: &Key,
    compiling: &mut Compiling<'_>,
    known: &'k Known<'_>,
) -> Option<(Arc<str>, &'k Option<Arc<Operation>>)> {
    match known.operations.find(&key.text) {
        Found::There(name, operation) => Some((Arc::clone(name), operation)),
        Found::Unread => None,
        Found::Nowhere => {
            let names = known.operations.named.keys();
            compiling.reader.unknown_name(Code::UnknownOperation, key.span, "operation", &key.text, names);
            None
        }
    }
}
