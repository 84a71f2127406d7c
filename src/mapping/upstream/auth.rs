//! The credential that requests carry: from the environment, never from the file.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::auth::{AUTH, BASIC, IN_HEADER, IN_QUERY};
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::header::is_header_name;
use crate::mapping::upstream::login::Site;
use crate::mapping::yaml::Node;
use crate::plan::operation::{Auth, Setting};
use crate::secret::Secret;

impl Compiling<'_> {
    /// `none`, or one of the kinds with its credential.
    pub(super) fn auth(&mut self, node: &Node, site: &Site<'_>) -> Option<Setting<Auth>> {
        if node.as_scalar().is_some() {
            self.auth_word(node)?;
            return Some(Setting::Set(Auth::None));
        }
        let fields = self.reader.map(node, "`auth`", AUTH.names)?;
        if node.as_map().is_some_and(|map| !map.is_empty())
            && AUTH.names.iter().all(|kind| fields.get(kind).is_none())
        {
            return None; // a kind with a slip in its name: told as an unknown key
        }
        let (key, node) = fields.exactly_one(&mut self.reader, AUTH.names)?;
        match key.text.as_str() {
            "bearer" => Some(map(self.credential(node, "`bearer`")?, Auth::Bearer)),
            "basic" => self.basic(node),
            "jwt" => self.jwt(node, site),
            "token" => self.token(node, site),
            "oauth2" => self.oauth2(node, site),
            "header" => {
                let fields = self.reader.map(node, "`header`", IN_HEADER.names)?;
                let name = fields.required_text(&mut self.reader, "name");
                let name =
                    name.filter(|name| self.header_name(&name.text, name.span)).map(|name| name.text.clone());
                let value = self.credential_of(&fields, "value")?;
                let name = name?;
                Some(map(value, |value| Auth::Header(name, value)))
            }
            _ => {
                let fields = self.reader.map(node, "`query`", IN_QUERY.names)?;
                let name = fields.required_text(&mut self.reader, "name").map(|name| name.text.clone());
                let value = self.credential_of(&fields, "value")?;
                let name = name?;
                Some(map(value, |value| Auth::Query(name, value)))
            }
        }
    }

    /// `auth: none`, the only kind that is a word; of the others the finding says how they are written.
    fn auth_word(&mut self, node: &Node) -> Option<()> {
        let scalar = self.reader.text(node, "`auth`")?;
        let word = scalar.text.as_str();
        let help = match word {
            "none" => return Some(()),
            "bearer" => "write `auth: { bearer: \"${secret:NAME}\" }`",
            "basic" => "write `auth: { basic: { user: …, password: \"${secret:NAME}\" } }`",
            "header" | "query" => {
                "write `auth: { header: { name: X-Key, value: \"${secret:NAME}\" } }`, or the same as `query`"
            }
            "jwt" | "token" | "oauth2" => "write it as a map: docs/mappings.md#auth has an example of each",
            _ => {
                "write `none`, or a map such as `{ bearer: \"${secret:NAME}\" }`, `{ basic: … }`, `{ header: … }`"
            }
        };
        self.reader.error(Code::UnknownWord, scalar.span, format!("`auth` cannot be `{word}` alone"), help);
        None
    }

    fn basic(&mut self, node: &Node) -> Option<Setting<Auth>> {
        let fields = self.reader.map(node, "`basic`", BASIC.names)?;
        let user = fields.required_text(&mut self.reader, "user").and_then(|user| self.expand(user));
        let password = self.credential_of(&fields, "password");
        Some(match (user?, password?) {
            (Setting::Set(user), Setting::Set(password)) => {
                Setting::Set(Auth::Basic(Secret::new(user), password))
            }
            (Setting::Unset(variable), _) | (_, Setting::Unset(variable)) => Setting::Unset(variable),
        })
    }

    pub(super) fn credential_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<Setting<Secret>> {
        let node = fields.required(&mut self.reader, key)?;
        self.credential(node, &format!("`{key}`"))
    }

    /// A credential. No message shows what it is.
    fn credential(&mut self, node: &Node, what: &str) -> Option<Setting<Secret>> {
        let scalar = self.reader.text(node, what)?;
        if !scalar.text.contains("${") {
            let message = format!("{what} is a credential, and stands in the file for all to read");
            let help = "name an environment variable that holds it: \"${secret:NAME}\"";
            self.reader.warning(Code::SecretInFile, scalar.span, message, help);
        }
        let value = match self.expand(scalar)? {
            Setting::Set(value) => value,
            Setting::Unset(variable) => return Some(Setting::Unset(variable)),
        };
        let problem = if value.is_empty() {
            Some((
                Code::EmptyValue,
                format!("{what} is empty"),
                "write `auth: none` where no credential is needed",
            ))
        } else if value.chars().any(char::is_control) {
            let message = format!("{what} holds a line end or another control character");
            Some((Code::BadHeader, message, "set the variable again, without it"))
        } else {
            None
        };
        let Some((code, message, help)) = problem else {
            return Some(Setting::Set(Secret::new(value)));
        };
        self.reader.error(code, scalar.span, message, help);
        None
    }

    /// Whether a name can be a header's; the finding where it cannot.
    pub(in crate::mapping) fn header_name(&mut self, name: &str, span: Span) -> bool {
        if is_header_name(name) {
            return true;
        }
        let help = "use letters, digits and `-`, as in `X-Api-Key`";
        self.reader.error(Code::BadHeader, span, format!("`{name}` cannot be the name of a header"), help);
        false
    }
}

