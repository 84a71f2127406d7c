//! The key by which an upstream knows a request that came before, so that a write can be sent once more without being
//! carried out twice.

use std::fmt::Write;

use serde_json::Value;
use uuid::Uuid;

use crate::expr::canonical_number;
use crate::plan::operation::{Idempotency, Operation};
use crate::upstream::args::Args;

/// The namespace of our keys. Never to be changed: keys of other releases, and of whoever makes them in the same way,
/// are equal to ours.
const NAMESPACE: Uuid = Uuid::from_u128(0x5824_d110_8f3f_4c0e_9e6c_050b_06a1_45c9);

/// The key of a request with these arguments: of equal arguments the same, or a new one for each request.
pub(crate) fn key(idempotency: &Idempotency, operation: &Operation, args: &Args) -> String {
    if idempotency.by.is_empty() {
        return Uuid::new_v4().to_string();
    }
    let mut wish = Value::from(&*operation.name).to_string();
    for at in &idempotency.by {
        wish.push('\n');
        canonical(args.at(*at).unwrap_or(&Value::Null), &mut wish);
    }
    Uuid::new_v5(&NAMESPACE, wish.as_bytes()).to_string()
}

/// A value as JSON without white space, the members of objects in the order of their names, numbers in their shortest
/// form. Writing to a text cannot fail.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => text.push_str(canonical_number(number)),
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                canonical(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                let _ = write!(text, "{}:", Value::from(name.as_str()));
                canonical(member, text);
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{NAMESPACE, canonical};

    fn written(value: &Value) -> String {
        let mut text = String::new();
        canonical(value, &mut text);
        text
    }

    #[test]
    fn a_value_is_written_in_one_way_only() {
        let number: Value = serde_json::from_str("1.50").unwrap();
        for (value, text) in [
            (
                json!({"b": [1, null, "x\"y"], "a": {"d": true, "c": 2}}),
                r#"{"a":{"c":2,"d":true},"b":[1,null,"x\"y"]}"#,
            ),
            (json!("+6591234567"), r#""+6591234567""#),
            (number, "1.5"),
            (json!([]), "[]"),
        ] {
            assert_eq!(written(&value), text);
        }
    }

    #[test]
    fn a_key_never_changes_from_one_release_to_the_next() {
        let key = Uuid::new_v5(&NAMESPACE, b"\"acme.call\"\n\"LIST1\"\n\"+6591234567\"");
        assert_eq!(key.to_string(), "3f0d99f5-a151-575b-82b4-1d60f2eeb2b7");
    }
}
