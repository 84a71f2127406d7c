//! Tera templates in their place. The place decides how a value is encoded, never the author; a template that is
//! one bare variable keeps the variable's type and does not go through Tera at all.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use tera::Tera;

use crate::expr::engine::{outer_reads, parse, refuse_words, render};
use crate::expr::error::{CompileError, Fault, RenderError};
use crate::expr::filter;
use crate::expr::json::{Nulls, kind_of, text_of};
use crate::expr::path::follow;
use crate::expr::place::Place;
use crate::expr::scan::{self, Read};
use crate::expr::slip;

/// Longest text of a template, in bytes: Tera has no limit of its own on what a template may do.
const MAX_LENGTH: usize = 16 * 1024;

/// The variables of one evaluation.
pub trait Scope {
    /// The variable of that name, if there is one.
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>>;
}

/// A compiled template.
#[derive(Clone)]
pub struct Template {
    text: Arc<str>,
    place: Place,
    reads: Vec<Read>,
    body: Body,
}

#[derive(Clone)]
enum Body {
    /// No variable at all.
    Literal,
    /// One variable and nothing else.
    Bare(Read),
    /// Anything else.
    Tera(Box<Tera>),
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({:?}, {:?})", self.place, self.text)
    }
}

impl Template {
    /// Compiles a template for its place.
    ///
    /// # Errors
    /// A [`CompileError`] with Tera's own words and place, or ours where the template uses what a mapping may not.
    pub fn compile(text: &str, place: Place) -> Result<Self, CompileError> {
        if text.len() > MAX_LENGTH {
            return Err(CompileError::new(
                format!("a template has at most {MAX_LENGTH} bytes"),
                0..text.len(),
            )
            .fault(Fault::TooLong));
        }
        let template = |reads, body| Self { text: text.into(), place, reads, body };
        if !["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            return Ok(template(Vec::new(), Body::Literal));
        }
        let scanned = scan::template(text);
        refuse_words(&scanned)?;
        let parsed = parse(text, place, 0, text.len());
        let told =
            |error| filter::nameless(&scanned).or_else(|| slip::of_template(text, &error)).unwrap_or(error);
        let tera = parsed.map_err(told)?;
        filter::check(&scanned)?;
        let reads = outer_reads(&tera, scanned.reads);
        match (scanned.bare, reads.as_slice()) {
            (true, [read]) => {
                let read = read.clone();
                Ok(template(reads, Body::Bare(read)))
            }
            _ => Ok(template(reads, Body::Tera(Box::new(tera)))),
        }
    }

    /// The template as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where its values go.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The variables it reads, with their places in its text.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// The one variable that it is, if it is nothing else.
    #[must_use]
    pub fn bare(&self) -> Option<&Read> {
        match &self.body {
            Body::Bare(read) => Some(read),
            Body::Literal | Body::Tera(_) => None,
        }
    }

    /// Whether it reads no variable.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self.body, Body::Literal)
    }

    /// The text it gives, its values encoded for the place.
    ///
    /// # Errors
    /// [`RenderError::Missing`] where a variable is not there or null, [`RenderError::Failed`] for the rest.
    pub fn render(&self, scope: &dyn Scope) -> Result<String, RenderError> {
        match &self.body {
            Body::Literal => Ok(self.text.as_ref().to_owned()),
            Body::Bare(read) => {
                let value = resolve(scope, read).ok_or_else(|| RenderError::Missing(read.to_string()))?;
                let text = text_of(&value).ok_or_else(|| match *value {
                    Value::Null => RenderError::Missing(read.to_string()),
                    _ => RenderError::failed(format!("`{read}` is {}, not a text", kind_of(&value))),
                })?;
                let mut encoded = Vec::with_capacity(text.len());
                self.place.escape()(&text, &mut encoded)
                    .map_err(|error| RenderError::failed(format!("`{read}`: {error}")))?;
                String::from_utf8(encoded).map_err(|error| RenderError::failed(error.to_string()))
            }
            Body::Tera(tera) => render(tera, &self.reads, scope, Nulls::Drop),
        }
    }

    /// The value it gives: of a bare variable the value itself with its type, else the text. None where a bare
    /// variable is not there or null.
    ///
    /// # Errors
    /// As [`Template::render`], for anything but a bare variable.
    pub fn value(&self, scope: &dyn Scope) -> Result<Option<Value>, RenderError> {
        match &self.body {
            Body::Bare(read) => {
                Ok(resolve(scope, read).map(Cow::into_owned).filter(|value| !value.is_null()))
            }
            Body::Literal | Body::Tera(_) => self.render(scope).map(|text| Some(Value::String(text))),
        }
    }
}