fn map<T, U>(setting: Setting<T>, with: impl FnOnce(T) -> U) -> Setting<U> {
    match setting {
        Setting::Set(value) => Setting::Set(with(value)),
        Setting::Unset(variable) => Setting::Unset(variable),
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::tests::{Compiled, compiled};
    use crate::plan::operation::{Auth, Setting};

    fn with(auth: &str) -> Compiled {
        let yaml = "upstream: a\nbase_url: http://a.example\nauth: AUTH\noperations: { op: { get: /x } }\n";
        compiled(&yaml.replace("AUTH", auth))
    }

    fn auth(text: &str) -> Auth {
        match &with(text).request().auth {
            Setting::Set(auth) => auth.clone(),
            Setting::Unset(variable) => panic!("{variable}"),
        }
    }

    #[test]
    fn a_credential_comes_from_the_environment() {
        assert!(matches!(auth("none"), Auth::None));
        assert!(
            matches!(auth("{ bearer: \"${secret:TOKEN}\" }"), Auth::Bearer(token) if token.expose() == "s3cr3t")
        );
        let basic = auth("{ basic: { user: me, password: \"${TOKEN}\" } }");
        assert!(
            matches!(basic, Auth::Basic(user, password) if user.expose() == "me" && password.expose() == "s3cr3t")
        );
        let header = auth("{ header: { name: X-Key, value: \"Key ${TOKEN}\" } }");
        assert!(
            matches!(header, Auth::Header(name, value) if name == "X-Key" && value.expose() == "Key s3cr3t")
        );
        let query = auth("{ query: { name: api_key, value: \"${TOKEN}\" } }");
        assert!(matches!(query, Auth::Query(name, _) if name == "api_key"));
    }

    #[test]
    fn a_variable_that_is_not_set_leaves_the_upstream_unconfigured() {
        let compiled = with("{ basic: { user: me, password: \"${secret:NOWHERE}\" } }");
        assert_eq!(compiled.heads(), ["note[unset-variable]: the environment variable NOWHERE is not set"]);
        assert!(compiled.operations[0].is_some());
    }

    #[test]
    fn a_credential_in_the_file_is_told_where_it_stands() {
        assert_eq!(
            with("{ bearer: abc }").findings,
            ["\
warning[secret-in-file]: `bearer` is a credential, and stands in the file for all to read
 --> a.yaml:3:17
  |
3 | auth: { bearer: abc }
  |                 ^^^
  |
  = help: name an environment variable that holds it: \"${secret:NAME}\""]
        );
    }

    #[test]
    fn every_mistake_in_a_credential_is_told_and_none_shows_it() {
        for (auth, head) in [
            ("{ bearr: x }", "error[unknown-key]: `bearr` is not a key of `auth`"),
            ("nothing", "error[unknown-word]: `auth` cannot be `nothing` alone"),
            (
                "{ bearer: \"${LINES}\" }",
                "error[bad-header]: `bearer` holds a line end or another control character",
            ),
            ("{ bearer: \"${NOWHERE:-}\" }", "error[empty-value]: `bearer` is empty"),
            ("{ bearer: \"${TOKEN\" }", "error[bad-expansion]: this `${` is not closed"),
            ("{ basic: { user: me } }", "error[missing-key]: `basic` needs the key `password`"),
            (
                "{ header: { name: \"X Key\", value: \"${TOKEN}\" } }",
                "error[bad-header]: `X Key` cannot be the name of a header",
            ),
        ] {
            let compiled = with(auth);
            assert_eq!(compiled.heads()[0], head);
            assert!(
                compiled.operations[0].is_none() && !compiled.findings.concat().contains("s3cr3t"),
                "{auth}"
            );
        }
    }
}
