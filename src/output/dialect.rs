//! Outputs to bytes, in the dialect that the node's IVR reads.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::expr::{RenderError, Template, text_of};
use crate::node::reply::Outputs;
use crate::output::Facts;
use crate::plan::Node;
use crate::plan::output::{Answer, Dialect};

const JSON: &str = "application/json";
const PAIRS: &str = "application/x-www-form-urlencoded";
/// All but RFC 3986's unreserved characters: a space is `%20`, because Asterisk leaves a `+` as it is.
const PAIR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

type Made<'a> = &'a [(Arc<str>, Value)];

/// Writes the outputs, and what was wrong where something was.
pub(super) fn write(node: &Node, facts: Facts<'_>, outputs: &Outputs) -> (Arc<str>, Bytes) {
    let Outputs::Made(outputs) = outputs else {
        return match node.dialect {
            Dialect::Pairs => (PAIRS.into(), Bytes::new()),
            _ => (JSON.into(), Bytes::from_static(b"null")),
        };
    };
    match &node.dialect {
        Dialect::Json => (JSON.into(), object(outputs, facts.error, typed)),
        Dialect::Strings => (JSON.into(), object(outputs, facts.error, as_text)),
        Dialect::Pairs => (PAIRS.into(), pairs(outputs, facts.error)),
        Dialect::Template { template, content_type } => match templated(template, facts, outputs) {
            Ok(body) => (Arc::clone(content_type), body),
            Err(error) => {
                // Without the template engine's own words: they may repeat a value.
                let (node, code, place) = (&*node.name, error.code(), error.place());
                let text = "the answer template failed; answered as JSON";
                tracing::warn!(event = "answer.template_failed", node, code, place, "{text}");
                (JSON.into(), object(outputs, facts.error, typed))
            }
        },
    }
}

fn text(value: &Value) -> String {
    text_of(value).map(Cow::into_owned).unwrap_or_default()
}

/// One flat object. Writing to memory cannot fail, nor can a text or a value as JSON.
fn object(outputs: Made<'_>, error: Option<&str>, each: fn(&mut Vec<u8>, &Value)) -> Bytes {
    let mut body = Vec::with_capacity(32 * (outputs.len() + 1));
    body.push(b'{');
    for (name, value) in outputs {
        member(&mut body, name);
        each(&mut body, value);
    }
    if let Some(error) = error {
        member(&mut body, "error");
        let _ = serde_json::to_writer(&mut body, error);
    }
    body.push(b'}');
    Bytes::from(body)
}

fn typed(body: &mut Vec<u8>, value: &Value) {
    let _ = serde_json::to_writer(body, value);
}

fn as_text(body: &mut Vec<u8>, value: &Value) {
    let _ = serde_json::to_writer(body, &text_of(value).unwrap_or_default());
}

fn member(body: &mut Vec<u8>, name: &str) {
    if body.len() > 1 {
        body.push(b',');
    }
    let _ = serde_json::to_writer(&mut *body, name);
    body.push(b':');
}

fn pairs(outputs: Made<'_>, error: Option<&str>) -> Bytes {
    let texts = outputs.iter().map(|(name, value)| (name.as_ref(), text(value)));
    let error = error.map(|error| ("error", error.to_owned()));
    let encode = |text: &str| utf8_percent_encode(text, PAIR).to_string();
    let pairs: Vec<String> =
        texts.chain(error).map(|(name, text)| format!("{}={}", encode(name), encode(&text))).collect();
    Bytes::from(pairs.join("&"))
}

fn templated(template: &Template, facts: Facts<'_>, outputs: Made<'_>) -> Result<Bytes, RenderError> {
    let outputs = outputs.iter().map(|(name, value)| (name.to_string(), value.clone()));
    let answer = Answer::new(outputs, facts.outcome, facts.error.unwrap_or_default());
    template.render(&answer).map(Bytes::from)
}
