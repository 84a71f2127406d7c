//! What a path may ask for: each step looks at what an answer holds once. Where one could look at all of it again for
//! each of its values, an upstream's answer of a mebibyte would take minutes.

use crate::expr::error::{CompileError, Fault};
use crate::expr::path::text::segment;

/// The first place that makes a path too dear.
pub(super) fn guard(text: &str) -> Result<(), CompileError> {
    let mut descents = 0;
    for (at, c) in outside_of_quotes(text) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("..") {
            descents += 1;
        }
        let (message, width, help) = match c {
            '.' if descents > 1 => {
                ("a path has one `..` at most", 2, "name the members that lead to the second one")
            }
            '$' if at > 0 && !is_one_value(rest.get(1..).unwrap_or_default()) => (
                "in a filter, a path that begins with `$` selects one value",
                1,
                "begin it with `@`, or write it without `*`, `..` and filters: `$.list[?@.id == $.wanted]`",
            ),
            _ => continue,
        };
        return Err(CompileError::new(message, at..at + width).fault(Fault::Forbidden).help(help));
    }
    Ok(())
}

/// The characters of a path that stand in no text.
fn outside_of_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut is_escaped) = (None, false);
    text.char_indices().filter(move |(_, c)| match quoted {
        Some(_) if is_escaped => {
            is_escaped = false;
            false
        }
        Some(quote) => {
            is_escaped = *c == '\\';
            quoted = quoted.filter(|_| *c != quote);
            false
        }
        None => {
            quoted = Some(*c).filter(|c| matches!(c, '\'' | '"'));
            quoted.is_none()
        }
    })
}

/// Whether what stands behind a `$` is names and indexes only, as far as it is a path.
fn is_one_value(mut rest: &str) -> bool {
    loop {
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_');
            let end = end.unwrap_or(tail.len());
            if end == 0 {
                return false;
            }
            rest = tail.get(end..).unwrap_or_default();
        } else if let Some((index, after)) = rest.strip_prefix("[-").and_then(|tail| tail.split_once(']')) {
            if !index.bytes().all(|digit| digit.is_ascii_digit()) {
                return false;
            }
            rest = after;
        } else if rest.starts_with('[') {
            let Some((_, after)) = segment(rest) else {
                return false;
            };
            rest = after;
        } else {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::Path;

    #[test]
    fn a_path_looks_at_an_answer_once() {
        for (path, at) in [
            ("$..a..b", ".."),
            ("$..a[?@..b]", ".."),
            ("$.a[?$.b[*]]", "$"),
            ("$.a[?count($..b) > 1]", "$"),
            ("$.a[?@.x == 'x' && $.b[?@.c]]", "$"),
        ] {
            let error = Path::compile(path).unwrap_err();
            let last = path.rfind(at).unwrap();
            assert_eq!((error.range.start, &path[error.range.clone()]), (last, at), "{path}: {error}");
        }
    }

    #[test]
    fn a_value_may_be_compared_with_another_of_the_answer() {
        for path in [
            "$.a[?@.id == $.wanted]",
            "$.a[?@.id == $.wanted[0]['the id'].x && @.b]",
            "$.a[?@.id==$.wanted[-1]]",
            "$.a[?@.id == '$..a..b']",
            "$..a[?@['x..y'] == \"..\\\"..\"]",
            "$.a[?@ == $]",
            "$['a..b..c']",
        ] {
            assert!(Path::compile(path).is_ok(), "{path}: {:?}", Path::compile(path));
        }
    }
}
