//! The fields of a record that a node reads: what a cache has to keep of it, and nothing more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::expr::{Read, Segment};
use crate::plan::Node;
use crate::plan::identity::Identity;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{From, Source};

/// A set of members, each by the keys that lead to it; what stands below one of them is kept whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeSet<Vec<String>>);

impl Fields {
    /// What this node reads of the record that its lookup found, or of what a further read found.
    #[must_use]
    pub fn read_by(node: &Node, from: From) -> Self {
        let mut fields = Self::default();
        let root = match from {
            From::Record => "record",
            From::Then(at) => node.then.get(at).map_or("", |read| read.name.as_ref()),
            From::Write => node.write.as_ref().map_or("", |write| write.name.as_ref()),
        };
        for output in &node.outputs {
            if let Source::Path(of, path) = &output.source
                && *of == from
            {
                fields.add(path.leading());
            }
        }
        node.each_read(|read| {
            if read.root == root {
                fields.add(&read.below);
            }
        });
        fields
    }

    /// A list is kept whole, so that its indexes stay what they are.
    fn add(&mut self, segments: &[Segment]) {
        let keys = segments.iter().map_while(|segment| match segment {
            Segment::Key(key) => Some(key.clone()),
            Segment::Index(_) => None,
        });
        self.0.insert(keys.collect());
    }

    /// The keys that lead to each member.
    pub(super) fn chains(&self) -> impl Iterator<Item = &[String]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// A number that is the same for the same set, in every process of every build.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let chains: Vec<_> = self.0.iter().collect();
        Identity::of("fields").with(&chains).number()
    }

    /// The part of a record that is in the set. What is no object is kept as it is.
    #[must_use]
    pub fn keep(&self, record: &Value) -> Value {
        let chains: Vec<&[String]> = self.0.iter().map(Vec::as_slice).collect();
        keep(record, &chains)
    }
}

fn keep(value: &Value, chains: &[&[String]]) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    if chains.iter().any(|chain| chain.is_empty()) {
        return value.clone();
    }
    let mut kept = Map::new();
    for (key, member) in members {
        let below: Vec<&[String]> = chains
            .iter()
            .filter_map(|chain| chain.split_first())
            .filter(|(first, _)| *first == key)
            .map(|(_, rest)| rest)
            .collect();
        if !below.is_empty() {
            kept.insert(key.clone(), keep(member, &below));
        }
    }
    Value::Object(kept)
}

impl Node {
    /// Every variable that any expression of the node reads.
    pub fn each_read(&self, mut each: impl FnMut(&Read)) {
        for ask in self.asks() {
            ask.each_read(&mut each);
        }
        let once = self.write.iter().filter_map(|write| write.once.as_ref());
        once.flat_map(|once| &once.by).flat_map(|value| value.reads()).for_each(&mut each);
        for output in &self.outputs {
            match &output.source {
                Source::Text(template) => template.reads().iter().for_each(&mut each),
                Source::Choose(choices) => {
                    for choice in choices {
                        choice.when.iter().flat_map(|when| when.reads()).for_each(&mut each);
                        choice.value.each_read(&mut each);
                    }
                }
                Source::Path(..) | Source::Outcome | Source::Constant(_) => {}
            }
        }
    }
}

impl crate::plan::Ask {
    /// Every variable that its arguments and its condition read.
    pub fn each_read(&self, each: &mut dyn FnMut(&Read)) {
        self.when.iter().flat_map(|when| when.reads()).for_each(&mut *each);
        for (_, value) in &self.args {
            value.each_read(each);
        }
    }
}

impl JsonTemplate {
    /// Every variable that its templates read.
    pub fn each_read(&self, each: &mut dyn FnMut(&Read)) {
        match self {
            Self::Constant(_) => {}
            Self::Text(template) => template.reads().iter().for_each(each),
            Self::List(items) => items.iter().for_each(|item| item.each_read(each)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.each_read(each)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Fields;
    use crate::expr::{Path, Segment};

    fn fields(paths: &[&str]) -> Fields {
        let mut fields = Fields::default();
        for path in paths {
            fields.add(Path::compile(path).unwrap().leading());
        }
        fields
    }

    #[test]
    fn only_what_is_read_is_kept() {
        let record = json!({"id": 7, "profile": {"tier": "gold", "notes": "long"}, "tags": [{"n": 1}, {"m": 2}], "x": 1});
        assert_eq!(
            fields(&["$.profile.tier", "$.tags[*].n"]).keep(&record),
            json!({"profile": {"tier": "gold"}, "tags": [{"n": 1}, {"m": 2}]})
        );
        assert_eq!(fields(&["$"]).keep(&record), record);
        assert_eq!(fields(&[]).keep(&record), json!({}));
        assert_eq!(
            fields(&["$.profile", "$.profile.tier"]).keep(&record),
            json!({"profile": record["profile"]})
        );
    }

    #[test]
    fn the_same_set_has_the_same_fingerprint_in_any_order() {
        assert_eq!(fields(&["$.a", "$.b.c"]).fingerprint(), fields(&["$.b.c", "$.a"]).fingerprint());
        assert_ne!(fields(&["$.a"]).fingerprint(), fields(&["$.a", "$.b"]).fingerprint());
    }

    #[test]
    fn a_list_is_kept_whole_below_an_index() {
        let mut set = Fields::default();
        set.add(&[Segment::Key("a".to_owned()), Segment::Index(1), Segment::Key("b".to_owned())]);
        assert_eq!(set.keep(&json!({"a": [1, {"b": 2}], "c": 3})), json!({"a": [1, {"b": 2}]}));
    }
}
