//! Credentials where they should not be: written out in a header, a query or a form, or sent to where everybody on the way
//! can read them.

use std::net::IpAddr;

use url::{Host, Url};

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::Template;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::Node;
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::operation::{Auth, Setting};

/// Words that a credential's name ends with.
const CREDENTIALS: [&str; 12] = [
    "authorization",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "credential",
    "credentials",
    "apikey",
    "appkey",
    "devkey",
];
/// Words before `key` that make it one; of others it is the name of a thing.
const OF_KEYS: [&str; 12] = [
    "api",
    "access",
    "account",
    "app",
    "auth",
    "dev",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "subscription",
];
/// Words before `token` with which it marks a place in a list, and is no credential.
const OF_PLACES: [&str; 8] =
    ["page", "pagination", "next", "continuation", "cursor", "sync", "scroll", "resume"];
/// Words before a credential's name with which it is a wish for one, or a bound on it.
const OF_WISHES: [&str; 7] = ["include", "with", "without", "return", "show", "max", "min"];
/// Values that switch something on or off, or say that there is none.
const FLAGS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "none", "null"];
/// Numbers of fewer digits count something; longer ones may be a PIN or a password.
const COUNTED: usize = 4;
/// Endings of names that are looked up on a network of one's own, or nowhere.
const OWN: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "svc",
    "arpa",
    "test",
    "example",
];

/// A place where an item of a request is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Header,
    Query,
    Form,
}

impl Compiling<'_> {
    /// The finding that an item whose name is a credential's is written out in the file.
    pub(super) fn warn_written_out(&mut self, item: Item, name: &str, scalar: &Scalar, template: &Template) {
        let is_written = template.reads().is_empty() && !scalar.text.contains("${");
        if !is_written || is_no_secret(scalar.text.trim()) || !is_credential(name) {
            return;
        }
        let secret = "\"${secret:NAME}\"";
        let scheme = scalar.text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let help = match (item, scheme.as_str()) {
            (Item::Header, "bearer") => format!("write it under `auth`: `{{ bearer: {secret} }}`"),
            (Item::Header, "basic") => {
                format!("write it under `auth`: `{{ basic: {{ user: …, password: {secret} }} }}`")
            }
            (Item::Header, _) => {
                format!("write it under `auth`: `{{ header: {{ name: {name}, value: {secret} }} }}`")
            }
            (Item::Query, _) => {
                format!("write it under `auth`: `{{ query: {{ name: {name}, value: {secret} }} }}`")
            }
            (Item::Form, _) => {
                format!("send it in a header or in the query, by `auth`: a form cannot hold {secret}")
            }
        };
        let message =
            format!("`{name}` is a credential, and stands in the file and in traces for all to read");
        self.reader.warning(Code::SecretInFile, scalar.span, message, help);
    }

    /// The finding that a credential is sent without encryption to a host that is not one's own.
    pub(super) fn warn_unencrypted(
        &mut self,
        node: Option<&Node>,
        base_url: Option<&Setting<String>>,
        auth: Option<&Setting<Auth>>,
    ) {
        let (Some(node), Some(Setting::Set(url)), Some(auth)) = (node, base_url, auth) else { return };
        if !matches!(auth, Setting::Set(Auth::None)) {
            self.warn_public_http(url, node.span);
        }
    }

    /// The same of an address that a credential is known to be sent to.
    pub(super) fn warn_public_http(&mut self, url: &str, span: Span) {
        if !is_public_http(url) {
            return;
        }
        let message = "a credential is sent here over http, and everybody on the way can read it";
        self.reader.warning(Code::Unencrypted, span, message, "write the address with `https://`");
    }
}

/// Whether a header's or a query item's name is one of a credential: `Authorization`, `X-Api-Key`, `accessToken`.
fn is_credential(name: &str) -> bool {
    let words = words(name);
    if words.iter().any(|word| OF_WISHES.contains(&word.as_str())) {
        return false;
    }
    let mut last = words.iter().rev().map(String::as_str);
    match (last.next(), last.next()) {
        (Some("key"), before) => before.is_some_and(|before| OF_KEYS.contains(&before)),
        (Some("token"), Some(before)) => !OF_PLACES.contains(&before),
        (Some(word), _) => CREDENTIALS.contains(&word),
        (None, _) => false,
    }
}

