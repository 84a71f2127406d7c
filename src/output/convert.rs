//! One value into an output's type: by its table of values first, then by the type's own rules.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::expr::{canonical_number, kind_of, text_of};
use crate::output::why::Why;
use crate::plan::output::{Kind, Output};
use crate::scalar::truth;

/// The value that the output's table gives; the value itself where it has no table.
pub(super) fn mapped<'a>(output: &'a Output, found: &'a Value) -> Result<Cow<'a, Value>, Why> {
    let Some(values) = &output.values else {
        return Ok(Cow::Borrowed(found));
    };
    let text = text_of(found).ok_or_else(|| Why::NoScalar(kind_of(found)))?;
    let exact = values.iter().find(|(key, _)| key == text.trim());
    let same = |key: &str| match found {
        Value::Number(found) => {
            key.parse::<Number>().is_ok_and(|key| canonical_number(found) == canonical_number(&key))
        }
        _ => false,
    };
    exact
        .or_else(|| values.iter().find(|(key, _)| same(key)))
        .map(|(_, value)| Cow::Borrowed(value))
        .ok_or_else(|| Why::NotInValues(text.clone().into_owned()))
}

/// The value in the type, or why it cannot be.
pub(super) fn convert(kind: Kind, found: &Value) -> Result<Value, Why> {
    let text = text_of(found).ok_or_else(|| Why::NoScalar(kind_of(found)))?;
    let converted = match kind {
        Kind::String => Some(Value::String(text.clone().into_owned())),
        Kind::Int => integer(found, text.trim()).filter(is_within).map(Value::Number),
        Kind::Number => number(found, text.trim()).filter(is_within).map(Value::Number),
        Kind::Bool => truth(text.trim()).map(Value::Bool),
    };
    converted.ok_or_else(|| Why::NotOfType(text.into_owned(), kind))
}

/// Whether every reader of JSON can hold it: many read numbers as 64-bit floats, and refuse all of an answer in which
/// one is larger.
fn is_within(number: &Number) -> bool {
    number.as_f64().is_some_and(f64::is_finite)
}

fn integer(found: &Value, text: &str) -> Option<Number> {
    match found {
        Value::Bool(truth) => Some(u8::from(*truth).into()),
        Value::Number(number) => whole(canonical_number(number)),
        _ => whole(text),
    }
}

/// A whole number of any length that JSON can write, without leading zeros or plus.
fn whole(text: &str) -> Option<Number> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let written = if significant.is_empty() { "0".to_owned() } else { format!("{sign}{significant}") };
    serde_json::from_str(&written).ok()
}

fn number(found: &Value, text: &str) -> Option<Number> {
    match found {
        Value::Bool(truth) => Some(u8::from(*truth).into()),
        Value::Number(number) => Some(number.clone()),
        _ => serde_json::from_str(text).ok().or_else(|| whole(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::convert;
    use crate::output::why::Why;
    use crate::plan::output::Kind;

    #[test]
    fn every_scalar_converts_where_it_means_something() {
        let (long, written) = (&*"9".repeat(400), &*format!("\"{}\"", "9".repeat(400)));
        let cases: [(Kind, &str, Option<&str>); 27] = [
            (Kind::String, "1.50", Some("\"1.50\"")),
            (Kind::String, "true", Some("\"true\"")),
            (Kind::String, "\" 1000 \"", Some("\" 1000 \"")),
            (Kind::String, "null", None),
            (Kind::String, "[1]", None),
            (Kind::String, "{}", None),
            (Kind::Int, "42", Some("42")),
            (Kind::Int, "\"42\"", Some("42")),
            (Kind::Int, "\" 007 \"", Some("7")),
            (Kind::Int, "42.0", Some("42")),
            (Kind::Int, "42.5", None),
            (Kind::Int, "true", Some("1")),
            (Kind::Int, "12345678901234567890123", Some("12345678901234567890123")),
            (Kind::Int, "\"\"", None),
            (Kind::Number, "\"1.5\"", Some("1.5")),
            (Kind::Number, "1.50", Some("1.50")),
            (Kind::Number, "\"one\"", None),
            (Kind::Number, "1e300", Some("1e+300")),
            (Kind::Number, "1e400", None),
            (Kind::Number, "\"-1e400\"", None),
            (Kind::Int, long, None),
            (Kind::Int, written, None),
            (Kind::Bool, "1", Some("true")),
            (Kind::Bool, "\"False\"", Some("false")),
            (Kind::Bool, "\"yes\"", None),
            (Kind::Bool, "2", None),
            (Kind::Int, "\"-0\"", Some("0")),
        ];
        for (kind, found, expected) in cases {
            let found: Value = serde_json::from_str(found).unwrap();
            let converted = convert(kind, &found).ok().map(|value| value.to_string());
            assert_eq!(converted.as_deref(), expected, "{} from {found}", kind.name());
        }
    }

    #[test]
    fn what_cannot_be_converted_says_what_it_was() {
        assert_eq!(convert(Kind::Int, &json!("gold")), Err(Why::NotOfType("gold".to_owned(), Kind::Int)));
        assert_eq!(convert(Kind::String, &json!(["a"])), Err(Why::NoScalar("a list")));
    }
}
