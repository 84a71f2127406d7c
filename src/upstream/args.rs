//! The arguments of one operation, checked before anything is sent: what is declared required is there, and each
//! has its declared type. What is wrong is said by kind, never by value: the values are the caller's.

use std::borrow::Cow;
use std::iter;

use serde_json::{Number, Value};

use crate::expr::{Scope, canonical_number, kind_of, text_of};
use crate::plan::operation::{Arg, ArgKind, Operation};
use crate::record::Failure;
use crate::scalar::truth;

/// Arguments in the order of the operation's `args`, each in its declared type.
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    named: Vec<(String, Option<Value>)>,
}

impl Args {
    /// Checks the values given (in the order of the operation's `args`; null and a missing one are not given)
    /// against what the operation declares, and converts them: text that is a number is one where a number is
    /// declared.
    ///
    /// # Errors
    /// [`Failure::Argument`] for the first that is missing, of another type, or none of its choices. A required
    /// text that is empty is missing: a search for nothing would find anybody.
    pub fn check(operation: &Operation, given: Vec<Option<Value>>) -> Result<Self, Failure> {
        let given = given.into_iter().chain(iter::repeat(None));
        let checked = operation.args.iter().zip(given).map(|(arg, value)| {
            let value = value_of(arg, value)
                .map_err(|reason| Failure::Argument { name: arg.name.to_string(), reason })?;
            Ok((arg.name.to_string(), value))
        });
        Ok(Self { named: checked.collect::<Result<_, Failure>>()? })
    }

    /// Values of the login that needs no checking: each is there, and of its type.
    pub(crate) fn known(named: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { named: named.into_iter().map(|(name, value)| (name, Some(value))).collect() }
    }

    /// The value of the argument at this place of the operation's `args`.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.named.get(index)?.1.as_ref()
    }

    /// The same, with this value for the argument at this place.
    #[must_use]
    pub(crate) fn with(&self, index: usize, value: Value) -> Self {
        let mut args = self.clone();
        if let Some((_, place)) = args.named.get_mut(index) {
            *place = Some(value);
        }
        args
    }

    /// Whether the argument of this name was given or has a default.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }
}

impl Scope for Args {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let (_, value) = self.named.iter().find(|(given, _)| given == name)?;
        value.as_ref().map(Cow::Borrowed)
    }
}

fn value_of(arg: &Arg, given: Option<Value>) -> Result<Option<Value>, String> {
    let Some(value) = given.filter(|value| !value.is_null()).or_else(|| arg.default.clone()) else {
        return if arg.required { Err("is required".to_owned()) } else { Ok(None) };
    };
    let value = convert(arg.kind, value)?;
    if arg.required && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Err("is required, and what is given is empty".to_owned());
    }
    if !arg.one_of.is_empty() && !arg.one_of.iter().any(|choice| same(choice, &value)) {
        let choices: Vec<_> = arg.one_of.iter().filter_map(text_of).collect();
        return Err(format!("must be one of {}", choices.join(", ")));
    }
    Ok(Some(value))
}

/// Whether two values are the same by their canonical text, so that a choice `1` takes the text `1`.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => canonical_number(one) == canonical_number(other),
        _ => text_of(one).is_some() && text_of(one) == text_of(other),
    }
}

fn convert(kind: ArgKind, value: Value) -> Result<Value, String> {
    let (converted, expected) = match kind {
        ArgKind::Text => (text_of(&value).map(|text| Value::from(text.into_owned())), "a text"),
        ArgKind::Int => (whole_number(&value), "a whole number"),
        ArgKind::Number => (number(&value), "a number"),
        ArgKind::Bool => (text_of(&value).and_then(|text| truth(&text)).map(Value::from), "true or false"),
        ArgKind::List => (value.is_array().then(|| value.clone()), "a list"),
        ArgKind::Object => (value.is_object().then(|| value.clone()), "an object"),
    };
    converted.ok_or_else(|| match (&value, kind) {
        (Value::Number(_), ArgKind::Int) => format!("must be {expected}, not a fraction"),
        (Value::String(text), _) if text.is_empty() => format!("must be {expected}, not an empty text"),
        _ => format!("must be {expected}, not {}", kind_of(&value)),
    })
}

fn whole_number(value: &Value) -> Option<Value> {
    let Value::Number(number) = number(value)? else {
        return None;
    };
    let digits = canonical_number(&number);
    let whole = digits.strip_prefix('-').unwrap_or(digits).bytes().all(|digit| digit.is_ascii_digit());
    if !whole {
        return None;
    }
    parsed(digits).map(Value::Number)
}

