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

/// Of a name that comes again, the first value that is not empty.
fn form(body: &[u8]) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let held = members.entry(name).or_insert_with(|| "".into());
        if held.as_str().is_some_and(str::is_empty) {
            *held = Value::from(value.into_owned());
        }
    }
    Value::Object(members)
}

/// Each value that the paths select, under its input's name; what is empty is not given.
pub(super) fn values(event: &Value, reading: &Reading) -> Vec<(String, String)> {
    let selected = reading.params.iter().flat_map(|(name, path)| {
        let texts = path.select(event).into_iter().filter_map(text_of);
        texts.map(|text| (name.clone(), text.trim().to_owned())).collect::<Vec<_>>()
    });
    selected.filter(|(_, text)| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;
    use serde_json::json;

    use super::values;
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
        let event = read(br#"{"phones":[" 1 ",6591234567,null,""],"email":{}}"#).unwrap();
        let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(values(&event, &reading), [named("tel", "1"), named("tel", "6591234567")]);
        let event = read(b"email=a%40b.example&email=c&m").unwrap();
        assert_eq!(event, json!({ "email": "a@b.example", "m": "" }));
        assert_eq!(values(&event, &reading), [named("email", "a@b.example")]);
        assert!(read(b"{\"a\":").is_err());
    }
}
