//! Just enough of YAML's tokens to say where a mistake began: the quote or bracket that is still open, the value that
//! a stray character belongs to. The parser only says where it stumbled.

use crate::diagnostic::Span;

/// What stands before a place where the parser stumbled.
#[derive(Debug, Default)]
pub struct Scan {
    /// A quote that is opened before the place and not closed before it.
    pub quote: Option<usize>,
    /// The last quoted text that is whole.
    pub quoted: Option<Span>,
    /// Brackets that are open at the place, outermost first.
    pub brackets: Vec<usize>,
    /// The last `{{` or `{%` that stands where a value begins.
    pub template: Option<Span>,
    /// Where the last value outside of brackets begins.
    pub value: usize,
    /// Where the last unquoted value inside of brackets begins.
    pub inner: Option<usize>,
}

/// Reads `text` from `from`, which is outside of all quotes and brackets, up to the byte `to`.
pub fn scan(text: &str, from: usize, to: usize) -> Scan {
    let mut scan = Scan { value: from, ..Scan::default() };
    let mut at = from;
    let mut begins_value = true;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            begins_value |= first == '\n';
            at += first.len_utf8();
            continue;
        }
        if begins_value && scan.brackets.is_empty() && at <= to {
            scan.value = at;
        }
        if at > to || (at == to && !matches!(first, '"' | '\'')) {
            break;
        }
        begins_value = false;
        let is_separator = rest.chars().nth(1).is_none_or(char::is_whitespace);
        match first {
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => match quoted_end(text, at) {
                Some(end) if end <= to => {
                    scan.quoted = Some(Span::new(at, end));
                    at = end;
                }
                _ => {
                    scan.quote = Some(at);
                    break;
                }
            },
            '[' | '{' => {
                if scan.template.is_none_or(|template| template.end <= at)
                    && (rest.starts_with("{{") || rest.starts_with("{%"))
                {
                    let is_inner = !scan.brackets.is_empty();
                    scan.template = Some(Span::new(at, value_end(text, at, is_inner)));
                }
                scan.brackets.push(at);
                at += 1;
            }
            ']' | '}' => {
                scan.brackets.pop();
                at += 1;
            }
            ',' => at += 1,
            '-' | ':' | '?' if is_separator || (first == ':' && !scan.brackets.is_empty()) => {
                begins_value = true;
                at += 1;
            }
            _ => {
                let is_inner = !scan.brackets.is_empty();
                if is_inner {
                    scan.inner = Some(at);
                }
                at = plain_end(text, at, is_inner);
            }
        }
    }
    scan
}

/// One past the closing quote of the quoted text that begins at `start`; `None` where it is never closed.
pub fn quoted_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let quote = rest.chars().next()?;
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let is_next_quote = chars.peek().is_some_and(|(_, next)| *next == quote);
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            '\'' if quote == '\'' && is_next_quote => drop(chars.next()),
            _ if c == quote => return Some(start + at + 1),
            _ => {}
        }
    }
    None
}

/// Where the value that begins at `start` ends in its line, as its author most likely meant it: before a comment, and
/// inside of brackets before the comma or bracket that is not its own.
pub fn value_end(text: &str, start: usize, is_inner: bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let mut depth = 0_usize;
    let mut before = 'x';
    let mut end = line.len();
    for (at, c) in line.char_indices() {
        match c {
            '#' if before.is_whitespace() => end = at,
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ',' if is_inner && depth == 0 => end = at,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if end == at {
            break;
        }
        before = c;
    }
    start + line.get(..end).unwrap_or(line).trim_end().len()
}

/// Where an unquoted text ends for YAML.
fn plain_end(text: &str, start: usize, is_inner: bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let mut before = 'x';
    for (at, c) in rest.char_indices() {
        let next = rest.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let ends = match c {
            '\n' => true,
            '#' => before.is_whitespace(),
            ':' => next.is_none_or(|next| next.is_whitespace() || (is_inner && ",[]{}".contains(next))),
            ',' | '[' | ']' | '{' | '}' => is_inner,
            _ => false,
        };
        if ends && at > 0 {
            return start + at;
        }
        before = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{quoted_end, scan, value_end};

    #[test]
    fn the_open_quote_is_found_and_closed_ones_are_passed() {
        let text = "a: 'it''s' # isn't\nb: \"x\\\"y\"\nc: 'open\nd: e";
        assert_eq!(scan(text, 0, text.len()).quote, text.find("'open"));
        assert_eq!(scan("a: it's fine\nb: c", 0, 17).quote, None);
    }

    #[test]
    fn open_brackets_are_those_that_begin_a_value() {
        assert_eq!(scan("a: {b: [1, 2], c: [3", 0, 20).brackets, [3, 18]);
        assert!(scan("a: $.data[0\nb: x{", 0, 17).brackets.is_empty());
    }

    #[test]
    fn the_value_is_the_last_one_that_began() {
        assert_eq!(scan("- a: b: c", 0, 6).value, 5);
        assert_eq!(scan("a: @x", 0, 3).value, 3);
        assert_eq!(scan("{p: $.d[0]}", 0, 7).inner, Some(4));
    }

    #[test]
    fn a_value_ends_where_its_author_meant_it_to() {
        let end = |text: &'static str, inner| &text[..value_end(text, 0, inner)];
        assert_eq!(end("{{ a }}/x, b: c }", true), "{{ a }}/x");
        assert_eq!(end("$.x[0,1]}", true), "$.x[0,1]");
        assert_eq!(end("a, b} # c", false), "a, b}");
        assert_eq!(end("a#b \nc", false), "a#b");
    }

    #[test]
    fn a_quote_never_closed_has_no_end() {
        assert_eq!(quoted_end("'a''", 0), None);
        assert_eq!(quoted_end("\"a\\\"", 0), None);
        assert_eq!(quoted_end("'a'b", 0), Some(3));
    }
}
