//! YAML text to a tree in which every key and value knows its bytes. The YAML of mapping files is strict: what could
//! surprise (anchors, tags, merge keys, duplicate keys) is a finding. Nothing here knows what a mapping file means.

mod build;
mod mistake;
mod repair;
pub mod scalar;
mod space;
mod token;

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Span};
use crate::mapping::yaml::scalar::Scalar;

/// The largest file that is read, in bytes.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// A value and where it stands. Of a key without a value the span is the key's.
#[derive(Debug, Clone)]
pub struct Node {
    /// From the value's first byte to its last; quotes and brackets included.
    pub span: Span,
    /// The value itself.
    pub value: Value,
}

/// What stands in one place.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text, number or boolean.
    Scalar(Scalar),
    /// `- a`, or `[a, b]`.
    List(Vec<Node>),
    /// `key: value`, or `{ key: value }`.
    Map(Map),
    /// `null`, `~`, or nothing at all.
    Null,
    /// Something that a finding has already been made about; a reader says nothing more of it.
    Broken,
}

impl Node {
    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing can be said of it any more.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.value, Value::Broken)
    }
}

/// A map in the order in which it was written; no key stands in it twice.
#[derive(Debug, Clone, Default)]
pub struct Map {
    entries: Vec<(Key, Node)>,
}

impl Map {
    /// Each key and its value, as written.
    pub fn iter(&self) -> std::slice::Iter<'_, (Key, Node)> {
        self.entries.iter()
    }

    /// The key and value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&(Key, Node)> {
        self.entries.iter().find(|(key, _)| key.text == name)
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A key of a map: always a text, `true` and `1` are "true" and "1".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key's text, without quotes.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A file of so many bytes is not read.
pub(super) fn too_large(source: &Arc<Source>, size: u64) -> Finding {
    let message = format!("the file has {size} bytes, and may have at most {LARGEST}");
    Finding::whole_file(Code::Unreadable, source, message).help("split it into several mapping files")
}

