//! Reads a JSON object into parameters, without building it: declared members are kept as they are written,
//! others are skipped.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::http::extract::params::{Declared, Params};
use crate::http::extract::unreadable::Unreadable;

/// Reads a body.
///
/// # Errors
/// The `Json…` kinds of [`Unreadable`].
pub fn read(body: &[u8], params: &mut Params<'_>) -> Result<(), Unreadable> {
    let text = std::str::from_utf8(body).map_err(|error| Unreadable::JsonNotUtf8(error.valid_up_to()))?;
    if !text.trim_start().starts_with('{') {
        return Err(no_object(text));
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let members = parser.deserialize_map(Members { params }).map_err(|error| syntax(&error))?;
    parser.end().map_err(|error| syntax(&error))?;
    for Member { name, declared, value } in members {
        take(&name, declared, value, params)?;
    }
    params.end_source();
    Ok(())
}

/// A declared member, as it is written.
struct Member<'de, 'n> {
    name: Cow<'de, str>,
    declared: Declared<'n>,
    value: &'de RawValue,
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Members<'p, 'n> {
    params: &'p mut Params<'n>,
}

impl<'de, 'n> Visitor<'de> for Members<'_, 'n> {
    type Value = Vec<Member<'de, 'n>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            match self.params.declared(&name) {
                Some(declared) => members.push(Member { name, declared, value: map.next_value()? }),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(members)
    }
}

/// Takes a member's value, or each of its list's.
fn take<'n>(
    name: &str,
    declared: Declared<'n>,
    value: &RawValue,
    params: &mut Params<'n>,
) -> Result<(), Unreadable> {
    if !value.get().starts_with('[') {
        let text = scalar(name, value, ["an object", "a list"])?;
        text.into_iter().for_each(|text| params.take(declared, text));
        return Ok(());
    }
    for item in serde_json::from_str::<Vec<&RawValue>>(value.get()).map_err(|error| syntax(&error))? {
        let text = scalar(name, item, ["a list of objects", "a list of lists"])?;
        text.into_iter().for_each(|text| params.take(declared, text));
    }
    Ok(())
}

/// A scalar's text: a string's own, a number's as it is written; none for null. `nested` says what an object and a
/// list are called here.
fn scalar(name: &str, value: &RawValue, nested: [&'static str; 2]) -> Result<Option<String>, Unreadable> {
    let written = value.get();
    let [object, list] = nested;
    match written.bytes().next() {
        Some(b'{') => Err(Unreadable::JsonNested { name: name.to_owned(), what: object }),
        Some(b'[') => Err(Unreadable::JsonNested { name: name.to_owned(), what: list }),
        Some(b'n') => Ok(None),
        Some(b'"') => {
            serde_json::from_str(written).map(Some).map_err(|_| Unreadable::JsonText(name.to_owned()))
        }
        _ => Ok(Some(written.to_owned())),
    }
}

/// Why a text that does not begin with `{` is no object: it is other JSON, or none at all.
fn no_object(text: &str) -> Unreadable {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return syntax(&error);
    }
    Unreadable::JsonTop(match text.trim_start().bytes().next() {
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b'n') => "null",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    })
}

fn syntax(error: &serde_json::Error) -> Unreadable {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let place = format!(" at line {line} column {column}");
    let reason = said.strip_suffix(&place).unwrap_or(&said).to_owned();
    Unreadable::JsonSyntax { line, column, reason }
}
