//! Logins: credentials that are signed or fetched. What all kinds share: their variables, and how the token is carried.

mod fetch;
mod jwt;
mod oauth2;

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::Place;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::auth::CARRY;
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::literal;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::scalar::{Kind, Scalar};
use crate::mapping::yaml::{Node, Value};
use crate::plan::login::Carry;
use crate::plan::operation::{Arg, ArgKind, HttpUpstream, JsonTemplate, Setting};
use crate::secret::Secret;

/// What every template of a login may read beside its own variables.
const CLOCK: [&str; 2] = ["now", "now_ms"];
/// Variables of these names hold what nobody may read in a file.
const SECRETS: [&str; 4] = ["secret", "key", "password", "token"];
/// The longest life that can be written, in seconds: a year.
const LONGEST: i64 = 366 * 24 * 3600;

/// Where an `auth` stands.
pub(super) struct Site<'s> {
    pub(super) upstream: &'s Arc<HttpUpstream>,
    /// The address beside it. None: there is none, or none that can be used.
    pub(super) base_url: Option<&'s Setting<String>>,
    pub(super) timeout: Duration,
}

/// The variables of a login: their values, and the environment's first one that is not set.
struct With {
    values: Vec<(String, Secret)>,
    unset: Option<String>,
    arguments: Arguments,
}

impl With {
    fn variables(&self) -> Variables {
        self.arguments.variables()
    }
}

impl Compiling<'_> {
    /// `with: { app_id: "${APP_ID}" }`
    fn with(&mut self, fields: &Fields<'_>) -> Option<With> {
        let (mut values, mut unset, mut args, mut is_whole) = (Vec::new(), None, Vec::new(), true);
        if fields.get("with").is_some() {
            for (key, node) in fields.entries(&mut self.reader, "with")?.iter() {
                let value = self.variable(&key.text, key.span, node);
                args.push((variable(&key.text, ArgKind::Text), Some(key.span)));
                match value {
                    Some(Setting::Set(value)) => values.push((key.text.clone(), Secret::new(value))),
                    Some(Setting::Unset(name)) => unset = unset.or(Some(name)),
                    None => is_whole = false,
                }
            }
        }
        args.extend(CLOCK.map(|name| (variable(name, ArgKind::Int), None)));
        is_whole.then(|| With { values, unset, arguments: Arguments::of(args) })
    }

    fn variable(&mut self, name: &str, span: Span, node: &Node) -> Option<Setting<String>> {
        self.reader.name(name, span, "a variable", Name::Variable)?;
        if CLOCK.contains(&name) {
            let message = format!("a variable cannot be called `{name}`, which is the time");
            self.reader.error(Code::ReservedName, span, message, format!("call it `{name}_value`, say"));
            return None;
        }
        let scalar = self.reader.text_or_number(node, "a variable of a login")?;
        let is_secret = SECRETS.iter().any(|secret| name.to_lowercase().contains(secret));
        if is_secret && !scalar.text.contains("${") {
            let message = format!("`{name}` is a credential, and stands in the file for all to read");
            let help = "name an environment variable that holds it: \"${secret:NAME}\"";
            self.reader.warning(Code::SecretInFile, scalar.span, message, help);
        }
        self.expand(scalar)
    }

    /// `carry: { header: X-Token }`, `carry: { query: token }`; without it, `Authorization: Bearer`.
    fn carry(&mut self, fields: &Fields<'_>) -> Option<Carry> {
        if fields.get("carry").is_none() {
            return Some(Carry::Header { name: "Authorization".to_owned(), prefix: "Bearer ".to_owned() });
        }
        let carry = fields.map(&mut self.reader, "carry", CARRY.names)?;
        let (key, node) = carry.exactly_one(&mut self.reader, &["header", "query"])?;
        let name = self.reader.text(node, &format!("`{}`", key.text))?;
        if key.text == "header" {
            let prefix = carry.text(&mut self.reader, "prefix").map(|prefix| prefix.text.clone());
            let name = self.header_name(&name.text, name.span).then(|| name.text.clone())?;
            return Some(Carry::Header { name, prefix: prefix.unwrap_or_default() });
        }
        if let Some((prefix, _)) = carry.entry("prefix") {
            let help = "leave it out: a query item holds the token alone";
            self.reader.warning(Code::NoEffect, prefix.span, "a query item has no prefix", help);
        }
        Some(Carry::Query(name.text.clone()))
    }

    /// A time in seconds, if its key is written.
    fn seconds(&mut self, fields: &Fields<'_>, key: &str) -> Option<Duration> {
        let seconds = fields.int(&mut self.reader, key, 1..=LONGEST, "s")?;
        Some(Duration::from_secs(seconds.unsigned_abs()))
    }

    /// Any JSON value, its texts templates with the environment in their literal parts; `unset` takes the first
    /// variable of the environment that is not set.
    fn expanded_json(
        &mut self,
        node: &Node,
        variables: &Variables,
        unset: &mut Option<String>,
    ) -> Option<JsonTemplate> {
        match &node.value {
            Value::Scalar(scalar) if scalar.kind() == Kind::Text => {
                self.template(scalar, Place::Text, variables)?;
                match self.expanded_text(scalar)? {
                    Setting::Unset(name) => {
                        unset.get_or_insert(name);
                        Some(JsonTemplate::Constant(serde_json::Value::Null))
                    }
                    Setting::Set(text) => {
                        let whole = Scalar::whole(&text, scalar.span);
                        let template = self.template(&whole, Place::Text, variables)?;
                        Some(JsonTemplate::Text(template))
                    }
                }
            }
            Value::List(items) => {
                let items = items.iter().map(|item| self.expanded_json(item, variables, unset));
                items.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(JsonTemplate::List)
            }
            Value::Map(map) => {
                let members = map
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.expanded_json(node, variables, unset)?)));
                members.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(JsonTemplate::Object)
            }
            _ => self.reader.json(node).map(JsonTemplate::Constant),
        }
    }

    /// A template's text with the environment in its literal parts: no template comes from outside.
    fn expanded_text(&mut self, scalar: &Scalar) -> Option<Setting<String>> {
        self.expands_outside_of_templates(scalar)?;
        match self.expand(scalar)? {
            Setting::Set(text) if literal::count_opens(&text) != literal::count_opens(&scalar.text) => {
                let message = "the environment puts a template in here";
                self.reader.error(Code::BadExpansion, scalar.span, message, "set the variable to plain text");
                None
            }
            text => Some(text),
        }
    }
}

fn variable(name: &str, kind: ArgKind) -> Arg {
    Arg { name: name.into(), kind, required: true, default: None, one_of: Vec::new(), about: None }
}

#[cfg(test)]
mod tests;
