//! Where the records stand in an answer: found by what answers of CRMs look like.

use serde_json::Value;

use crate::draft::DraftError;
use crate::draft::personal::{About, is_email, is_international};
use crate::draft::word::told;
use crate::expr::Path;

/// Keys under which answers hold what was asked for, the likeliest first.
const WRAPPERS: [&str; 22] = [
    "data",
    "result",
    "results",
    "records",
    "items",
    "hits",
    "list",
    "rows",
    "edges",
    "value",
    "values",
    "entries",
    "documents",
    "docs",
    "content",
    "contents",
    "customers",
    "contacts",
    "users",
    "response",
    "payload",
    "body",
];
/// Keys in which an item of a list holds the record itself.
const INNER: [&str; 2] = ["_source", "node"];
/// How deep records may stand.
const DEEPEST: usize = 6;
/// How many records, and items of a list in them, an example holds.
const SHOWN: (usize, usize) = (2, 3);
/// The longest text in an example, in characters.
const LONGEST: usize = 200;

/// The path of the records.
pub(super) fn locate(sample: &Value) -> Result<String, DraftError> {
    let mut empty = None;
    match within(sample, "$", 0, &mut empty) {
        Some(path) => Ok(path),
        None => Err(empty.map_or(DraftError::NoRecord, DraftError::Empty)),
    }
}

fn within(value: &Value, path: &str, depth: usize, empty: &mut Option<String>) -> Option<String> {
    match value {
        Value::Array(items) if items.is_empty() => {
            empty.get_or_insert_with(|| path.to_owned());
            None
        }
        Value::Array(items) => {
            let objects: Vec<_> = items.iter().filter_map(Value::as_object).collect();
            let inner = INNER
                .iter()
                .find(|key| objects.iter().all(|item| item.get(**key).is_some_and(Value::is_object)));
            let below = inner.map(|key| format!(".{key}")).unwrap_or_default();
            (!objects.is_empty()).then(|| format!("{path}[*]{below}"))
        }
        Value::Object(members) if depth < DEEPEST => {
            if members.values().any(is_personal) {
                return Some(path.to_owned());
            }
            let is_container = |value: &&Value| value.is_object() || is_list(value);
            for key in WRAPPERS {
                let held = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
                let Some((name, held)) = held.filter(|(_, held)| is_container(held)) else { continue };
                let found = within(held, &member(path, name), depth + 1, empty);
                if found.is_some() || empty.is_some() {
                    return found;
                }
            }
            let scalars =
                members.values().filter(|value| !value.is_array() && !value.is_object() && !value.is_null());
            let is_told = |(name, value): (&String, &Value)| {
                value.is_string() && matches!(told(name, None), Some(About::Name | About::Phone))
            };
            if scalars.count() >= 2 || members.iter().any(is_told) {
                return Some(path.to_owned());
            }
            let mut containers = members.iter().filter(|(_, value)| is_container(value));
            let found =
                containers.find_map(|(name, value)| within(value, &member(path, name), depth + 1, empty));
            let is_record = found.is_none() && empty.is_none() && !members.is_empty();
            found.or_else(|| is_record.then(|| path.to_owned()))
        }
        _ => None,
    }
}

fn is_personal(value: &Value) -> bool {
    value.as_str().is_some_and(|text| is_email(text) || is_international(text))
}

/// A list of objects, or of nothing.
fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
}

/// A path to a member: in short where its name allows it.
pub(super) fn member(path: &str, name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        return format!("{path}.{name}");
    }
    let escaped: String = name
        .chars()
        .map(|c| match c {
            '\'' => r"\'".to_owned(),
            '\\' => r"\\".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("{path}['{escaped}']")
}

/// The records at a path, as an operation finds them: a list under a plain path is its items.
pub(super) fn at<'v>(path: &Path, body: &'v Value) -> Vec<&'v Value> {
    let selected = path.select(body);
    let items = selected.into_iter().flat_map(|value| match value {
        Value::Array(items) if !path.is_plural() => items.iter().collect(),
        value => vec![value],
    });
    items.filter(|value| !value.is_null()).collect()
}

/// A body short enough for an example.
pub(super) fn shortened(body: &Value, path: &Path) -> Value {
    let records = at(path, body).len();
    let mut body = body.clone();
    shorten(&mut body, records);
    body
}

/// Lists lose their tails: that of the records after two, others after three. `records`: how many there are.
fn shorten(value: &mut Value, records: usize) {
    match value {
        Value::Array(items) => {
            let is_of_records = items.len() == records && items.iter().all(Value::is_object);
            items.truncate(if is_of_records { SHOWN.0 } else { SHOWN.1 });
            items.iter_mut().for_each(|item| shorten(item, records));
        }
        Value::Object(members) => members.values_mut().for_each(|member| shorten(member, records)),
        Value::String(text) => {
            if let Some((at, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(at);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::locate;

    #[test]
    fn records_are_found_in_what_answers_look_like() {
        for (sample, path) in [
            (json!([{ "id": 1 }]), "$[*]"),
            (
                json!({ "code": 0, "msg": "ok", "data": { "list": [{ "id": 1 }], "total": 1 } }),
                "$.data.list[*]",
            ),
            (json!({ "id": 7, "email": "a@b.sg", "data": { "x": 1 } }), "$"),
            (
                json!({ "took": 3, "hits": { "total": 1, "hits": [{ "_id": "1", "_source": { "a": 1 } }] } }),
                "$.hits.hits[*]._source",
            ),
            (json!({ "data": { "customer": { "id": 1, "name": "x" } } }), "$.data.customer"),
            (
                json!({ "data": { "customers": { "edges": [{ "node": { "id": 1 } }] } } }),
                "$.data.customers.edges[*].node",
            ),
            (json!({ "id": "request-1", "result": { "name": "x", "orders": [{ "no": 1 }] } }), "$.result"),
            (json!({ "客户 列表": [{ "姓名": "王" }] }), "$['客户 列表'][*]"),
        ] {
            assert_eq!(locate(&sample).unwrap(), path, "{sample}");
        }
    }

    #[test]
    fn a_sample_without_a_record_says_why() {
        for (sample, said) in [
            (json!({ "data": [] }), "`$.data` is an empty list"),
            (json!([]), "`$` is an empty list"),
            (json!("x"), "no record was found"),
            (json!([1, 2]), "no record was found"),
        ] {
            let error = locate(&sample).unwrap_err().to_string();
            assert!(error.contains(said), "{sample}: {error}");
        }
    }
}
