//! What is wrong to the schema is wrong to the parser. The wrong files are generated: every valid file with one thing
//! changed, at every place.

use std::collections::BTreeSet;

use datadip::diagnostic::code::Code;
use datadip::mapping::language::{FILES, Key, Kind, Rule, Table};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::language::tables;
use crate::validator;
use crate::walk::{Of, Place, places};
use crate::whole::{self, Folder};

/// One of the valid files, to be changed.
struct Subject {
    folder: Folder,
    path: &'static str,
    validator: Validator,
    file: Value,
    places: Vec<Place>,
}

fn subjects() -> Vec<Subject> {
    let subject = |(kind, path, text): (&str, &'static str, &str)| {
        let (_, tables) = FILES.iter().find(|(name, _)| *name == kind).unwrap();
        let file = whole::json(text);
        let places = places(&file, tables);
        Subject { folder: Folder::for_one(path), path, validator: validator(kind), file, places }
    };
    whole::FILES.into_iter().map(subject).collect()
}

impl Subject {
    /// The file with one place changed.
    fn with(&self, pointer: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut file = self.file.clone();
        change(file.pointer_mut(pointer).unwrap());
        file
    }

    fn at(&self, pointer: &str) -> &Value {
        self.file.pointer(pointer).unwrap()
    }

    fn parser_refuses(&self, file: &Value) -> bool {
        self.folder.write(self.path, &file.to_string());
        !self.folder.errors(self.path).is_empty()
    }

