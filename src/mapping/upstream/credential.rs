//! Credentials where they should not be: written out in a header, a query or a form.

use crate::diagnostic::code::Code;
use crate::expr::Template;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::scalar::Scalar;

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

#[cfg(test)]
mod tests {
    use super::is_credential;

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
}
