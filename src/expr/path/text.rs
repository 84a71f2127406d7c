//! The text of a path, before the library parses it: what the library cannot bear, and what can be walked without it.

use crate::expr::error::{CompileError, Fault};
use crate::expr::scan::Segment;

/// Longest text of a path, in bytes.
const MAX_LENGTH: usize = 512;
/// Most filters in one path; nested ones take exponential time to parse.
const MAX_FILTERS: usize = 3;
/// Most parentheses in one path; each is a stack frame while it is parsed.
const MAX_PARENTHESES: usize = 32;

pub(super) fn guard(text: &str) -> Result<(), CompileError> {
    let all = 0..text.len();
    if !text.starts_with('$') {
        let first = text.chars().next().map_or(0, char::len_utf8);
        return Err(CompileError::new("a path starts with `$`", 0..first)
            .fault(Fault::NoRoot)
            .help(format!("write `$.{}`", text.trim_start_matches('.'))));
    }
    if text.len() > MAX_LENGTH {
        return Err(
            CompileError::new(format!("a path has at most {MAX_LENGTH} bytes"), all).fault(Fault::TooLong)
        );
    }
    if text.matches("[?").count() > MAX_FILTERS {
        return Err(CompileError::new(format!("a path has at most {MAX_FILTERS} filters"), all));
    }
    if text.matches('(').count() > MAX_PARENTHESES {
        return Err(CompileError::new(format!("a path has at most {MAX_PARENTHESES} parentheses"), all));
    }
    for function in ["match(", "search("] {
        if let Some(at) = text.find(function) {
            return Err(CompileError::new(
                format!("`{function}…)` is not supported in a path"),
                at..at + function.len() - 1,
            )
            .fault(Fault::Forbidden)
            .help("compare with `==`, or map the text with `values`"));
        }
    }
    Ok(())
}

/// The plain names and indexes that a path begins with, and the text behind them.
pub(super) fn leading(text: &str) -> (Vec<Segment>, &str) {
    let mut segments = Vec::new();
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    while let Some((segment, after)) = segment(rest) {
        segments.push(segment);
        rest = after;
    }
    (segments, rest)
}

/// `.name`, `['name']` or `[0]` at the beginning of a text.
fn segment(text: &str) -> Option<(Segment, &str)> {
    if let Some(tail) = text.strip_prefix('.') {
        let (name, after) = tail.split_at_checked(tail.find(['.', '[']).unwrap_or(tail.len()))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let is_name = !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain);
        return (is_name && !name.is_empty()).then(|| (Segment::Key(name.to_owned()), after));
    }
    let tail = text.strip_prefix('[')?;
    if let Some(quote) = tail.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (key, after) = tail.get(1..)?.split_once(quote)?;
        let is_plain = !key.contains('\\') && !key.chars().any(char::is_control);
        return is_plain.then_some((Segment::Key(key.to_owned()), after.strip_prefix(']')?));
    }
    let (digits, after) = tail.split_once(']')?;
    let is_index = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    is_index.then_some((Segment::Index(digits.parse().ok()?), after))
}

/// Whether a text is one pair of brackets, with nothing behind it.
pub(super) fn is_one_step(text: &str) -> bool {
    let (mut depth, mut quoted) = (0_usize, None);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quoted, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(quote), c) if c == quote => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 1 => return at + 1 == text.len(),
            (None, ']') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 => return false,
            (None, _) => {}
        }
    }
    false
}
