//! `dialect:` how a node's answer is written.

use std::fs;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Span};
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::expression::Variables;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::{Node, Value};
use crate::plan::output::Dialect;

const KEYS: &[&str] = &["template", "content_type"];
const FILE_KEYS: &[&str] = &["file"];

/// Compiles `dialect`; without it an answer is JSON.
pub(super) fn compile(fields: &Fields<'_>, compiling: &mut Compiling<'_>, outputs: &[Arc<str>]) -> Dialect {
    let Some(node) = fields.get("dialect") else {
        return Dialect::Json;
    };
    if matches!(node.value, Value::Map(_)) {
        return of_template(node, compiling, outputs).unwrap_or(Dialect::Json);
    }
    let words = [("json", 0), ("strings", 1), ("pairs", 2)];
    match compiling.reader.word(node, "`dialect`", &words) {
        Some(1) => Dialect::Strings,
        Some(2) => Dialect::Pairs,
        _ => Dialect::Json,
    }
}

fn of_template(node: &Node, compiling: &mut Compiling<'_>, outputs: &[Arc<str>]) -> Option<Dialect> {
    let fields = compiling.reader.map(node, "`dialect`", KEYS)?;
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
            Code::BadAddress,
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
        Some(_) => of_file(template, compiling, place)?,
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
fn of_file(node: &Node, compiling: &mut Compiling<'_>, place: Place) -> Option<Template> {
    let fields = compiling.reader.map(node, "`template`", FILE_KEYS)?;
    let file = fields.required_text(&mut compiling.reader, "file")?;
    let path = compiling.folder.join(&file.text);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("`{}` cannot be read: {error}", file.text);
            let help = "a path starts from the folder of the file that names it";
            compiling.reader.error(Code::FileMissing, file.span, message, help);
            return None;
        }
    };
    match Template::compile(&text, place) {
        Ok(template) => Some(template),
        Err(error) => {
            let source = Source::new(path.display().to_string(), text);
            let span = Span::from(error.range);
            compiling.reader.push(Finding::error(Code::TemplateSyntax, &source, span, error.message));
            None
        }
    }
}
