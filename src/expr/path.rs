//! JSON paths (RFC 9535), behind one type of our own: a path of plain members and indexes is walked directly, any
//! other goes to the library, behind a guard against the few texts that it cannot bear.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::expr::error::{CompileError, Fault};
use crate::expr::scan::Segment;

/// Longest text of a path, in bytes.
const MAX_LENGTH: usize = 512;
/// Most filters in one path; nested ones take exponential time to parse.
const MAX_FILTERS: usize = 3;
/// Most parentheses in one path; each is a stack frame while it is parsed.
const MAX_PARENTHESES: usize = 32;

/// A compiled path.
#[derive(Debug, Clone)]
pub struct Path {
    text: String,
    /// The plain members that it begins with, and the text behind them.
    leading: Vec<Segment>,
    rest: String,
    walk: Walk,
}

#[derive(Debug, Clone)]
enum Walk {
    /// Members and indexes only: at most one value.
    Singular,
    /// Anything else.
    Query(JsonPath),
}

impl Path {
    /// The whole value: `$`.
    #[must_use]
    pub fn whole() -> Self {
        Self { text: "$".to_owned(), leading: Vec::new(), rest: String::new(), walk: Walk::Singular }
    }

    /// Whether it selects one value at most.
    #[must_use]
    pub fn is_singular(&self) -> bool {
        matches!(self.walk, Walk::Singular)
    }

    /// Compiles a path.
    ///
    /// # Errors
    /// A [`CompileError`] that says where the text stops being a path, or which part is not supported.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        guard(text)?;
        let (leading, rest) = leading(text);
        if rest.is_empty() {
            return Ok(Self { text: text.to_owned(), leading, rest: String::new(), walk: Walk::Singular });
        }
        let parsed = catch_unwind(AssertUnwindSafe(|| JsonPath::parse(text)))
            .map_err(|_| CompileError::new("the path cannot be read", 0..text.len()))?;
        let query = parsed.map_err(|error| {
            let at = error.position().min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let width = text.get(at..).and_then(|tail| tail.chars().next()).map_or(0, char::len_utf8);
            let reason = match error.message() {
                "parser error" => "it is no path from here on",
                reason => reason,
            };
            CompileError::new(format!("the path does not parse: {reason}"), at..at + width)
                .help("a path is written as in RFC 9535: $.profile.name, $.tags[*].name, $['any name'], $[0]")
        })?;
        Ok(Self { text: text.to_owned(), leading, rest: rest.to_owned(), walk: Walk::Query(query) })
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it can select more than one value.
    #[must_use]
    pub fn is_plural(&self) -> bool {
        matches!(self.walk, Walk::Query(_))
    }

    /// The plain members and indexes that it begins with: all that it selects stands below them.
    #[must_use]
    pub fn leading(&self) -> &[Segment] {
        &self.leading
    }

    /// The text behind the plain members and indexes that it begins with: none for a path that has nothing else.
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// The values it selects, in the document's order; none is no error.
    #[must_use]
    pub fn select<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match &self.walk {
            Walk::Singular => follow(value, &self.leading).into_iter().collect(),
            Walk::Query(query) => query.query(value).all(),
        }
    }

    /// The values it selects, taken out of a value that nobody needs any more. For the paths that most mappings write
    /// (`$`, `$.a.b`, `$.data[*]`) nothing is copied.
    #[must_use]
    pub fn take(&self, mut value: Value) -> Vec<Value> {
        let is_items = self.rest == "[*]";
        if !matches!(self.walk, Walk::Singular) && !is_items {
            return self.select(&value).into_iter().cloned().collect();
        }
        let Some(found) = follow_mut(&mut value, &self.leading).map(Value::take) else {
            return Vec::new();
        };
        match found {
            Value::Array(items) if is_items => items,
            Value::Object(members) if is_items => members.into_iter().map(|(_, member)| member).collect(),
            _ if is_items => Vec::new(),
            found => vec![found],
        }
    }

    /// The first value it selects.
    #[must_use]
    pub fn first<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match &self.walk {
            Walk::Singular => follow(value, &self.leading),
            Walk::Query(query) => query.query(value).first(),
        }
    }
}

/// Follows plain members and indexes.
pub(crate) fn follow<'a>(value: &'a Value, segments: &[Segment]) -> Option<&'a Value> {
    segments.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.as_object()?.get(key),
        Segment::Index(index) => value.as_array()?.get(*index),
    })
}

fn follow_mut<'a>(value: &'a mut Value, segments: &[Segment]) -> Option<&'a mut Value> {
    segments.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.as_object_mut()?.get_mut(key),
        Segment::Index(index) => value.as_array_mut()?.get_mut(*index),
    })
}

fn guard(text: &str) -> Result<(), CompileError> {
    let all = 0..text.len();
    if !text.starts_with('$') {
        let first = text.chars().next().map_or(0, char::len_utf8);
        return Err(CompileError::new("a path starts with `$`", 0..first)
            .fault(Fault::NoRoot)
            .help(format!("write `$.{}`", text.trim_start_matches('.'))));
    }
    if text.len() > MAX_LENGTH {
        return Err(
            CompileError::new(format!("a path has at most {MAX_LENGTH} bytes"), all).fault(Fault::TooLong)
        );
    }
    if text.matches("[?").count() > MAX_FILTERS {
        return Err(CompileError::new(format!("a path has at most {MAX_FILTERS} filters"), all));
    }
    if text.matches('(').count() > MAX_PARENTHESES {
        return Err(CompileError::new(format!("a path has at most {MAX_PARENTHESES} parentheses"), all));
    }
    for function in ["match(", "search("] {
        if let Some(at) = text.find(function) {
            return Err(CompileError::new(
                format!("`{function}…)` is not supported in a path"),
                at..at + function.len() - 1,
            )
            .fault(Fault::Forbidden)
            .help("compare with `==`, or map the text with `values`"));
        }
    }
    Ok(())
}

