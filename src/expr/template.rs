//! Tera templates in their place. The place decides how a value is encoded, never the author; a template that is
//! one bare variable keeps the variable's type and does not go through Tera at all.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::Value;
use tera::{Context, ErrorKind, Tera};

use crate::expr::error::{CompileError, RenderError};
use crate::expr::json::{kind_of, prune, text_of};
use crate::expr::path::follow;
use crate::expr::scan::{self, Read, Role, Scanned, Segment};

/// Longest text of a template, in bytes: Tera has no limit of its own on what a template may do.
const MAX_LENGTH: usize = 16 * 1024;
/// The name under which the one template of an instance stands.
const NAME: &str = "template";
/// What a condition is wrapped in.
const CONDITION: (&str, &str) = ("{% if ", " %}1{% endif %}");
/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a template's values go, which decides how they are encoded. The author's own text is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere that needs encoding, or a place that is encoded as a whole afterwards: JSON member, FORM field,
    /// query item, header, plain text.
    Text,
    /// One segment of a URL's path.
    PathSegment,
    /// XML or HTML, in text or in a quoted attribute.
    Xml,
    /// Inside a quoted JSON string.
    JsonString,
}

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
            ));
        }
        let template = |reads, body| Self { text: text.into(), place, reads, body };
        if !["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            return Ok(template(Vec::new(), Body::Literal));
        }
        let scanned = scan::template(text);
        refuse_words(&scanned)?;
        let tera = parse(text, place, 0, text.len())?;
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
                    _ => RenderError::Failed(format!("`{read}` is {}, not a text", kind_of(&value))),
                })?;
                let mut encoded = Vec::with_capacity(text.len());
                escape(self.place)(&text, &mut encoded)
                    .map_err(|error| RenderError::Failed(format!("`{read}`: {error}")))?;
                String::from_utf8(encoded).map_err(|error| RenderError::Failed(error.to_string()))
            }
            Body::Tera(tera) => render(tera, &self.reads, scope),
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
    /// As [`Template::compile`].
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
        refuse_words(&scanned)
            .map_err(|e| CompileError { range: e.range.start + offset..e.range.end + offset, ..e })?;
        let wrapped = format!("{}{inner}{}", CONDITION.0, CONDITION.1);
        let tera = parse(&wrapped, Place::Text, CONDITION.0.len(), inner.len())
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
    /// As [`Template::render`].
    pub fn test(&self, scope: &dyn Scope) -> Result<bool, RenderError> {
        render(&self.tera, &self.reads, scope).map(|text| text == "1")
    }
}

fn unbraced(text: &str) -> (&str, usize) {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    match inner {
        Some(inner) if !inner.contains("{{") => (inner, text.find("{{").unwrap_or(0) + 2),
        _ => (text, 0),
    }
}

/// Filters and tags that would let a value out of its place, or reach beyond the one template.
fn refuse_words(scanned: &Scanned) -> Result<(), CompileError> {
    for word in &scanned.words {
        let name = word.name.as_str();
        let (message, help) = match (word.role, name) {
            (Role::Filter, "safe" | "escape" | "escape_html" | "escape_xml") => (
                format!("the filter `{name}` is not allowed"),
                "leave it out: the place of a template decides how its values are encoded",
            ),
            (Role::Tag, "include" | "extends" | "block" | "component" | "import") => (
                format!("`{{% {name} %}}` is not allowed in a mapping"),
                "write the text out: a template stands alone",
            ),
            _ => continue,
        };
        return Err(CompileError::new(message, word.range.clone()).help(help));
    }
    Ok(())
}

/// Parses `text`, of which `inner` bytes from `offset` are the author's.
fn parse(text: &str, place: Place, offset: usize, inner: usize) -> Result<Tera, CompileError> {
    let mut tera = base(place).clone();
    let error = match tera.add_raw_template(NAME, text) {
        Ok(()) => return Ok(tera),
        Err(error) => error,
    };
    let (message, range) = match error.kind() {
        ErrorKind::SyntaxError(report) => (report.message().to_owned(), report.span().range.clone()),
        _ => drawn(&error.to_string(), text).unwrap_or((error.to_string(), offset..offset + inner)),
    };
    let start = range.start.saturating_sub(offset).min(inner);
    let end = range.end.saturating_sub(offset).clamp(start, inner);
    Err(CompileError::new(format!("the template does not parse: {message}"), start..end))
}

/// Tera draws what it finds after parsing (an unknown filter, say): a sentence, `--> name:line:column`, the line
/// and its carets. The drawing is read back to a sentence and a range.
fn drawn(drawing: &str, text: &str) -> Option<(String, Range<usize>)> {
    let mut lines = drawing.lines();
    let message = lines.find_map(|line| line.trim().strip_prefix("error: "))?;
    let place = lines.find_map(|line| line.trim().strip_prefix("-->"))?;
    let mut numbers = place.rsplit(':').map(|number| number.trim().parse::<usize>());
    let (column, line) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let width = lines.map(|line| line.matches('^').count()).find(|carets| *carets > 0)?;
    let line_start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let chars = |count: usize| {
        text.get(line_start..).map(|rest| rest.chars().take(count).map(char::len_utf8).sum::<usize>())
    };
    let start = line_start + chars(column.checked_sub(1)?)?;
    let end = line_start + chars(column.checked_sub(1)? + width)?;
    Some((message.to_owned(), start..end))
}

