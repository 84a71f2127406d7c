//! Slips that YAML takes for something else: what is said of them, and the text that was meant.

use granit_parser::{Event, ScalarStyle};

use crate::diagnostic::code::Code;
use crate::diagnostic::{Finding, Span};
use crate::mapping::yaml::build::{Build, Step, Stop};
use crate::mapping::yaml::mistake::sign;
use crate::mapping::yaml::scalar::{Scalar, Style, quote};
use crate::mapping::yaml::{Key, Node, Value};

impl<'a> Build<'a> {
    /// A key, or `None` where a finding says that it is none.
    pub(super) fn key(&mut self, step: Step<'a>) -> Result<Option<Key>, Stop> {
        if let (Event::Scalar(text, style, ..), span) = &step {
            if *style == ScalarStyle::Plain && text == "<<" {
                self.report(
                    Code::YamlFeature,
                    *span,
                    "`<<` merges maps in YAML, which mapping files do not use",
                    "write the keys out",
                );
                return Ok(None);
            }
            if span.end == span.start {
                let at = self.source.within(Span::new(span.start, span.end + 1));
                self.report(Code::KeyNotText, at, "a key is missing before this `:`", "write `key: value`");
                return Ok(None);
            }
        }
        let written = step.1;
        let node = self.node(step)?;
        match node.value {
            Value::Scalar(scalar) => Ok(Some(Key { text: scalar.text, span: scalar.span })),
            Value::Null => Ok(Some(Key { text: self.slice(written).to_owned(), span: written })),
            Value::Broken => Ok(None),
            Value::List(_) | Value::Map(_) => {
                let head = self.source.head_of(node.span);
                self.report(
                    Code::KeyNotText,
                    head,
                    "a key has to be a text, not a map or a list",
                    "quote it if it is meant as a text",
                );
                Ok(None)
            }
        }
    }

    /// `(###) ###` without quotes ends before its second half, which YAML takes for a comment.
    pub(super) fn cut_by_comment(&mut self, span: Span) {
        let line = self.source.line_of(span.start);
        let rest = self.slice(Span::new(span.end, line.end));
        let comment = rest.trim_start();
        if comment.len() == rest.len() || !comment.starts_with("##") {
            return;
        }
        let comment = Span::new(line.end - comment.len(), line.end);
        let message = "this is read as a comment, and the value ends before it";
        let help = format!("quote the value if it goes on: {}", quote(self.slice(span.to(comment))));
        if !self.quiet {
            self.findings.push(Finding::warning(Code::QuoteNeeded, self.source, comment, message).help(help));
        }
    }

    /// A value in the quotes of a text processor, which YAML takes for a part of it.
    pub(super) fn curly(&mut self, text: &str, span: Span) -> Option<Node> {
        let quote = text.chars().next().filter(|_| sign::is_curly(text))?;
        let at = Span::new(span.start, span.start + quote.len_utf8());
        self.report(Code::CurlyQuote, at, sign::message(quote), sign::STRAIGHT);
        Some(Node { span, value: Value::Broken })
    }

    /// `path: *x` is taken for the text that it probably is.
    pub(super) fn alias(&mut self, span: Span) -> Node {
        let written = self.slice(span).to_owned();
        let message = format!("`{written}` is a YAML alias, which mapping files do not use");
        let help = format!("quote it if it is a text: {}; else write the value out", quote(&written));
        self.report(Code::YamlFeature, span, message, help);
        self.as_text(span)
    }

    /// `{{ x }}` without quotes, which the parser takes for a map in a map.
    pub(super) fn template(&mut self, start: Span) -> Result<Node, Stop> {
        let mut open = 1;
        let mut span = start;
        while open > 0 {
            let (event, end) = self.next()?;
            match event {
                Event::MappingStart(..) | Event::SequenceStart(..) => open += 1,
                Event::MappingEnd | Event::SequenceEnd => open -= 1,
                _ => {}
            }
            span = span.to(end);
        }
        let help = format!("quote it: {}", quote(self.slice(span)));
        self.report(
            Code::TemplateNotQuoted,
            span,
            "a template stands here without quotes, and YAML reads it as a map",
            help,
        );
        Ok(self.as_text(span))
    }

    pub(super) fn as_text(&self, span: Span) -> Node {
        let text = self.slice(span);
        Node { span, value: Value::Scalar(Scalar::new(text.to_owned(), Style::Plain, span, text)) }
    }
}
