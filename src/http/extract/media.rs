//! What a body is: FORM or JSON, by its content type, or by what it evidently is where that is missing or wrong.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

use crate::http::extract::unreadable::Unreadable;

/// The two ways in which a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `name=value&name=value`.
    Form,
    /// One object.
    Json,
}

/// What the headers say a body is. None: something that is neither, or nothing.
///
/// # Errors
/// [`Unreadable::Encoding`], [`Unreadable::Multipart`] and [`Unreadable::Charset`].
pub fn declared(headers: &HeaderMap) -> Result<Option<Format>, Unreadable> {
    let encoding = text(headers, &CONTENT_ENCODING).trim();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(Unreadable::Encoding(shown(encoding)));
    }
    let content_type = text(headers, &CONTENT_TYPE);
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    if media.starts_with("multipart/") {
        return Err(Unreadable::Multipart(shown(&media)));
    }
    if let Some(charset) = parts.find_map(charset).filter(|charset| !is_readable(charset)) {
        return Err(Unreadable::Charset(shown(charset)));
    }
    Ok(match media.as_str() {
        "application/x-www-form-urlencoded" => Some(Format::Form),
        "application/json" | "text/json" => Some(Format::Json),
        _ if media.ends_with("+json") => Some(Format::Json),
        _ => None,
    })
}

/// How to read a body. The declared format holds unless the body cannot be that and evidently is the other:
/// `curl -d '{…}'` declares FORM, and an IVR whose template was changed goes on declaring JSON.
///
/// # Errors
/// [`Unreadable::Xml`] for a body that begins with `<`.
pub fn format(declared: Option<Format>, body: &[u8]) -> Result<Format, Unreadable> {
    let body = body.trim_ascii();
    let (first, last) = (body.first().copied(), body.last().copied());
    let bracketed = matches!((first, last), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')));
    let opened = matches!(first, Some(b'{' | b'['));
    if first == Some(b'<') {
        return Err(Unreadable::Xml);
    }
    Ok(match declared {
        Some(Format::Form) if bracketed => Format::Json,
        Some(Format::Json) if !opened && first != Some(b'"') && body.contains(&b'=') => Format::Form,
        None if opened => Format::Json,
        Some(declared) => declared,
        None => Format::Form,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn charset(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).trim())
}

fn is_readable(charset: &str) -> bool {
    ["", "utf-8", "utf8", "us-ascii", "ascii"].iter().any(|readable| readable.eq_ignore_ascii_case(charset))
}

/// What a caller wrote, short enough to be said back.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::{Format, declared, format};
    use crate::http::extract::unreadable::Unreadable;

    fn typed(content_type: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers
    }

    #[test]
    fn the_content_type_is_read_in_any_spelling() {
        for (content_type, format) in [
            ("application/x-www-form-urlencoded", Some(Format::Form)),
            ("Application/X-WWW-Form-Urlencoded ; Charset=UTF-8", Some(Format::Form)),
            ("application/json", Some(Format::Json)),
            ("application/json;charset=\"Utf-8\"", Some(Format::Json)),
            ("application/json; odata=verbose; charset=us-ascii", Some(Format::Json)),
            ("application/vnd.acme+json", Some(Format::Json)),
            ("text/json", Some(Format::Json)),
            ("text/plain", None),
            ("application/octet-stream", None),
            ("json", None),
            ("", None),
        ] {
            assert_eq!(declared(&typed(content_type)), Ok(format), "{content_type}");
        }
        assert_eq!(declared(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn what_is_not_read_is_named() {
        for (content_type, error) in [
            ("multipart/form-data; boundary=x", Unreadable::Multipart("multipart/form-data".to_owned())),
            ("text/plain; charset=GBK", Unreadable::Charset("GBK".to_owned())),
            ("application/json; charset='iso-8859-1'", Unreadable::Charset("iso-8859-1".to_owned())),
        ] {
            assert_eq!(declared(&typed(content_type)), Err(error), "{content_type}");
        }
    }

    #[test]
    fn only_an_uncompressed_body_is_read() {
        for (encoding, read) in
            [("identity", Ok(None)), ("gzip", Err(Unreadable::Encoding("gzip".to_owned())))]
        {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
            assert_eq!(declared(&headers), read);
        }
    }

    #[test]
    fn a_body_under_a_missing_or_wrong_type_is_read_for_what_it_is() {
        use Format::{Form, Json};
        for (declared, body, read) in [
            (None, " \n{\"tel\":\"1\"}", Json),
            (None, "[1]", Json),
            (None, "tel=1", Form),
            (None, "", Form),
            (Some(Form), "tel={1}", Form),
            (Some(Form), "{\"tel\":\"1\"}\n", Json),
            (Some(Form), "{broken=1", Form),
            (Some(Json), "partnerId=1&m&tel=1", Form),
            (Some(Json), "{\"a\": \"b=c\"", Json),
            (Some(Json), "\"a=b\"", Json),
            (Some(Json), "tel: 1", Json),
        ] {
            assert_eq!(format(declared, body.as_bytes()), Ok(read), "{declared:?} {body}");
        }
        assert_eq!(format(None, b" <?xml?>"), Err(Unreadable::Xml));
        assert_eq!(format(Some(Json), b"<html>"), Err(Unreadable::Xml));
    }
}