/// Whether a value is a flag or a small number, and no credential under any name.
fn is_no_secret(text: &str) -> bool {
    let is_counted = text.len() < COUNTED && text.bytes().all(|byte| byte.is_ascii_digit());
    is_counted || FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(text))
}

/// The words of a name, in small letters: `X-Api-Key`, `api_key` and `apiKey` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (was_small && c.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_public_http(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => {
                let last = name.trim_end_matches('.').rsplit_once('.');
                last.is_some_and(|(_, last)| !OWN.contains(&last))
            }
            Some(Host::Ipv4(address)) => !is_own(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => !is_own(IpAddr::V6(address).to_canonical()),
            None => false,
        }
}

/// Whether an address is of this machine or of a network of one's own.
fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_of_a_carrier = first == 100 && (64..128).contains(&second);
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
                || is_of_a_carrier
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_credential, is_public_http};
    use crate::mapping::upstream::tests::compiled;

    #[test]
    fn a_name_is_one_of_a_credential_however_it_is_written() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "X-Api-Key",
            "api_key",
            "apiKey",
            "APIKEY",
            "X-Auth-Token",
            "access_token",
            "token",
            "client_secret",
            "Password",
            "Ocp-Apim-Subscription-Key",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "key",
            "sort_key",
            "Idempotency-Key",
            "page_token",
            "pagination_token",
            "scroll_token",
            "resumeToken",
            "include_token",
            "with_password",
            "return_secret",
            "max_token",
            "token_type",
            "tokens",
            "X-Request-Id",
            "密码",
            "",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn a_host_of_ones_own_may_be_spoken_to_openly() {
        for url in [
            "http://crm.example.com",
            "http://8.8.8.8:80/api",
            "http://172.32.0.1",
            "http://[2001:db8::1]",
            "http://crm.acme.io./x",
        ] {
            assert!(is_public_http(url), "{url}");
        }
        for url in [
            "https://crm.example.com",
            "http://127.0.0.1:9000",
            "http://localhost",
            "http://crm:9000",
            "http://10.1.2.3",
            "http://192.168.0.4",
            "http://172.16.0.1",
            "http://100.64.0.1",
            "http://[::1]",
            "http://[fd00::1]",
            "http://crm.shop.svc.cluster.local",
            "http://crm.default.svc",
            "http://crm.corp",
        ] {
            assert!(!is_public_http(url), "{url}");
        }
    }

    #[test]
    fn a_credential_that_is_sent_openly_is_told_once_where_the_address_stands() {
        let with = |shared: &str, own: &str| {
            let yaml = format!(
                "upstream: a\n{shared}operations:\n  one: {{ get: /x{own} }}\n  two: {{ get: /y }}\n"
            );
            compiled(&yaml).findings
        };
        let at = |findings: &[String]| -> Vec<String> {
            findings.iter().map(|finding| finding.lines().nth(1).unwrap().trim().to_owned()).collect()
        };
        let (open, auth) = ("base_url: http://a.example.com\n", "auth: { bearer: \"${TOKEN}\" }\n");
        assert_eq!(at(&with(&format!("{open}{auth}"), "")), ["--> a.yaml:2:11"]);
        assert_eq!(at(&with(open, "")), Vec::<String>::new());
        assert_eq!(at(&with(open, ", auth: { bearer: \"${TOKEN}\" }")), ["--> a.yaml:4:25"]);
        assert_eq!(
            at(&with(&format!("{open}{auth}"), ", auth: { bearer: \"${SET}\" }")),
            ["--> a.yaml:2:11"]
        );
        let safe = "base_url: https://a.example.com\n";
        assert_eq!(
            at(&with(&format!("{safe}{auth}"), ", base_url: \"http://b.example.com\"")),
            ["--> a.yaml:5:29"]
        );
        let logged_in = "auth: { oauth2: { token_url: \"http://b.example.com/t\", client_id: \"${SET}\", client_secret: \"${TOKEN}\" } }\n";
        assert_eq!(at(&with(&format!("{safe}{logged_in}"), "")), ["--> a.yaml:3:30"]);
    }
}