/// Reads one file. Findings are added in the order of their position. `None` where there is nothing that could be
/// decoded; a tree that comes with errors is what the author most likely meant, so that decoding it finds the rest.
#[must_use]
pub fn parse(source: &Arc<Source>, findings: &mut Findings) -> Option<Node> {
    let size = source.text.len() as u64;
    if size > LARGEST {
        findings.push(too_large(source, size));
        return None;
    }
    if let Some(odd) = space::odd(source) {
        findings.push(odd);
        return None;
    }
    let (root, mut found) = repair::parse(source);
    if root.is_none() && found.is_empty() {
        found.push(Finding::whole_file(Code::Empty, source, "the file holds no mapping"));
    }
    found.sort();
    findings.append(found);
    root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{Code, Findings, Node, Source, Value, parse};
    use crate::diagnostic::render::{self, Style};

    fn codes(text: &str) -> Vec<&'static str> {
        let mut findings = Findings::new();
        let _ = parse(&Source::new("a.yaml", text), &mut findings);
        findings.iter().map(|finding| finding.code.code()).collect()
    }

    fn tree(text: &str) -> Node {
        let mut findings = Findings::new();
        let root = parse(&Source::new("a.yaml", text), &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        root.unwrap()
    }

    fn at<'t>(text: &'t str, path: &[&str]) -> &'t str {
        let root = tree(text);
        let node = path.iter().fold(&root, |node, key| &node.as_map().unwrap().get(key).unwrap().1);
        &text[node.span.range()]
    }

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "名: 张三\nmap:\n  a: 'x y'\n  b: [1, {c: d}] # note\n  c:\n  - e\n  - f\nend: \"q\"\n";
        assert_eq!(at(text, &["名"]), "张三");
        assert_eq!(at(text, &["map", "a"]), "'x y'");
        assert_eq!(at(text, &["map", "b"]), "[1, {c: d}]");
        assert_eq!(at(text, &["map", "c"]), "- e\n  - f");
        assert_eq!(at(text, &["map"]), "a: 'x y'\n  b: [1, {c: d}] # note\n  c:\n  - e\n  - f");
        assert_eq!(at(text, &["end"]), "\"q\"");
    }

    #[test]
    fn keys_are_their_text_as_written() {
        let root = tree("{ true: a, 1: b, ~: c, \"x y\": d, 电话: e, null: f }");
        let keys: Vec<&str> = root.as_map().unwrap().iter().map(|(key, _)| key.text.as_str()).collect();
        assert_eq!(keys, ["true", "1", "~", "x y", "电话", "null"]);
    }

    #[test]
    fn yes_and_off_are_texts_and_nothing_is_null() {
        let root = tree("a: yes\nb:\nc: ~\nd: null\n");
        let value = |key: &str| &root.as_map().unwrap().get(key).unwrap().1.value;
        assert!(matches!(value("a"), Value::Scalar(scalar) if scalar.text == "yes"));
        for key in ["b", "c", "d"] {
            assert!(matches!(value(key), Value::Null), "{key}");
        }
        assert_eq!(at("a: x\nb:\n", &["b"]), "b");
    }

    #[test]
    fn one_document_with_its_markers_is_read() {
        assert_eq!(at("---\na: x\n...\n", &["a"]), "x");
        assert_eq!(at("a: x\r\nb: y\r\n", &["b"]), "y");
    }

    #[test]
    fn a_file_without_content_is_said_to_be_empty() {
        assert_eq!(codes(""), ["empty"]);
        assert_eq!(codes("# only a comment\n"), ["empty"]);
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        assert_eq!(codes(&"a: b\n".repeat(300_000)), ["unreadable"]);
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}x{}", "[".repeat(depth), "]".repeat(depth));
        assert!(codes(&nested(64)).is_empty());
        assert_eq!(codes(&nested(65)), [Code::TooDeep.code()]);
        assert_eq!(codes(&nested(100_000)), [Code::TooDeep.code()]);
        let mixed = format!("{}{}", "- ".repeat(50), nested(50));
        assert_eq!(codes(&mixed), [Code::TooDeep.code()]);
    }

    /// Everything that a tree and its findings promise, whatever the text was.
    fn assert_sound(text: &str) {
        let source = Source::new("a.yaml", text);
        let mut findings = Findings::new();
        let root = parse(&source, &mut findings);
        assert!(root.is_some() || findings.has_errors());
        for finding in &findings {
            let span = finding.span.unwrap_or_default();
            assert!(source.text.get(span.range()).is_some(), "{span:?} {text:?}");
            assert!(!render::text(finding, Style::Plain).is_empty());
        }
        let mut nodes: Vec<Node> = root.into_iter().collect();
        while let Some(node) = nodes.pop() {
            assert!(source.text.get(node.span.range()).is_some(), "{node:?} {text:?}");
            match node.value {
                Value::List(items) => nodes.extend(items),
                Value::Map(map) => nodes.extend(map.entries.into_iter().map(|(_, value)| value)),
                Value::Scalar(scalar) => {
                    let end = scalar.text.len();
                    assert!(source.text.get(scalar.span_of(0..end).range()).is_some(), "{scalar:?} {text:?}");
                }
                Value::Null | Value::Broken => {}
            }
        }
    }

    #[test]
    fn what_made_it_point_outside_once_does_so_no_more() {
        assert_sound("|\r\n0");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_it_panic_or_point_outside(text in "\\PC{0,80}") {
            assert_sound(&text);
        }

        #[test]
        fn no_yaml_makes_it_panic_or_point_outside(
            text in "([ab张]|[ab]: |- |  |\n|\n|\n  |\t|\r\n|[\\[\\]{},:#&*!|>'\"%@`?~<.-]|\\{\\{|\\}\\}|\\\\x|---|[0-9]){0,40}"
        ) {
            assert_sound(&text);
        }
    }
}
