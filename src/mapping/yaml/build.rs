//! One pass over the parser's events: builds the tree and makes findings about YAML that mapping files do not use.
//! What is only a slip (an unquoted template, an accidental alias) becomes the text that was meant.

mod collection;
mod slip;

use std::sync::Arc;

use granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Marks, StrInput, StructureStyle, options,
};

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Span};
use crate::mapping::yaml::scalar::{Scalar, Style};
use crate::mapping::yaml::{Node, Value};

/// How deep maps and lists may be nested.
const DEEPEST: usize = 64;

/// A part of the text that was overwritten, so that what follows can be read.
#[derive(Debug, Clone, Copy)]
pub struct Patch {
    /// What was overwritten.
    pub span: Span,
    /// Whether the overwritten text is what the author meant as the value; else nothing is known of it.
    pub is_text: bool,
}

/// What one pass came to.
pub struct Pass {
    /// The tree; `None` without a document, or where the pass broke off.
    pub root: Option<Node>,
    /// What was found on the way.
    pub findings: Findings,
    /// Why it broke off.
    pub broken_off: Option<BrokenOff>,
}

/// Where and why a pass broke off.
pub struct BrokenOff {
    /// The parser's reason.
    pub kind: ErrorKind,
    /// The byte that the parser names.
    pub at: usize,
    /// The last thing that was read whole.
    pub last: Span,
    /// Where the outermost bracket still open was opened.
    pub bracket: Option<usize>,
}

/// Builds the tree of `text`, which is the source's own, with the patches written over it.
pub fn pass(source: &Arc<Source>, text: &str, patches: &[Patch]) -> Pass {
    let options = options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut build = Build {
        source,
        events: Parser::new_from_str_with_options(text, options),
        patches,
        findings: Findings::new(),
        last: Span::default(),
        brackets: Vec::new(),
        depth: 0,
        quiet: false,
    };
    let read = build.document();
    let (root, broken_off) = match read {
        Ok(root) => (root, None),
        Err(stop) => (None, Some(build.broken_off(stop))),
    };
    Pass { root, findings: build.findings, broken_off }
}

struct Build<'a> {
    source: &'a Arc<Source>,
    events: Parser<'a, StrInput<'a>>,
    patches: &'a [Patch],
    findings: Findings,
    last: Span,
    brackets: Vec<usize>,
    depth: usize,
    /// Inside something that a finding has already been made about.
    quiet: bool,
}

/// Why reading cannot go on, and at which byte.
struct Stop {
    kind: ErrorKind,
    at: Option<usize>,
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Self { kind: error.kind().clone(), at: error.marker().byte_offset() }
    }
}

type Step<'a> = (Event<'a>, Span);

impl<'a> Build<'a> {
    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(root),
                (Event::DocumentStart(..), span) if root.is_some() => {
                    let message = "a mapping file holds one document, and here begins another";
                    self.report(Code::YamlFeature, span, message, "put it into a file of its own");
                    return Ok(root);
                }
                (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
                step => root = Some(self.node(step)?),
            }
        }
    }

    /// The next event that is not an anchor; those are reported here.
    fn next(&mut self) -> Result<Step<'a>, Stop> {
        loop {
            let Some(next) = self.events.next() else {
                return Err(Stop { kind: ErrorKind::UnexpectedEof, at: None });
            };
            let (event, marks) = next?;
            let span = bytes(marks);
            if matches!(event, Event::Anchor(..)) {
                let message =
                    format!("`{}` is a YAML anchor, which mapping files do not use", self.slice(span));
                self.report(
                    Code::YamlFeature,
                    span,
                    message,
                    "write the value out where it is used; quote a text that begins with `&`",
                );
                continue;
            }
            if let Some(tag) = marks.tag_start() {
                let start = tag.byte_offset().unwrap_or(span.start);
                let tag = marks.tag_span().map_or(Span::new(start, start + 1), bytes);
                let message = format!("`{}` is a YAML tag, which mapping files do not use", self.slice(tag));
                self.report(
                    Code::YamlFeature,
                    tag,
                    message,
                    "leave it out; quote a text that begins with `!`",
                );
            }
            if span.end > span.start {
                self.last = span;
            }
            return Ok((event, span));
        }
    }

    fn node(&mut self, (event, span): Step<'a>) -> Result<Node, Stop> {
        match event {
            Event::Scalar(text, style, ..) => Ok(self.scalar(&text, style, span)),
            Event::Alias(_) | Event::UnresolvedAlias(_) => Ok(self.alias(span)),
            Event::SequenceStart(style, ..) => self.nested(style, span, Self::list),
            Event::MappingStart(StructureStyle::Flow, ..)
                if self.source.text.get(span.start..).is_some_and(|rest| rest.starts_with("{{")) =>
            {
                self.nested(StructureStyle::Flow, span, Self::template)
            }
            Event::MappingStart(style, ..) => self.nested(style, span, Self::map),
            _ => Ok(Node { span, value: Value::Broken }),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Node {
        if let Some(patch) = self.patches.iter().find(|patch| patch.span.start == span.start) {
            return if patch.is_text {
                self.as_text(patch.span)
            } else {
                Node { span: patch.span, value: Value::Broken }
            };
        }
        let style = match style {
            ScalarStyle::Plain
                if span.end == span.start || matches!(text, "~" | "null" | "Null" | "NULL") =>
            {
                return Node { span, value: Value::Null };
            }
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            _ => Style::Block,
        };
        if style == Style::Plain {
            self.cut_by_comment(span);
            if let Some(broken) = self.curly(text, span) {
                return broken;
            }
        }
        let value = Value::Scalar(Scalar::new(text.to_owned(), style, span, self.slice(span)));
        Node { span: Span::new(span.start, span.start + self.slice(span).trim_end().len()), value }
    }

    fn slice(&self, span: Span) -> &'a str {
        self.source.slice(span)
    }

    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Finding::error(code, self.source, span, message).help(help));
    }

    fn push(&mut self, finding: Finding) {
        if !self.quiet {
            self.findings.push(finding);
        }
    }

    fn broken_off(&self, stop: Stop) -> BrokenOff {
        let at = stop.at.unwrap_or(self.last.end);
        BrokenOff { kind: stop.kind, at, last: self.last, bracket: self.brackets.first().copied() }
    }
}

fn bytes(marks: Marks) -> Span {
    marks.byte_range().map(Span::from).unwrap_or_default()
}