/// The plain names and indexes that a path begins with, and the text behind them.
fn leading(text: &str) -> (Vec<Segment>, &str) {
    let mut segments = Vec::new();
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    while let Some((segment, after)) = segment(rest) {
        segments.push(segment);
        rest = after;
    }
    (segments, rest)
}

/// `.name`, `['name']` or `[0]` at the beginning of a text.
fn segment(text: &str) -> Option<(Segment, &str)> {
    if let Some(tail) = text.strip_prefix('.') {
        let (name, after) = tail.split_at_checked(tail.find(['.', '[']).unwrap_or(tail.len()))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let is_name = !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain);
        return (is_name && !name.is_empty()).then(|| (Segment::Key(name.to_owned()), after));
    }
    let tail = text.strip_prefix('[')?;
    if let Some(quote) = tail.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (key, after) = tail.get(1..)?.split_once(quote)?;
        let is_plain = !key.contains('\\') && !key.chars().any(char::is_control);
        return is_plain.then_some((Segment::Key(key.to_owned()), after.strip_prefix(']')?));
    }
    let (digits, after) = tail.split_once(']')?;
    let is_index = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    is_index.then_some((Segment::Index(digits.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Path, Walk};

    fn select(path: &str, value: &Value) -> Vec<Value> {
        Path::compile(path).unwrap().select(value).into_iter().cloned().collect()
    }

    #[test]
    fn a_plain_path_is_walked_directly_and_agrees_with_the_library() {
        let value = json!({"a": {"b c": [{"名": 7}, null]}, "x": false});
        for path in [
            "$",
            "$.a",
            "$.a['b c'][0]",
            "$.a['b c'][0].名",
            "$['a'][\"b c\"][1]",
            "$.x",
            "$.a.nope",
            "$.x[0]",
            "$.a[0]",
        ] {
            let ours = Path::compile(path).unwrap();
            assert!(matches!(ours.walk, Walk::Singular), "{path}");
            let theirs = serde_json_path::JsonPath::parse(path).unwrap();
            assert_eq!(ours.select(&value), theirs.query(&value).all(), "{path}");
        }
    }

    #[test]
    fn taking_gives_what_selecting_gives() {
        let value = json!({"a": {"b": [1, {"c": 2}], "d": null}, "e": "x"});
        for path in
            ["$", "$.a", "$.a.b[*]", "$.a[*]", "$.a.b[1].c", "$..c", "$.e[*]", "$.nope[*]", "$.a.d", "$[*]"]
        {
            let path = Path::compile(path).unwrap();
            let selected: Vec<Value> = path.select(&value).into_iter().cloned().collect();
            assert_eq!(path.take(value.clone()), selected, "{}", path.text());
        }
    }

    #[test]
    fn a_path_knows_the_members_it_begins_with() {
        for (path, leading) in
            [("$.a.b[*].c", 2), ("$..a", 0), ("$.a[?@.x == 1]", 1), ("$['a b'][0]", 2), ("$", 0)]
        {
            assert_eq!(Path::compile(path).unwrap().leading().len(), leading, "{path}");
        }
    }

    #[test]
    fn wildcards_and_filters_select_several() {
        let value = json!({"tags": [{"name": "a", "n": 1.0}, {"name": "b", "n": 2}]});
        assert_eq!(select("$.tags[*].name", &value), [json!("a"), json!("b")]);
        assert_eq!(select("$.tags[?@.n == 1].name", &value), [json!("a")]);
        assert_eq!(select("$.tags[-1].name", &value), [json!("b")]);
        assert_eq!(select("$..n", &value).len(), 2);
    }

    #[test]
    fn a_bad_path_says_where_it_stops_being_one() {
        let cases = [
            ("profile.name", "a path starts with `$`", 0),
            ("$.records[0.Tier", "the path does not parse", 11),
            ("$.a[?match(@.b, 'x')]", "`match(…)` is not supported", 5),
        ];
        for (path, message, at) in cases {
            let error = Path::compile(path).unwrap_err();
            assert!(error.message.starts_with(message), "{path}: {}", error.message);
            assert_eq!(error.range.start, at, "{path}");
        }
    }

    #[test]
    fn texts_that_the_library_cannot_bear_are_refused() {
        for path in
            ["$[\"\\u".to_owned(), format!("${}", "[?".repeat(30)), format!("$[?{}", "(".repeat(30_000))]
        {
            assert!(Path::compile(&path).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_compiler_panic(text in r#"\$[\[\].?@*'"a0\\u(),: é客-]{0,40}"#) {
            if let Ok(path) = Path::compile(&text) {
                let _ = path.select(&json!({"a": [0, {"a": "é"}]}));
            }
        }
    }
}
