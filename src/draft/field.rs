//! The fields of records, as the outputs that a node may answer: scalars flat, lists joined or counted.

use serde_json::{Map, Value};

use crate::draft::records::member;

/// How deep in a record fields are drafted: `$.a.b.c`.
const DEEPEST: usize = 3;
/// The most outputs of a draft.
const MOST: usize = 120;
/// The longest path, in bytes.
const LONGEST: usize = 512;
/// More digits than this are kept as text: a flow's arithmetic would round them.
const DIGITS: usize = 15;
/// What an item of a list is called by.
const LABELS: [&str; 4] = ["name", "title", "label", "no"];

/// What is answered, and what is left out of it.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) outputs: Vec<Field>,
    /// Paths that were not drafted, with the reason.
    pub(super) left_out: Vec<(String, &'static str)>,
    /// Where a record says when it was last changed.
    pub(super) changed: Option<String>,
}

/// A drafted output.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) shape: Shape,
    /// What its author should know.
    pub(super) note: Option<&'static str>,
}

/// How an output is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Int,
    Number,
    Truth,
    Join,
    Count,
}

impl Fields {
    /// The fields of all records together.
    pub(super) fn of(records: &[&Value]) -> Self {
        let mut fields = Self::default();
        let objects: Vec<&Map<String, Value>> =
            records.iter().filter_map(|record| record.as_object()).collect();
        fields.members(&objects, "$", &[], 0);
        fields.changed = fields
            .outputs
            .iter()
            .find(|field| is_change(&field.path, records))
            .map(|field| field.path.clone());
        fields
    }

    fn members(&mut self, objects: &[&Map<String, Value>], path: &str, names: &[&str], depth: usize) {
        let mut keys: Vec<&str> = Vec::new();
        for key in objects.iter().flat_map(|object| object.keys()) {
            if !keys.contains(&key.as_str()) {
                keys.push(key);
            }
        }
        for key in keys {
            let values: Vec<&Value> = objects
                .iter()
                .filter_map(|object| object.get(key))
                .filter(|value| !value.is_null())
                .collect();
            let path = member(path, key);
            let names = [names, &[key]].concat();
            self.one(&values, path, &names, depth + 1);
        }
    }

    fn one(&mut self, values: &[&Value], path: String, names: &[&str], depth: usize) {
        if path.len() > LONGEST {
            self.left_out.push((path, "the path is too long"));
        } else if values.iter().all(|value| value.is_object()) && !values.is_empty() {
            if depth < DEEPEST {
                let objects: Vec<_> = values.iter().filter_map(|value| value.as_object()).collect();
                self.members(&objects, &path, names, depth);
            } else {
                self.left_out.push((path, "it stands deep in the record"));
            }
        } else if values.iter().all(|value| value.is_array()) && !values.is_empty() {
            let items: Vec<&Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
            self.list(&items, path, names);
        } else if values.iter().any(|value| value.is_object() || value.is_array()) {
            self.left_out.push((path, "it is of several kinds"));
        } else {
            let (shape, note) = shape(values, names);
            self.push(names.join("_"), path, shape, note);
        }
    }

    fn list(&mut self, items: &[&Value], path: String, names: &[&str]) {
        let name = names.join("_");
        let are_scalars = items.iter().all(|item| !item.is_object() && !item.is_array());
        if items.is_empty() {
            self.push(format!("{name}_count"), path, Shape::Count, Some("an empty list in the sample"));
        } else if are_scalars {
            self.push(name, format!("{path}[*]"), Shape::Join, None);
        } else if items.iter().all(|item| item.is_object()) {
            let is_text = |label: &&&str| {
                items.iter().all(|item| item.get(**label).is_some_and(|v| v.is_string() || v.is_number()))
            };
            if let Some(label) = LABELS.iter().find(is_text) {
                self.push(name.clone(), member(&format!("{path}[*]"), label), Shape::Join, None);
            }
            self.push(format!("{name}_count"), path, Shape::Count, None);
        } else {
            self.left_out.push((path, "it is a list of several kinds"));
        }
    }

    fn push(&mut self, name: String, path: String, shape: Shape, note: Option<&'static str>) {
        if self.outputs.len() >= MOST {
            self.left_out.push((path, "there are many outputs already"));
            return;
        }
        let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        let name = if name.trim().is_empty() { "value".to_owned() } else { name };
        let is_ours = matches!(name.as_str(), "error" | "status");
        let name = if is_ours { format!("record_{name}") } else { name };
        let is_taken = |name: &str| self.outputs.iter().any(|output| output.name == name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let name = std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(name);
        self.outputs.push(Field { name, path, shape, note });
    }
}

/// The one shape of all values that are there.
fn shape(values: &[&Value], names: &[&str]) -> (Shape, Option<&'static str>) {
    if values.is_empty() {
        return (Shape::Text, Some("null in the sample"));
    }
    if values.iter().all(|value| value.is_boolean()) {
        return (Shape::Truth, None);
    }
    let numbers: Vec<String> =
        values.iter().filter(|value| value.is_number()).map(|value| value.to_string()).collect();
    if numbers.len() < values.len() {
        return (Shape::Text, (!numbers.is_empty()).then_some("text and numbers in the sample"));
    }
    let digits = |number: &String| number.chars().filter(char::is_ascii_digit).count();
    let is_long = numbers.iter().any(|number| digits(number) > DIGITS || number.contains(['e', 'E']));
    if is_long {
        return (Shape::Text, Some("as text: a number of so many digits is rounded by most programs"));
    }
    let is_name = names.last().is_some_and(|name| {
        let name = name.to_lowercase();
        ["id", "no", "code", "phone", "tel", "mobile", "zip", "fax"].iter().any(|end| name.ends_with(end))
    });
    if is_name {
        return (Shape::Text, Some("as text: nobody counts with it"));
    }
    let is_whole = numbers.iter().all(|number| !number.contains('.'));
    (if is_whole { Shape::Int } else { Shape::Number }, None)
}

/// Whether a path says when a record was changed: `updated_at`, `lastModified`.
fn is_change(path: &str, records: &[&Value]) -> bool {
    let name = path.strip_prefix("$.").unwrap_or_default();
    let plain = name.replace('_', "").to_lowercase();
    let is_named = [
        "updatedat",
        "updated",
        "updatetime",
        "updatedtime",
        "modifiedat",
        "modified",
        "lastmodified",
        "lastupdated",
    ]
    .contains(&plain.as_str());
    let is_date = |record: &&Value| {
        record.get(name).and_then(Value::as_str).is_some_and(|text| text.get(4..5) == Some("-"))
    };
    is_named && records.iter().all(is_date)
}
