//! The credentials of an upstream.

use crate::mapping::language::node::TEMPLATE_FILE;
use crate::mapping::language::{HEADER, Key, Kind, Names, PAIRS, PATH, Rule, Word, page, table};

/// What `auth` may be.
pub(super) const AUTHS: Kind =
    Kind::AnyOf(&[Kind::Word(&[("none", "requests carry no credential")]), Kind::Map(&AUTH)]);
const ALGORITHMS: &[Word] =
    &[("HS256", "HMAC with SHA-256"), ("HS384", "HMAC with SHA-384"), ("HS512", "HMAC with SHA-512")];
const STYLES: &[Word] = &[
    ("body", "the client is named in the form"),
    ("basic", "the client is named in `Authorization: Basic`"),
];
const TEXT_OR_FILE: Kind = Kind::AnyOf(&[Kind::Text, Kind::Map(&TEMPLATE_FILE)]);
const VARIABLES: Kind = Kind::Entries(Names::Variable, &Kind::Scalar);
const OBJECT: Kind = Kind::Entries(Names::Free, &Kind::Any);
const STATUSES: Kind = Kind::OneOrList(&Kind::Int(200, 599));
/// A year, in seconds.
const YEAR: i64 = 366 * 24 * 3600;

table! {
    /// `auth`.
    AUTH, "auth", "One kind of credential. Values come from the environment.", page("Auth"),
    {
        "bearer": Key::new(Kind::Text, "A token, sent as `Authorization: Bearer TOKEN`.").such_as(r#""${secret:TOKEN}""#),
        "basic": Key::new(Kind::Map(&BASIC), "A user and a password, sent as `Authorization: Basic …`."),
        "header": Key::new(Kind::Map(&IN_HEADER), "A key in a header of its own."),
        "query": Key::new(Kind::Map(&IN_QUERY), "A key in the query."),
        "jwt": Key::new(Kind::Map(&JWT), "A JSON web token that is signed here."),
        "token": Key::new(Kind::Map(&TOKEN), "A token that is fetched by a request of its own."),
        "oauth2": Key::new(Kind::Map(&OAUTH2), "A token for client credentials (RFC 6749)."),
    },
    [Rule::ExactlyOne(&["bearer", "basic", "header", "query", "jwt", "token", "oauth2"])]
}

table! {
    /// `basic`.
    BASIC, "basic", "A user and a password.", page("Auth"),
    {
        "user": Key::new(Kind::Text, "The user.").must().such_as(r#""ivr""#),
        "password": Key::new(Kind::Text, "The password, from the environment.").must().such_as(r#""${secret:PASSWORD}""#),
    },
    []
}

table! {
    /// `header`.
    IN_HEADER, "auth_header", "A key in a header.", page("Auth"),
    {
        "name": Key::new(HEADER, "The header.").must().such_as(r#""X-Api-Key""#),
        "value": Key::new(Kind::Text, "The key, from the environment.").must().such_as(r#""${secret:KEY}""#),
    },
    []
}

table! {
    /// `query`.
    IN_QUERY, "auth_query", "A key in the query.", page("Auth"),
    {
        "name": Key::new(Kind::Text, "The query item.").must().such_as(r#""api_key""#),
        "value": Key::new(Kind::Text, "The key, from the environment.").must().such_as(r#""${secret:KEY}""#),
    },
    []
}

table! {
    /// `carry`.
    CARRY, "carry", "How requests carry a token.", page("Auth"),
    {
        "header": Key::new(HEADER, "In this header.").such_as(r#""X-Auth""#),
        "prefix": Key::new(Kind::Text, "Before the token, in a header.").such_as(r#""Bearer ""#),
        "query": Key::new(Kind::Text, "In this query item.").such_as(r#""access_token""#),
    },
    [Rule::ExactlyOne(&["header", "query"])]
}

table! {
    /// `jwt`.
    JWT, "jwt", "A JSON web token that is signed here.", page("Auth"),
    {
        "algorithm": Key::new(Kind::Word(ALGORITHMS), "What it is signed by.").must(),
        "secret": Key::new(Kind::Text, "What it is signed with, from the environment.").must().such_as(r#""${secret:API_SECRET}""#),
        "with": Key::new(VARIABLES, "Variables of the templates, from the environment.").such_as(r#"{"sid":"${API_SID}"}"#),
        "header": Key::new(OBJECT, "More of its header, beside `typ` and `alg`.").such_as(r#"{"kid":"${KEY_ID}"}"#),
        "claims": Key::new(OBJECT, "What it says; `exp` is added where it has none.").must().such_as(r#"{"iss":"${API_SID}","iat":"{{ now }}"}"#),
        "life_sec": Key::new(Kind::Int(1, YEAR), "How long it is good for, in seconds.").or("3600"),
        "carry": Key::new(Kind::Map(&CARRY), "How requests carry it; `Authorization: Bearer` where it is not written.").such_as(r#"{"header":"X-Auth"}"#),
    },
    []
}

table! {
    /// `token`.
    TOKEN, "token", "A token that is fetched by a request of its own.", page("Auth"),
    {
        "with": Key::new(VARIABLES, "Variables of the templates, from the environment.").such_as(r#"{"key":"${secret:APP_KEY}"}"#),
        "get": Key::new(Kind::Text, "Where it is fetched by GET: a path below `base_url`, or a whole address.").such_as(r#""/tokens""#),
        "post": Key::new(Kind::Text, "Where it is fetched by POST: a path below `base_url`, or a whole address.").such_as(r#""/tokens""#),
        "query": Key::new(PAIRS, "The query: templates over `with`, `now` and `now_ms`."),
        "headers": Key::new(PAIRS, "Headers: templates over `with`, `now` and `now_ms`."),
        "json": Key::new(Kind::Any, "A JSON body with templates in it.").such_as(r#"{"at":"{{ now }}"}"#),
        "form": Key::new(PAIRS, "A FORM body.").such_as(r#"{"at":"{{ now }}"}"#),
        "xml": Key::new(TEXT_OR_FILE, "A body of XML."),
        "text": Key::new(TEXT_OR_FILE, "A body of plain text."),
        "token": Key::new(Kind::OneOrList(&PATH), "Where the answer holds the token; of several, the first that selects one.").must().such_as(r#""$.access_token""#),
        "life": Key::new(PATH, "Where the answer holds its life in seconds.").such_as(r#""$.expires_in""#),
        "life_sec": Key::new(Kind::Int(1, YEAR), "In place of `life`: its life in seconds.").such_as("7200"),
        "ok": Key::new(Kind::Text, "What counts as success; a 2xx status where it is not written.").such_as(r#""body.code == 0""#),
        "error": Key::new(Kind::OneOrList(&PATH), "Where the answer says what went wrong; of several, the first that selects a text.").such_as(r#""$.message""#),
        "carry": Key::new(Kind::Map(&CARRY), "How requests carry it; `Authorization: Bearer` where it is not written."),
        "expired": Key::new(STATUSES, "Statuses by which the upstream refuses a token.").or("[401]"),
        "expired_when": Key::new(Kind::Text, "The same, said of the answer: a condition over `status`, `headers` and `body`.").such_as(r#""body.code == 9""#),
        "timeout_ms": Key::new(Kind::Int(10, 4500), "Longest wait for the token, in milliseconds; the upstream's where it is not written.").such_as("800"),
    },
    [
        Rule::ExactlyOne(&["get", "post"]),
        Rule::AtMostOne(&["json", "form", "xml", "text"]),
        Rule::Excludes("get", &["json", "form", "xml", "text"]),
        Rule::AtMostOne(&["life", "life_sec"]),
    ]
}

table! {
    /// `oauth2`.
    OAUTH2, "oauth2", "A token for client credentials (RFC 6749).", page("Auth"),
    {
        "token_url": Key::new(Kind::Text, "Where the token is fetched: a path below `base_url`, or a whole address.").must().such_as(r#""/oauth/token""#),
        "client_id": Key::new(Kind::Text, "Who we are.").must().such_as(r#""${CLIENT_ID}""#),
        "client_secret": Key::new(Kind::Text, "The proof of it, from the environment.").must().such_as(r#""${secret:CLIENT_SECRET}""#),
        "scope": Key::new(Kind::Text, "What the token is for.").such_as(r#""customers.read""#),
        "audience": Key::new(Kind::Text, "For whom the token is.").such_as(r#""https://api.example.com""#),
        "style": Key::new(Kind::Word(STYLES), "Where the client is named.").or(r#""body""#),
        "carry": Key::new(Kind::Map(&CARRY), "How requests carry it; `Authorization: Bearer` where it is not written."),
        "expired": Key::new(STATUSES, "Statuses by which the upstream refuses a token.").or("[401]"),
        "expired_when": Key::new(Kind::Text, "The same, said of the answer: a condition over `status`, `headers` and `body`."),
        "life": Key::new(PATH, "Where the answer holds its life in seconds.").or(r#""$.expires_in""#),
        "life_sec": Key::new(Kind::Int(1, YEAR), "In place of `life`: its life in seconds.").such_as("3600"),
        "timeout_ms": Key::new(Kind::Int(10, 4500), "Longest wait for the token, in milliseconds; the upstream's where it is not written."),
    },
    [Rule::AtMostOne(&["life", "life_sec"])]
}
