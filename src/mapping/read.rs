//! The collecting reader: what decoding a document asks of a YAML tree. Every method answers with the value or, after
//! making a finding, with `None`, so that decoding goes on and all mistakes are told at once.
//!
//! `what` is always the thing in words as a sentence begins with it: "`budget_ms`", "an output", "an item of `forms`".

pub mod fields;
mod json;
pub mod name;
mod scalar;

use std::slice;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::suggest::{did_you_mean, list, suggest};
use crate::diagnostic::{Finding, Findings, Span};
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{Key, Map, Node, Value};

/// Reads the tree of one file and collects what is wrong with it.
#[derive(Debug)]
pub struct Reader<'f> {
    source: Arc<Source>,
    findings: &'f mut Findings,
}

impl<'f> Reader<'f> {
    /// A reader of that file's tree.
    #[must_use]
    pub fn new(source: &Arc<Source>, findings: &'f mut Findings) -> Self {
        Self { source: Arc::clone(source), findings }
    }

    /// The file that is read.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Whether an error was found in this file up to here.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.has_errors()
    }

    /// Makes a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds a finding, unless the same was said of this file already.
    pub fn push_once(&mut self, finding: Finding) {
        let is_same = |said: &Finding| {
            (said.code, &said.message, &said.source.path)
                == (finding.code, &finding.message, &finding.source.path)
        };
        if !self.findings.iter().any(is_same) {
            self.findings.push(finding);
        }
    }

    /// Makes a finding that keeps the file from being put in force.
    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, &self.source, span, message).help(help));
    }

    /// Makes a finding about what is probably not meant.
    pub fn warning(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::warning(code, &self.source, span, message).help(help));
    }

    /// A map that may have these keys and no others; each other key is a finding.
    pub fn map<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        allowed: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        let Some(map) = node.as_map() else {
            let help = format!("write `key: value` lines below it; keys allowed here: {}", list(allowed));
            return self.wrong_kind(node, what, "a map", help);
        };
        for (key, value) in map.iter().filter(|(key, _)| !allowed.contains(&key.text.as_str())) {
            self.unknown_key(key, value, what, allowed);
        }
        Some(Fields::new(map, what, self.source.head_of(node.span), allowed))
    }

    /// Whether a file is of the other kind and stands in the wrong folder; the one finding of such a file.
    pub fn is_misplaced(&mut self, root: &Node, own: &str, other: &str, folder: &str) -> bool {
        let Some(map) = root.as_map().filter(|map| map.get(own).is_none()) else {
            return false;
        };
        let Some((key, _)) = map.get(other) else {
            return false;
        };
        let message =
            format!("this file is of the kind `{other}`, and stands among those of the kind `{own}`");
        self.error(Code::WrongFolder, key.span, message, format!("move it to the folder `{folder}`"));
        true
    }

    fn unknown_key(&mut self, key: &Key, value: &Node, what: &str, allowed: &[&str]) {
        let message = format!("`{}` is not a key of {what}", key.text);
        let help = match key.text.split_once(':') {
            Some((name, _)) if matches!(value.value, Value::Null) && allowed.contains(&name.trim()) => {
                format!("put a space after the colon: `{}: …`", name.trim())
            }
            _ => suggest(&key.text, allowed),
        };
        self.error(Code::UnknownKey, key.span, message, help);
    }

    /// A map whose keys are names of the author's choice.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Map> {
        match node.as_map() {
            Some(map) => Some(map),
            None => self.wrong_kind(node, what, "a map", "write `name: value` lines below it"),
        }
    }

    /// A list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.wrong_kind(node, what, "a list", "write `- item` lines below it, or `[a, b]`"),
        }
    }

    /// The items of a list, or a single value as a list of one.
    #[must_use]
    pub fn one_or_many<'n>(&self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            _ => slice::from_ref(node),
        }
    }

    /// A reference to a thing that is declared elsewhere: the finding where its name is not among those declared.
    pub fn unknown_name(
        &mut self,
        code: Code,
        span: Span,
        kind: &str,
        given: &str,
        declared: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let declared: Vec<_> = declared.into_iter().collect();
        let declared: Vec<&str> = declared.iter().map(AsRef::as_ref).collect();
        let help = match did_you_mean(given, declared.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if declared.is_empty() => format!("there is no {kind} yet"),
            None => format!("declared: {}", list(&declared)),
        };
        self.error(code, span, format!("there is no {kind} `{given}`"), help);
    }

    /// The finding that a value is missing or is not of its kind; never a second one about the same value.
    fn wrong_kind<T>(&mut self, node: &Node, what: &str, wanted: &str, help: impl Into<String>) -> Option<T> {
        let found = match &node.value {
            Value::Broken => return None,
            Value::Null => {
                let message = format!("{what} has no value, and needs {wanted}");
                let help = format!("{}, or leave the key out", help.into());
                self.error(Code::EmptyValue, node.span, message, help);
                return None;
            }
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(scalar) => scalar.kind().name(),
        };
        let span = self.source.head_of(node.span);
        self.error(Code::WrongKind, span, format!("{what} must be {wanted}, not {found}"), help);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Reader, Source};
    use crate::diagnostic::Findings;
    use crate::diagnostic::render::{Style, text};
    use crate::mapping::yaml::{Node, parse};

    /// Reads `yaml` with `read` and renders what is found.
    pub fn findings_of<T>(yaml: &str, read: impl FnOnce(&mut Reader<'_>, &Node) -> T) -> (T, Vec<String>) {
        let source = Source::new("a.yaml", yaml);
        let mut findings = Findings::new();
        let root = parse(&source, &mut findings).unwrap();
        let value = read(&mut Reader::new(&source, &mut findings), &root);
        (value, findings.iter().map(|finding| text(finding, Style::Plain)).collect())
    }

    #[test]
    fn an_unknown_key_is_told_with_the_key_that_was_meant() {
        let yaml = "node: caller\nlokup: []\nzzz: 1\nabout:x:\n";
        let (_, findings) = findings_of(yaml, |reader, root| {
            reader.map(root, "a node", &["node", "lookup", "about"]).is_some()
        });
        assert_eq!(
            findings,
            [
                "\
error[unknown-key]: `lokup` is not a key of a node
 --> a.yaml:2:1
  |
2 | lokup: []
  | ^^^^^
  |
  = help: did you mean `lookup`?",
                "\
error[unknown-key]: `zzz` is not a key of a node
 --> a.yaml:3:1
  |
3 | zzz: 1
  | ^^^
  |
  = help: allowed here: `node`, `lookup`, `about`",
                "\
error[unknown-key]: `about:x` is not a key of a node
 --> a.yaml:4:1
  |
4 | about:x:
  | ^^^^^^^
  |
  = help: put a space after the colon: `about: …`",
            ]
        );
    }

    #[test]
    fn a_list_where_a_map_belongs_says_what_to_write() {
        let (read, findings) = findings_of("inputs:\n  - tel\n  - email\n", |reader, root| {
            let (_, node) = root.as_map().unwrap().get("inputs").unwrap();
            reader.entries(node, "`inputs`").is_some()
        });
        assert!(!read);
        assert_eq!(
            findings,
            ["\
error[wrong-kind]: `inputs` must be a map, not a list
 --> a.yaml:2:3
  |
2 |   - tel
  |   ^^^^^
  |
  = help: write `name: value` lines below it"]
        );
    }

    #[test]
    fn a_key_without_a_value_is_told_at_the_key() {
        let (_, findings) = findings_of("a: 1\noutputs:\n", |reader, root| {
            let (_, node) = root.as_map().unwrap().get("outputs").unwrap();
            reader.list(node, "`outputs`").is_some()
        });
        assert_eq!(
            findings,
            ["\
error[empty-value]: `outputs` has no value, and needs a list
 --> a.yaml:2:1
  |
2 | outputs:
  | ^^^^^^^
  |
  = help: write `- item` lines below it, or `[a, b]`, or leave the key out"]
        );
    }

    #[test]
    fn what_is_broken_already_is_not_told_twice() {
        let (_, findings) = findings_of("a: 'x' y\n", |reader, root| {
            let (_, node) = root.as_map().unwrap().get("a").unwrap();
            (
                reader.list(node, "`a`").is_none(),
                reader.text(node, "`a`").is_none(),
                reader.json(node).is_none(),
            )
        });
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn one_value_is_a_list_of_one() {
        let (count, findings) = findings_of("a: x\nb: [x, y]\n", |reader, root| {
            let node = |key| &root.as_map().unwrap().get(key).unwrap().1;
            (reader.one_or_many(node("a")).len(), reader.one_or_many(node("b")).len())
        });
        assert_eq!((count, findings.len()), ((1, 2), 0));
    }

    #[test]
    fn a_reference_to_nothing_names_what_there_is() {
        let (_, findings) = findings_of("call: acme.custmer\n", |reader, root| {
            let span = root.as_map().unwrap().get("call").unwrap().1.span;
            reader.unknown_name(
                Code::UnknownOperation,
                span,
                "operation",
                "acme.custmer",
                ["acme.customer", "acme.loyalty"],
            );
        });
        assert!(findings[0].starts_with("error[unknown-operation]: there is no operation `acme.custmer`"));
        assert!(findings[0].ends_with("= help: did you mean `acme.customer`?"));
    }
}
