//! Logins as they are written, right and wrong.

use std::sync::Arc;

use crate::mapping::upstream::tests::{Compiled, compiled};
use crate::plan::login::{Carry, Login};
use crate::plan::operation::{Auth, Setting};

const TOKEN: &str = "{ token: { with: { app: a, app_secret: \"${TOKEN}\" }, post: /in, \
    form: { sign: \"{{ (app ~ now ~ app_secret) | md5 }}\" }, token: $.token } }";
const JWT: &str = "{ jwt: { algorithm: HS256, secret: \"${TOKEN}\", claims: { iss: me } } }";
const OAUTH2: &str =
    "{ oauth2: { token_url: \"https://in.example/t\", client_id: me, client_secret: \"${TOKEN}\" } }";

fn with(auth: &str) -> Compiled {
    compiled(&format!(
        "upstream: a\nbase_url: http://a.example\nauth: {auth}\noperations: {{ op: {{ get: /x }} }}\n"
    ))
}

fn login(auth: &str) -> Arc<Login> {
    match &with(auth).request().auth {
        Setting::Set(Auth::Login(login)) => Arc::clone(login),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_carried_as_bearer_where_nothing_else_is_said() {
    let bearer = Carry::Header { name: "Authorization".into(), prefix: "Bearer ".into() };
    for auth in [TOKEN, JWT, OAUTH2] {
        assert_eq!(login(auth).carry, bearer);
    }
    let plain = TOKEN.replace("token: $.token", "token: $.token, carry: { header: Authorization }");
    assert_eq!(login(&plain).carry, Carry::Header { name: "Authorization".into(), prefix: String::new() });
    let query = TOKEN.replace("token: $.token", "token: $.token, carry: { query: access }");
    assert_eq!(login(&query).carry, Carry::Query("access".into()));
}

#[test]
fn the_same_login_has_one_identity_and_another_account_another() {
    for (auth, from, to) in
        [(TOKEN, "app: a", "app: b"), (JWT, "iss: me", "iss: you"), (OAUTH2, "id: me", "id: b")]
    {
        let same = auth.replacen(": { ", ": { carry: { header: X-Other }, ", 1);
        assert_eq!(login(auth).identity, login(&same).identity, "{auth}");
        let other = auth.replace(from, to);
        assert_ne!(login(auth).identity, login(&other).identity, "{other}");
        let secret = auth.replace("${TOKEN}", "${SET}");
        assert_ne!(login(auth).identity, login(&secret).identity, "{secret}");
    }
}

#[test]
fn a_plan_never_shows_the_secrets_of_a_login() {
    for auth in [TOKEN, JWT, OAUTH2] {
        assert!(!format!("{:?}", login(auth)).contains("s3cr3t"), "{auth}");
    }
    let basic = OAUTH2.replace("client_id", "style: basic, client_id");
    assert!(!format!("{:?}", login(&basic)).contains("s3cr3t"));
}

#[test]
fn a_variable_of_a_login_that_is_not_set_leaves_the_upstream_unconfigured() {
    for auth in [TOKEN, JWT, OAUTH2] {
        let compiled = with(&auth.replace("TOKEN", "NOWHERE"));
        assert_eq!(compiled.heads(), ["note[unset-variable]: the environment variable NOWHERE is not set"]);
        let operation = compiled.operations[0].as_ref().unwrap();
        assert!(format!("{operation:?}").contains("Unset(\"NOWHERE\")"), "{operation:?}");
    }
}

#[test]
fn every_mistake_in_a_login_is_told() {
    for (auth, heads) in [
        (
            "{ jwt: { algorithm: HS257, secret: abc, claims: me } }",
            vec![
                "error[unknown-word]: `algorithm` cannot be `HS257`",
                "warning[secret-in-file]: `secret` is a credential, and stands in the file for all to read",
                "error[wrong-kind]: `claims` must be a map, not a text",
            ],
        ),
        (
            "{ jwt: {} }",
            vec![
                "error[missing-key]: `jwt` needs the key `algorithm`",
                "error[missing-key]: `jwt` needs the key `secret`",
                "error[missing-key]: `jwt` needs the key `claims`",
            ],
        ),
        (
            "{ jwt: { algorithm: HS256, secret: \"${TOKEN}\", claims: { iss: \"{{ sid }}\", a: \"${BRACES}\" } } }",
            vec![
                "error[unknown-variable]: there is no variable `sid` here",
                "error[bad-expansion]: the environment puts a template in here",
            ],
        ),
        (
            "{ token: { json: { a: \"{{ b }}\" } } }",
            vec![
                "error[missing-key]: `token` needs one of the keys `get`, `post`",
                "error[missing-key]: `token` needs the key `token`",
                "error[unknown-variable]: there is no variable `b` here",
            ],
        ),
        (
            "{ token: { post: /in, with: { app_key: abc, now: b }, token: token, expired: [99], carry: { cookie: c } } }",
            vec![
                "warning[secret-in-file]: `app_key` is a credential, and stands in the file for all to read",
                "error[reserved-name]: a variable cannot be called `now`, which is the time",
                "error[path-root]: a path starts with `$`",
                "error[out-of-range]: a status of `expired` must be from 200 to 599, not 99",
                "error[missing-key]: `carry` needs one of the keys `header`, `query`",
                "error[unknown-key]: `cookie` is not a key of `carry`",
            ],
        ),
        (
            "{ token: { post: \"/in/{{ now }}\", token: $.t, life: $.l, life_sec: 60, form: { a: \"{{ now | md6 }}\" } } }",
            vec![
                "error[bad-url]: `post` is the same for every login, and takes no template",
                "error[keys-clash]: `life` and `life_sec` cannot stand together",
                "error[unknown-filter]: there is no filter `md6`",
            ],
        ),
        (
            "{ token: { post: \"in.example/t\", with: { app: a }, token: $.t, expired_when: cod == 1 } }",
            vec![
                "error[bad-url]: `post` is no URL",
                "warning[unused-argument]: the argument `app` is never used",
                "error[unknown-variable]: there is no variable `cod` here",
            ],
        ),
        (
            "{ oauth2: { client_id: me, client_secret: abc, style: post } }",
            vec![
                "error[missing-key]: `oauth2` needs the key `token_url`",
                "warning[secret-in-file]: `client_secret` is a credential, and stands in the file for all to read",
                "error[unknown-word]: `style` cannot be `post`",
            ],
        ),
    ] {
        assert_eq!(with(auth).heads(), heads, "{auth}");
        assert!(!with(auth).findings.join("").contains("s3cr3t"));
    }
}
