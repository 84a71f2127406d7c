//! JSON values seen as text, and handed to Tera: only the parts that a template reads are copied.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::expr::scan::Segment;

/// A scalar as text: a string as it is, a number by its literal digits, `true` or `false`. None for null, a list
/// and an object.
#[must_use]
pub fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Borrowed(number.as_str())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number without the zeros that mean nothing, so that `1.0` and `1` are one: `1.50` is `1.5`, `1e2` stays.
#[must_use]
pub fn canonical_number(number: &Number) -> &str {
    let digits = number.as_str();
    if !digits.contains('.') || digits.contains(['e', 'E']) {
        return digits;
    }
    digits.trim_end_matches('0').trim_end_matches('.')
}

/// What a value is, in the words of a message.
#[must_use]
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What becomes of a member that is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// It is not there, so that it is never written as an empty text.
    Drop,
    /// It is null, so that a condition can ask for it.
    Keep,
}

/// Copies `value` for Tera, keeping only what `chains` touch below it; a chain that ends here keeps all.
pub(crate) fn prune(value: &Value, chains: &[&[Segment]], nulls: Nulls) -> tera::Value {
    let Value::Object(members) = value else {
        return whole(value, nulls);
    };
    if chains.iter().any(|chain| !matches!(chain.first(), Some(Segment::Key(_)))) {
        return whole(value, nulls);
    }
    let mut kept = tera::Map::default();
    for chain in chains {
        let Some(Segment::Key(key)) = chain.first() else {
            continue;
        };
        if kept.contains_key(&tera::value::Key::Str(key)) {
            continue;
        }
        let Some(member) = members.get(key).filter(|member| is_kept(member, nulls)) else {
            continue;
        };
        let below: Vec<&[Segment]> = chains
            .iter()
            .filter(|other| matches!(other.first(), Some(Segment::Key(first)) if first == key))
            .filter_map(|other| other.get(1..))
            .collect();
        kept.insert(key.clone().into(), prune(member, &below, nulls));
    }
    tera::Value::from(kept)
}

fn is_kept(member: &Value, nulls: Nulls) -> bool {
    nulls == Nulls::Keep || !member.is_null()
}

fn whole(value: &Value, nulls: Nulls) -> tera::Value {
    match value {
        Value::Null => tera::Value::none(),
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => number_for_tera(number),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(|item| whole(item, nulls)).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            let mut map = tera::Map::default();
            for (key, member) in members.iter().filter(|(_, member)| is_kept(member, nulls)) {
                map.insert(key.clone().into(), whole(member, nulls));
            }
            tera::Value::from(map)
        }
    }
}

/// Tera counts in 128 bits: a longer integer keeps its digits as text, so that an id is never rounded.
fn number_for_tera(number: &Number) -> tera::Value {
    if let Some(integer) = number.as_i64() {
        return integer.into();
    }
    if let Some(integer) = number.as_i128() {
        return integer.into();
    }
    let digits = number.as_str();
    match number.as_f64() {
        Some(float) if digits.contains(['.', 'e', 'E']) => float.into(),
        _ => digits.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{canonical_number, text_of};

    #[test]
    fn a_number_is_its_literal_digits() {
        let value: Value = serde_json::from_str("12345678901234567890123.10").unwrap();
        assert_eq!(text_of(&value).as_deref(), Some("12345678901234567890123.10"));
    }

    #[test]
    fn a_list_and_null_are_no_text() {
        assert_eq!(text_of(&json!([1])), None);
        assert_eq!(text_of(&Value::Null), None);
    }

    #[test]
    fn one_and_one_point_zero_are_one_number() {
        let canonical = |text: &str| match serde_json::from_str(text).unwrap() {
            Value::Number(number) => canonical_number(&number).to_owned(),
            _ => unreachable!(),
        };
        assert_eq!(canonical("1.0"), "1");
        assert_eq!(canonical("1.50"), "1.5");
        assert_eq!(canonical("100"), "100");
    }
}
