//! The bytes of an answer → a JSON value, or a name for what they are instead. No bytes make it panic.

use serde_json::Value;

/// Deepest nesting of lists and objects.
const MAX_DEPTH: usize = 64;
/// What serde_json writes numbers and raw values as between its own parts; in an answer it is an attack.
const PRIVATE: &str = "$serde_json::private::";

/// Reads a JSON text; a byte order mark and white space around it are nothing, and nothing at all is null.
///
/// # Errors
/// What the bytes are instead, as a sentence's end: `HTML, not JSON`, `JSON ends early`.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
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
    if depth(text) > MAX_DEPTH {
        return Err(format!("nested deeper than {MAX_DEPTH}"));
    }
    if text.contains(PRIVATE) {
        return Err(format!("a member is called `{PRIVATE}…`"));
    }
    serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            return "JSON ends early".to_owned();
        }
        format!("not JSON at line {}, column {}", error.line(), error.column())
    })
}

fn markup(text: &str) -> &'static str {
    let head: String = text.chars().take(512).collect::<String>().to_ascii_lowercase();
    if head.contains("<html") || head.contains("<!doctype html") { "HTML, not JSON" } else { "XML, not JSON" }
}

/// How deep lists and objects are nested in a text, whether or not it is JSON.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
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
    fn what_is_no_json_is_called_by_its_name() {
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        for (bytes, name) in [
            (&b"<!DOCTYPE html><title>Sign in</title>"[..], "HTML, not JSON"),
            (b"<?xml version=\"1.0\"?><fault/>", "XML, not JSON"),
            (b"{\"data\": [{\"id\": 1}, {\"i", "JSON ends early"),
            (b"{\"a\": 1} {}", "not JSON at line 1, column 10"),
            (b"callback({})", "not JSON at line 1, column 1"),
            (b"{\"name\": \"J\xfcrgen\"}", "not UTF-8 at byte 11"),
            (deep.as_bytes(), "nested deeper than 64"),
        ] {
            assert_eq!(read(bytes), Err(name.to_owned()));
        }
        assert!(read(format!("{}1{}", "[".repeat(64), "]".repeat(64)).as_bytes()).is_ok());
    }

    #[test]
    fn an_answer_cannot_speak_to_the_parser_itself() {
        let raw = json!({"$serde_json::private::RawValue": "[[[[]]]]"}).to_string();
        assert!(read(raw.as_bytes()).is_err());
        assert!(read(br#"{"$serde_json::private::Number": "x"}"#).is_err());
        let _ = read(br#"{"\u0024serde_json::private::RawValue": "[["}"#);
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
