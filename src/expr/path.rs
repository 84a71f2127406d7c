//! JSON paths (RFC 9535), behind one type of our own: a path of plain members and indexes is walked directly, any
//! other goes to the library, behind a guard against the few texts that it cannot bear.

mod cost;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::expr::error::CompileError;
use crate::expr::path::text::{RFC, guard, is_one_step, leading, slip};
use crate::expr::scan::Segment;

/// So many times over an answer may be copied, where the values that a path selects lie in each other.
const MOST_COPIES: usize = 4;

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
        let dear = cost::guard(text);
        let parsed = catch_unwind(AssertUnwindSafe(|| JsonPath::parse(text)))
            .map_err(|_| CompileError::new("the path cannot be read", 0..text.len()))?;
        let query = parsed.map_err(|error| {
            if let Some(slip) = slip(text) {
                return slip;
            }
            let at = error.position().min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let width = text.get(at..).and_then(|tail| tail.chars().next()).map_or(0, char::len_utf8);
            let reason = match error.message() {
                "parser error" => "it is no path from here on",
                reason => reason,
            };
            CompileError::new(format!("the path does not parse: {reason}"), at..at + width).help(RFC)
        })?;
        dear?;
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
    /// (`$`, `$.a.b`, `$.data[*]`) nothing is copied. None: they lie in each other, so deep that each is copied several
    /// times over.
    #[must_use]
    pub fn take(&self, mut value: Value) -> Option<Vec<Value>> {
        let is_items = self.rest == "[*]";
        if !matches!(self.walk, Walk::Singular) && !is_items {
            return copied(&self.select(&value), size(&value));
        }
        let Some(found) = follow_mut(&mut value, &self.leading).map(Value::take) else {
            return Some(Vec::new());
        };
        Some(match found {
            Value::Array(items) if is_items => items,
            Value::Object(members) if is_items => members.into_iter().map(|(_, member)| member).collect(),
            _ if is_items => Vec::new(),
            found => vec![found],
        })
    }

    /// How many items the list has of which it selects some or all (`$.data[*]`, `$.data[?@.vip]`). None: it selects
    /// no items of one list.
    #[must_use]
    pub fn items(&self, value: &Value) -> Option<usize> {
        let list = follow(value, &self.leading).filter(|_| is_one_step(&self.rest))?;
        list.as_array().map(Vec::len)
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

/// Copies of values which together are not much larger than the one of this size that they lie in.
fn copied(found: &[&Value], whole: usize) -> Option<Vec<Value>> {
    let mut left = whole.saturating_mul(MOST_COPIES);
    let mut copies = Vec::with_capacity(found.len());
    for value in found {
        left = left.checked_sub(size(value))?;
        copies.push(Value::clone(value));
    }
    Some(copies)
}

/// About what copying a value costs.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => 1 + number.as_str().len(),
        Value::String(text) => 1 + text.len(),
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(name, member)| name.len() + size(member)).sum::<usize>()
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
    fn a_path_without_its_root_is_told_with_one_that_works() {
        for (text, help) in [
            ("profile.name", "write `$.profile.name`"),
            (".vip", "write `$.vip`"),
            ("@.vip", "write `$.vip`"),
            ("[?@.active == 'yes']", "write `$[?@.active == 'yes']`"),
            ("[0].vip", "write `$[0].vip`"),
            ("/profile/vip", "write `$.profile.vip`"),
            ("{{ record.vip }}", "a path is no template: write `$.vip`"),
            ("{{ record['a b'] }}", "a path is no template: write `$['a b']`"),
            ("{{ vip | upper }}", super::text::RFC),
            ("/a b/", super::text::RFC),
        ] {
            assert_eq!(Path::compile(text).unwrap_err().help.as_deref(), Some(help), "{text}");
        }
    }

    #[test]
    fn a_slip_in_a_path_is_told_with_its_remedy() {
        for (text, at, help) in [
            ("$.vip.", ".", "leave the dot out: `$.vip`"),
            ("$.1vip", "1vip", "write `$['1vip']`"),
            ("$.profile.first-name", "first-name", "write `$.profile['first-name']`"),
            ("$.a b[*].no", "a b", "write `$['a b'][*].no`"),
            ("$.tickets[?@.open = true]", "=", "compare with `==`"),
            ("$.tickets[?@.open == '=' && @.no=3]", "=", "compare with `==`"),
        ] {
            let error = Path::compile(text).unwrap_err();
            assert_eq!((&text[error.range.clone()], error.help.as_deref()), (at, Some(help)), "{text}");
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
            assert_eq!(path.take(value.clone()), Some(selected), "{}", path.text());
        }
    }

    #[test]
    fn values_that_lie_in_each_other_are_not_copied_for_ever() {
        let within = |value: Value| json!({ "a": value, "text": "x".repeat(1000) });
        let few = (0..3).fold(json!(1), |value, _| within(value));
        let many = (0..100).fold(json!(1), |value, _| within(value));
        let path = Path::compile("$..a").unwrap();
        assert_eq!(path.take(few).map(|found| found.len()), Some(3));
        assert_eq!((path.select(&many).len(), path.take(many)), (100, None));
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
