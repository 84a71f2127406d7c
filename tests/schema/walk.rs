//! Walks a file beside the language: where its maps and keys stand, and what the language says of each.

use datadip::mapping::language::{Key, Kind, Table};
use serde_json::Value;

/// A map or a value of a file, and what it is to be.
pub struct Place {
    /// The way there, as a JSON pointer.
    pub pointer: String,
    pub of: Of,
}

/// What the language says of a place.
pub enum Of {
    Map(&'static Table),
    Key(&'static Table, &'static Key),
    Value(&'static Kind),
}

/// Every place of a file whose root is one of these maps.
pub fn places(file: &Value, tables: &[&'static Table]) -> Vec<Place> {
    let fits =
        |table: &&&Table| file.as_object().unwrap().keys().all(|key| table.names.contains(&key.as_str()));
    let table = tables.iter().find(fits).unwrap();
    let mut found = Vec::new();
    map(file, table, "", &mut found);
    found
}

fn map(value: &Value, table: &'static Table, at: &str, found: &mut Vec<Place>) {
    found.push(Place { pointer: at.to_owned(), of: Of::Map(table) });
    for (name, value) in value.as_object().unwrap() {
        let key = table.keys.iter().find(|key| key.name == name).unwrap();
        let at = below(at, name);
        found.push(Place { pointer: at.clone(), of: Of::Key(table, key) });
        walk(value, &key.kind, &at, found);
    }
}

fn walk(value: &Value, kind: &'static Kind, at: &str, found: &mut Vec<Place>) {
    found.push(Place { pointer: at.to_owned(), of: Of::Value(kind) });
    match (kind, value) {
        (Kind::Map(table), Value::Object(_)) => map(value, table, at, found),
        (Kind::Entries(_, kind), Value::Object(entries)) => {
            entries.iter().for_each(|(name, value)| walk(value, kind, &below(at, name), found));
        }
        (Kind::List(kind) | Kind::OneOrList(kind), Value::Array(items)) => {
            items
                .iter()
                .enumerate()
                .for_each(|(item, value)| walk(value, kind, &format!("{at}/{item}"), found));
        }
        (Kind::OneOrList(kind), _) => walk(value, kind, at, found),
        (Kind::AnyOf(kinds), _) => {
            let is_map = |kind: &&Kind| matches!(kind, Kind::Map(_) | Kind::Entries(..)) == value.is_object();
            kinds.iter().filter(is_map).for_each(|kind| walk(value, kind, at, found));
        }
        _ => {}
    }
}

fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