/// A number as it is, or the number that a text is; a plus sign and leading zeros, which JSON does not know, go.
fn number(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Number(_) => return Some(value.clone()),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let significant = digits.trim_start_matches('0');
    let lead = if significant.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    parsed(&format!("{sign}{lead}{significant}")).map(Value::Number)
}

fn parsed(digits: &str) -> Option<Number> {
    serde_json::from_str(digits).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{convert, value_of};
    use crate::plan::operation::{Arg, ArgKind};

    fn arg(kind: ArgKind) -> Arg {
        Arg { name: "x".into(), kind, required: false, default: None, one_of: Vec::new(), about: None }
    }

    #[test]
    fn an_argument_becomes_its_declared_type_by_its_literal_digits() {
        let long: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
        for (kind, given, expected) in [
            (ArgKind::Text, json!(42), json!("42")),
            (ArgKind::Text, long.clone(), json!("123456789012345678901234567890")),
            (ArgKind::Text, json!(" a "), json!(" a ")),
            (ArgKind::Int, json!(" 007 "), json!(7)),
            (ArgKind::Int, json!("-0"), json!(-0)),
            (ArgKind::Int, json!("+65"), json!(65)),
            (ArgKind::Int, json!("123456789012345678901234567890"), long),
            (ArgKind::Number, json!("1.5"), json!(1.5)),
            (ArgKind::Number, json!("00.5"), json!(0.5)),
            (ArgKind::Bool, json!("TRUE"), json!(true)),
            (ArgKind::Bool, json!(0), json!(false)),
            (ArgKind::List, json!([1]), json!([1])),
            (ArgKind::Object, json!({"a": 1}), json!({"a": 1})),
        ] {
            let converted = convert(kind, given.clone()).unwrap();
            assert_eq!(converted.to_string().replace("-0", "0"), expected.to_string(), "{given} as {kind:?}");
        }
        let one: Value = serde_json::from_str("1.0").unwrap();
        assert_eq!(convert(ArgKind::Int, one).unwrap().to_string(), "1");
    }

    #[test]
    fn what_is_of_another_type_is_named_by_its_kind_and_never_by_its_value() {
        for (kind, given, reason) in [
            (ArgKind::Int, json!("Anna"), "must be a whole number, not a text"),
            (ArgKind::Int, json!(1.5), "must be a whole number, not a fraction"),
            (ArgKind::Int, json!(""), "must be a whole number, not an empty text"),
            (ArgKind::Int, json!("1 2"), "must be a whole number, not a text"),
            (ArgKind::Number, json!("0x1"), "must be a number, not a text"),
            (ArgKind::Number, json!("."), "must be a number, not a text"),
            (ArgKind::Text, json!([1]), "must be a text, not a list"),
            (ArgKind::Bool, json!("yes"), "must be true or false, not a text"),
            (ArgKind::List, json!("a"), "must be a list, not a text"),
            (ArgKind::Object, json!([]), "must be an object, not a list"),
        ] {
            assert_eq!(convert(kind, given.clone()), Err(reason.to_owned()), "{given} as {kind:?}");
        }
    }

    #[test]
    fn a_required_argument_is_there_and_says_something() {
        let required = Arg { required: true, ..arg(ArgKind::Text) };
        assert_eq!(value_of(&required, None), Err("is required".to_owned()));
        assert_eq!(value_of(&required, Some(Value::Null)), Err("is required".to_owned()));
        assert!(value_of(&required, Some(json!(" "))).unwrap_err().starts_with("is required"));
        assert_eq!(value_of(&arg(ArgKind::Text), Some(Value::Null)), Ok(None));
        let defaulted = Arg { default: Some(json!("7")), ..arg(ArgKind::Int) };
        assert_eq!(value_of(&defaulted, None), Ok(Some(json!(7))));
    }

    #[test]
    fn a_choice_is_one_of_its_values_however_it_is_written() {
        let choice = Arg { one_of: vec![json!(1), json!(2)], ..arg(ArgKind::Text) };
        assert_eq!(value_of(&choice, Some(json!("2"))), Ok(Some(json!("2"))));
        assert_eq!(value_of(&choice, Some(json!("3"))), Err("must be one of 1, 2".to_owned()));
    }
}
