//! A scalar: its text, how it was written, what YAML 1.2 would take it for, and where in the file each part of it
//! stands, so that a mistake inside a path or template is shown at its own character.

use std::ops::Range;

use crate::diagnostic::Span;

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block of lines after `|` or `>`.
    Block,
}

/// What YAML 1.2 (core schema) takes an unquoted scalar for; quoted ones and blocks are always texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text; `yes`, `off` and `12:30` are texts too.
    Text,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, in decimal, octal (`0o17`) or hexadecimal (`0x1f`).
    Int,
    /// A number with a point or an exponent, `.inf` or `.nan`.
    Float,
}

impl Kind {
    /// The kind in words, with its article.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Bool(_) => "a boolean",
            Self::Int | Self::Float => "a number",
        }
    }
}

/// A text, number or boolean.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// The content, without quotes and with escapes resolved.
    pub text: String,
    /// How it was written.
    pub style: Style,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Where runs of the content stand: (offset in the text, offset in the file). Empty where that is not known.
    runs: Vec<(usize, usize)>,
}

impl Scalar {
    /// A scalar of this content, written as `raw`, which stands at `span`.
    pub(super) fn new(text: String, style: Style, span: Span, raw: &str) -> Self {
        let runs = match style {
            Style::Plain if raw == text => Some(vec![(0, span.start)]),
            Style::Plain => None,
            Style::Quoted => quoted_runs(&text, raw, span.start),
            Style::Block => block_runs(&text, raw, span.start),
        };
        Self { text, style, span, runs: runs.unwrap_or_default() }
    }

    /// The text of a whole file that is no YAML, such as a template.
    #[must_use]
    pub fn whole(text: &str, span: Span) -> Self {
        Self { text: text.to_owned(), style: Style::Block, span, runs: vec![(0, span.start)] }
    }

    /// What YAML takes it for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.style == Style::Plain { plain_kind(&self.text) } else { Kind::Text }
    }

    /// Where a part of the text stands in the file; the whole scalar where that is not known, as in folded lines.
    #[must_use]
    pub fn span_of(&self, part: Range<usize>) -> Span {
        match (self.place_of(part.start), self.place_of(part.end)) {
            (Some(start), Some(end)) => Span::new(start, end.max(start)),
            _ => self.span,
        }
    }

    fn place_of(&self, offset: usize) -> Option<usize> {
        let offset = offset.min(self.text.len());
        let (text, file) = self.runs.iter().rev().find(|(text, _)| *text <= offset)?;
        Some((file + offset - text).min(self.span.end))
    }
}

