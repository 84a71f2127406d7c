//! Indentation with what looks like a space and is none: pasted from a web page, a text processor or a chat. YAML takes
//! it for text, and would complain of other lines.

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Span};

/// The finding about the first such line, which counts the others.
pub fn odd(source: &Arc<Source>) -> Option<Finding> {
    let mut start = 0;
    let mut found: Vec<(usize, char)> = Vec::new();
    for line in source.text.split_inclusive('\n') {
        found.extend(in_indentation(line).map(|(at, space)| (start + at, space)));
        start += line.len();
    }
    let ((at, space), more) = (found.first()?, found.len() - 1);
    let message = format!(
        "the indentation of this line holds U+{:04X}, which looks like a space and is none",
        u32::from(*space)
    );
    let help = match more {
        0 => "delete the indentation and type it anew, with spaces".to_owned(),
        _ => format!("delete the indentation and type it anew, with spaces; {more} more lines are like it"),
    };
    let span = Span::new(*at, at + space.len_utf8());
    Some(Finding::error(Code::OddSpace, source, span, message).help(help))
}

/// The first odd space before the content of a line that looks like a key or an item.
fn in_indentation(line: &str) -> Option<(usize, char)> {
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}');
    let content = line.trim_start_matches(is_blank);
    if !content.contains(": ") && !content.trim_end().ends_with(':') && !content.starts_with("- ") {
        return None;
    }
    let indentation = line.get(..line.len() - content.len())?;
    indentation.char_indices().find(|(_, c)| !matches!(c, ' ' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::odd;
    use crate::diagnostic::source::Source;

    #[test]
    fn an_odd_space_is_told_at_its_own_line_once() {
        let source = Source::new("a.yaml", "a:\n  b: 1\n\u{a0}\u{a0}c: 2\n \u{3000}d: 3\n");
        let finding = odd(&source).unwrap();
        assert_eq!(source.position(finding.span.unwrap().start).line, 3);
        assert!(finding.message.contains("U+00A0"), "{}", finding.message);
        assert!(finding.help.unwrap().ends_with("1 more lines are like it"));
    }

    #[test]
    fn one_that_indents_nothing_is_left_alone() {
        for text in ["a: x\u{a0}y\n", "a: |\n  x\n  \u{a0}y\n", "\ta: 1\n", "a:\r\n  b: 1\r\n"] {
            assert!(odd(&Source::new("a.yaml", text)).is_none(), "{text:?}");
        }
    }
}
