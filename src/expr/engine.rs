//! Tera, behind one door: an instance for each template, its errors as ours, and only the variables that are read.

use std::ops::Range;
use std::sync::LazyLock;

use tera::{Context, ErrorKind, Tera};

use crate::expr::calendar;
use crate::expr::digest;
use crate::expr::error::{CompileError, Fault, RenderError};
use crate::expr::filter;
use crate::expr::json::{Nulls, prune};
use crate::expr::place::Place;
use crate::expr::scan::{Read, Role, Scanned, Segment};
use crate::expr::template::Scope;
use crate::expr::unique;

/// The name under which the one template of an instance stands.
const NAME: &str = "template";

/// Filters and tags that would let a value out of its place, or reach beyond the one template.
pub(super) fn refuse_words(scanned: &Scanned) -> Result<(), CompileError> {
    for word in &scanned.words {
        let name = word.name.as_str();
        let (message, help) = match (word.role, name) {
            (Role::Filter, "safe" | "escape" | "escape_html" | "escape_xml") => (
                format!("the filter `{name}` is not allowed"),
                "leave it out: the place of a template decides how its values are encoded",
            ),
            (Role::Tag, "include" | "extends" | "block" | "component" | "import") => (
                format!("`{{% {name} %}}` is not allowed in a mapping"),
                "write the text out: a template stands alone",
            ),
            _ => continue,
        };
        return Err(CompileError::new(message, word.range.clone()).fault(Fault::Forbidden).help(help));
    }
    Ok(())
}

/// Parses `text`, of which `inner` bytes from `offset` are the author's.
pub(super) fn parse(text: &str, place: Place, offset: usize, inner: usize) -> Result<Tera, CompileError> {
    let mut tera = base(place).clone();
    let error = match tera.add_raw_template(NAME, text) {
        Ok(()) => return Ok(tera),
        Err(error) => error,
    };
    let (message, range) = match error.kind() {
        ErrorKind::SyntaxError(report) => (report.message().to_owned(), report.span().range.clone()),
        _ => drawn(&error.to_string(), text).unwrap_or((error.to_string(), offset..offset + inner)),
    };
    let start = range.start.saturating_sub(offset).min(inner);
    let end = range.end.saturating_sub(offset).clamp(start, inner);
    Err(unknown(&message, start..end)
        .unwrap_or_else(|| CompileError::new(format!("the template does not parse: {message}"), start..end)))
}

/// A filter, test or function that Tera does not know, with the one that was probably meant.
fn unknown(message: &str, range: Range<usize>) -> Option<CompileError> {
    let (kind, name) = message.strip_prefix("Unknown ")?.split_once(' ')?;
    let name = name.trim_matches('`');
    let help = filter::meant(kind, name);
    let error = CompileError::new(format!("there is no {kind} `{name}`"), range);
    Some(error.fault(Fault::UnknownFilter).help(help))
}

/// Tera draws what it finds after parsing (an unknown filter, say): a sentence, `--> name:line:column`, the line
/// and its carets. The drawing is read back to a sentence and a range.
fn drawn(drawing: &str, text: &str) -> Option<(String, Range<usize>)> {
    let mut lines = drawing.lines();
    let message = lines.find_map(|line| line.trim().strip_prefix("error: "))?;
    let place = lines.find_map(|line| line.trim().strip_prefix("-->"))?;
    let mut numbers = place.rsplit(':').map(|number| number.trim().parse::<usize>());
    let (column, line) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let width = lines.map(|line| line.matches('^').count()).find(|carets| *carets > 0)?;
    let line_start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let chars = |count: usize| {
        text.get(line_start..).map(|rest| rest.chars().take(count).map(char::len_utf8).sum::<usize>())
    };
    let start = line_start + chars(column.checked_sub(1)?)?;
    let end = line_start + chars(column.checked_sub(1)? + width)?;
    Some((message.to_owned(), start..end))
}

/// An empty instance for each place, to be cloned: registering the built-in filters is the dear part.
pub(super) fn base(place: Place) -> &'static Tera {
    static BASES: LazyLock<[Tera; 4]> =
        LazyLock::new(|| [Place::Text, Place::PathSegment, Place::Xml, Place::JsonString].map(empty));
    let [text, path, xml, json] = &*BASES;
    match place {
        Place::Text => text,
        Place::PathSegment => path,
        Place::Xml => xml,
        Place::JsonString => json,
    }
}

fn empty(place: Place) -> Tera {
    let mut tera = Tera::default();
    digest::register(&mut tera);
    calendar::register(&mut tera);
    unique::register(&mut tera);
    tera.set_escape_fn(place.escape());
    tera.autoescape_on(if place == Place::Text { Vec::new() } else { vec![NAME] });
    tera
}

/// Of what the scan found, what comes from outside: Tera knows which names a loop or `set` made.
pub(super) fn outer_reads(tera: &Tera, scanned: Vec<Read>) -> Vec<Read> {
    let Ok(outer) = tera.get_template_variables(NAME) else {
        return scanned;
    };
    scanned.into_iter().filter(|read| outer.contains(read.root.as_str())).collect()
}

pub(super) fn render(
    tera: &Tera,
    reads: &[Read],
    scope: &dyn Scope,
    nulls: Nulls,
) -> Result<String, RenderError> {
    let mut context = Context::new();
    for read in reads {
        if context.contains_key(&read.root) {
            continue;
        }
        let value = scope.variable(&read.root);
        if let Some(value) = value.filter(|value| nulls == Nulls::Keep || !value.is_null()) {
            let chains: Vec<&[Segment]> = reads
                .iter()
                .filter(|other| other.root == read.root)
                .map(|other| other.below.as_slice())
                .collect();
            context.insert_value(read.root.clone(), prune(&value, &chains, nulls));
        }
    }
    tera.render(NAME, &context).map_err(|error| match error.kind() {
        ErrorKind::RenderingError(report) => missing(report.message(), reads, &report.span().range)
            .unwrap_or_else(|| RenderError::Failed {
                reason: report.message().to_owned(),
                line: report.span().start_line,
            }),
        _ => RenderError::failed(error.to_string()),
    })
}

/// Tera names the member that is not there; we name the whole variable.
fn missing(message: &str, reads: &[Read], at: &Range<usize>) -> Option<RenderError> {
    if !message.contains("not defined") && !message.contains("undefined") {
        return None;
    }
    let read = reads.iter().find(|read| read.range.start <= at.start && at.start < read.range.end)?;
    Some(RenderError::Missing(read.to_string()))
}
