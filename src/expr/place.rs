//! Where a template's values go, and how a value is written there.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes a value for its place; an error where the value cannot stand there.
pub(super) type Escape = fn(&str, &mut dyn Write) -> io::Result<()>;

/// Where a template's values go, which decides how they are encoded. The author's own text is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere that needs encoding, or a place that is encoded as a whole afterwards: JSON member, FORM field,
    /// query item, header, plain text.
    Text,
    /// One segment of a URL's path.
    PathSegment,
    /// XML or HTML, in text or in a quoted attribute.
    Xml,
    /// Inside a quoted JSON string.
    JsonString,
}

impl Place {
    /// How a value is written there.
    pub(super) fn escape(self) -> Escape {
        match self {
            Self::Text => |text, out| out.write_all(text.as_bytes()),
            Self::PathSegment => |text, out| {
                if matches!(text, "" | "." | "..") {
                    return Err(io::Error::other(format!("{text:?} cannot be a part of a path")));
                }
                write!(out, "{}", percent_encode(text.as_bytes(), SEGMENT))
            },
            Self::Xml => |text, out| {
                if !text.contains(is_no_xml) {
                    return tera::escape_html(text, out);
                }
                tera::escape_html(&text.replace(is_no_xml, ""), out)
            },
            Self::JsonString => |text, out| {
                let quoted = serde_json::to_string(text)?;
                let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
                out.write_all(inside.as_bytes())
            },
        }
    }
}

/// Characters that XML cannot hold, not even escaped.
fn is_no_xml(c: char) -> bool {
    (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}