/// A text as one would quote it in a file: in double quotes, or in single ones where those would need escapes.
#[must_use]
pub fn quote(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// What an unquoted text is in YAML's core schema; the null words are told apart before.
fn plain_kind(text: &str) -> Kind {
    match text {
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Kind::Float,
        _ => {}
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return if all(digits, |c| c.is_ascii_hexdigit()) { Kind::Int } else { Kind::Text };
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return if all(digits, |c| ('0'..='7').contains(&c)) { Kind::Int } else { Kind::Text };
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if all(unsigned, |c| c.is_ascii_digit()) {
        return Kind::Int;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_decimal(unsigned) {
        Kind::Float
    } else {
        Kind::Text
    }
}

fn all(text: &str, test: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(test)
}

fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_holds = exponent.is_none_or(|exponent| {
        all(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), |c| c.is_ascii_digit())
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    exponent_holds && all(&format!("{whole}{fraction}"), |c| c.is_ascii_digit())
}

/// The runs between the escapes of a quoted scalar; `None` where it goes over several lines.
fn quoted_runs(text: &str, raw: &str, start: usize) -> Option<Vec<(usize, usize)>> {
    let quote = raw.chars().next()?;
    let mut runs = vec![(0, start + 1)];
    let (mut at, mut written) = (1, 0);
    for resolved in text.chars() {
        let rest = raw.get(at..)?;
        let length = match (quote, rest.chars().next()?) {
            ('\'', '\'') => 2,
            ('"', '\\') => escape_length(rest)?,
            (_, plain) if plain == resolved => plain.len_utf8(),
            _ => return None,
        };
        (at, written) = (at + length, written + resolved.len_utf8());
        if length != resolved.len_utf8() {
            runs.push((written, start + at));
        }
    }
    (raw.len() == at + 1).then_some(runs)
}

fn escape_length(rest: &str) -> Option<usize> {
    match rest.chars().nth(1)? {
        'x' => Some(4),
        'u' => Some(6),
        'U' => Some(10),
        other => other.is_ascii().then_some(2),
    }
}

/// One run for each line of a literal block; `None` where the lines were folded.
fn block_runs(text: &str, raw: &str, start: usize) -> Option<Vec<(usize, usize)>> {
    let mut runs = Vec::new();
    let (mut read, mut written) = (0, 0);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let raw_line = raw.get(read..)?.split_inclusive('\n').next().unwrap_or_default();
        let indent = raw_line.trim_end_matches(['\n', '\r']).strip_suffix(content)?.len();
        runs.push((written, start + read + indent));
        (read, written) = (read + raw_line.len(), written + line.len());
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Scalar, Style, plain_kind};
    use crate::diagnostic::Span;

    fn scalar(text: &str, style: Style, file: &str, raw: &str) -> Scalar {
        let start = file.find(raw).unwrap();
        Scalar::new(text.to_owned(), style, Span::new(start, start + raw.len()), raw)
    }

    /// Where `part` of the text stands in the file, as the file's own text.
    fn shown<'f>(scalar: &Scalar, file: &'f str, part: &str) -> &'f str {
        let at = scalar.text.find(part).unwrap();
        &file[scalar.span_of(at..at + part.len()).range()]
    }

    #[test]
    fn a_part_of_a_simple_scalar_has_its_own_place() {
        let file = "路径: $.数据.tier";
        assert_eq!(shown(&scalar("$.数据.tier", Style::Plain, file, "$.数据.tier"), file, "tier"), "tier");
        let file = "a: \"{{ 电话 }}\"";
        assert_eq!(shown(&scalar("{{ 电话 }}", Style::Quoted, file, "\"{{ 电话 }}\""), file, "电话"), "电话");
    }

    #[test]
    fn escapes_move_what_follows_them() {
        let file = r#"a: "$[\"x\"].\u6570.tier""#;
        let path = scalar("$[\"x\"].数.tier", Style::Quoted, file, r#""$[\"x\"].\u6570.tier""#);
        assert_eq!(shown(&path, file, "tier"), "tier");
        assert_eq!(shown(&path, file, "x"), "x");
        assert_eq!(shown(&path, file, "数"), "\\u6570");
        let file = "a: 'it''s tier'";
        assert_eq!(shown(&scalar("it's tier", Style::Quoted, file, "'it''s tier'"), file, "tier"), "tier");
    }

    #[test]
    fn a_literal_block_is_placed_line_by_line() {
        let file = "a: |\n  one\n\n    two\n  three\n";
        let block = scalar("one\n\n  two\nthree\n", Style::Block, file, "one\n\n    two\n  three\n");
        assert_eq!(shown(&block, file, "three"), "three");
        assert_eq!(shown(&block, file, "two"), "two");
    }

    #[test]
    fn folded_text_is_shown_as_a_whole() {
        let file = "a: one\n  two\nb: 1";
        assert_eq!(shown(&scalar("one two", Style::Plain, file, "one\n  two"), file, "two"), "one\n  two");
    }

    #[test]
    fn kinds_are_those_of_yaml_1_2() {
        for text in ["0", "-7", "+6591234567", "007", "0138", "0x1F", "0o17"] {
            assert_eq!(plain_kind(text), Kind::Int, "{text}");
        }
        for text in ["1.5", ".5", "1.", "1e5", "-2.5E-3", ".inf", "-.INF", ".nan"] {
            assert_eq!(plain_kind(text), Kind::Float, "{text}");
        }
        for text in
            ["yes", "off", "tRue", "1_000", "12:30", "2024-01-01", "0x", "0o8", ".", "e5", "1e", "+", "-"]
        {
            assert_eq!(plain_kind(text), Kind::Text, "{text}");
        }
        assert_eq!(plain_kind("True"), Kind::Bool(true));
    }
}
