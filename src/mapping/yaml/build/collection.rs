//! Lists and maps: their items and entries, the brackets that are open around them, and how deep they are nested.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, StructureStyle};

use crate::diagnostic::code::Code;
use crate::diagnostic::{Finding, Span};
use crate::mapping::yaml::build::{Build, DEEPEST, Stop};
use crate::mapping::yaml::{Key, Map, Node, Value};

impl Build<'_> {
    /// Reads a list, map or template, minding the brackets that are open and the depth.
    pub(super) fn nested(
        &mut self,
        style: StructureStyle,
        start: Span,
        read: impl Fn(&mut Self, Span) -> Result<Node, Stop>,
    ) -> Result<Node, Stop> {
        if self.depth == DEEPEST {
            return Err(Stop { kind: ErrorKind::RecursionLimitExceeded, at: Some(start.start) });
        }
        let is_bracket = matches!(style, StructureStyle::Flow) && start.end > start.start;
        if is_bracket {
            self.brackets.push(start.start);
        }
        self.depth += 1;
        let node = read(self, start)?;
        self.depth -= 1;
        if is_bracket {
            self.brackets.pop();
        }
        Ok(node)
    }

    pub(super) fn list(&mut self, start: Span) -> Result<Node, Stop> {
        let mut items = Vec::new();
        let mut span = if start.end > start.start { start } else { self.dash_before(start) };
        loop {
            let step = self.next()?;
            if let (Event::SequenceEnd, end) = step {
                return Ok(Node { span: closed(span, end), value: Value::List(items) });
            }
            let mut item = self.node(step)?;
            if item.span.end == item.span.start {
                item.span = self.dash_before(item.span);
            }
            span = span.to(item.span);
            items.push(item);
        }
    }

    pub(super) fn map(&mut self, start: Span) -> Result<Node, Stop> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        let mut span = start;
        loop {
            let step = self.next()?;
            if let (Event::MappingEnd, end) = step {
                return Ok(Node { span: closed(span, end), value: Value::Map(Map { entries }) });
            }
            let before = self.quiet;
            let key = self.key(step)?;
            self.quiet |= key.is_none();
            let step = self.next()?;
            let is_missing = step.1.end == step.1.start && matches!(step.0, Event::Scalar(..));
            let mut value = self.node(step)?;
            self.quiet = before;
            span = span.to(value.span);
            let Some(key) = key else { continue };
            span = span.to(key.span);
            if is_missing {
                value.span = key.span;
            }
            if let Some(first) = seen.get(&key.text) {
                let message = format!("`{}` stands twice in this map", key.text);
                let finding = Finding::error(Code::DuplicateKey, self.source, key.span, message)
                    .help("keep one of them; only the first is read")
                    .related(*first, "it stands here first");
                self.push(finding);
                continue;
            }
            seen.insert(key.text.clone(), key.span);
            entries.push((key, value));
        }
    }

    /// A span brought back to the `-` that stands before it, if one does: an empty item is shown by its dash.
    fn dash_before(&self, span: Span) -> Span {
        let before = self.source.text.get(..span.start).unwrap_or_default().trim_end_matches(' ');
        if before.ends_with('-') { Span::new(before.len() - 1, before.len()) } else { span }
    }
}

/// A collection's span up to its closing bracket; a block has none and ends with its last child.
fn closed(span: Span, end: Span) -> Span {
    if end.end > end.start { span.to(end) } else { span }
}