fn resolve<'a>(scope: &'a dyn Scope, read: &Read) -> Option<Cow<'a, Value>> {
    match scope.variable(&read.root)? {
        Cow::Borrowed(value) => follow(value, &read.below).map(Cow::Borrowed),
        Cow::Owned(value) => follow(&value, &read.below).cloned().map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Template;
    use crate::expr::fixture::Variables;
    use crate::expr::place::Place;

    fn render(text: &str, place: Place, variables: Value) -> String {
        match Template::compile(text, place).unwrap().render(&Variables(variables)) {
            Ok(text) => text,
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn the_place_encodes_the_value_and_leaves_the_literal() {
        let name = json!({"name": "a/b & <c> \"d\" é"});
        assert_eq!(
            render("/v1/{{ name }}/x", Place::PathSegment, name.clone()),
            "/v1/a%2Fb%20%26%20%3Cc%3E%20%22d%22%20%C3%A9/x"
        );
        assert_eq!(
            render("{{ name }}", Place::PathSegment, name.clone()),
            "a%2Fb%20%26%20%3Cc%3E%20%22d%22%20%C3%A9"
        );
        assert_eq!(
            render("<q>{{ name }}</q>", Place::Xml, name.clone()),
            "<q>a/b &amp; &lt;c&gt; &quot;d&quot; é</q>"
        );
        assert_eq!(
            render(r#"{"n":"{{ name }}"}"#, Place::JsonString, name.clone()),
            r#"{"n":"a/b & <c> \"d\" é"}"#
        );
        assert_eq!(render("{{ name }}!", Place::Text, name), "a/b & <c> \"d\" é!");
    }

    #[test]
    fn what_xml_cannot_hold_is_dropped() {
        assert_eq!(
            render("<q>{{ name }}</q>", Place::Xml, json!({"name": "a\u{0}\u{1b}<\n"})),
            "<q>a&lt;\n</q>"
        );
    }

    #[test]
    fn a_value_cannot_climb_out_of_its_path() {
        assert!(render("/v1/{{ id }}", Place::PathSegment, json!({"id": ".."})).starts_with("error"));
        assert!(render("{{ id }}", Place::PathSegment, json!({"id": ".."})).starts_with("error"));
    }

    #[test]
    fn a_bare_variable_keeps_its_type_and_mixed_text_is_text() {
        let scope = Variables(json!({"action": 4, "list": [1, "a"]}));
        let value = |text: &str| Template::compile(text, Place::Text).unwrap().value(&scope).unwrap();
        assert_eq!(value("{{ action }}"), Some(json!(4)));
        assert_eq!(value("{{ list }}"), Some(json!([1, "a"])));
        assert_eq!(value("{{ list[1] }}"), Some(json!("a")));
        assert_eq!(value("no {{ action }}"), Some(json!("no 4")));
        assert_eq!(value("plain"), Some(json!("plain")));
        assert_eq!(value("{{ other }}"), None);
    }

    #[test]
    fn a_missing_variable_is_never_an_empty_text() {
        assert_eq!(
            render("Hello {{ record.name }}", Place::Text, json!({"record": {}})),
            "error: `record.name` is not there"
        );
        assert_eq!(render("Hello {{ name }}", Place::Text, json!({})), "error: `name` is not there");
        assert_eq!(render("Hello {{ name or 'you' }}", Place::Text, json!({})), "Hello you");
    }

    #[test]
    fn only_what_a_template_reads_is_handed_to_it() {
        let record = json!({"record": {"a": {"b": 1, "c": 2}, "list": [{"n": "x"}, {"n": "y"}]}});
        assert_eq!(render("{{ record.a.b }}-{{ record.a.c }}", Place::Text, record.clone()), "1-2");
        let all = "{% for item in record.list %}{{ item.n }}{% endfor %}";
        assert_eq!(render(all, Place::Text, record), "xy");
    }

    #[test]
    fn a_template_that_does_not_parse_says_where() {
        let error = Template::compile("Hello {{ name | uper }}", Place::Text).unwrap_err();
        assert_eq!(&"Hello {{ name | uper }}"[error.range.clone()], "uper", "{}", error.message);
    }

    #[test]
    fn what_would_let_a_value_out_of_its_place_is_refused() {
        for text in ["{{ name | safe }}", "{% include 'x' %}", "{% filter safe %}{{ a }}{% endfilter %}"] {
            assert!(Template::compile(text, Place::Xml).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_integer_keeps_its_digits_in_a_template() {
        for digits in ["-7", "18446744073709551615", "123456789012345678901234567890", &"9".repeat(60)] {
            let record: Value = serde_json::from_str(&format!(r#"{{"id": {digits}}}"#)).unwrap();
            assert_eq!(render("#{{ id }}", Place::Text, record), format!("#{digits}"));
        }
    }
}
