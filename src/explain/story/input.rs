//! What came, how it was understood, and why not.

use serde_json::{Map, Value};

use crate::explain::Past;
use crate::explain::mask::{Kind, mark};
use crate::node::input::{Identifier, Input, InputKind};

/// What telephone systems say in place of a number that is hidden.
const HIDDEN: [&str; 12] = [
    "anonymous",
    "unknown",
    "private",
    "restricted",
    "withheld",
    "unavailable",
    "blocked",
    "none",
    "null",
    "n/a",
    "hidden",
    "no caller id",
];

/// Each input of the node.
pub(super) fn inputs(past: &Past) -> Value {
    past.node.inputs.iter().enumerate().map(|(at, input)| Value::Object(one(past, at, input))).collect()
}

fn one(past: &Past, at: usize, input: &Input) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("name".into(), (*input.name).into());
    told.insert("type".into(), input.kind.name().into());
    let kind = kind(&input.kind);
    let came = input.came(&past.call);
    if let Some(came) = came {
        let is_hidden = is_hidden(came);
        told.insert("came".into(), if is_hidden { came.into() } else { mark(kind, came) });
    }
    let given = past.inputs.get(at);
    if let Some(given) = given {
        told.insert("understood".into(), mark(kind, given.value.clone()));
    }
    let text = match (came, given) {
        (None, None) => "not sent".to_owned(),
        (None, Some(_)) => "not sent; its default counts".to_owned(),
        (Some(came), _) if past.inputs.invalid.contains(&at) => why_not(input, came, past),
        (Some(_), Some(given)) => match &given.identifier {
            Some(Identifier::Phone(_)) => phone(past, input, given.identifier.as_ref()),
            _ => "taken".to_owned(),
        },
        (Some(_), None) => "not read".to_owned(),
    };
    told.insert("text".into(), text.into());
    told
}

/// The IVR's own number for the call, which may be anything that is personal.
pub(super) fn call_id(past: &Past) -> Option<Value> {
    let input = past.node.inputs.get(past.node.call_id?.input)?;
    Some(mark(kind(&input.kind), past.call_id()?))
}

fn kind(kind: &InputKind) -> Kind {
    match kind {
        InputKind::Phone { .. } => Kind::Phone,
        InputKind::Email => Kind::Email,
        _ => Kind::Other,
    }
}

fn is_hidden(came: &str) -> bool {
    let came = came.trim().to_lowercase();
    HIDDEN.contains(&came.as_str())
}

/// How a phone number was read.
fn phone(past: &Past, input: &Input, identifier: Option<&Identifier>) -> String {
    let Some(Identifier::Phone(phone)) = identifier else {
        return String::new();
    };
    let read_in = input.region(&past.node.inputs, &past.call).map(|region| region.to_string());
    let read_in = read_in.unwrap_or_default();
    match (phone.is_known(), phone.region()) {
        (false, _) => format!(
            "no numbering plan knows it as a number of {read_in}, so it is asked for as it came; is that the right \
             region?"
        ),
        (true, Some(region)) if phone.is_at_home() => format!("a number of {region}"),
        (true, Some(region)) => {
            format!("a number of {region}, read in {read_in}: it is asked for with its country code only")
        }
        (true, None) => "a number of no single country".to_owned(),
    }
}

/// Why what came was not understood.
fn why_not(input: &Input, came: &str, past: &Past) -> String {
    let default = if input.default.is_some() { "; its default counts" } else { "" };
    let why = match &input.kind {
        InputKind::Phone { .. } if is_hidden(came) => "the caller's number is hidden".to_owned(),
        InputKind::Phone { .. } if !came.bytes().any(|byte| byte.is_ascii_digit()) => {
            "it has no digits, so it is no phone number".to_owned()
        }
        InputKind::Phone { .. } => {
            let region = input.region(&past.node.inputs, &past.call).map(|region| region.to_string());
            format!("it is no phone number, read in {}", region.unwrap_or_default())
        }
        InputKind::Email if !came.contains('@') => "it has no @, so it is no e-mail address".to_owned(),
        InputKind::Email => "it is no e-mail address".to_owned(),
        InputKind::Account(_) => "it is too long for an account id, or holds line breaks".to_owned(),
        kind => format!("it is no {}", kind.name()),
    };
    format!("not understood: {why}{default}")
}
