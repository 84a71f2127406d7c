//! `dialect:` how a node's answer is written.

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Findings, Span};
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::{DIALECT, TEMPLATE_FILE};
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Node, Value};
use crate::plan::output::Dialect;

/// The largest template file, in bytes; a template may not be larger anyway.
const LARGEST: u64 = 64 * 1024;

/// Compiles `dialect`; without it an answer is JSON.
pub(super) fn compile(fields: &Fields<'_>, compiling: &mut Compiling<'_>, outputs: &[Arc<str>]) -> Dialect {
    let Some(node) = fields.get("dialect") else {
        return Dialect::Json;
    };
    if matches!(node.value, Value::Map(_)) {
        return of_template(node, compiling, outputs).unwrap_or(Dialect::Json);
    }
    let words = [("json", 0), ("strings", 1), ("pairs", 2)];
    match compiling.reader.word_or_map(node, "`dialect`", &words, "{ template: …, content_type: … }") {
        Some(1) => Dialect::Strings,
        Some(2) => Dialect::Pairs,
        _ => Dialect::Json,
    }
}

fn of_template(node: &Node, compiling: &mut Compiling<'_>, outputs: &[Arc<str>]) -> Option<Dialect> {
    let fields = compiling.reader.map(node, "`dialect`", DIALECT.names)?;
    let content_type = fields.required_text(&mut compiling.reader, "content_type");
    let template = fields.required(&mut compiling.reader, "template");
    let (content_type, template) = (content_type?, template?);
    let is_media_type = content_type.text.split_once('/').is_some_and(|(kind, rest)| {
        !kind.is_empty()
            && !rest.is_empty()
            && content_type.text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
    });
    if !is_media_type {
        let message = format!("`{}` is no media type", content_type.text);
        compiling.reader.error(
            Code::BadMediaType,
            content_type.span,
            message,
            "write one such as application/xml",
        );
    }
    let place = place(&content_type.text);
    let names = outputs.iter().map(ToString::to_string).collect();
    let variables = Variables::new(["outcome", "error"]).with_names("outputs", names);
    let template = match template.as_map() {
        None => {
            let scalar = compiling.reader.text(template, "`template`")?;
            compiling.template(scalar, place, &variables)?
        }
        Some(_) => of_file(template, compiling, place, &variables)?,
    };
    Some(Dialect::Template { template, content_type: Arc::from(content_type.text.as_str()) })
}

/// What a value in a template of that media type must be encoded for.
fn place(content_type: &str) -> Place {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.ends_with("json") {
        Place::JsonString
    } else if kind.ends_with("xml") || kind == "text/html" {
        Place::Xml
    } else {
        Place::Text
    }
}

/// A template in a file of its own; its mistakes are told in that file.
fn of_file(
    node: &Node,
    compiling: &mut Compiling<'_>,
    place: Place,
    variables: &Variables,
) -> Option<Template> {
    let fields = compiling.reader.map(node, "`template`", TEMPLATE_FILE.names)?;
    let file = fields.required_text(&mut compiling.reader, "file")?;
    let file = compiling.named_file(file, LARGEST)?;
    let source = Source::new(file.shown, file.text);
    let mut findings = Findings::new();
    let scalar = Scalar::whole(&source.text, Span::new(0, source.text.len()));
    let mut inside = Compiling::new(&source, &mut findings, compiling.environment, compiling.folder);
    let template = inside.template(&scalar, place, variables);
    findings.into_iter().for_each(|finding| compiling.reader.push(finding));
    template
}
