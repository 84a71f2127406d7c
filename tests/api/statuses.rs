//! Which status, body and headers a call gets: 200 whatever happened behind the node, 4xx with all outputs for what
//! is no call, `error` alone for who may not call.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;

use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::shell::datadip;
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::{Said, Wire};

const UPSTREAM: &str = "
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    args: { id: { type: text, required: true } }
    get: '/customers/{{ id }}'
    records: $.data[*]
  points:
    args: { id: { type: text, required: true } }
    get: '/points/{{ id }}'
  note:
    args: { id: { type: text, required: true } }
    post: '/notes/{{ id }}'
    effect: write
";

/// Asks the upstream, with an output of every type.
const CALLER: &str = "
node: caller
budget_ms: 1000
inputs:
  id: account
  key: { type: text, default: '' }
lookup: { by: id, call: acme.customer }
pick: only
do: { as: note, call: acme.note, when: outcome == 'found' and key == '1', args: { id: '{{ record.name }}' } }
outputs:
  name: { path: $.name, default: nobody, default_on: { bad_input: '?' } }
  level: { path: $.level, type: int, default: 0, default_on: { timeout: -1 } }
  ratio: { path: $.ratio, type: number, default: 1.5 }
  vip: { path: $.vip, type: bool, default: false }
  客户 城市: { path: $.city, default: '' }
  status: { outcome: true }
";

/// Asks nobody.
const PLAIN: &str = "
node: plain
inputs: { name: text, key: text }
outputs:
  greeting: { text: 'Hello {{ name }}', default: Hello, default_on: { overloaded: later } }
  pressed: { text: '{{ key }}', type: int, default: 0 }
  missing: { text: '{{ key }}', optional: true }
";

/// What `plain` answers, beside `error`, to what is no call.
const DEFAULTS: &str = r#"{"greeting":"Hello","pressed":0,"error":"#;

fn plain() -> Gateway {
    Gateway::start(&[("nodes/plain.yaml", PLAIN)])
}

