//! The address of an upstream and the paths below it: scheme and host are constant, and only values are encoded.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::literal;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::Node;
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::operation::Setting;

impl Compiling<'_> {
    /// A `base_url`: http or https, a host, no slash at the end. What the environment put in is not shown.
    pub(super) fn base_url(&mut self, node: &Node) -> Option<Setting<String>> {
        let scalar = self.reader.text(node, "`base_url`")?;
        if literal::count_opens(&scalar.text) > 0 {
            let help = "name the other host in an operation or an upstream of its own";
            let message = "`base_url` is the same for every call, and takes no template";
            self.reader.error(Code::BadUrl, scalar.span, message, help);
            return None;
        }
        let text = match self.expand(scalar)? {
            Setting::Set(text) => text,
            Setting::Unset(variable) => return Some(Setting::Unset(variable)),
        };
        self.address(&text, "`base_url`", scalar.span)
    }

    /// An address that `what` holds, with the environment in it.
    pub(super) fn address(&mut self, text: &str, what: &str, span: Span) -> Option<Setting<String>> {
        match address(text) {
            Ok(address) => Some(Setting::Set(address)),
            Err((message, help)) => {
                self.reader.error(Code::BadUrl, span, format!("{what} {message}"), help);
                None
            }
        }
    }

    /// The path of a request.
    pub(super) fn request_path(
        &mut self,
        node: &Node,
        method: &str,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Template> {
        let scalar = self.reader.text(node, &format!("`{method}`"))?;
        self.refuse_expansion(scalar);
        let is_path = self.is_path(scalar);
        let template = self.template(scalar, Place::PathSegment, variables)?;
        self.warn_missing(scalar, template.reads(), arguments);
        is_path.then_some(template)
    }

    fn is_path(&mut self, scalar: &Scalar) -> bool {
        let text = scalar.text.as_str();
        if !text.starts_with('/') {
            let help = if text.contains("://") {
                "write scheme and host in `base_url`, and the path here".to_owned()
            } else {
                format!("write `/{text}`")
            };
            self.reader.error(Code::BadRequestPath, scalar.span, "a path begins with `/`", help);
            return false;
        }
        let is_odd =
            |c: char| matches!(c, '?' | '#' | '\\' | '"' | '<' | '>' | '^' | '`') || !c.is_ascii_graphic();
        let Some(found) = literal::find(text, is_odd) else { return true };
        let odd = text.get(found.clone()).unwrap_or_default();
        let (message, help) = match odd {
            "?" => ("a path has no query".to_owned(), "write it under `query`".to_owned()),
            "#" => ("a path has no fragment".to_owned(), "leave out what follows the `#`".to_owned()),
            _ => {
                let encoded = utf8_percent_encode(odd, NON_ALPHANUMERIC);
                (format!("`{}` cannot stand in a path", odd.escape_debug()), format!("write it as {encoded}"))
            }
        };
        self.reader.error(Code::BadRequestPath, scalar.span_of(found), message, help);
        false
    }
}

/// The address without its last slash, or what is wrong with it and what to write.
fn address(text: &str) -> Result<String, (&'static str, &'static str)> {
    const EXAMPLE: &str = "write scheme, host and path: `https://crm.example.com/api`";
    let url = Url::parse(text.trim()).map_err(|_| ("is no URL", EXAMPLE))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(("is neither http nor https", EXAMPLE));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(("names no host", EXAMPLE));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "write it under `auth`: `{ basic: { user: …, password: \"${secret:NAME}\" } }`";
        return Err(("carries a credential", help));
    }
    if url.query().is_some() {
        return Err(("has no query", "write it under the `query` of an operation"));
    }
    if url.fragment().is_some() {
        return Err(("has no fragment", "leave out what follows the `#`"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::address;
    use crate::mapping::upstream::tests::{compiled, operation};
    use crate::plan::operation::Setting;

    #[test]
    fn an_address_is_scheme_host_and_path() {
        assert_eq!(address("http://127.0.0.1:9000").unwrap(), "http://127.0.0.1:9000");
        assert_eq!(address("https://CRM.example/api/v1//").unwrap(), "https://crm.example/api/v1");
        for (text, message) in [
            ("crm.example", "is no URL"),
            ("ftp://crm.example", "is neither http nor https"),
            ("https://", "is no URL"),
            ("http://a:b@crm.example", "carries a credential"),
            ("http://crm.example/?a=1", "has no query"),
            ("http://crm.example/#a", "has no fragment"),
        ] {
            assert_eq!(address(text).unwrap_err().0, message, "{text}");
        }
    }

    #[test]
    fn an_address_comes_from_the_environment_and_is_never_shown() {
        let with = |url: &str| {
            compiled(&format!("upstream: a\nbase_url: {url}\noperations: {{ op: {{ get: /x }} }}\n"))
        };
        assert_eq!(
            with("\"${URL}\"").request().base_url,
            Setting::Set("http://crm.example:9000/api".to_owned())
        );
        let unset = with("\"${NOWHERE}\"");
        assert_eq!(unset.heads(), ["note[unset-variable]: the environment variable NOWHERE is not set"]);
        assert!(unset.operations[0].is_some());
        let wrong = with("\"${TOKEN}\"");
        assert_eq!(wrong.heads(), ["error[bad-url]: `base_url` is no URL"]);
        assert!(!wrong.findings[0].contains("s3cr3t"));
        assert_eq!(
            with("\"http://{{ host }}\"").heads(),
            ["error[bad-url]: `base_url` is the same for every call, and takes no template"]
        );
    }

    #[test]
    fn a_path_is_absolute_and_has_neither_query_nor_fragment() {
        let path = |path: &str| operation(&format!("    get: \"{path}\"\n")).findings;
        for (text, message, help) in [
            ("v1/{{ phone }}", "a path begins with `/`", "write `/v1/{{ phone }}`"),
            ("https://a.b/{{ phone }}", "a path begins with `/`", "write scheme and host in `base_url`"),
            ("/v1?tel={{ phone }}", "a path has no query", "write it under `query`"),
            ("/v1#{{ phone }}", "a path has no fragment", "leave out what follows the `#`"),
            ("/v 1/{{ phone }}", "` ` cannot stand in a path", "write it as %20"),
            ("/客/{{ phone }}", "`客` cannot stand in a path", "write it as %E5%AE%A2"),
        ] {
            let findings = path(text);
            assert!(findings.len() == 1, "{findings:?}");
            assert!(
                findings[0].starts_with(&format!("error[bad-request-path]: {message}")),
                "{}",
                findings[0]
            );
            assert!(findings[0].contains(help), "{}", findings[0]);
        }
        assert_eq!(path("/v1/{{ phone }}/x"), Vec::<String>::new());
    }
}
