//! Which parts of a template's text are the author's own words, outside of `{{ … }}`, `{% … %}` and `{# … #}`.

use std::ops::Range;

const BRACES: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// The literal parts of a template, in order, as bytes of its text.
pub(super) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(tail) = text.get(at..) {
        let opens = BRACES.iter().filter_map(|(open, close)| Some((tail.find(open)?, *close)));
        let Some((open, close)) = opens.min_by_key(|(open, _)| *open) else { break };
        parts.push(at..at + open);
        let inside = tail.get(open..).unwrap_or_default();
        at += open + inside.find(close).map_or(inside.len(), |end| end + close.len());
    }
    parts.push(at..text.len());
    parts.retain(|part| !part.is_empty());
    parts
}

/// How many `{{`, `{%` and `{#` a text holds.
pub(super) fn count_opens(text: &str) -> usize {
    BRACES.iter().map(|(open, _)| text.matches(open).count()).sum()
}

/// The first literal character that a test holds for, as bytes of the text.
pub(super) fn find(text: &str, test: impl Fn(char) -> bool) -> Option<Range<usize>> {
    parts(text).into_iter().find_map(|part| {
        let (at, found) = text.get(part.clone())?.char_indices().find(|(_, c)| test(*c))?;
        Some(part.start + at..part.start + at + found.len_utf8())
    })
}

#[cfg(test)]
mod tests {
    use super::{count_opens, find, parts};

    #[test]
    fn what_stands_between_braces_is_not_literal() {
        let literal =
            |text: &'static str| parts(text).into_iter().map(|part| &text[part]).collect::<Vec<_>>();
        assert_eq!(literal("/v1/{{ a ? b }}/x{# ? #}"), ["/v1/", "/x"]);
        assert_eq!(literal("{{ a }}"), Vec::<&str>::new());
        assert_eq!(literal("/x/{{ open"), ["/x/"]);
        assert_eq!(find("/名/{{ '?' }}?q", |c| c == '?'), Some(14..15));
        assert_eq!(count_opens("{{ a }}{% if b %}"), 2);
    }
}
