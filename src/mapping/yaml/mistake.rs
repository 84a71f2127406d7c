//! Why the parser stumbled, in a sentence for the person who wrote the file: where the mistake began (not where it
//! was noticed), what is wrong, what to write instead, and which part of the line has to be passed over to read on.

mod layout;
mod quoting;
pub mod sign;

use std::sync::Arc;

use granit_parser::ErrorKind;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Span};
use crate::mapping::yaml::build::{BrokenOff, Patch};
use crate::mapping::yaml::token::{self, Scan};

/// One mistake, told.
pub struct Mistake {
    /// What is said of it.
    pub finding: Finding,
    /// What to pass over so that the rest can be read; `None` where nothing after it can be trusted.
    pub patch: Option<Patch>,
}

/// What is known about the place where the parser stumbled.
struct Place<'a> {
    source: &'a Arc<Source>,
    kind: &'a ErrorKind,
    at: usize,
    /// The line of `at`.
    line: Span,
    last: Span,
    scan: Scan,
}

/// Tells the mistake behind a pass that broke off; `text` is what the pass saw, with earlier mistakes written over.
pub fn of(source: &Arc<Source>, text: &str, broken: &BrokenOff) -> Mistake {
    let at = source.within(Span::new(broken.at, broken.at)).start;
    let from = broken.bracket.unwrap_or_else(|| outside(source, broken.last)).min(source.line_of(at).start);
    let place = Place {
        source,
        kind: &broken.kind,
        at,
        line: source.line_of(at),
        last: broken.last,
        scan: token::scan(text, from, at),
    };
    layout::tab(&place)
        .or_else(|| sign::curly(&place))
        .or_else(|| sign::fullwidth(&place))
        .or_else(|| quoting::open_quote(&place))
        .or_else(|| quoting::template(&place))
        .or_else(|| quoting::inner_bracket(&place))
        .or_else(|| layout::bracket(&place))
        .or_else(|| quoting::first_character(&place))
        .or_else(|| quoting::quoted(&place))
        .or_else(|| layout::colon(&place))
        .or_else(|| layout::indentation(&place))
        .unwrap_or_else(|| place.otherwise())
}

/// A byte before the place that is outside of every quoted text: the start of the line of the last thing read.
fn outside(source: &Source, last: Span) -> usize {
    if source.slice(last).ends_with('\n') {
        return last.end;
    }
    source.line_of(last.end).start.min(last.start)
}

impl Place<'_> {
    fn otherwise(&self) -> Mistake {
        let here = self.here();
        match self.kind {
            ErrorKind::RecursionLimitExceeded => {
                self.mistake(Code::TooDeep, here, "maps and lists are nested more than 64 deep here", "flatten it")
            }
            ErrorKind::DirectiveDisallowed => self.mistake(
                Code::YamlFeature,
                self.content(),
                "a line that begins with `%` is a YAML directive, which mapping files do not use",
                "leave it out",
            ),
            ErrorKind::UnexpectedCharacter { character } => {
                let start = self.at + self.rest().find(*character).unwrap_or_default();
                let span = self.source.within(Span::new(start, start + character.len_utf8()));
                let message =
                    format!("the character U+{:04X} cannot stand in a mapping file", u32::from(*character));
                self.mistake(Code::YamlSyntax, span, message, "delete it, or write it as an escape in double quotes")
            }
            _ => self.mistake(
                Code::YamlSyntax,
                here,
                "this cannot be read as YAML",
                "look for a missing quote, bracket or colon, or a wrong indentation, in this line or the one above",
            ),
        }
    }

    fn mistake(
        &self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Mistake {
        Mistake { finding: Finding::error(code, self.source, span, message).help(help), patch: None }
    }

    /// The character at which the parser stumbled.
    fn here(&self) -> Span {
        let next = self.rest().chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        Span::new(self.at, self.at + next)
    }

    /// The text from the place on.
    fn rest(&self) -> &str {
        self.source.text.get(self.at..).unwrap_or_default()
    }

    /// The line without its indentation.
    fn content(&self) -> Span {
        let indent = indent(self.source.slice(self.line));
        Span::new(self.line.start + indent, self.line.end)
    }

    /// The last value that began, as its author probably meant it.
    fn value(&self) -> Span {
        let start = self.scan.value;
        Span::new(start, token::value_end(&self.source.text, start, false).max(start))
    }

    /// Whether a byte stands in the line at which the parser stumbled.
    fn is_here(&self, byte: usize) -> bool {
        (self.line.start..=self.line.end).contains(&byte)
    }

    /// What to pass over for a mistake that begins at a byte: the value in brackets or else the rest of the line.
    /// `None` where lines after this one may belong to it.
    fn spoiled(&self, from: usize) -> Option<Patch> {
        let outermost = self.scan.brackets.first().copied().unwrap_or(from).min(from);
        let line = self.source.line_of(outermost);
        let text = self.source.text.get(line.end..).unwrap_or_default();
        let next = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let is_beside =
            indent(next) <= indent(self.source.slice(line)) && !next.trim_start().starts_with(['}', ']']);
        let span = Span::new(outermost, token::value_end(&self.source.text, outermost, false));
        (is_beside && span.end > span.start).then_some(Patch { span, is_text: false })
    }
}

impl Mistake {
    fn related(mut self, span: Span, label: &str) -> Self {
        self.finding = self.finding.related(span, label);
        self
    }

    /// Passes over a value and takes what is written there for the text that was meant.
    fn meant_as_text(mut self, span: Span) -> Self {
        self.patch = (span.end > span.start).then_some(Patch { span, is_text: true });
        self
    }

    fn passing_over(mut self, patch: Option<Patch>) -> Self {
        self.patch = patch;
        self
    }
}

/// How many bytes of white space a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests;
