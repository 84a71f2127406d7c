//! Templates, conditions and paths of a file: compiled where they stand, their variables checked against those that
//! are there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, list};
use crate::expr::{CompileError, Condition, Fault, Path, Place, Read, Segment, Template};
use crate::mapping::braces::Braces;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::scalar::{Kind, Scalar};
use crate::mapping::yaml::{Node, Value};
use crate::plan::operation::JsonTemplate;

/// The quotes that text processors put in the place of straight ones.
pub(super) const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];

/// The variables that an expression may read, and which of them were read.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Each name, and what it is for those that hold named things themselves (`inputs`, `outputs`): their names.
    known: BTreeMap<String, Option<Vec<String>>>,
    /// Names that mean two things, with what to write instead.
    ambiguous: BTreeMap<String, String>,
    read: RefCell<BTreeSet<String>>,
}

impl Variables {
    /// These variables.
    pub(super) fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let known = names.into_iter().map(|name| (name.into(), None)).collect();
        Self { known, ..Self::default() }
    }

    /// With one more.
    pub(super) fn with(mut self, name: impl Into<String>) -> Self {
        self.known.insert(name.into(), None);
        self
    }

    /// With one more that holds things by name.
    pub(super) fn with_names(mut self, name: &str, names: Vec<String>) -> Self {
        self.known.insert(name.to_owned(), Some(names));
        self
    }

    /// With a name that may not be read as it stands.
    pub(super) fn with_ambiguous(mut self, name: &str, instead: String) -> Self {
        self.ambiguous.insert(name.to_owned(), instead);
        self
    }

    /// Whether the variable was read, by its own name or as a member of `group`.
    pub(super) fn was_read(&self, group: &str, name: &str) -> bool {
        let read = self.read.borrow();
        read.contains(name)
            || read.contains(&format!("{group}.{name}"))
            || read.contains(&format!("{group}.*"))
    }

    /// Whether the variable was read as a member of `group`, or the group as a whole.
    pub(super) fn was_member_read(&self, group: &str, name: &str) -> bool {
        let read = self.read.borrow();
        read.contains(&format!("{group}.{name}")) || read.contains(&format!("{group}.*"))
    }

    /// Counts a variable as read.
    pub(super) fn mark(&self, name: &str) {
        self.read.borrow_mut().insert(name.to_owned());
    }

    fn note(&self, read: &Read) {
        let mut seen = self.read.borrow_mut();
        match self.known.get(&read.root) {
            Some(Some(_)) => {
                let member = match read.below.first() {
                    Some(Segment::Key(key)) => key.as_str(),
                    _ => "*",
                };
                seen.insert(format!("{}.{member}", read.root));
            }
            _ => {
                seen.insert(read.root.clone());
            }
        }
    }
}

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
        let compiled = Template::compile(&scalar.text, place);
        let template = self.compiled(compiled, scalar, Code::TemplateSyntax)?;
        self.warn_single_braces(scalar, braces, |name| variables.known.contains_key(name));
        self.check_reads(template.reads(), scalar, variables).then_some(template)
    }

    /// A condition.
    pub(super) fn condition(&mut self, node: &Node, what: &str, variables: &Variables) -> Option<Condition> {
        let scalar = self.reader.text(node, what)?;
        let compiled = Condition::compile(&scalar.text);
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

    fn check_reads(&mut self, reads: &[Read], scalar: &Scalar, variables: &Variables) -> bool {
        let mut known = true;
        for read in reads {
            variables.note(read);
            let root = scalar.span_of(read.range.start..read.range.start + read.root.len());
            if let Some(instead) = variables.ambiguous.get(&read.root) {
                let message = format!("`{}` is both an input and an output", read.root);
                self.reader.error(Code::AmbiguousName, root, message, format!("write {instead}"));
                known = false;
                continue;
            }
            let (span, name, names) = match (variables.known.get(&read.root), read.below.first()) {
                (None, _) => (root, read.root.as_str(), variables.known.keys().map(String::as_str).collect()),
                (Some(Some(members)), Some(Segment::Key(key))) if !members.contains(key) => {
                    let names: Vec<&str> = members.iter().map(String::as_str).collect();
                    (scalar.span_of(read.range.clone()), key.as_str(), names)
                }
                _ => continue,
            };
            let help = match did_you_mean(name, names.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None if names.is_empty() => "no variables are known here".to_owned(),
                None => format!("known here: {}", list(&names)),
            };
            self.reader.error(
                Code::UnknownVariable,
                span,
                format!("there is no variable `{name}` here"),
                help,
            );
            known = false;
        }
        known
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
