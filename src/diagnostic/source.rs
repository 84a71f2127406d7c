//! A file as its author sees it: its path, its text, and where each byte of it stands by line and column.

use std::sync::Arc;

use crate::diagnostic::Span;

/// A place in a file, as editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

/// A file that findings are about.
#[derive(Debug)]
pub struct Source {
    /// The path as shown to people, such as `mappings/nodes/caller.yaml`.
    pub path: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// A file with this text. A byte order mark at its start is dropped, so that no position counts it.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Arc::new(Self { path: path.into(), text, line_starts })
    }

    /// A file that could not be read: it has a path, and findings about it as a whole.
    #[must_use]
    pub fn unread(path: impl Into<String>) -> Arc<Self> {
        Self::new(path, "")
    }

    /// The line and column of a byte; a byte past the end stands at the end.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let byte = self.boundary(byte);
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_start(line);
        let column = self.text.get(start..byte).map_or(0, |before| before.chars().count()) + 1;
        Position { line, column }
    }

    /// The text of a span; empty where the span is not of this file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The line that a byte stands in, without its line end.
    #[must_use]
    pub fn line_of(&self, byte: usize) -> Span {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_start(line);
        let end = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        Span::new(start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// The part of a span that stands in its first line: what a finding about a large block points at.
    #[must_use]
    pub fn head_of(&self, span: Span) -> Span {
        let text = self.slice(span);
        let first = text.lines().next().unwrap_or_default();
        Span::new(span.start, span.start + first.trim_end().len())
    }

    /// The span, brought inside the text and onto the edges of characters.
    #[must_use]
    pub fn within(&self, span: Span) -> Span {
        let start = self.boundary(span.start);
        Span::new(start, self.boundary(span.end).max(start))
    }

    fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0)
    }

    fn boundary(&self, byte: usize) -> usize {
        self.text.floor_char_boundary(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, Source, Span};

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let source = Source::new("a.yaml", "名前: 张三\n\tx: 😀y\r\nend");
        let at = |text: &str| source.position(source.text.find(text).unwrap());
        assert_eq!(at("张三"), Position { line: 1, column: 5 });
        assert_eq!(at("x:"), Position { line: 2, column: 2 });
        assert_eq!(at("y\r"), Position { line: 2, column: 6 });
        assert_eq!(at("end"), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_past_the_end_stands_at_the_end() {
        let source = Source::new("a.yaml", "a: 1\n");
        assert_eq!(source.position(99), Position { line: 2, column: 1 });
        assert_eq!(Source::unread("b.yaml").position(5), Position { line: 1, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_is_counted_nowhere() {
        let source = Source::new("a.yaml", "\u{feff}a: 1\n");
        assert_eq!(source.text, "a: 1\n");
    }

    #[test]
    fn a_line_and_a_head_end_before_the_line_end() {
        let source = Source::new("a.yaml", "a:\r\n  b: 1\r\n  c: 2\r\n");
        assert_eq!(source.slice(source.line_of(0)), "a:");
        assert_eq!(source.slice(source.line_of(6)), "  b: 1");
        assert_eq!(source.slice(source.head_of(Span::new(6, 19))), "b: 1");
    }
}
