//! Constants of a node file, held against the type that is declared for them.

use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::expr::kind_of;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::Node;
use crate::plan::output::Kind;

/// A constant of that type. A text that is written as a number is a finding, never a guess.
pub(super) fn typed(compiling: &mut Compiling<'_>, node: &Node, what: &str, kind: Kind) -> Option<Value> {
    if kind == Kind::String {
        let scalar = compiling.reader.text(node, what)?;
        compiling.refuse_expansion(scalar);
        if let Some(at) = scalar.text.find("{{") {
            let message = format!("{what} is a constant: its braces are answered as they stand");
            let help = "write a template under `text`, or as a `value` of `choose`";
            compiling.reader.warning(Code::BracesInConstant, scalar.span_of(at..at + 2), message, help);
        }
        return Some(Value::String(scalar.text.clone()));
    }
    let value = compiling.reader.json(node)?;
    let fits = match (&value, kind) {
        (Value::Number(number), Kind::Int) => !number.as_str().contains(['.', 'e', 'E']),
        (Value::Number(_), Kind::Number) | (Value::Bool(_), Kind::Bool) => true,
        _ => false,
    };
    if !fits {
        let message = format!("{what} must be {}, not {}", article(kind), kind_of(&value));
        compiling.reader.error(Code::ValueType, node.span, message, help(kind));
    }
    fits.then_some(value)
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "a string",
        Kind::Int => "an int",
        Kind::Number => "a number",
        Kind::Bool => "a bool",
    }
}

fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "write a text, or declare another `type`",
        Kind::Int => "write a whole number without quotes, or declare another `type`",
        Kind::Number => "write a number without quotes, or declare another `type`",
        Kind::Bool => "write `true` or `false` without quotes, or declare another `type`",
    }
}