    fn both_refuse(&self, file: &Value, why: &str) {
        assert!(!self.validator.is_valid(file), "{}: {why}: the schema takes {file}", self.path);
        assert!(self.parser_refuses(file), "{}: {why}: the parser takes {file}", self.path);
    }
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

/// A value that a key may have.
fn sample(key: &Key) -> Value {
    let text = key.example.or(key.default).unwrap_or_else(|| panic!("`{}` has no example", key.name));
    serde_json::from_str(text).unwrap()
}

fn key_of(table: &'static Table, name: &str) -> &'static Key {
    table.keys.iter().find(|key| key.name == name).unwrap()
}

#[test]
fn an_unknown_key_is_refused_in_every_map() {
    for subject in subjects() {
        for place in &subject.places {
            if let Of::Map(table) = place.of {
                let file = subject.with(&place.pointer, |map| {
                    object(map).insert("zzz".to_owned(), json!("x"));
                });
                subject.both_refuse(&file, &format!("an unknown key in `{}`", table.name));
            }
        }
    }
}

#[test]
fn a_missing_key_is_refused_where_it_must_be_written() {
    for subject in subjects() {
        for place in &subject.places {
            let Of::Map(table) = place.of else { continue };
            for key in table.keys.iter().filter(|key| key.must) {
                let file = subject.with(&place.pointer, |map| {
                    object(map).remove(key.name).unwrap();
                });
                subject.both_refuse(&file, &format!("`{}` without `{}`", table.name, key.name));
            }
        }
    }
}

#[test]
fn what_the_schema_refuses_under_any_key_the_parser_refuses() {
    let values = [
        json!(null),
        json!(true),
        json!(-7),
        json!(7.5),
        json!("zzz zzz"),
        json!([]),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({ "zzz": {} }),
        json!([7, "zzz zzz"]),
    ];
    let mut tried = BTreeSet::new();
    for subject in subjects() {
        for place in &subject.places {
            let (kind, what) = match &place.of {
                Of::Map(_) => continue,
                Of::Key(table, key) => (&key.kind, format!("`{}` of `{}`", key.name, table.name)),
                Of::Value(kind) => (*kind, "a value".to_owned()),
            };
            if !tried.insert(std::ptr::from_ref(kind)) {
                continue;
            }
            let files = values.iter().map(|value| subject.with(&place.pointer, |old| *old = value.clone()));
            let refused: Vec<Value> = files.filter(|file| !subject.validator.is_valid(file)).collect();
            assert!(
                !refused.is_empty() || is_free(kind),
                "{what}: the schema takes anything at {}",
                place.pointer
            );
            for file in refused {
                subject.both_refuse(&file, &format!("{what} at {}", place.pointer));
            }
        }
    }
}

/// Whether any value at all may stand there.
fn is_free(kind: &Kind) -> bool {
    match kind {
        Kind::Any => true,
        Kind::AnyOf(kinds) => kinds.iter().any(is_free),
        _ => false,
    }
}

#[test]
fn the_words_of_the_schema_are_those_of_the_parser() {
    for subject in subjects() {
        for place in &subject.places {
            let Of::Value(Kind::Word(words)) = place.of else { continue };
            let file = subject.with(&place.pointer, |old| *old = json!("zzzzzzzzzz"));
            subject.both_refuse(&file, "an unknown word");
            let findings = subject.folder.errors(subject.path);
            let told = findings.iter().find(|finding| finding.code == Code::UnknownWord).unwrap();
            let help = told.help.as_deref().unwrap();
            let allowed: BTreeSet<&str> =
                help.split('`').skip(1).step_by(2).filter(|word| !word.starts_with('{')).collect();
            for (word, _) in *words {
                assert!(allowed.contains(word), "{}: the parser does not know `{word}`", place.pointer);
            }
            for other in allowed.iter().filter(|other| words.iter().all(|(word, _)| word != *other)) {
                let file = subject.with(&place.pointer, |old| *old = json!(other));
                subject.both_refuse(&file, &format!("`{other}`, of which the language says nothing"));
            }
        }
    }
}

#[test]
fn the_ranges_of_the_schema_are_those_of_the_parser() {
    for subject in subjects() {
        for place in &subject.places {
            let Of::Value(Kind::Int(low, high)) = place.of else { continue };
            if (*low, *high) == (i64::MIN, i64::MAX) {
                continue;
            }
            for beyond in [low - 1, high + 1] {
                let file = subject.with(&place.pointer, |old| *old = json!(beyond));
                subject.both_refuse(&file, &format!("{beyond} at {}", place.pointer));
            }
            for bound in [low, high] {
                let file = subject.with(&place.pointer, |old| *old = json!(bound));
                assert!(subject.validator.is_valid(&file), "{bound} at {}", place.pointer);
                assert!(!subject.parser_refuses(&file), "{bound} at {}", place.pointer);
            }
        }
    }
}

#[test]
fn what_cannot_stand_together_is_refused() {
    let mut broken = BTreeSet::new();
    for subject in subjects() {
        for place in &subject.places {
            let Of::Map(table) = place.of else { continue };
            let map = subject.at(&place.pointer).as_object().unwrap();
            for (at, rule) in table.rules.iter().enumerate() {
                for change in against(rule, table, map) {
                    let file = subject.with(&place.pointer, |value| change(object(value)));
                    subject.both_refuse(&file, &format!("{rule:?} of `{}` at {}", table.name, place.pointer));
                    broken.insert((table.name, at));
                }
            }
        }
        for place in &subject.places {
            if let Of::Map(table) = place.of {
                let kinds_only = |rule: &Rule| matches!(rule, Rule::Where(_, _, follows) if follows.must.is_empty() && follows.never.is_empty());
                let told = table.rules.iter().enumerate().filter(|(_, rule)| kinds_only(rule));
                broken.extend(told.map(|(at, _)| (table.name, at)));
            }
        }
    }
    for table in tables() {
        for (at, rule) in table.rules.iter().enumerate() {
            assert!(broken.contains(&(table.name, at)), "{rule:?} of `{}` was not tried", table.name);
        }
    }
}

type Change = Box<dyn Fn(&mut Map<String, Value>)>;

/// The changes of a map that break a rule.
fn against(rule: &Rule, table: &'static Table, map: &Map<String, Value>) -> Vec<Change> {
    let has = |name: &str| map.contains_key(name);
    let insert = |name: &'static str| -> Change {
        let value = sample(key_of(table, name));
        Box::new(move |map| drop(map.insert(name.to_owned(), value.clone())))
    };
    let remove = |name: &'static str| -> Change { Box::new(move |map| drop(map.remove(name))) };
    match *rule {
        Rule::ExactlyOne(keys) => {
            let others = keys.iter().copied().filter(|key| !has(key) && key_of(table, key).example.is_some());
            let present = keys.iter().copied().filter(|key| has(key));
            others.map(insert).chain(present.map(remove)).collect()
        }
        Rule::AtLeastOne(keys) => {
            vec![Box::new(move |map| keys.iter().for_each(|key| drop(map.remove(*key))))]
        }
        Rule::AtMostOne(keys) if keys.iter().any(|key| has(key)) => keys
            .iter()
            .copied()
            .filter(|key| !has(key) && key_of(table, key).example.is_some())
            .map(insert)
            .collect(),
        Rule::Needs(key, other) if has(key) && has(other) => vec![remove(other)],
        Rule::Excludes(key, others) if has(key) => {
            let others = others.iter().copied().filter(|other| !has(other));
            others.filter(|other| key_of(table, other).example.is_some()).map(insert).collect()
        }
        Rule::Where(key, words, follows) => {
            let word = map.get(key).and_then(Value::as_str).unwrap_or_default();
            if !words.contains(&word) {
                return Vec::new();
            }
            let never = follows.never.iter().copied().filter(|key| key_of(table, key).example.is_some());
            follows.must.iter().copied().map(remove).chain(never.map(insert)).collect()
        }
        _ => Vec::new(),
    }
}
