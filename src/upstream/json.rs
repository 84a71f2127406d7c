//! The bytes of an answer → a JSON value, or a name for what they are instead. No bytes make it panic.

mod part;
mod surrogate;

use serde::de::DeserializeSeed;
use serde_json::Value;

use crate::plan::part::Part;
use crate::upstream::json::part::Seed;

/// Deepest nesting of lists and objects: the parser's own limit.
const MAX_DEPTH: usize = 127;
/// How much of a text is looked at for what kind of markup it is.
const MARKUP: usize = 512;
const HTML: &str = "HTML, not JSON";
/// How serde_json calls a number or a raw text between its own parts. Read from outside, a member of that name
/// makes it parse a text in a text, past every limit of depth, until the stack ends.
const PRIVATE: &str = "$serde_json::private::";

/// Reads a JSON text; a byte order mark and white space around it are nothing, and nothing at all is null.
///
/// # Errors
/// What the bytes are instead, as a sentence's end: `HTML, not JSON`, `JSON ends early`.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    read_part(bytes, &Part::Whole)
}

/// The same, of a part only; the rest has to be JSON, and no more.
pub(crate) fn read_part(bytes: &[u8], part: &Part) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = str::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?
        .trim_ascii();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.starts_with('<') {
        return Err(markup(text).to_owned());
    }
    if ["\"$", "\"\\u0024"].iter().any(|opening| text.contains(opening)) {
        survey(text)?;
    }
    let parsed = parse(text, part);
    // Only what cannot be read is looked through for halves of characters.
    let parsed =
        parsed.or_else(|error| surrogate::replaced(text).map_or(Err(error), |text| parse(&text, part)));
    parsed.map_err(|error| {
        if error.to_string().starts_with("recursion limit") {
            return format!("nested deeper than {MAX_DEPTH}");
        }
        if error.is_eof() {
            return "JSON ends early".to_owned();
        }
        format!("not JSON at line {}, column {}", error.line(), error.column())
    })
}

fn parse(text: &str, part: &Part) -> serde_json::Result<Value> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Seed(part).deserialize(&mut parser)?;
    parser.end().map(|()| value)
}

/// Whether these bytes are a page, whatever encoding they are in.
pub(crate) fn is_html(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..MARKUP).unwrap_or(bytes));
    head.trim_start_matches('\u{feff}').trim_start().starts_with('<') && markup(&head) == HTML
}

fn markup(text: &str) -> &'static str {
    let head: String = text.chars().take(MARKUP).collect::<String>().to_ascii_lowercase();
    if head.contains("<html") || head.contains("<!doctype html") { HTML } else { "XML, not JSON" }
}

/// Looks a text over, whether or not it is JSON, for what the parser cannot bear.
fn survey(text: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut opened = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match (opened, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(start), b'"') => {
                opened = None;
                if text.get(start..=at).is_some_and(is_private) {
                    return Err(format!("a text in it is called `{PRIVATE}…`"));
                }
            }
            (None, b'"') => opened = Some(at),
            (None, b'[' | b'{') => depth += 1,
            (None, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
    }
    Ok(())
}

/// Whether a text, in its quotes, is one of the parser's own names, however its letters are escaped.
fn is_private(quoted: &str) -> bool {
    let may_be = quoted.starts_with("\"$") || quoted.starts_with("\"\\u0024");
    may_be && serde_json::from_str::<String>(quoted).is_ok_and(|name| name.starts_with(PRIVATE))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::any;
    use serde_json::{Value, json};

    use super::read;

    #[test]
    fn an_answer_is_read_for_what_it_is() {
        assert_eq!(read(b"\xef\xbb\xbf {\"a\": \"[[[\\\"\"}\r\n"), Ok(json!({"a": "[[[\""})));
        assert_eq!(read(b"  \n"), Ok(Value::Null));
        let number = read(b"123456789012345678901234567890.10").unwrap();
        assert_eq!(number.to_string(), "123456789012345678901234567890.10");
    }

    #[test]
    fn half_a_character_does_not_cost_the_whole_answer() {
        assert_eq!(read(br#"{"name": "Ada \ud83d", "id": 7}"#), Ok(json!({"name": "Ada \u{fffd}", "id": 7})));
        assert_eq!(read(br#"{"name": "\ud83d" "#), Err("JSON ends early".to_owned()));
    }

    #[test]
    fn what_is_no_json_is_called_by_its_name() {
        let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        for (bytes, name) in [
            (&b"<!DOCTYPE html><title>Sign in</title>"[..], "HTML, not JSON"),
            (b"<?xml version=\"1.0\"?><fault/>", "XML, not JSON"),
            (b"{\"data\": [{\"id\": 1}, {\"i", "JSON ends early"),
            (b"{\"a\": 1} {}", "not JSON at line 1, column 10"),
            (b"callback({})", "not JSON at line 1, column 1"),
            (b"{\"name\": \"J\xfcrgen\"}", "not UTF-8 at byte 11"),
            (deep.as_bytes(), "nested deeper than 127"),
        ] {
            assert_eq!(read(bytes), Err(name.to_owned()));
        }
        assert!(read(format!("{}1{}", "[".repeat(127), "]".repeat(127)).as_bytes()).is_ok());
    }

    #[test]
    fn an_answer_cannot_speak_to_the_parser_itself() {
        for name in ["$serde_json::private::RawValue", "\\u0024serde_json::priv\\u0061te::RawValue"] {
            let mut text = "1".to_owned();
            for _ in 0..8 {
                let quoted = Value::from(text).to_string();
                text = format!("{}{{\"{name}\": {quoted}}}{}", "[".repeat(60), "]".repeat(60));
            }
            assert!(read(text.as_bytes()).unwrap_err().starts_with("a text in it is called"), "{name}");
        }
        assert_eq!(read(br#"{"$ref": "\u0024"}"#), Ok(json!({"$ref": "$"})));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_text_near_json_makes_it_panic(text in r#"[\[\]{}":,\\u0-9a-e.+ \t<é-]{0,80}"#) {
            let _ = read(text.as_bytes());
        }
    }
}
