//! An event's body as JSON, and what a hook's paths select of it. A FORM is a flat object.

use actix_web::http::header::HeaderMap;
use serde_json::{Map, Value};

use crate::expr::text_of;
use crate::http::extract::media::{self, Format};
use crate::http::extract::unreadable::Unreadable;
use crate::plan::hook::Reading;
use crate::plan::part::Part;
use crate::upstream::json;

/// Reads this part of a body. What nobody reads of it cannot make it unreadable.
pub(super) fn read(headers: &HeaderMap, body: &[u8], part: &Part) -> Result<Value, Unreadable> {
    let declared = media::declared(headers)?;
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match media::format(declared, body)? {
        Format::Form => Ok(form(body)),
        Format::Json => json::read_part(body, part).map_err(Unreadable::Json),
    }
}

/// A name that comes again has several values, of which empty ones do not count.
fn form(body: &[u8]) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let value = Value::from(value.into_owned());
        let held = members.entry(name).or_insert_with(|| "".into());
        *held = match (held.take(), value) {
            (held, value) if value == "" => held,
            (held, value) if held == "" => value,
            (Value::Array(mut values), value) => {
                values.push(value);
                Value::Array(values)
            }
            (first, value) => Value::Array(vec![first, value]),
        };
    }
    Value::Object(members)
}

/// What the paths of a reading select.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selected {
    /// Each value, under its input's name; what is empty is not given.
    pub(super) values: Vec<(String, String)>,
    /// Inputs for which something stands there that is no value: an object, a list in a list.
    pub(super) odd: Vec<String>,
}

impl Selected {
    /// Follows the paths. A list at the end of a path that selects one value is its items.
    pub(super) fn of(event: &Value, reading: &Reading) -> Self {
        let mut selected = Self::default();
        for (name, path) in &reading.params {
            for value in path.select(event) {
                match value {
                    Value::Array(items) if path.is_singular() => {
                        items.iter().for_each(|item| selected.add(name, item));
                    }
                    value => selected.add(name, value),
                }
            }
        }
        selected
    }

    fn add(&mut self, name: &str, value: &Value) {
        match text_of(value) {
            Some(text) if text.trim().is_empty() => {}
            Some(text) => self.values.push((name.to_owned(), text.trim().to_owned())),
            None if value.is_null() => {}
            None => self.odd.push(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;
    use serde_json::json;

    use super::Selected;
    use crate::expr::Path;
    use crate::plan::hook::Reading;
    use crate::plan::part::Part;

    #[test]
    fn json_and_form_are_read_and_every_value_counts() {
        let params = vec![
            ("tel".to_owned(), Path::compile("$.phones[*]").unwrap()),
            ("email".to_owned(), Path::compile("$.email").unwrap()),
        ];
        let read = |body: &[u8]| super::read(&HeaderMap::new(), body, &Part::Whole);
        let reading = Reading { node: "caller".into(), params };
        let selected = |body: &[u8]| Selected::of(&read(body).unwrap(), &reading);
        let given = |values: &[(&str, &str)], odd: &[&str]| Selected {
            values: values.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            odd: odd.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(
            selected(br#"{"phones":[" 1 ",6591234567,null,""],"email":{}}"#),
            given(&[("tel", "1"), ("tel", "6591234567")], &["email"])
        );
        assert_eq!(
            selected(br#"{"phones":[["1"],{"n":2}],"email":["a@b.example",["c"],null]}"#),
            given(&[("email", "a@b.example")], &["tel", "tel", "email"])
        );
        assert_eq!(selected(b"{}"), given(&[], &[]));
        let form = b"email=&email=a%40b.example&email=c&m&email=";
        assert_eq!(read(form).unwrap(), json!({ "email": ["a@b.example", "c"], "m": "" }));
        assert_eq!(selected(form), given(&[("email", "a@b.example"), ("email", "c")], &[]));
        assert!(read(b"{\"a\":").is_err());
    }
}
