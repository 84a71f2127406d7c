//! A past call as a story: what came, how it was understood, what was asked and answered, and where each output has its
//! value from. As JSON, with everything personal marked.

mod failure;
mod input;
mod output;
mod question;

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::explain::Past;
use crate::explain::mask::{Kind, mark};
use crate::output::Held;
use crate::trace::TraceId;
use crate::trace::note::Place;

/// The whole story.
pub(super) fn story(past: &Past) -> Value {
    let node = &past.node;
    let mut told = Map::new();
    told.insert("trace".into(), past.trace.id().to_string().into());
    told.insert("node".into(), (*node.name).into());
    told.insert("revision".into(), format!("{:016x}", node.revision).into());
    told.insert("at".into(), at_text(past.at).into());
    told.insert("took_ms".into(), millis(past.took));
    told.insert("outcome".into(), past.outcome.name().into());
    told.insert("cache".into(), past.tier.name().into());
    told.insert("partial".into(), partial(past));
    told.insert("live".into(), past.is_live.into());
    if let Some(call) = input::call_id(past) {
        told.insert("call".into(), call);
    }
    if let Some(error) = &past.error {
        told.insert("error".into(), mark(Kind::Other, error.as_str()));
    }
    told.insert("inputs".into(), input::inputs(past));
    told.insert("lookup".into(), lookup(past));
    told.insert("then".into(), then(past));
    if let Some(write) = &node.write {
        let mut write = question::question(past, Place::Write, &write.ask);
        write.insert("as".into(), node.write.as_ref().map(|write| write.name.to_string()).into());
        told.insert("do".into(), Value::Object(write));
    }
    told.insert("outputs".into(), output::outputs(past));
    Value::Object(told)
}

fn lookup(past: &Past) -> Value {
    let steps = past.node.lookup.iter().enumerate().map(|(at, step)| {
        let mut told = question::question(past, Place::Step(at), &step.ask);
        let by = step.by.and_then(|by| past.node.inputs.get(by)).map(|input| input.name.to_string());
        told.insert("by".into(), by.into());
        told.insert("not_asked".into(), question::left_out(past, step));
        Value::Object(told)
    });
    steps.collect()
}

fn then(past: &Past) -> Value {
    let reads = past.node.then.iter().enumerate().map(|(at, read)| {
        let mut told = question::question(past, Place::Read(at), &read.ask);
        told.insert("as".into(), (*read.name).into());
        Value::Object(told)
    });
    reads.collect()
}

fn partial(past: &Past) -> Value {
    let failed = |held: &Held| matches!(held, Held::Ambiguous | Held::Failed(_));
    let reads = past.node.then.iter().zip(&past.then).filter(|(_, held)| failed(held));
    reads.map(|(read, _)| Value::from(&*read.name)).collect()
}

/// The calls that made what a call was answered from.
pub(super) fn links(story: &Value) -> Vec<TraceId> {
    let one = |value: &Value| value.as_str()?.parse().ok();
    let mut links: Vec<TraceId> = story.get("answered_from").and_then(one).into_iter().collect();
    for part in ["lookup", "then"] {
        let questions = story.get(part).and_then(Value::as_array).into_iter().flatten();
        links.extend(questions.filter_map(|question| question.get("answered_from").and_then(one)));
    }
    links
}

/// A moment in UTC, to the millisecond.
pub(super) fn at_text(at: SystemTime) -> String {
    Timestamp::try_from(at).map(|at| at.strftime("%FT%T%.3fZ").to_string()).unwrap_or_default()
}

/// Milliseconds, to the microsecond.
pub(super) fn millis(took: Duration) -> Value {
    json!(took.as_micros() as f64 / 1000.0)
}
