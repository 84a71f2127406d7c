//! Templates, conditions and paths of a file: compiled where they stand, their variables checked against those that
//! are there.

use serde_json::Value as Json;

use crate::diagnostic::code::Code;
use crate::expr::{CompileError, Condition, Fault, Path, Place, Template};
use crate::mapping::braces::Braces;
use crate::mapping::compiling::Compiling;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::scalar::{Kind, Scalar};
use crate::mapping::yaml::{Node, Value};
use crate::plan::operation::JsonTemplate;

/// The quotes that text processors put in the place of straight ones.
pub(super) const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];

impl Compiling<'_> {
    /// A template for its place.
    pub(super) fn template(
        &mut self,
        scalar: &Scalar,
        place: Place,
        variables: &Variables,
    ) -> Option<Template> {
        self.template_within(scalar, place, variables, Braces::OurOwn)
    }

    /// The same of a text that is sent, and may be of another language.
    pub(super) fn sent_template(
        &mut self,
        scalar: &Scalar,
        place: Place,
        variables: &Variables,
    ) -> Option<Template> {
        self.template_within(scalar, place, variables, Braces::OfAny)
    }

    fn template_within(
        &mut self,
        scalar: &Scalar,
        place: Place,
        variables: &Variables,
        braces: Braces,
    ) -> Option<Template> {
        let compiled = Template::compile(&scalar.text, place).map_err(|error| variables.with_group(error));
        let template = self.compiled(compiled, scalar, Code::TemplateSyntax)?;
        self.warn_single_braces(scalar, braces, |name| variables.has(name));
        self.check_reads(template.reads(), scalar, variables).then_some(template)
    }

    /// A condition.
    pub(super) fn condition(&mut self, node: &Node, what: &str, variables: &Variables) -> Option<Condition> {
        let scalar = self.reader.text(node, what)?;
        let compiled = Condition::compile(&scalar.text).map_err(|error| variables.with_group(error));
        let condition = self.compiled(compiled, scalar, Code::TemplateSyntax)?;
        if condition.reads().is_empty() {
            let message = format!("{what} reads nothing, so it is the same for every call");
            let help = "a name stands without quotes, a text in them: `key == '1'`";
            self.reader.warning(Code::ConstantCondition, scalar.span, message, help);
        }
        self.check_reads(condition.reads(), scalar, variables).then_some(condition)
    }

    /// A path.
    pub(super) fn path(&mut self, node: &Node, what: &str) -> Option<Path> {
        let scalar = self.reader.text(node, what)?;
        self.compiled(Path::compile(&scalar.text), scalar, Code::PathSyntax)
    }

    /// Any JSON value, its texts templates.
    pub(super) fn json_template(&mut self, node: &Node, variables: &Variables) -> Option<JsonTemplate> {
        self.json_within(node, variables, Braces::OurOwn)
    }

    /// The same of a value that is sent, and may hold another language.
    pub(super) fn sent_json(&mut self, node: &Node, variables: &Variables) -> Option<JsonTemplate> {
        self.json_within(node, variables, Braces::OfAny)
    }

    fn json_within(&mut self, node: &Node, variables: &Variables, braces: Braces) -> Option<JsonTemplate> {
        match &node.value {
            Value::Broken => None,
            Value::Null => Some(JsonTemplate::Constant(Json::Null)),
            Value::Scalar(scalar) if scalar.kind() == Kind::Text => {
                self.refuse_expansion(scalar);
                let template = self.template_within(scalar, Place::Text, variables, braces)?;
                Some(if template.is_literal() {
                    JsonTemplate::Constant(Json::String(scalar.text.clone()))
                } else {
                    JsonTemplate::Text(template)
                })
            }
            Value::Scalar(_) => self.reader.json(node).map(JsonTemplate::Constant),
            Value::List(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.json_within(item, variables, braces)).collect();
                let items: Vec<JsonTemplate> = items.into_iter().collect::<Option<_>>()?;
                Some(constant_list(&items).map_or(JsonTemplate::List(items), JsonTemplate::Constant))
            }
            Value::Map(map) => {
                let members: Vec<_> = map
                    .iter()
                    .map(|(key, value)| Some((key.text.clone(), self.json_within(value, variables, braces)?)))
                    .collect();
                let members: Vec<(String, JsonTemplate)> = members.into_iter().collect::<Option<_>>()?;
                Some(constant_object(&members).map_or(JsonTemplate::Object(members), JsonTemplate::Constant))
            }
        }
    }

    fn compiled<T>(&mut self, compiled: Result<T, CompileError>, scalar: &Scalar, code: Code) -> Option<T> {
        match compiled {
            Ok(value) => Some(value),
            Err(error) => {
                let help = error.help.unwrap_or_else(|| match code {
                    Code::PathSyntax => "a path is written as in RFC 9535: $.profile.name".to_owned(),
                    _ => "an expression is written as in Tera: {{ name | upper }}".to_owned(),
                });
                let place = scalar.text.get(error.range.clone()).unwrap_or_default();
                // What was understood and is wrong for another reason may have such quotes in its words.
                let is_unread = matches!(error.fault, Fault::Syntax | Fault::Operator | Fault::NoRoot);
                if (is_unread || place.contains(CURLY)) && self.is_curly(scalar) {
                    return None;
                }
                let code = of_fault(error.fault).unwrap_or(code);
                self.reader.error(code, scalar.span_of(error.range), error.message, help);
                None
            }
        }
    }

    /// Whether a quote of a text processor is what keeps an expression from being read; the finding where it is.
    fn is_curly(&mut self, scalar: &Scalar) -> bool {
        let Some((at, quote)) = scalar.text.char_indices().find(|(_, c)| CURLY.contains(c)) else {
            return false;
        };
        let message = format!("`{quote}` is a curly quote, as text processors write it");
        let help = "write a straight one: `'` or `\"`";
        self.reader.error(Code::CurlyQuote, scalar.span_of(at..at + quote.len_utf8()), message, help);
        true
    }
}

/// The code of a mistake that is more than one of syntax.
fn of_fault(fault: Fault) -> Option<Code> {
    match fault {
        Fault::Syntax => None,
        Fault::Forbidden => Some(Code::NotAllowed),
        Fault::UnknownFilter => Some(Code::UnknownFilter),
        Fault::Argument => Some(Code::FilterArgument),
        Fault::Value => Some(Code::FilterValue),
        Fault::Operator => Some(Code::WrongOperator),
        Fault::NoRoot => Some(Code::PathRoot),
        Fault::TooLong => Some(Code::TooLong),
    }
}

fn constant_list(items: &[JsonTemplate]) -> Option<Json> {
    items.iter().map(constant).collect::<Option<Vec<_>>>().map(Json::Array)
}

fn constant_object(members: &[(String, JsonTemplate)]) -> Option<Json> {
    let values = members.iter().map(|(name, value)| Some((name.clone(), constant(value)?)));
    values.collect::<Option<serde_json::Map<_, _>>>().map(Json::Object)
}

fn constant(template: &JsonTemplate) -> Option<Json> {
    match template {
        JsonTemplate::Constant(value) => Some(value.clone()),
        _ => None,
    }
}
