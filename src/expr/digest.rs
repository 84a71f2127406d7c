//! What a log-in computes: digests and codes, as filters of templates. All digests are written in lower-case hex.

use std::fmt::Write;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use tera::{Kwargs, State, Tera, TeraResult, Value};

/// Adds `md5`, `sha256`, `hmac_sha256(key=…)` and `base64`.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("md5", |value: Value, _: Kwargs, _: &State| hex(&Md5::digest(text(&value))));
    tera.register_filter("sha256", |value: Value, _: Kwargs, _: &State| {
        hex(digest::digest(&digest::SHA256, text(&value).as_bytes()).as_ref())
    });
    tera.register_filter("hmac_sha256", |value: Value, named: Kwargs, _: &State| -> TeraResult<String> {
        let key = text(&named.must_get::<Value>("key")?);
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        Ok(hex(hmac::sign(&key, text(&value).as_bytes()).as_ref()))
    });
    tera.register_filter("base64", |value: Value, _: Kwargs, _: &State| STANDARD.encode(text(&value)));
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::expr::fixture::Variables;
    use crate::expr::{Place, Template};

    fn render(text: &str, variables: Value) -> String {
        Template::compile(text, Place::Text).unwrap().render(&Variables(variables)).unwrap()
    }

    #[test]
    fn a_sign_is_what_its_vectors_say() {
        let first = json!({"app_id": "1", "now": 1_569_397_773, "app_key": "2"});
        assert_eq!(render("{{ (app_id ~ now ~ app_key) | md5 }}", first), "258eec3118705112b2c53dc8043d4d34");
        let second = json!({"app_id": "app1", "now_ms": 1_627_462_929_415_i64, "secret": "s3cr3t"});
        assert_eq!(
            render("{{ (app_id ~ now_ms ~ 'token' ~ secret) | md5 }}", second),
            "5399ad804e2ce298a8cf9a5a82ac89f5"
        );
    }

    #[test]
    fn digests_are_lower_case_hex() {
        let given = || json!({"text": "abc", "key": "Jefe", "asked": "what do ya want for nothing?"});
        assert_eq!(
            render("{{ text | sha256 }}", given()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            render("{{ asked | hmac_sha256(key=key) }}", given()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(render("{{ text | base64 }}", given()), "YWJj");
        assert_eq!(render("{{ 900150983 | md5 }}", given()).len(), 32);
    }
}
