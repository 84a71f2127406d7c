//! The fields of one map whose keys are known: each is read by its key, and told by its key when it is wrong.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, list};
use crate::mapping::read::Reader;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Key, Map, Node, Value};

/// What stands for a key and its value without a space between them: `outcome:true` is one key without a value. It is told
/// as unknown, and nothing more is said of it.
static UNSPACED: LazyLock<(Key, Node)> = LazyLock::new(|| {
    let span = Span::default();
    (Key { text: String::new(), span }, Node { span, value: Value::Broken })
});

/// A map with a fixed set of keys.
#[derive(Debug, Clone)]
pub struct Fields<'n> {
    map: &'n Map,
    what: String,
    span: Span,
    allowed: &'static [&'static str],
    /// Keys that are misspelt, by the key that each was probably meant to be. They are told as unknown; reading them all
    /// the same keeps what follows from the slip from being told too.
    meant: Vec<(&'static str, &'n (Key, Node))>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(map: &'n Map, what: &str, span: Span, allowed: &'static [&'static str]) -> Self {
        let unknown = map.iter().filter(|(key, _)| !allowed.contains(&key.text.as_str()));
        let meant = unknown.filter_map(|entry| {
            if let Some((name, _)) =
                entry.0.text.split_once(':').filter(|_| matches!(entry.1.value, Value::Null))
            {
                let key = allowed.iter().find(|allowed| **allowed == name.trim())?;
                return map.get(key).is_none().then_some((*key, &*UNSPACED));
            }
            let key = did_you_mean(&entry.0.text, allowed.iter().copied())?;
            let key = allowed.iter().find(|allowed| **allowed == key)?;
            map.get(key).is_none().then_some((*key, entry))
        });
        Self { map, what: what.to_owned(), span, allowed, meant: meant.collect() }
    }

    /// The map's first line: where a finding about the map as a whole belongs.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The key and its value, if the key is written.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'n (Key, Node)> {
        debug_assert!(self.allowed.contains(&key), "{key} is read and not among the allowed keys");
        let meant = || self.meant.iter().find(|(meant, _)| *meant == key).map(|(_, entry)| *entry);
        self.map.get(key).or_else(meant)
    }

    /// The key's value, if the key is written.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The value of a key that must be written.
    pub fn required(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n Node> {
        if let Some(node) = self.get(key) {
            return Some(node);
        }
        let message = format!("{} needs the key `{key}`", self.what);
        reader.error(Code::MissingKey, self.span, message, format!("add `{key}: …`"));
        None
    }

    /// The one of these keys that is written; none and several are findings.
    pub fn exactly_one(&self, reader: &mut Reader<'_>, keys: &[&str]) -> Option<(&'n Key, &'n Node)> {
        let found = self.at_most_one(reader, keys);
        if found.is_none() && keys.iter().all(|key| self.entry(key).is_none()) {
            let message = format!("{} needs one of the keys {}", self.what, list(keys));
            reader.error(Code::MissingKey, self.span, message, "add the one that fits");
        }
        found
    }

    /// The one of these keys that is written, if one is; several are a finding, told at the second.
    pub fn at_most_one(&self, reader: &mut Reader<'_>, keys: &[&str]) -> Option<(&'n Key, &'n Node)> {
        let mut found = keys.iter().filter_map(|key| self.entry(key));
        let (key, node) = found.next()?;
        let Some((other, _)) = found.next() else {
            return Some((key, node));
        };
        let message = format!("`{}` and `{}` cannot stand together", key.text, other.text);
        let help = format!("keep one of {}", list(keys));
        reader.error(Code::KeysClash, key.span.max(other.span), message, help);
        None
    }

    /// A map with a fixed set of keys of its own.
    pub fn map(
        &self,
        reader: &mut Reader<'_>,
        key: &str,
        allowed: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        reader.map(self.get(key)?, &name(key), allowed)
    }

    /// A map with keys of the author's choice.
    pub fn entries(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n Map> {
        reader.entries(self.get(key)?, &name(key))
    }

    /// A list.
    pub fn list(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n [Node]> {
        reader.list(self.get(key)?, &name(key))
    }

    /// The items of a list, or a single value as a list of one; empty where the key is not written.
    #[must_use]
    pub fn one_or_many(&self, reader: &Reader<'_>, key: &str) -> &'n [Node] {
        self.get(key).map(|node| reader.one_or_many(node)).unwrap_or_default()
    }

    /// A text.
    pub fn text(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n Scalar> {
        reader.text(self.get(key)?, &name(key))
    }

    /// A text whose key must be written.
    pub fn required_text(&self, reader: &mut Reader<'_>, key: &str) -> Option<&'n Scalar> {
        let node = self.required(reader, key)?;
        reader.text(node, &name(key))
    }

    /// One text or a list of them; what is no text is told and left out.
    pub fn texts(&self, reader: &mut Reader<'_>, key: &str) -> Vec<&'n Scalar> {
        let what = format!("an item of `{key}`");
        self.one_or_many(reader, key).iter().filter_map(|node| reader.text(node, &what)).collect()
    }

    /// A whole number within a range; `unit` is said after the numbers, such as "ms", and may be empty.
    pub fn int(
        &self,
        reader: &mut Reader<'_>,
        key: &str,
        range: RangeInclusive<i64>,
        unit: &str,
    ) -> Option<i64> {
        reader.int(self.get(key)?, &name(key), range, unit)
    }

    /// `true` or `false`.
    pub fn bool(&self, reader: &mut Reader<'_>, key: &str) -> Option<bool> {
        reader.bool(self.get(key)?, &name(key))
    }

    /// One of a fixed set of words.
    pub fn word<T: Copy>(
        &self,
        reader: &mut Reader<'_>,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        reader.word(self.get(key)?, &name(key), words)
    }
}

fn name(key: &str) -> String {
    format!("`{key}`")
}

#[cfg(test)]
mod tests {
    use crate::mapping::read::tests::findings_of;

    const KEYS: &[&str] = &["get", "post", "path", "budget_ms", "forms", "on"];

    #[test]
    fn a_missing_key_is_told_at_the_maps_first_line() {
        let (_, findings) = findings_of("a:\n  get: /x\n  forms: e164\n", |reader, root| {
            let node = &root.as_map().unwrap().get("a").unwrap().1;
            let fields = reader.map(node, "an operation", KEYS).unwrap();
            fields.required_text(reader, "path").is_some()
        });
        assert_eq!(
            findings,
            ["\
error[missing-key]: an operation needs the key `path`
 --> a.yaml:2:3
  |
2 |   get: /x
  |   ^^^^^^^
  |
  = help: add `path: …`"]
        );
    }

    #[test]
    fn of_keys_that_exclude_each_other_one_is_taken() {
        let read = |yaml: &str| {
            findings_of(yaml, |reader, root| {
                let fields = reader.map(root, "an operation", KEYS).unwrap();
                fields.exactly_one(reader, &["get", "post"]).map(|(key, _)| key.text.clone())
            })
        };
        assert_eq!(read("post: /x\n"), (Some("post".to_owned()), vec![]));
        let (_, findings) = read("post: /x\nget: /y\n");
        assert!(
            findings[0]
                .starts_with("error[keys-clash]: `get` and `post` cannot stand together\n --> a.yaml:2:1")
        );
        let (_, findings) = read("forms: x\n");
        assert!(
            findings[0].starts_with("error[missing-key]: an operation needs one of the keys `get`, `post`")
        );
    }

    #[test]
    fn every_wrong_field_of_a_map_is_told() {
        let yaml = "get: 0138\nbudget_ms: 9000\nforms: [e164, 7]\non: yes\npath: [x]\n";
        let (_, findings) = findings_of(yaml, |reader, root| {
            let fields = reader.map(root, "an operation", KEYS).unwrap();
            let _ = fields.text(reader, "get");
            let _ = fields.int(reader, "budget_ms", 1..=4500, "ms");
            assert_eq!(fields.texts(reader, "forms").len(), 1);
            let _ = fields.bool(reader, "on");
            let _ = fields.text(reader, "path");
            assert!(fields.text(reader, "post").is_none());
        });
        let heads: Vec<&str> = findings.iter().map(|finding| finding.lines().next().unwrap()).collect();
        assert_eq!(
            heads,
            [
                "error[not-text]: `get` must be a text, and YAML reads 0138 as a number",
                "error[out-of-range]: `budget_ms` must be from 1 to 4500 ms, not 9000",
                "error[not-text]: an item of `forms` must be a text, and YAML reads 7 as a number",
                "error[wrong-kind]: `on` must be `true` or `false`, not a text",
                "error[wrong-kind]: `path` must be a text, not a list",
            ]
        );
    }
}
