//! The text of a path, before the library parses it: what the library cannot bear, and what can be walked without it.

use crate::expr::error::{CompileError, Fault};
use crate::expr::path::Path;
use crate::expr::scan::Segment;

/// How a path is written.
pub(super) const RFC: &str =
    "a path is written as in RFC 9535: $.profile.name, $.tags[*].name, $['any name'], $[0]";
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
            .help(rooted(text)));
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

/// What to write for a path that does not begin at the root.
fn rooted(text: &str) -> String {
    let plain = text.trim();
    let inside = plain.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
    let written = match inside {
        Some(variable) => {
            let below = variable.strip_prefix("record").filter(|rest| rest.starts_with(['.', '[']));
            below.map_or_else(String::new, |below| format!("${below}"))
        }
        None if plain.starts_with('[') => format!("${plain}"),
        None if plain.starts_with('/') => format!("${}", plain.trim_end_matches('/').replace('/', ".")),
        None => format!("$.{}", plain.trim_start_matches(['@', '.'])),
    };
    match (inside, Path::compile(&written)) {
        (None, Ok(_)) => format!("write `{written}`"),
        (Some(_), Ok(_)) => format!("a path is no template: write `{written}`"),
        (_, Err(_)) => RFC.to_owned(),
    }
}

/// The slip that keeps a path from parsing, where it is one that is made often.
pub(super) fn slip(text: &str) -> Option<CompileError> {
    if let Some(whole) = text.strip_suffix('.') {
        let error = CompileError::new("no name stands behind the last dot", whole.len()..text.len());
        return Some(error.help(format!("leave the dot out: `{whole}`")));
    }
    let operator = text.find("[?").and_then(|filter| single_equals(text, filter));
    if let Some(at) = operator {
        let error = CompileError::new("`=` compares nothing in a path", at..at + 1);
        return Some(error.fault(Fault::Operator).help("compare with `==`"));
    }
    let (_, rest) = leading(text);
    let name = rest.strip_prefix('.')?;
    let name = name.split(['.', '[']).next().filter(|name| !name.is_empty() && *name != "*")?;
    let at = text.len() - rest.len() + 1;
    let before = text.get(..at - 1)?;
    let written = format!("{before}['{name}']{}", text.get(at + name.len()..)?);
    Path::compile(&written).ok()?;
    let message = format!("`{name}` cannot stand behind a dot");
    Some(CompileError::new(message, at..at + name.len()).help(format!("write `{written}`")))
}

/// The first `=` from there on that is none of `==`, `!=`, `<=` and `>=`, outside of texts.
fn single_equals(text: &str, from: usize) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < from) {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '=') if !"=!<>".contains(before) && !text.get(at + 1..)?.starts_with('=') => {
                return Some(at);
            }
            _ => {}
        }
        before = c;
    }
    None
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
pub(super) fn segment(text: &str) -> Option<(Segment, &str)> {
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
