//! A variable compared with a constant that is written behind it, and the finding where the two are of different types, so
//! that the comparison is the same for every call.

use serde_json::{Number, Value};

use crate::diagnostic::code::Code;
use crate::expr::{Condition, Read, text_of};
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::scalar::Scalar;

/// The operators, longer ones before those that they begin with.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::Equal),
    ("<=", Operator::Size),
    (">=", Operator::Size),
    ("<", Operator::Size),
    (">", Operator::Size),
];

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Whether both are the same.
    Equal,
    /// Which is larger.
    Size,
}

/// The constant that a variable is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    pub(super) operator: Operator,
    pub(super) constant: Value,
    /// How long operator and constant are, from the end of the variable on.
    length: usize,
}

impl Compared {
    /// What stands behind a variable in a condition, if it is an operator and a constant.
    pub(super) fn of(condition: &Condition, read: &Read) -> Option<Self> {
        behind(condition.text().get(read.range.end..)?)
    }

    /// The place of the comparison in the file.
    pub(super) fn span(&self, read: &Read, scalar: &Scalar) -> crate::diagnostic::Span {
        scalar.span_of(read.range.start..read.range.end + self.length)
    }
}

fn behind(rest: &str) -> Option<Compared> {
    let written = rest.trim_start();
    let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| written.starts_with(sign))?;
    let operand = written.get(sign.len()..)?.trim_start();
    let before = rest.len() - operand.len();
    let first = operand.chars().next()?;
    if matches!(first, '\'' | '"') {
        let (inside, _) = operand.get(1..)?.split_once(first)?;
        return Some(Compared { operator, constant: inside.into(), length: before + inside.len() + 2 });
    }
    let end = operand
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
        .unwrap_or(operand.len());
    let word = operand.get(..end)?;
    let constant = match word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::Number(word.parse::<Number>().ok()?),
    };
    // What is computed with is no constant.
    let after = operand.get(end..)?.trim_start();
    let length = before + end;
    (!after.starts_with(['+', '*', '/', '%', '~', '|'])).then_some(Compared { operator, constant, length })
}

impl Compiling<'_> {
    /// Warns where a variable of this kind is compared with a constant of another; whether it is.
    pub(super) fn warn_unlike(
        &mut self,
        scalar: &Scalar,
        read: &Read,
        compared: &Compared,
        kind: &'static str,
    ) -> bool {
        let constant = &compared.constant;
        if kind_of(constant) == kind {
            return false;
        }
        let never = match compared.operator {
            Operator::Equal => "never equals",
            Operator::Size => "is neither larger nor smaller than",
        };
        let message =
            format!("`{read}` is {kind}, and {never} {} such as {}", kind_of(constant), shown(constant));
        let help = match (compared.operator, kind) {
            (Operator::Size, "a text") => format!("compare it as a number: `{read} | int`"),
            _ => remedy(constant, kind),
        };
        self.reader.warning(Code::NeverEqual, compared.span(read, scalar), message, help);
        true
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "a number",
        Value::Bool(_) => "a truth value",
        _ => "a text",
    }
}

/// A value as a condition writes it.
pub(super) fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) => format!("'{text}'"),
        None => text_of(value).unwrap_or_default().into_owned(),
    }
}

fn remedy(constant: &Value, kind: &str) -> String {
    let text = text_of(constant).unwrap_or_default();
    match kind {
        "a text" => format!("write it in quotes: '{text}'"),
        "a number" if text.parse::<Number>().is_ok() => format!("write it without quotes: {text}"),
        "a truth value" if matches!(text.as_ref(), "true" | "false") => {
            format!("write it without quotes: {text}")
        }
        _ => format!("compare with {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Operator, behind};

    #[test]
    fn a_constant_is_found_behind_each_operator() {
        for (rest, operator, constant) in [
            (" == '1' and x", Operator::Equal, json!("1")),
            ("!=\"a b\"", Operator::Equal, json!("a b")),
            (" >= 2.5", Operator::Size, json!(2.5)),
            (" < -1", Operator::Size, json!(-1)),
            (" == true", Operator::Equal, Value::Bool(true)),
        ] {
            let found = behind(rest).map(|found| (found.operator, found.constant.to_string()));
            assert_eq!(found, Some((operator, constant.to_string())), "{rest}");
        }
    }

    #[test]
    fn what_is_computed_or_no_constant_is_none() {
        for rest in [" == other", " > 1 + n", " | int > 3", " in ['1']", " is defined", ""] {
            assert_eq!(behind(rest), None, "{rest}");
        }
    }
}
