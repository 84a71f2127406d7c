//! An event's body as JSON, and what a hook's paths select of it. A FORM is a flat object.

use actix_web::http::header::HeaderMap;
use serde_json::{Map, Value};

use crate::expr::text_of;
use crate::http::extract::media::{self, Format};
use crate::http::extract::unreadable::Unreadable;
use crate::plan::hook::Reading;

/// Reads a body.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Unreadable> {
    let declared = media::declared(headers)?;
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match media::format(declared, body)? {
        Format::Form => Ok(form(body)),
        Format::Json => serde_json::from_slice(body).map_err(|error| Unreadable::JsonSyntax {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        }),
    }
}

/// Of a name that comes again, the first value.
fn form(body: &[u8]) -> Value {
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        members.entry(name).or_insert_with(|| Value::from(value.into_owned()));
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

    use super::{read, values};
    use crate::expr::Path;
    use crate::plan::hook::Reading;

    #[test]
    fn json_and_form_are_read_and_every_value_counts() {
        let params = vec![
            ("tel".to_owned(), Path::compile("$.phones[*]").unwrap()),
            ("email".to_owned(), Path::compile("$.email").unwrap()),
        ];
        let reading = Reading { node: "caller".into(), params };
        let event = read(&HeaderMap::new(), br#"{"phones":[" 1 ",6591234567,null,""],"email":{}}"#).unwrap();
        let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(values(&event, &reading), [named("tel", "1"), named("tel", "6591234567")]);
        let event = read(&HeaderMap::new(), b"email=a%40b.example&email=c&m").unwrap();
        assert_eq!(event, json!({ "email": "a@b.example", "m": "" }));
        assert_eq!(values(&event, &reading), [named("email", "a@b.example")]);
        assert!(read(&HeaderMap::new(), b"{\"a\":").is_err());
    }
}
