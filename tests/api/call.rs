//! `datadip call`: one operation of an upstream from the shell.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::shell::{Ended, datadip_with};
use crate::upstream::{Reaction, Upstream};

const UPSTREAM: &str = "\
upstream: acme
base_url: ${ACME_URL}
auth: { bearer: '${secret:ACME_TOKEN}' }
operations:
  customers:
    args: { phone: { type: text, required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
    error: $.message
  points:
    args: { id: text, limit: { type: int, default: 20 } }
    get: '/points/{{ id or 0 }}'
    query: { limit: '{{ limit }}' }
  tag:
    args: { id: { type: int, required: true }, tags: { type: list, required: true } }
    post: /tags
    effect: write
    auth: { token: { post: /login, token: $.token, carry: { query: access_token } } }
    json: { id: '{{ id }}', tags: '{{ tags }}' }
    ok: body.code == 0
    error: $.said
  keyed:
    get: /keyed
    auth: { query: { name: api_key, value: '${secret:ACME_TOKEN}' } }
  basic:
    get: /basic
    auth: { basic: { user: ivr, password: '${secret:ACME_TOKEN}' } }
";

const TABLE: &str = "\
upstream: shop
table: { file: ../data/shop.jsonl, identifiers: { id: text } }
operations:
  by_id: { args: { id: { type: text, required: true } }, find: { id: '{{ id }}' } }
";

fn acme() -> Upstream {
    Upstream::start(|asked| match asked.target.as_str() {
        "/customers?phone=%2B6591234567" => Reaction::json(&json!({ "data": [{ "name": "Ada" }] })),
        "/customers?phone=500" => Reaction::status(500, &json!({ "message": "the disk is full" })),
        "/points/7?limit=5" => Reaction::json(&json!({ "points": 5 })),
        "/login" => Reaction::json(&json!({ "token": "t0k3n" })),
        "/tags?access_token=t0k3n" if asked.body.ends_with(b"[\"full\"]}") => {
            Reaction::json(&json!({ "code": 9, "said": "too many tags" }))
        }
        "/tags?access_token=t0k3n" => Reaction::json(&json!({ "code": 0 })),
        _ => Reaction::json(&json!({ "data": [] })),
    })
}

fn call(acme: &Upstream, args: &[&str]) -> Ended {
    let folder = Folder::with(&[
        ("mappings/upstreams/acme.yaml", UPSTREAM),
        ("mappings/upstreams/shop.yaml", TABLE),
        ("mappings/data/shop.jsonl", "{\"id\": \"7\", \"name\": \"Ada\"}\n"),
    ]);
    let url = acme.url();
    let args: Vec<&str> = std::iter::once("call").chain(args.iter().copied()).collect();
    datadip_with(folder.path(), &args, &[("ACME_URL", &url), ("ACME_TOKEN", "s3cr3t")])
}

fn printed(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.out).expect("JSON")
}

#[test]
fn what_an_operation_found_is_printed_as_it_was_found() {
    let acme = acme();
    let found = call(&acme, &["acme.customers", "phone=+6591234567"]);
    assert_eq!(printed(&found), json!([{ "name": "Ada" }]));
    assert!(found.err.contains("/customers?phone=%2B6591234567 → 200 in"), "{}", found.err);
    assert_eq!(printed(&call(&acme, &["acme.points", "id=7", "limit=5"])), json!({ "points": 5 }));
    assert_eq!(printed(&call(&acme, &["shop.by_id", "id=7"])), json!([{ "id": "7", "name": "Ada" }]));
}

#[test]
fn nobody_found_ends_with_1_and_prints_nothing() {
    let acme = acme();
    let ended = call(&acme, &["acme.customers", "phone=1"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("0 records"), "{}", ended.err);
}

#[test]
fn a_failure_ends_with_1_and_says_what_the_upstream_said() {
    let acme = acme();
    let ended = call(&acme, &["acme.customers", "phone=500"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("saying: the disk is full"), "{}", ended.err);
    let ended = call(&acme, &["acme.tag", "id=1", r#"tags=["full"]"#]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("the upstream refused: too many tags"), "{}", ended.err);
    assert!(ended.err.contains("`ok` is not true: body.code == 0"), "{}", ended.err);
}

#[test]
fn an_operation_that_writes_does_write_with_lists_written_as_json() {
    let acme = acme();
    let done = call(&acme, &["acme.tag", "id=1", r#"tags=["vip", 2]"#]);
    assert_eq!(printed(&done), json!({ "code": 0 }));
    assert_eq!(acme.asked().last().unwrap().body, br#"{"id":1,"tags":["vip",2]}"#);
}

#[test]
fn a_write_is_done_when_it_is_answered_in_plain_words_and_not_when_it_is_by_a_page() {
    for (kind, body, code) in [("text/plain", "OK", 0), ("text/html", "<html>Sign in</html>", 1)] {
        let acme = Upstream::start(move |_| Reaction::Answer(200, kind.to_owned(), body.as_bytes().to_vec()));
        let folder = Folder::with(&[(
            "mappings/upstreams/acme.yaml",
            "upstream: acme\nbase_url: ${ACME_URL}\noperations: { note: { post: /notes, effect: write } }\n",
        )]);
        let ended = datadip_with(folder.path(), &["call", "acme.note"], &[("ACME_URL", &acme.url())]);
        assert_eq!((ended.code, acme.asked().len()), (code, 1), "{kind}: {}", ended.err);
    }
}

#[test]
fn what_cannot_be_sent_ends_with_2_and_is_named_before_anything_is_sent() {
    let acme = acme();
    for (args, says) in [
        (&["acme.customer", "phone=1"][..], "no operation `acme.customer`; did you mean `acme.customers`?"),
        (&["acme.customers"], "argument `phone`: is required"),
        (&["acme.customers", "phone=1", "limit=3"], "`acme.customers` has no argument `limit`"),
        (&["acme.customers", "phone=1", "phone=2"], "argument `phone` is given twice"),
        (&["acme.points", "limit=many"], "argument `limit`: must be a whole number, not a text"),
        (
            &["acme.tag", "id=1", "tags=vip"],
            "argument `tags`: write a list as JSON: tags='[\"1001\", \"1002\"]'",
        ),
        (&["acme.points", "id=.."], "datadip: acme.points, path: "),
    ] {
        let ended = call(&acme, args);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{ended:?}");
        assert!(ended.err.contains(says), "{says}\n{}", ended.err);
    }
    assert_eq!(acme.asked().len(), 0);
}

#[test]
fn an_upstream_that_is_not_configured_ends_with_2_and_names_its_variable() {
    let folder = Folder::with(&[("mappings/upstreams/acme.yaml", UPSTREAM)]);
    let ended = datadip_with(folder.path(), &["call", "acme.customers", "phone=1"], &[("ACME_TOKEN", "t")]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("the upstream is not configured: set ACME_URL"), "{}", ended.err);
}

#[test]
fn a_dry_run_shows_the_request_without_its_secrets_and_sends_nothing() {
    let acme = acme();
    let url = acme.url();
    for (args, request) in [
        (
            &["acme.customers", "phone=+65 9"][..],
            format!(
                "GET {url}/customers?phone=%2B65%209\nAuthorization: Bearer <secret>\nAccept: application/json\n"
            ),
        ),
        (
            &["acme.tag", "id=007", r#"tags=["vip"]"#],
            format!(
                "POST {url}/tags?access_token=<token>\nAccept: application/json\nContent-Type: application/json\n\n{}\n",
                r#"{"id":7,"tags":["vip"]}"#
            ),
        ),
        (&["acme.keyed"], format!("GET {url}/keyed?api_key=<secret>\nAccept: application/json\n")),
        (
            &["acme.basic"],
            format!("GET {url}/basic\nAuthorization: Basic <secret>\nAccept: application/json\n"),
        ),
        (&["shop.by_id", "id=7"], "`shop.by_id` reads a table: no request is sent\n".to_owned()),
    ] {
        let args: Vec<&str> = args.iter().copied().chain(["--dry-run"]).collect();
        let ended = call(&acme, &args);
        assert_eq!((ended.code, ended.out), (0, request), "{}", ended.err);
    }
    assert_eq!(acme.asked().len(), 0);
}