/// An empty instance for each place, to be cloned: registering the built-in filters is the dear part.
fn base(place: Place) -> &'static Tera {
    static BASES: LazyLock<[Tera; 4]> =
        LazyLock::new(|| [Place::Text, Place::PathSegment, Place::Xml, Place::JsonString].map(empty));
    let [text, path, xml, json] = &*BASES;
    match place {
        Place::Text => text,
        Place::PathSegment => path,
        Place::Xml => xml,
        Place::JsonString => json,
    }
}

fn empty(place: Place) -> Tera {
    let mut tera = Tera::default();
    tera.set_escape_fn(escape(place));
    tera.autoescape_on(if place == Place::Text { Vec::new() } else { vec![NAME] });
    tera
}

type Escape = fn(&str, &mut dyn Write) -> io::Result<()>;

fn escape(place: Place) -> Escape {
    match place {
        Place::Text => |text, out| out.write_all(text.as_bytes()),
        Place::PathSegment => |text, out| {
            if matches!(text, "" | "." | "..") {
                return Err(io::Error::other(format!("{text:?} cannot be a part of a path")));
            }
            write!(out, "{}", percent_encode(text.as_bytes(), SEGMENT))
        },
        Place::Xml => |text, out| {
            if !text.contains(is_no_xml) {
                return tera::escape_html(text, out);
            }
            tera::escape_html(&text.replace(is_no_xml, ""), out)
        },
        Place::JsonString => |text, out| {
            let quoted = serde_json::to_string(text)?;
            let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
            out.write_all(inside.as_bytes())
        },
    }
}

/// Characters that XML cannot hold, not even escaped.
fn is_no_xml(c: char) -> bool {
    (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Of what the scan found, what comes from outside: Tera knows which names a loop or `set` made.
fn outer_reads(tera: &Tera, scanned: Vec<Read>) -> Vec<Read> {
    let Ok(outer) = tera.get_template_variables(NAME) else {
        return scanned;
    };
    scanned.into_iter().filter(|read| outer.contains(read.root.as_str())).collect()
}

fn resolve<'a>(scope: &'a dyn Scope, read: &Read) -> Option<Cow<'a, Value>> {
    match scope.variable(&read.root)? {
        Cow::Borrowed(value) => follow(value, &read.below).map(Cow::Borrowed),
        Cow::Owned(value) => follow(&value, &read.below).cloned().map(Cow::Owned),
    }
}

fn render(tera: &Tera, reads: &[Read], scope: &dyn Scope) -> Result<String, RenderError> {
    let mut context = Context::new();
    for read in reads {
        if context.contains_key(&read.root) {
            continue;
        }
        if let Some(value) = scope.variable(&read.root) {
            let chains: Vec<&[Segment]> = reads
                .iter()
                .filter(|other| other.root == read.root)
                .map(|other| other.below.as_slice())
                .collect();
            context.insert_value(read.root.clone(), prune(&value, &chains));
        }
    }
    tera.render(NAME, &context).map_err(|error| match error.kind() {
        ErrorKind::RenderingError(report) => missing(report.message(), reads, &report.span().range)
            .unwrap_or_else(|| RenderError::Failed(report.message().to_owned())),
        _ => RenderError::Failed(error.to_string()),
    })
}

/// Tera names the member that is not there; we name the whole variable.
fn missing(message: &str, reads: &[Read], at: &Range<usize>) -> Option<RenderError> {
    if !message.contains("not defined") && !message.contains("undefined") {
        return None;
    }
    let read = reads.iter().find(|read| read.range.start <= at.start && at.start < read.range.end);
    Some(RenderError::Missing(read.map_or_else(|| message.to_owned(), ToString::to_string)))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::{Value, json};

    use super::{Condition, Place, Scope, Template};

    struct Variables(Value);

    impl Scope for Variables {
        fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
            self.0.get(name).map(Cow::Borrowed)
        }
    }

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
    fn a_condition_is_true_or_false() {
        let test =
            |text: &str| Condition::compile(text).unwrap().test(&Variables(json!({"key": "1", "n": 3})));
        assert_eq!(test("key == '1'"), Ok(true));
        assert_eq!(test("{{ key == '2' }}"), Ok(false));
        assert_eq!(test("key == '1' and n > 2"), Ok(true));
        assert_eq!(test("gone is defined"), Ok(false));
    }

    #[test]
    fn a_template_that_does_not_parse_says_where() {
        let error = Template::compile("Hello {{ name | uper }}", Place::Text).unwrap_err();
        assert_eq!(&"Hello {{ name | uper }}"[error.range.clone()], "uper", "{}", error.message);
        let error = Condition::compile("key == ").unwrap_err();
        assert!(error.message.starts_with("the template does not parse"), "{}", error.message);
        let error = Condition::compile("tel == '1' | saef").unwrap_err();
        assert_eq!(&"tel == '1' | saef"[error.range.clone()], "saef", "{}", error.message);
    }

    #[test]
    fn what_would_let_a_value_out_of_its_place_is_refused() {
        for text in ["{{ name | safe }}", "{% include 'x' %}", "{% filter safe %}{{ a }}{% endfilter %}"] {
            assert!(Template::compile(text, Place::Xml).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_integer_keeps_its_digits_in_a_template() {
        let record: Value =
            serde_json::from_str(r#"{"id": 123456789012345678901234567890, "n": 1.50}"#).unwrap();
        assert_eq!(render("#{{ id }}", Place::Text, record), "#123456789012345678901234567890");
    }
}