/// The node `plain`, opened only so.
fn guarded(access: &str) -> [(&'static str, String); 1] {
    [("nodes/plain.yaml", format!("{PLAIN}access: {access}\n"))]
}

fn start(mappings: &[(&'static str, String)], env: &[(&str, &str)]) -> Gateway {
    let mappings: Vec<(&str, &str)> = mappings.iter().map(|(path, text)| (*path, text.as_str())).collect();
    Gateway::start_with(&mappings, &[], env)
}

/// A customer system that fails in the way its caller's id says.
fn acme(asked: &Asked) -> Reaction {
    let ada = json!({ "name": "Ada", "level": 7, "ratio": 0.25, "vip": true, "city": "成都" });
    match asked.target.as_str() {
        "/customers/ada" => Reaction::json(&json!({ "data": [ada] })),
        "/customers/bare" => Reaction::json(&json!({ "data": [{ "level": "x", "vip": null, "city": {} }] })),
        "/customers/twins" => Reaction::json(&json!({ "data": [ada, { "name": "Bob" }] })),
        "/customers/slow" => Reaction::Silence,
        "/customers/cut" => Reaction::Cut,
        "/customers/broken" => Reaction::status(500, &json!({})),
        "/customers/html" => Reaction::Answer(200, "text/html".to_owned(), b"<h1>Welcome</h1>".to_vec()),
        "/customers/busy" => Reaction::status(429, &json!({})),
        "/notes/Ada" => Reaction::json(&json!({ "no": 1 })),
        _ => Reaction::json(&json!({ "data": [] })),
    }
}

fn assert_said(said: &Said, status: u16, outcome: &str, body: &str) {
    let got = (said.status, said.header("x-datadip-outcome").to_owned(), said.text());
    assert_eq!(got, (status, outcome.to_owned(), body.to_owned()));
    assert_eq!(said.header("content-type"), "application/json");
    assert_eq!(said.header("cache-control"), "no-store");
    let tiers = ["off", "memory", "redis", "stale", "joined", "miss"];
    assert!(tiers.contains(&said.header("x-datadip-cache")), "{:?}", said.headers);
    let trace = said.header("x-datadip-trace");
    assert!(trace.len() == 16 && trace.bytes().all(|digit| digit.is_ascii_hexdigit()), "{trace}");
}

/// A refusal of the node `plain`: its outputs, and an error with these words.
fn assert_refused(said: &Said, status: u16, outcome: &str, words: &str) {
    let error = said.json()["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains(words), "{words}: {}", said.text());
    assert_said(said, status, outcome, &format!("{DEFAULTS}{}}}", json!(error)));
}

fn assert_error_alone(said: &Said, status: u16, words: &str) {
    let body = said.json();
    let error = body["error"].as_str().unwrap_or_default();
    assert_eq!((said.status, body.as_object().map(serde_json::Map::len)), (status, Some(1)), "{body}");
    assert!(error.contains(words), "{error}");
    assert_eq!(said.header("x-datadip-outcome"), "");
}

#[test]
fn a_call_is_200_with_every_output_in_its_type_whatever_happened_behind_it() {
    let upstream = Upstream::start(acme);
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", CALLER)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    let mut traces = HashSet::new();
    let defaults = r#"{"name":"nobody","level":0,"ratio":1.5,"vip":false,"客户 城市":"","status":"#;
    let known = r#"{"name":"Ada","level":7,"ratio":0.25,"vip":true,"客户 城市":"成都","status":"#;
    for (query, outcome, outputs) in [
        ("id=ada", "found", known),
        ("id=ada&key=1", "done", known),
        ("id=bare", "found", defaults),
        ("id=stranger", "not_found", defaults),
        ("id=", "no_identifier", defaults),
        ("", "no_identifier", defaults),
        ("id=twins", "ambiguous", defaults),
        ("id=slow", "timeout", &defaults.replace(r#""level":0"#, r#""level":-1"#)),
        ("id=cut", "error", defaults),
        ("id=broken", "error", defaults),
        ("id=html", "error", defaults),
        ("id=busy", "overloaded", defaults),
    ] {
        let said = gateway.get(&format!("/nodes/caller?{query}"));
        assert_said(&said, 200, outcome, &format!(r#"{outputs}"{outcome}"}}"#));
        assert_eq!(said.header("x-datadip-partial"), "");
        traces.insert(said.header("x-datadip-trace").to_owned());
    }
    assert_eq!(traces.len(), 12);
}

#[test]
fn the_cache_header_says_how_far_a_call_had_to_go() {
    let upstream = Upstream::start(acme);
    let node = CALLER.to_owned() + "cache: { fresh_sec: 60, not_found_sec: 60 }\n";
    let mappings =
        [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", &node), ("nodes/plain.yaml", PLAIN)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    for (target, tier) in [
        ("/nodes/caller?id=ada", "miss"),
        ("/nodes/caller?id=ada", "memory"),
        ("/nodes/caller?id=stranger", "miss"),
        ("/nodes/caller?id=stranger", "memory"),
        ("/nodes/caller", "off"),
        ("/nodes/plain", "off"),
    ] {
        assert_eq!(gateway.get(target).header("x-datadip-cache"), tier, "{target}");
    }
    assert_eq!(upstream.asked().len(), 2);
}

#[test]
fn an_upstream_that_is_not_there_or_not_configured_is_200_error() {
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", CALLER)];
    for env in [&[][..], &[("ACME_URL", "http://127.0.0.1:1")]] {
        let said = Gateway::start_with(&mappings, &[], env).get("/nodes/caller?id=ada");
        let defaults =
            r#"{"name":"nobody","level":0,"ratio":1.5,"vip":false,"客户 城市":"","status":"error"}"#;
        assert_said(&said, 200, "error", defaults);
    }
}

#[test]
fn a_customer_found_whose_points_fail_is_found_and_partial() {
    let node = "
node: caller
budget_ms: 1000
inputs: { id: account }
lookup: { by: id, call: acme.customer }
then:
  - { as: points, call: acme.points, args: { id: '{{ record.first }}' } }
  - { as: twice, call: acme.points, args: { id: '{{ record.second }}' } }
outputs:
  status: { outcome: true }
  points: { path: $.points, from: points, type: int, default: 0, default_on: { timeout: -1, error: -2 } }
  twice: { path: $.points, from: twice, type: int, default: 0, default_on: { timeout: -1, error: -2 } }
";
    let upstream = Upstream::start(|asked| match asked.target.as_str() {
        "/points/well" => Reaction::json(&json!({ "points": 5 })),
        "/points/gone" => Reaction::status(404, &json!({})),
        "/points/slow" | "/points/slower" => Reaction::Silence,
        "/points/cut" => Reaction::Cut,
        "/points/broken" => Reaction::status(500, &json!({})),
        customer => {
            let (first, second) = customer.trim_start_matches("/customers/").split_once('-').expect("two");
            Reaction::json(&json!({ "data": [{ "first": first, "second": second }] }))
        }
    });
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", node)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    for (id, partial, points, twice) in [
        ("well-gone", "", 5, 0),
        ("well-broken", "twice", 5, -2),
        ("slow-gone", "points", -1, 0),
        ("cut-slower", "points,twice", -2, -1),
    ] {
        let said = gateway.get(&format!("/nodes/caller?id={id}"));
        let body = format!(r#"{{"status":"found","points":{points},"twice":{twice}}}"#);
        assert_said(&said, 200, "found", &body);
        assert_eq!(said.header("x-datadip-partial"), partial);
    }
}

#[test]
fn what_is_no_node_is_404_with_error_alone() {
    let gateway = plain();
    for path in ["/nodes/nobody", "/nodes/Plain", "/nodes/plain/more", "/nodes/", "/nodes", "/", "/nodes/%ff"]
    {
        assert_error_alone(&gateway.get(path), 404, "there is no");
    }
    assert_error_alone(&gateway.post_json("/nodes/nobody", "{"), 404, "there is no node of this name");
}

#[test]
fn a_caller_without_the_key_is_401_with_error_alone() {
    let gateway = start(&guarded("{ keys: ['${secret:KEY}'] }"), &[("KEY", "s3cret")]);
    let call = |headers: &[(&str, &str)]| gateway.call("GET", "/nodes/plain?name=Ada", headers, b"");
    for said in [
        call(&[]),
        call(&[("authorization", "Bearer wrong")]),
        call(&[("authorization", "s3cret")]),
        gateway.call("DELETE", "/nodes/plain", &[], b""),
        gateway.post_json("/nodes/plain", "{"),
    ] {
        assert_error_alone(&said, 401, "key");
        assert!(said.header("www-authenticate").starts_with("Bearer"), "{:?}", said.headers);
    }
    assert_eq!(call(&[("authorization", "Bearer s3cret")]).status, 200);
    assert_eq!(call(&[("authorization", "Basic aXZyOnMzY3JldA==")]).status, 200);
    assert!(!gateway.log().contains("s3cret"));
}

#[test]
fn a_key_may_come_in_a_header_of_the_node_s_own() {
    let access = "{ header: X-Node-Key, keys: ['${secret:OLD}', '${secret:NEW}'] }";
    let gateway = start(&guarded(access), &[("OLD", "old"), ("NEW", "new")]);
    let call = |key: &str| gateway.call("GET", "/nodes/plain", &[("x-node-key", key)], b"");
    assert_eq!((call("old").status, call("new").status), (200, 200));
    assert_error_alone(&call("other"), 401, "`x-node-key`");
    assert_error_alone(&gateway.get("/nodes/plain"), 401, "`x-node-key`");
}

#[test]
fn a_node_whose_key_is_not_set_lets_nobody_in() {
    let gateway = start(&guarded("{ keys: ['${secret:KEY}'] }"), &[]);
    assert_error_alone(&gateway.get("/nodes/plain"), 401, "not configured");
    let said = gateway.call("GET", "/nodes/plain", &[("authorization", "Bearer ")], b"");
    assert_error_alone(&said, 401, "not configured");
    let printed = gateway.printed();
    assert!(printed.contains("answering 401 until a key of theirs is set:\n    plain\n"), "{printed}");
    assert!(!printed.contains("curl"), "a line to try would be turned away: {printed}");
}

#[test]
fn a_caller_from_another_network_is_403_with_error_alone() {
    let gateway = start(&guarded("{ networks: [10.0.0.0/8, '2001:db8::/32'] }"), &[]);
    assert_error_alone(&gateway.get("/nodes/plain"), 403, "your address");
    let said = gateway.call("GET", "/nodes/plain", &[("x-forwarded-for", "10.1.2.3")], b"");
    assert_error_alone(&said, 403, "your address");
    let gateway = start(&guarded("{ networks: [127.0.0.1] }"), &[]);
    assert_eq!(gateway.get("/nodes/plain").status, 200);
}

#[test]
fn behind_a_trusted_proxy_the_network_is_the_caller_s_own() {
    let [(_, node)] = guarded("{ networks: [10.0.0.0/8] }");
    let settings = "trusted_proxies: [127.0.0.0/8]\nlisten: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n";
    let folder = Folder::with(&[("mappings/nodes/plain.yaml", &node), ("datadip.yaml", settings)]);
    let gateway = Gateway::start_in(folder, &["serve"], &[]);
    let call = |from: &str| gateway.call("GET", "/nodes/plain", &[("x-forwarded-for", from)], b"");
    assert_eq!(call("10.1.2.3").status, 200);
    assert_eq!(call("10.1.2.3, 203.0.113.9").status, 403);
    assert_eq!(gateway.get("/nodes/plain").status, 403);
}

#[test]
fn a_caller_over_its_rate_is_429_with_all_outputs() {
    let access = "{ keys: ['${secret:A}', '${secret:B}'], per_second: 1 }";
    let gateway = start(&guarded(access), &[("A", "a"), ("B", "b")]);
    let call = |key: &str| gateway.call("GET", "/nodes/plain", &[("authorization", key)], b"");
    let said = (0..20).map(|_| call("Bearer a")).find(|said| said.status != 200).expect("a refusal");
    let body = r#"{"greeting":"later","pressed":0,"error":"too many calls: one caller may make 1 a second"}"#;
    assert_said(&said, 429, "overloaded", body);
    assert_eq!(said.header("retry-after"), "1");
    assert_eq!(call("Bearer b").status, 200);
}

#[test]
fn a_wrong_method_is_405_with_all_outputs_and_what_is_allowed() {
    let gateway = Gateway::start(&[
        ("nodes/plain.yaml", PLAIN),
        ("nodes/asked.yaml", "node: asked\nmethods: [get]\noutputs: { a: '1' }\n"),
        ("nodes/told.yaml", "node: told\nmethods: [post]\noutputs: { a: '1' }\n"),
    ]);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "PURGE"] {
        let said = gateway.call(method, "/nodes/plain?name=Ada", &[], b"");
        let words = format!("{method} is not taken here: call with GET, POST");
        assert_refused(&said, 405, "bad_input", &words);
        assert_eq!(said.header("allow"), "GET, POST");
    }
    let said = gateway.call("HEAD", "/nodes/plain", &[], b"");
    assert_eq!((said.status, said.header("allow"), said.body.len()), (405, "GET, POST", 0));
    for (path, method, allowed) in [("/nodes/asked", "POST", "GET"), ("/nodes/told", "GET", "POST")] {
        let said = gateway.call(method, path, &[], b"");
        let body = format!(r#"{{"a":"1","error":"{method} is not taken here: call with {allowed}"}}"#);
        assert_said(&said, 405, "bad_input", &body);
        assert_eq!(said.header("allow"), allowed);
    }
}

#[test]
fn a_url_that_http_forbids_is_400_before_any_node_is_known() {
    let gateway = plain();
    for query in ["name=Ada Lovelace", "name=成都", "name=\"Ada\"", &format!("name={}", "a".repeat(70_000))]
    {
        let mut wire = gateway.open();
        wire.write(format!("GET /nodes/plain?{query} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
        assert_eq!(wire.read(false).status, 400);
        assert!(wire.is_closed());
    }
    assert_eq!(gateway.get("/nodes/plain?name=%E6%88%90%E9%83%BD").status, 200);
}

#[test]
fn a_body_over_64_kib_is_413_with_all_outputs() {
    let gateway = plain();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let filler = |size: usize| [b"name=".as_slice(), &vec![b'a'; size - 5]].concat();
    let announced = |size: usize| {
        let head = format!("POST /nodes/plain HTTP/1.1\r\nhost: x\r\n{form}content-length: {size}\r\n\r\n");
        [head.into_bytes(), filler(size)].concat()
    };
    let chunked = |size: usize| {
        let head =
            format!("POST /nodes/plain HTTP/1.1\r\nhost: x\r\n{form}transfer-encoding: chunked\r\n\r\n");
        let body = filler(size);
        let chunks = body.chunks(10_000).flat_map(|chunk| {
            let size = format!("{:x}\r\n", chunk.len()).into_bytes();
            [size, chunk.to_vec(), b"\r\n".to_vec()].concat()
        });
        [head.into_bytes(), chunks.collect(), b"0\r\n\r\n".to_vec()].concat()
    };
    for request in [announced(65_536), chunked(65_536)] {
        let mut wire = gateway.open();
        wire.write(&request);
        let said = wire.read(false);
        assert_eq!(
            (said.status, said.body.len()),
            (200, 65_531 + r#"{"greeting":"Hello ","pressed":0}"#.len())
        );
    }
    for request in [announced(65_537), chunked(65_537), announced(1_000_000), chunked(1_000_000)] {
        let mut wire = gateway.open();
        wire.write(&request);
        assert_refused(&wire.read(false), 413, "bad_input", "larger than 65536 bytes");
    }
}

#[test]
fn a_length_that_nobody_could_send_is_413_before_anything_is_read() {
    let gateway = plain();
    let mut wire = gateway.open();
    wire.write(b"POST /nodes/plain HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999\r\n\r\nname=");
    assert_refused(&wire.read(false), 413, "bad_input", "larger than 65536 bytes");
}

#[test]
fn json_that_does_not_parse_is_400_and_says_line_and_column() {
    let gateway = plain();
    for (body, words) in [
        ("{\n  \"name\": \n}", "does not parse at line 3, column 1"),
        ("{\"name\":\"Ada\"", "does not parse at line 1, column 13"),
        ("{\"name\":\"Ada\"}}", "does not parse at line 1, column 15"),
        ("{'name':'Ada'}", "does not parse at line 1, column 2"),
        ("[\"Ada\"]", "is a list: send an object"),
        ("\"Ada\"", "is a text: send an object"),
        ("null", "is null: send an object"),
    ] {
        assert_refused(&gateway.post_json("/nodes/plain", body), 400, "bad_input", words);
    }
}

#[test]
fn a_body_in_another_shape_is_415_and_named() {
    let gateway = plain();
    let form = "application/x-www-form-urlencoded";
    for (headers, words) in [
        ([("content-type", "multipart/form-data; boundary=x"), ("x", "")], "the body is multipart/form-data"),
        ([("content-type", "application/json; charset=GBK"), ("x", "")], "charset is `GBK`: send UTF-8"),
        ([("content-type", "text/plain; Charset=\"iso-8859-1\""), ("x", "")], "charset is `iso-8859-1`"),
        (
            [("content-type", form), ("content-encoding", "gzip")],
            "Content-Encoding `gzip`: send it uncompressed",
        ),
    ] {
        let said = gateway.call("POST", "/nodes/plain", &headers, b"--x\r\n");
        assert_refused(&said, 415, "bad_input", words);
    }
    let said = gateway.call("POST", "/nodes/plain", &[("content-type", "text/xml")], b"<name>Ada</name>");
    assert_refused(&said, 400, "bad_input", "the body is XML: send application/x-www-form-urlencoded");
}

#[test]
fn bytes_that_are_no_utf8_are_400_and_name_the_parameter() {
    let gateway = plain();
    let post = |content_type: &str, body: &[u8]| {
        gateway.call("POST", "/nodes/plain", &[("content-type", content_type)], body)
    };
    let form = "application/x-www-form-urlencoded";
    for (said, words) in [
        (post(form, b"m&name=\xd5\xc5"), "parameter `name` in the body is not UTF-8"),
        (post(form, b"name=a%D5%C5"), "parameter `name` in the body is not UTF-8 from its byte 1 on"),
        (
            post("application/json", b"{\"name\":\"\xd5\xc5\"}"),
            "the JSON body is not UTF-8 from its byte 9 on",
        ),
        (
            post("application/json", br#"{"name":"\ud800"}"#),
            "parameter `name` in the JSON body is no valid text",
        ),
        (gateway.get("/nodes/plain?name=%ff"), "parameter `name` in the query is not UTF-8"),
        (gateway.get("/nodes/plain?name=50%"), "parameter `name` in the query has a % without"),
    ] {
        assert_refused(&said, 400, "bad_input", words);
    }
}

#[test]
fn a_body_that_does_not_come_in_time_is_408_with_all_outputs() {
    let node = PLAIN.replace("node: plain", "node: plain\nbudget_ms: 200");
    let gateway = Gateway::start(&[("nodes/plain.yaml", &node)]);
    let head = "POST /nodes/plain HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nname=";
    let mut wire = gateway.open();
    wire.write(head.as_bytes());
    assert_refused(&wire.read(false), 408, "bad_input", "did not arrive in time");
    assert!(wire.is_closed());
}

#[test]
fn a_body_that_ends_too_early_harms_nobody_else() {
    let gateway = plain();
    for _ in 0..3 {
        let mut wire = gateway.open();
        wire.write(b"POST /nodes/plain HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nname=");
        wire.finish();
        drop(wire);
    }
    assert_eq!(gateway.get("/nodes/plain?name=Ada").status, 200);
}

#[test]
fn an_output_cannot_be_called_error() {
    let node = "node: caller\noutputs:\n  error: { value: '1' }\n";
    let folder = Folder::with(&[("mappings/nodes/caller.yaml", node)]);
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!(ended.code, 1);
    for words in ["error[reserved-name]", "mappings/nodes/caller.yaml:3:3"] {
        assert!(ended.out.contains(words), "{words}: {}", ended.out);
    }
}

#[test]
fn a_node_may_answer_null_as_a_whole() {
    let node = CALLER.to_owned() + "null_on: [no_identifier, not_found, ambiguous, timeout, error]\n";
    let upstream = Upstream::start(acme);
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", node.as_str())];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    for (query, outcome) in [
        ("", "no_identifier"),
        ("id=stranger", "not_found"),
        ("id=twins", "ambiguous"),
        ("id=slow", "timeout"),
        ("id=broken", "error"),
    ] {
        assert_said(&gateway.get(&format!("/nodes/caller?{query}")), 200, outcome, "null");
    }
    let busy = gateway.get("/nodes/caller?id=busy");
    assert_eq!(
        (busy.header("x-datadip-outcome"), busy.json()["status"].as_str()),
        ("overloaded", Some("overloaded"))
    );
    let refused = gateway.post_json("/nodes/caller", "{");
    assert_eq!((refused.status, refused.json()["name"].as_str()), (400, Some("?")));
}

#[test]
fn an_optional_output_is_left_out_where_it_has_no_value() {
    let gateway = plain();
    let body = r#"{"greeting":"Hello Ada","pressed":1,"missing":"1"}"#;
    assert_said(&gateway.get("/nodes/plain?name=Ada&key=1"), 200, "found", body);
    assert_said(
        &gateway.get("/nodes/plain?name=Ada"),
        200,
        "found",
        r#"{"greeting":"Hello Ada","pressed":0}"#,
    );
}

#[test]
fn a_broken_node_is_503_with_error_alone_and_the_others_answer() {
    let broken = "node: broken\noutputs: { a: { path: $.a } }\n";
    let failing = "
node: failing
outputs: { a: '1' }
examples: [{ name: no, send: {}, answer: { a: '2' } }]
";
    let gateway = Gateway::start(&[
        ("nodes/plain.yaml", PLAIN),
        ("nodes/broken.yaml", broken),
        ("nodes/failing.yaml", failing),
    ]);
    for path in ["/nodes/broken", "/nodes/failing"] {
        assert_error_alone(&gateway.get(path), 503, "datadip check");
    }
    assert_eq!(gateway.get("/nodes/plain").status, 200);
    for address in [gateway.address(), gateway.admin()] {
        let ready = ask(address, "/readyz");
        let told = ready.json();
        assert_eq!((ready.status, &told["status"], &told["broken"]), (200, &json!("degraded"), &json!(2)));
        assert_eq!(told["refused"]["errors"], 2);
    }
}

#[test]
fn a_node_whose_upstream_is_broken_does_not_blame_its_own_file() {
    let broken = UPSTREAM.replacen("operations:", "\toperations:", 1);
    let gateway = Gateway::start(&[("upstreams/acme.yaml", &broken), ("nodes/caller.yaml", CALLER)]);
    let said = gateway.get("/nodes/caller?id=ada");
    assert_error_alone(&said, 503, "its mapping file, or one that it needs, has errors");
    let ready = gateway.get("/readyz").json();
    let files = ready["refused"]["files"].as_array().unwrap();
    assert!(files.len() == 1 && files[0].to_string().contains("upstreams/acme.yaml"), "{ready}");
}

#[test]
fn strict_does_not_start_on_a_broken_node() {
    let folder = Folder::with(&[("mappings/nodes/a.yaml", "node: a\noutputs: { a: { path: $.a } }\n")]);
    let ended = datadip(folder.path(), &["serve", "--strict", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("the mapping files have an error, and --strict is set"), "{}", ended.err);
    let gateway = Gateway::start_with(&[("nodes/plain.yaml", PLAIN)], &["--strict"], &[]);
    assert_eq!(gateway.get("/nodes/plain").status, 200);
}

#[test]
fn health_is_told_on_both_listeners() {
    let gateway = plain();
    for address in [gateway.address(), gateway.admin()] {
        for (path, body) in
            [("/healthz", r#"{"status":"ok"}"#), ("/readyz", r#"{"status":"ready","broken":0}"#)]
        {
            let said = ask(address, path);
            assert_eq!((said.status, said.text().as_str()), (200, body));
            assert_eq!(said.header("cache-control"), "no-store");
        }
    }
    assert_eq!(ask(gateway.admin(), "/nodes/plain").status, 404);
}

#[test]
fn without_a_node_it_is_alive_and_not_ready() {
    let gateway = Gateway::start(&[("nodes/.keep", "")]);
    for address in [gateway.address(), gateway.admin()] {
        assert_eq!((ask(address, "/healthz").status, ask(address, "/readyz").status), (200, 503));
    }
    assert!(ask(gateway.address(), "/readyz").text().contains("no node is in force"));
}

#[test]
fn the_log_names_no_caller() {
    let upstream = Upstream::start(acme);
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", CALLER)];
    let gateway =
        Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url()), ("RUST_LOG", "debug")]);
    for id in ["ada", "stranger", "broken", "twins"] {
        gateway.get(&format!("/nodes/caller?id={id}"));
    }
    gateway.post_json("/nodes/caller", r#"{"id":"stranger","key":{}}"#);
    let log = gateway.log();
    assert!(log.contains("call.answered"), "{log}");
    for private in ["ada", "Ada", "stranger", "twins", "成都"] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}

fn ask(address: std::net::SocketAddr, path: &str) -> Said {
    let mut wire = Wire::open(address);
    wire.write(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes());
    wire.read(false)
}

#[test]
fn a_caller_never_waits_longer_than_the_budget() {
    let upstream = Upstream::start(|_| Reaction::Silence);
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", CALLER)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    gateway.get("/nodes/caller");
    let called = std::time::Instant::now();
    let said = gateway.get("/nodes/caller?id=ada");
    let took = called.elapsed();
    assert_eq!(said.header("x-datadip-outcome"), "timeout");
    assert!(took < Duration::from_millis(4000), "{took:?}"); // 1000 by the node, the rest for a busy machine
}
