//! The headers that requests carry: names checked, the environment read once, values templates over the arguments of
//! the operation that sends them.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::credential::Item;
use crate::mapping::upstream::literal;
use crate::mapping::upstream::request::Pairs;
use crate::mapping::upstream::written::Written;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::operation::Setting;

/// Headers that the connection sets itself.
const OURS: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"];

/// A header as written, the environment already in it.
pub(super) struct Header<'n> {
    name: &'n str,
    scalar: &'n Scalar,
    text: Setting<String>,
}

/// The headers of one request; unset: a variable of the environment that one of them needs.
pub(super) type Headers = Setting<Pairs>;

impl<'n> Header<'n> {
    /// Reads `headers`. A header with a mistake is left out.
    pub(super) fn read(fields: &Fields<'n>, compiling: &mut Compiling<'_>) -> Vec<Self> {
        let mut headers: Vec<Self> = Vec::new();
        let Some(map) = fields.entries(&mut compiling.reader, "headers") else { return headers };
        for (key, node) in map.iter() {
            let is_named = compiling.may_be_sent(&key.text, key.span);
            let Some(scalar) = compiling.reader.text_or_number(node, "a header") else { continue };
            let Some(text) = compiling.header_text(scalar) else { continue };
            if let Some(earlier) = headers.iter().find(|header| header.is(&key.text)) {
                let message = format!("`{}` and `{}` are the same header", earlier.name, key.text);
                compiling.reader.error(Code::DuplicateHeader, key.span, message, "keep one of them");
            } else if is_named {
                headers.push(Self { name: &key.text, scalar, text });
            }
        }
        headers
    }

