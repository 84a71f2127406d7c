//! Conditions: expressions that are true or false.

use std::sync::Arc;

use tera::Tera;

use crate::expr::engine::{outer_reads, parse, refuse_words, render};
use crate::expr::error::{CompileError, Fault, RenderError};
use crate::expr::filter;
use crate::expr::json::Nulls;
use crate::expr::place::Place;
use crate::expr::scan::{self, Read, Scanned};
use crate::expr::slip;
use crate::expr::template::Scope;

/// What a condition is wrapped in, for Tera.
const CONDITION: (&str, &str) = ("{% if ", " %}1{% endif %}");

/// A compiled condition: an expression that is true or false.
#[derive(Debug, Clone)]
pub struct Condition {
    text: Arc<str>,
    reads: Vec<Read>,
    tera: Box<Tera>,
}

impl Condition {
    /// Compiles a condition, written bare (`key == '1'`) or in braces (`{{ key == '1' }}`).
    ///
    /// # Errors
    /// As for a template.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        let (inner, offset) = unbraced(text);
        if inner.trim().is_empty() {
            return Err(CompileError::new("a condition cannot be empty", 0..text.len())
                .help("write an expression: `key == '1'`"));
        }
        if let Some(at) = inner.find("%}").or_else(|| inner.find("}}")).or_else(|| inner.find("{{")) {
            return Err(CompileError::new("a condition is one expression", offset + at..offset + at + 2)
                .help("write it without braces: `key == '1' and tier != 'none'`"));
        }
        let scanned = scan::condition(inner);
        let shift = |read: Read| Read { range: read.range.start + offset..read.range.end + offset, ..read };
        let tera = compiled(&scanned, inner)
            .map_err(|e| CompileError { range: e.range.start + offset..e.range.end + offset, ..e })?;
        let reads = outer_reads(&tera, scanned.reads).into_iter().map(shift).collect();
        Ok(Self { text: text.into(), reads, tera: Box::new(tera) })
    }

    /// The condition as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The variables it reads, with their places in its text.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Whether it is true.
    ///
    /// # Errors
    /// As for a template.
    pub fn test(&self, scope: &dyn Scope) -> Result<bool, RenderError> {
        render(&self.tera, &self.reads, scope, Nulls::Keep).map(|text| text == "1")
    }
}

/// The condition as Tera has it; a mistake's place is one of `inner`.
fn compiled(scanned: &Scanned, inner: &str) -> Result<Tera, CompileError> {
    refuse_words(scanned)?;
    let wrapped = format!("{}{inner}{}", CONDITION.0, CONDITION.1);
    let parsed = parse(&wrapped, Place::Text, CONDITION.0.len(), inner.len());
    let tera =
        parsed.map_err(|error| filter::nameless(scanned).unwrap_or_else(|| unparsed(&error, inner)))?;
    filter::check(scanned)?;
    Ok(tera)
}

/// What does not parse, without the tag that the author did not write, and with the word that was meant.
fn unparsed(error: &CompileError, inner: &str) -> CompileError {
    let said = error.message.strip_prefix("the template does not parse: ").unwrap_or(&error.message);
    let said = said.split_once(" but expected %}").map_or(said, |(found, _)| found);
    let operator = slip::operator(inner, error.range.start).map(|help| (Fault::Operator, help));
    let (fault, help) = operator.unwrap_or((error.fault, "write it like `key == '1' and open > 0`"));
    let message = format!("the condition does not parse: {said}");
    CompileError::new(message, error.range.clone()).fault(fault).help(help)
}

fn unbraced(text: &str) -> (&str, usize) {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    match inner {
        Some(inner) if !inner.contains("{{") => (inner, text.find("{{").unwrap_or(0) + 2),
        _ => (text, 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Condition;
    use crate::expr::fixture::Variables;

    #[test]
    fn a_condition_is_true_or_false() {
        let test =
            |text: &str| Condition::compile(text).unwrap().test(&Variables(json!({"key": "1", "n": 3})));
        assert_eq!(test("key == '1'"), Ok(true));
        assert_eq!(test("{{ key == '2' }}"), Ok(false));
        assert_eq!(test("key == '1' and n > 2"), Ok(true));
        assert_eq!(test("gone is defined"), Ok(false));
    }

    #[test]
    fn a_number_of_more_than_twenty_digits_is_compared_as_one() {
        let text =
            r#"{"n": 100000000000000000000, "other": 100000000000000000001, "max": 18446744073709551615}"#;
        let numbers: Value = serde_json::from_str(text).unwrap();
        let test = |text: &str| Condition::compile(text).unwrap().test(&Variables(numbers.clone()));
        for text in ["n > 5", "n < other", "n != other", "max > 5", "max < n"] {
            assert_eq!(test(text), Ok(true), "{text}");
        }
    }

    #[test]
    fn a_condition_that_does_not_parse_says_where() {
        let error = Condition::compile("key == ").unwrap_err();
        assert!(error.message.starts_with("the condition does not parse"), "{}", error.message);
        let error = Condition::compile("tel == '1' | saef").unwrap_err();
        assert_eq!(&"tel == '1' | saef"[error.range.clone()], "saef", "{}", error.message);
    }

    #[test]
    fn an_operator_of_another_language_is_told_with_ours() {
        for (text, at, help) in [
            ("key = '1'", "= '1'", "compare with `==`"),
            ("key === '1'", "= '1'", "compare with `==`"),
            ("key == '1' && vip", "&& vip", "write `and`"),
            ("key == '1' || vip", "| vip", "write `or`"),
            ("{{ !vip }}", "!vip }}", "write `not`"),
            ("key eq '1'", "eq '1'", "write it like `key == '1' and open > 0`"),
        ] {
            let error = Condition::compile(text).unwrap_err();
            assert_eq!((&text[error.range.start..], error.help.as_deref()), (at, Some(help)), "{text}");
            assert!(!error.message.contains("%}"), "{}", error.message);
        }
    }
}
