//! The arguments behind a filter, a test or a function, as they are written: their names, and the values that are written
//! out. What is worked out is left to the call.

use std::ops::Range;

use super::lexeme::{name_length, string_length};

/// One argument as it is written: `zone='UTC'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    /// Its name; none where it is given by its place alone, which Tera does not take.
    pub(crate) name: Option<String>,
    /// Where its name stands, or the whole of it where it has none.
    pub(crate) range: Range<usize>,
    pub(crate) value: Written,
    /// Where its value stands.
    pub(crate) value_range: Range<usize>,
}

/// The value of an argument, as far as it is written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// `'UTC'`
    Text(String),
    /// `5`
    Number,
    /// `true`
    Flag,
    /// Anything else: a variable, or something to be worked out.
    Expression,
}

/// The arguments in the brackets that follow at `at`, if any do.
pub(super) fn arguments(text: &str, at: usize) -> Vec<Argument> {
    let Some(open) = text.get(at..).map(|tail| at + tail.len() - tail.trim_start().len()) else {
        return Vec::new();
    };
    if !text.get(open..).is_some_and(|tail| tail.starts_with('(')) {
        return Vec::new();
    }
    parts(text, open + 1).into_iter().filter_map(|part| argument(text, &part)).collect()
}

/// What stands between the commas, up to the bracket that closes.
fn parts(text: &str, mut at: usize) -> Vec<Range<usize>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), at, 0_usize);
    while let Some(next) = text.get(at..).and_then(|tail| tail.chars().next()) {
        match next {
            '"' | '\'' | '`' => {
                at += string_length(text.get(at..).unwrap_or_default(), next);
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        at += next.len_utf8();
    }
    parts.push(start..at);
    parts
}

fn argument(text: &str, part: &Range<usize>) -> Option<Argument> {
    let all = trimmed(text, part)?;
    let written = text.get(all.clone())?;
    let name = name_length(written);
    let rest = written.get(name..)?.trim_start();
    if name == 0 || !rest.starts_with('=') || rest.starts_with("==") {
        let value = value(written);
        return Some(Argument { name: None, range: all.clone(), value, value_range: all });
    }
    let value_range = trimmed(text, &(all.end - rest.len() + 1..all.end)).unwrap_or(all.end..all.end);
    Some(Argument {
        name: Some(written.get(..name)?.to_owned()),
        range: all.start..all.start + name,
        value: value(text.get(value_range.clone())?),
        value_range,
    })
}

/// The range without the spaces at its ends; none where nothing is left.
fn trimmed(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let inside = text.get(range.clone())?;
    let start = range.start + inside.len() - inside.trim_start().len();
    let length = inside.trim().len();
    (length > 0).then_some(start..start + length)
}

fn value(written: &str) -> Written {
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'));
    if let Some(quote) = quote {
        let is_whole = string_length(written, quote) == written.len();
        let inside = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
        // What an escape stands for is Tera's matter.
        let is_plain = is_whole && !inside.contains('\\');
        return if is_plain { Written::Text(inside.to_owned()) } else { Written::Expression };
    }
    let digits = written.strip_prefix('-').unwrap_or(written);
    if digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok() {
        return Written::Number;
    }
    match written {
        "true" | "false" | "True" | "False" => Written::Flag,
        _ => Written::Expression,
    }
}
