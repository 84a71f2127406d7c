//! The keys of credentials: as whom an upstream is asked decides whom it shows, and how long a token is good for does not.

use super::{Answers, Edit, Ends, Files, NODE, Refused, of_step, walk};
use crate::mapping::language::Table;
use crate::mapping::language::auth::{AUTH, BASIC, CARRY, IN_HEADER, IN_QUERY, JWT, OAUTH2, TOKEN};

fn walk_of(table: &Table, auth: &str, edits: &[Edit]) {
    let upstream = format!(
        "upstream: crm\nbase_url: https://crm.example\nauth: {auth}\noperations:\n  \
         op: {{ args: {{ phone: {{}} }}, get: '/{{{{ phone }}}}' }}\n"
    );
    walk(table, Files { upstream: &upstream, node: NODE, revision: of_step }, edits);
}

#[test]
fn another_login_is_told_nothing_that_was_found_for_the_one_before() {
    let bearer = "bearer: '${secret:ONE}'";
    walk_of(
        &AUTH,
        "{ bearer: '${secret:ONE}' }",
        &[
            ("bearer", "secret:ONE", "secret:TWO", Ends),
            ("basic", bearer, "basic: { user: u, password: '${secret:ONE}' }", Ends),
            ("header", bearer, "header: { name: X-Key, value: '${secret:ONE}' }", Ends),
            ("query", bearer, "query: { name: key, value: '${secret:ONE}' }", Ends),
            ("jwt", bearer, "jwt: { algorithm: HS256, secret: '${secret:ONE}', claims: { iss: a } }", Ends),
            ("token", bearer, "token: { post: /in, token: $.token }", Ends),
            ("oauth2", bearer, "oauth2: { token_url: /in, client_id: a, client_secret: '${ONE}' }", Ends),
        ],
    );
    walk_of(
        &BASIC,
        "{ basic: { user: '${ONE}', password: '${secret:TWO}' } }",
        &[("user", "{ONE}", "{THREE}", Ends), ("password", "secret:TWO", "secret:THREE", Ends)],
    );
    let edits: &[Edit] = &[("name", "X-Key", "X-Other", Ends), ("value", "secret:ONE", "secret:TWO", Ends)];
    walk_of(&IN_HEADER, "{ header: { name: X-Key, value: '${secret:ONE}' } }", edits);
    walk_of(&IN_QUERY, "{ query: { name: X-Key, value: '${secret:ONE}' } }", edits);
}

#[test]
fn a_token_is_known_by_what_it_says_and_not_by_how_long_it_is_good_for() {
    walk_of(
        &JWT,
        "{ jwt: { algorithm: HS256, secret: '${secret:ONE}', with: { sid: '${SID}' }, header: { kid: a }, \
         claims: { iss: '{{ sid }}' }, life_sec: 60, carry: { header: X-Auth } } }",
        &[
            ("algorithm", "HS256", "HS512", Ends),
            ("secret", "secret:ONE", "secret:TWO", Ends),
            ("with", "${SID}", "${OTHER}", Ends),
            ("header", "kid: a", "kid: b", Ends),
            ("claims", "iss: '{{ sid }}'", "sub: '{{ sid }}'", Ends),
            ("life_sec", "life_sec: 60", "life_sec: 90", Answers),
            ("carry", "carry: { header: X-Auth }", "carry: { query: auth }", Ends),
        ],
    );
    walk_of(
        &CARRY,
        "{ jwt: { algorithm: HS256, secret: '${secret:ONE}', claims: { iss: a }, \
         carry: { header: X-Auth, prefix: 'Bearer ' } } }",
        &[
            ("header", "X-Auth", "X-Other", Ends),
            ("prefix", "Bearer ", "Token ", Ends),
            ("query", "header: X-Auth, prefix: 'Bearer '", "query: auth", Ends),
        ],
    );
}

#[test]
fn a_token_that_is_fetched_is_known_by_how_it_is_fetched() {
    walk_of(
        &TOKEN,
        "{ token: { with: { app: '${ONE}' }, post: /in, query: { q: a }, headers: { X-H: a }, \
         form: { app: '{{ app }}' }, token: $.token, life: $.life, ok: body.code == 0, error: $.message, \
         carry: { header: X-Auth }, expired: [401], expired_when: body.code == 9, timeout_ms: 800 } }",
        &[
            ("with", "${ONE}", "${TWO}", Ends),
            ("get", "post: /in", "get: /in", Refused),
            ("post", "post: /in", "post: /other", Ends),
            ("query", "q: a", "q: b", Ends),
            ("headers", "X-H: a", "X-H: b", Ends),
            ("json", "form: { app: '{{ app }}' }", "json: { app: '{{ app }}' }", Ends),
            ("form", "form: { app: '{{ app }}' }", "form: { id: '{{ app }}' }", Ends),
            ("xml", "form: { app: '{{ app }}' }", "xml: '<a>{{ app }}</a>'", Ends),
            ("text", "form: { app: '{{ app }}' }", "text: '{{ app }}'", Ends),
            ("token", "$.token", "$.access", Ends),
            ("life", "life: $.life", "life: $.expires", Answers),
            ("life_sec", "life: $.life", "life_sec: 60", Answers),
            ("ok", "body.code == 0", "body.code == 1", Ends),
            ("error", "$.message", "$.reason", Answers),
            ("carry", "header: X-Auth", "query: auth", Ends),
            ("expired", "expired: [401]", "expired: [403]", Ends),
            ("expired_when", "body.code == 9", "body.code == 8", Ends),
            ("timeout_ms", "timeout_ms: 800", "timeout_ms: 900", Answers),
        ],
    );
    walk_of(
        &OAUTH2,
        "{ oauth2: { token_url: /in, client_id: a, client_secret: '${secret:ONE}', scope: one, audience: us, \
         style: body, carry: { header: X-Auth }, expired: [401], expired_when: body.code == 9, \
         life: $.life, timeout_ms: 800 } }",
        &[
            ("token_url", "/in", "/other", Ends),
            ("client_id", "client_id: a", "client_id: b", Ends),
            ("client_secret", "secret:ONE", "secret:TWO", Ends),
            ("scope", "scope: one", "scope: two", Ends),
            ("audience", "audience: us", "audience: them", Ends),
            ("style", "style: body", "style: basic", Ends),
            ("carry", "header: X-Auth", "query: auth", Ends),
            ("expired", "expired: [401]", "expired: [403]", Ends),
            ("expired_when", "body.code == 9", "body.code == 8", Ends),
            ("life", "life: $.life", "life: $.expires", Answers),
            ("life_sec", "life: $.life", "life_sec: 60", Answers),
            ("timeout_ms", "timeout_ms: 800", "timeout_ms: 900", Answers),
        ],
    );
}