    /// Checks the headers of an upstream against all of its operations: a variable that no operation has is a slip.
    pub(super) fn check_shared<'w>(
        headers: &[Self],
        operations: impl Iterator<Item = &'w Written<'w>>,
        compiling: &mut Compiling<'_>,
    ) -> bool {
        let names: Vec<&str> = operations.flat_map(|operation| operation.arguments.names()).collect();
        let variables = Variables::new(names);
        let mut are_whole = true;
        for header in headers {
            match compiling.template(header.scalar, Place::Text, &variables) {
                Some(template) => {
                    compiling.warn_written_out(Item::Header, header.name, header.scalar, &template);
                }
                None => are_whole = false,
            }
        }
        are_whole
    }

    /// Whether it has that name; headers do not tell large letters from small ones.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Compiling<'_> {
    /// The headers of one request: those of the upstream that the operation does not send itself, then its own.
    pub(super) fn headers(
        &mut self,
        shared: &[Header<'_>],
        own: &[Header<'_>],
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Headers> {
        let mut all = Vec::new();
        let mut unset = None;
        let mut is_whole = true;
        let kept = shared.iter().filter(|header| !own.iter().any(|other| other.is(header.name)));
        let kept = kept.filter(|header| !stands_for_nothing(header, arguments));
        for header in kept.chain(own) {
            let template = self.template(header.scalar, Place::Text, variables);
            let Some(template) = template else {
                is_whole = false;
                continue;
            };
            self.warn_missing_in_mixed(header.scalar, &template, arguments);
            if own.iter().any(|other| other.is(header.name)) {
                self.warn_written_out(Item::Header, header.name, header.scalar, &template);
            }
            match &header.text {
                Setting::Unset(variable) => unset = unset.or_else(|| Some(variable.clone())),
                Setting::Set(text) => {
                    all.push((header.name.to_owned(), self.expanded(header, template, text)?))
                }
            }
        }
        is_whole.then(|| unset.map_or(Setting::Set(all), Setting::Unset))
    }

    /// The template with the environment in its literal parts.
    fn expanded(&mut self, header: &Header<'_>, template: Template, text: &str) -> Option<Template> {
        if text == header.scalar.text {
            return Some(template);
        }
        match Template::compile(text, Place::Text) {
            Ok(template) => Some(template),
            Err(_) => {
                let message = "with the environment in it, this header is no template any more";
                let help = "set the variable to plain text";
                self.reader.error(Code::BadExpansion, header.scalar.span, message, help);
                None
            }
        }
    }

    /// A header's value with the environment in it: it must stay one line, and no template may come from outside.
    fn header_text(&mut self, scalar: &Scalar) -> Option<Setting<String>> {
        self.check_expansions(scalar)?;
        let text = match self.expand(scalar)? {
            Setting::Set(text) => text,
            unset @ Setting::Unset(_) => return Some(unset),
        };
        let (code, message, help) = if text.chars().any(char::is_control) {
            let message = "a header cannot hold a line end or another control character";
            (Code::BadHeader, message, "write it in one line")
        } else if literal::count_opens(&text) != literal::count_opens(&scalar.text) {
            (Code::BadExpansion, "the environment puts a template in here", "set the variable to plain text")
        } else {
            return Some(Setting::Set(text));
        };
        self.reader.error(code, scalar.span, message, help);
        None
    }

    /// The environment is read outside of templates only, and a header is no place for a secret.
    fn check_expansions(&mut self, scalar: &Scalar) -> Option<()> {
        if let Some(at) = scalar.text.find("${secret:") {
            let span = scalar.span_of(at..at + "${secret:".len());
            let message = "a header is no secret: what it holds may be shown in traces";
            let help = "write the credential under `auth`: `{ header: { name: X-Key, value: … } }`";
            self.reader.warning(Code::SecretInHeader, span, message, help);
        }
        self.expands_outside_of_templates(scalar)
    }

    /// Whether the environment is read in literal parts only; the finding where it is not.
    pub(super) fn expands_outside_of_templates(&mut self, scalar: &Scalar) -> Option<()> {
        let literal_parts = literal::parts(&scalar.text);
        let mut expansions = scalar.text.match_indices("${").map(|(at, _)| at);
        let Some(at) = expansions.find(|at| !literal_parts.iter().any(|part| part.contains(at))) else {
            return Some(());
        };
        let message = "the environment is not read inside of a template";
        let help = "write the `${…}` before or behind the `{{ … }}`";
        self.reader.error(Code::NotExpanded, scalar.span_of(at..at + 2), message, help);
        None
    }

    fn may_be_sent(&mut self, name: &str, span: Span) -> bool {
        if !self.header_name(name, span) {
            return false;
        }
        if !OURS.contains(&name.to_ascii_lowercase().as_str()) {
            return true;
        }
        let message = format!("`{name}` is set by the connection itself");
        self.reader.error(Code::BadHeader, span, message, "leave it out");
        false
    }
}

/// Whether a header of the upstream is nothing but an argument that this operation does not have: it is left out, as
/// one that was not given.
fn stands_for_nothing(header: &Header<'_>, arguments: &Arguments) -> bool {
    Template::compile(&header.scalar.text, Place::Text)
        .is_ok_and(|template| template.bare().is_some_and(|read| arguments.get(&read.root).is_none()))
}

/// Whether a text is a token of RFC 9110.
pub(super) fn is_header_name(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.len() <= 128 && name.chars().all(is_sign)
}

#[cfg(test)]
mod tests {
    use crate::expr::Template;
    use crate::mapping::upstream::tests::{Compiled, compiled};
    use crate::plan::operation::{Call, Setting};

    fn with(shared: &str, own: &str) -> Compiled {
        let yaml = "upstream: a\nbase_url: http://a.example\nheaders: SHARED\noperations:\n  \
                    one: { args: { lang: text }, get: /x, query: { l: \"{{ lang }}\" }, headers: OWN }\n  two: { get: /y }\n";
        compiled(&yaml.replace("SHARED", shared).replace("OWN", own))
    }

    fn sent(compiled: &Compiled) -> Vec<Vec<(String, String)>> {
        let header = |(name, value): &(String, Template)| (name.clone(), value.text().to_owned());
        let of = |call: &Call| match call {
            Call::Http(call) => call.headers.iter().map(header).collect(),
            Call::Table(_) => Vec::new(),
        };
        compiled.operations.iter().map(|operation| of(&operation.as_ref().unwrap().call)).collect()
    }

    #[test]
    fn an_operation_sends_its_own_headers_and_those_of_its_upstream() {
        let compiled = with(
            "{ X-App: \"app ${SET}\", X-Version: 2, Accept-Language: \"{{ lang }}\" }",
            "{ x-app: mine, X-Lang: \"l {{ lang or '-' }}\" }",
        );
        assert!(compiled.findings.is_empty(), "{:?}", compiled.findings);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            sent(&compiled),
            [
                vec![
                    pair("X-Version", "2"),
                    pair("Accept-Language", "{{ lang }}"),
                    pair("x-app", "mine"),
                    pair("X-Lang", "l {{ lang or '-' }}"),
                ],
                vec![pair("X-App", "app value"), pair("X-Version", "2")],
            ]
        );
    }

    #[test]
    fn a_header_without_its_variable_leaves_its_operation_unconfigured() {
        let compiled = with("{}", "{ X-Key: \"${NOWHERE}\" }");
        assert_eq!(compiled.heads(), ["note[unset-variable]: the environment variable NOWHERE is not set"]);
        let auth = |at: usize| match &compiled.operations[at].as_ref().unwrap().call {
            Call::Http(call) => matches!(&call.auth, Setting::Unset(name) if name == "NOWHERE"),
            Call::Table(_) => false,
        };
        assert_eq!((auth(0), auth(1)), (true, false));
    }

    #[test]
    fn every_mistake_in_a_header_is_told_once() {
        for (shared, own, head) in [
            ("{ \"X Key\": a }", "{}", "error[bad-header]: `X Key` cannot be the name of a header"),
            ("{ Host: a }", "{}", "error[bad-header]: `Host` is set by the connection itself"),
            ("{ X-A: a, x-a: b }", "{}", "error[duplicate-header]: `X-A` and `x-a` are the same header"),
            (
                "{ X-A: \"${LINES}\" }",
                "{}",
                "error[bad-header]: a header cannot hold a line end or another control character",
            ),
            ("{ X-A: \"${BRACES}\" }", "{}", "error[bad-expansion]: the environment puts a template in here"),
            (
                "{ X-A: \"{{ lang or '${SET}' }}\" }",
                "{}",
                "error[not-expanded]: the environment is not read inside of a template",
            ),
            ("{ X-A: \"{{ lagn }}\" }", "{}", "error[unknown-variable]: there is no variable `lagn` here"),
            (
                "{ X-A: \"${secret:TOKEN}\" }",
                "{}",
                "warning[secret-in-header]: a header is no secret: what it holds may be shown in traces",
            ),
            ("{}", "{ X-A: \"{{ lagn }}\" }", "error[unknown-variable]: there is no variable `lagn` here"),
            (
                "{}",
                "{ X-A: \"a {{ lang }}\" }",
                "warning[maybe-missing]: `lang` may not be given, and then this cannot be written",
            ),
        ] {
            assert_eq!(with(shared, own).heads(), [head], "{shared} {own}");
        }
    }
}
