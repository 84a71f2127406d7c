//! The smallest parts of a template: how long a name is and a text in quotes, and where a raw part ends.

/// Where the tag ends that ends a raw part, at its `%}`.
pub(super) fn past_raw(text: &str, from: usize) -> usize {
    let end = text.get(from..).and_then(|tail| tail.find("endraw")).map_or(text.len(), |at| from + at);
    text.get(end..).and_then(|tail| tail.find("%}")).map_or(text.len(), |at| end + at)
}

/// The bytes of the name that a text begins with.
pub(super) fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The bytes of the text in quotes that a text begins with.
pub(super) fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Whether a name can stand in an expression as it is.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name_length(name) == name.len() && !name.starts_with(|c: char| c.is_ascii_digit())
}
