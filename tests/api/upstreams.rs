//! How a company's systems are asked: bodies, encoding, credentials, what counts as success, further reads, the one
//! write, and what becomes of a caller while they are slow or down.

use std::process::{Command, Output};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::Said;

/// Beyond a budget, for a busy machine: an answer that takes longer was not bounded by it.
const SLACK: Duration = Duration::from_millis(2500);

/// A gateway on an upstream `crm` with these lines below its address, and a node `n` with these below its name.
fn start(crm: &Upstream, upstream: &str, node: &str) -> Gateway {
    let upstream = format!("upstream: crm\nbase_url: ${{CRM_URL}}\n{upstream}");
    let node = format!("node: n\n{node}");
    let mappings = [("upstreams/crm.yaml", upstream.as_str()), ("nodes/n.yaml", &node)];
    let gateway = Gateway::start_with(&mappings, &[], &[("CRM_URL", &crm.url()), ("SECRET", "s3cr3t/+&")]);
    assert_eq!(gateway.mistakes(), "");
    gateway
}

fn echo(_: &Asked) -> Reaction {
    Reaction::json(&json!({ "id": 1 }))
}

fn text(asked: &Asked) -> String {
    String::from_utf8(asked.body.clone()).unwrap()
}

fn targets(crm: &Upstream) -> Vec<String> {
    crm.asked().iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect()
}

fn outcome(said: &Said) -> &str {
    said.header("x-datadip-outcome")
}

/// Waits until something is so, for as long as a test may wait.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_json_body_keeps_types_and_leaves_out_what_was_not_given() {
    let crm = Upstream::start(echo);
    let gateway = start(
        &crm,
        r#"
operations:
  search:
    args:
      phone: { required: true }
      limit: { type: int, default: 20 }
      priority: int
      ratio: number
      vip: bool
      note: text
      tags: list
      where: object
    post: /search
    json:
      phone: "{{ phone }}"
      limit: "{{ limit }}"
      priority: "{{ priority }}"
      ratio: "{{ ratio }}"
      vip: "{{ vip }}"
      note: "{{ note }}"
      label: "p{{ phone }}/{{ limit }}"
      deep: { note: "{{ note }}", list: ["{{ priority }}", "{{ note }}", 1.50, null] }
      tags: "{{ tags }}"
      where: "{{ where }}"
      fixed: [true, "true", 7]
"#,
        r#"
inputs: { tel: { type: phone, region: SG }, priority: int, ratio: number, vip: bool, note: text }
lookup:
  by: tel
  call: crm.search
  args:
    phone: "{{ tel }}"
    priority: "{{ priority }}"
    ratio: "{{ ratio }}"
    vip: "{{ vip }}"
    note: "{{ note }}"
    tags: ["{{ priority }}", "{{ note }}", x]
    where: { p: "{{ priority }}", n: "{{ note }}" }
outputs: { status: { outcome: true } }
"#,
    );
    gateway.post_json("/nodes/n", r#"{"tel":"91234567","priority":"2","ratio":1.50,"vip":"true"}"#);
    gateway.post_json("/nodes/n", r#"{"tel":"91110000","note":"07"}"#);
    let asked = crm.asked();
    assert_eq!(
        text(&asked[0]),
        concat!(
            r#"{"phone":"+6591234567","limit":20,"priority":2,"ratio":1.50,"vip":true,"label":"p+6591234567/20","#,
            r#""deep":{"list":[2,1.50,null]},"tags":[2,"x"],"where":{"p":2},"fixed":[true,"true",7]}"#
        )
    );
    assert_eq!(
        text(&asked[1]),
        concat!(
            r#"{"phone":"+6591110000","limit":20,"note":"07","label":"p+6591110000/20","#,
            r#""deep":{"note":"07","list":["07",1.50,null]},"tags":["07","x"],"where":{"n":"07"},"#,
            r#""fixed":[true,"true",7]}"#
        )
    );
    assert_eq!((asked[0].method.as_str(), asked[0].header("content-type")), ("POST", "application/json"));
}

#[test]
fn a_bare_list_and_a_constant_are_json_bodies_too() {
    let crm = Upstream::start(echo);
    let gateway = start(
        &crm,
        r#"
operations:
  list: { args: { id: { required: true } }, post: /list, json: ["{{ id }}", { k: 1 }] }
  text: { args: { id: { required: true } }, post: "/text/{{ id }}", json: hello }
"#,
        r#"
inputs: { id: account }
lookup: [{ by: id, call: crm.list, when: id == 'a' }, { by: id, call: crm.text }]
outputs: { status: { outcome: true } }
"#,
    );
    gateway.get("/nodes/n?id=a");
    gateway.get("/nodes/n?id=b");
    let bodies: Vec<String> = crm.asked().iter().map(text).collect();
    assert_eq!(bodies, [r#"["a",{"k":1}]"#, r#""hello""#]);
}

/// Every place of a request, each an operation with one argument `v`.
const PLACES: &str = r#"
operations:
  path: { args: { v: { required: true } }, get: "/a/{{ v }}/b" }
  query: { args: { v: { required: true } }, get: /query, query: { v: "{{ v }}", mixed: "<{{ v }}>", "a b&c": x } }
  header: { args: { v: { required: true } }, get: /header, headers: { X-V: "{{ v }}" } }
  json: { args: { v: { required: true } }, post: /json, json: { v: "{{ v }}", mixed: "\"{{ v }}\"" } }
  form: { args: { v: { required: true } }, post: /form, form: { v: "{{ v }}", mixed: "<{{ v }}>" } }
  xml: { args: { v: { required: true } }, post: /xml, xml: "<r a=\"{{ v }}\">{{ v }}</r>" }
  text: { args: { v: { required: true } }, post: /text, text: "v={{ v }}" }
"#;

/// Asks all of them at once.
const EVERYWHERE: &str = r#"
inputs: { v: text }
lookup: { call: crm.text, args: { v: "{{ v }}" } }
then:
  - { as: in_path, call: crm.path, args: { v: "{{ v }}" } }
  - { as: in_query, call: crm.query, args: { v: "{{ v }}" } }
  - { as: in_header, call: crm.header, args: { v: "{{ v }}" } }
  - { as: in_json, call: crm.json, args: { v: "{{ v }}" } }
  - { as: in_form, call: crm.form, args: { v: "{{ v }}" } }
  - { as: in_xml, call: crm.xml, args: { v: "{{ v }}" } }
outputs: { status: { outcome: true } }
"#;

#[test]
fn every_value_is_encoded_for_its_place_and_can_never_leave_it() {
    let crm = Upstream::start(echo);
    let gateway = start(&crm, PLACES, EVERYWHERE);
    for value in [
        "plain",
        "../../etc/passwd",
        "a&b=c;d",
        "say \"hi\" 'yo' `x`",
        "</r><x>&amp;]]>",
        "a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1",
        "héllo 世界 😀",
        "100% + 2?#/\\",
        "{{ 7 * 7 }} {% if 1 %}",
        "$.id ${SECRET}",
        "..%2f..%2f",
        "tab\there",
    ] {
        let before = crm.asked().len();
        let said = gateway.post_json("/nodes/n", &json!({ "v": value }).to_string());
        assert_eq!(outcome(&said), "found", "{value}");
        let asked = crm.asked().split_off(before);
        let of = |path: &str| asked.iter().find(|asked| asked.target.starts_with(path));
        let pairs = |encoded: &[u8]| -> Vec<(String, String)> {
            form_urlencoded::parse(encoded).into_owned().collect()
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());

        let target = &of("/a/").unwrap().target;
        let segments: Vec<&str> = target.split('/').collect();
        assert_eq!((segments.len(), segments[1], segments[3]), (4, "a", "b"), "{target}");
        assert_eq!(percent_decode_str(segments[2]).decode_utf8().unwrap(), value);

        let query = of("/query?").unwrap().target.split_once('?').unwrap().1.to_owned();
        let expected = [pair("v", value), pair("mixed", &format!("<{value}>")), pair("a b&c", "x")];
        assert_eq!(pairs(query.as_bytes()), expected);

        let body = &of("/json").unwrap().body;
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body, json!({ "v": value, "mixed": format!("\"{value}\"") }));

        let form = of("/form").unwrap();
        assert_eq!(pairs(&form.body), [pair("v", value), pair("mixed", &format!("<{value}>"))]);
        assert_eq!(form.header("content-type"), "application/x-www-form-urlencoded");

        let xml = text(of("/xml").unwrap());
        let inside = xml.strip_prefix("<r a=\"").and_then(|rest| rest.strip_suffix("</r>")).unwrap();
        let (attribute, content) = inside.split_once("\">").unwrap();
        assert!(!attribute.contains(['<', '"']) && !content.contains('<'), "{xml}");
        assert_eq!((unescaped(attribute).as_str(), unescaped(content).as_str()), (value, value));
        assert!(of("/xml").unwrap().header("content-type").starts_with("application/xml"));

        assert_eq!(text(of("/text").unwrap()), format!("v={value}"));

        // A header cannot carry line breaks nor letters beyond ASCII: then nothing is sent, and the read failed.
        let carried = value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
        assert_eq!(
            of("/header").map(|asked| asked.header("x-v").to_owned()),
            carried.then(|| value.to_owned())
        );
        assert_eq!(said.header("x-datadip-partial"), if carried { "" } else { "in_header" }, "{value}");
        assert!(asked.iter().all(|asked| asked.header("x-evil").is_empty() && asked.target != "/evil"));
    }
}

fn unescaped(xml: &str) -> String {
    let signs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    signs.iter().fold(xml.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

#[test]
fn a_value_that_would_climb_the_path_is_not_sent_there() {
    let crm = Upstream::start(echo);
    let gateway = start(&crm, PLACES, EVERYWHERE);
    for value in ["..", ".", "%2e%2e"] {
        let before = crm.asked().len();
        let said = gateway.post_json("/nodes/n", &json!({ "v": value }).to_string());
        let in_path: Vec<String> = crm
            .asked()
            .split_off(before)
            .into_iter()
            .map(|asked| asked.target)
            .filter(|t| t.starts_with("/a/"))
            .collect();
        if value == "%2e%2e" {
            assert_eq!(
                (in_path.as_slice(), said.header("x-datadip-partial")),
                (["/a/%252e%252e/b".to_owned()].as_slice(), "")
            );
        } else {
            assert_eq!((in_path.len(), said.header("x-datadip-partial")), (0, "in_path"), "{value}");
        }
    }
}

#[test]
fn each_credential_stands_where_it_belongs_and_never_in_the_log() {
    let crm = Upstream::start(echo);
    let upstream = r#"
auth: { bearer: "${secret:SECRET}" }
headers: { X-App: datadip }
operations:
  bearer: { args: { id: text }, get: /bearer, query: { id: "{{ id }}" } }
  header: { get: /header, auth: { header: { name: X-Api-Key, value: "${secret:SECRET}" } } }
  query: { args: { id: text }, get: /query, query: { id: "{{ id }}" }, auth: { query: { name: api key, value: "${SECRET}" } } }
  basic: { get: /basic, auth: { basic: { user: ivr, password: "${secret:SECRET}" } }, headers: { X-App: own } }
  none: { get: /none, auth: none }
"#;
    let gateway = start(
        &crm,
        upstream,
        r#"
inputs: { id: account }
lookup: { by: id, call: crm.bearer }
then:
  - { as: header, call: crm.header }
  - { as: query, call: crm.query, args: { id: "{{ id }}" } }
  - { as: basic, call: crm.basic }
  - { as: none, call: crm.none }
outputs: { status: { outcome: true } }
"#,
    );
    assert_eq!(outcome(&gateway.get("/nodes/n?id=7")), "found");
    let asked = crm.asked();
    let of = |path: &str| asked.iter().find(|asked| asked.target.starts_with(path)).unwrap();
    assert_eq!(of("/bearer").header("authorization"), "Bearer s3cr3t/+&");
    assert_eq!(of("/header").header("x-api-key"), "s3cr3t/+&");
    assert_eq!(of("/header").header("authorization"), "");
    assert_eq!(of("/query").target, "/query?id=7&api%20key=s3cr3t%2F%2B%26");
    assert_eq!(of("/basic").header("authorization"), "Basic aXZyOnMzY3IzdC8rJg==");
    assert_eq!(of("/none").header("authorization"), "");
    assert_eq!((of("/bearer").header("x-app"), of("/basic").header("x-app")), ("datadip", "own"));
    assert!(!gateway.log().contains("s3cr3t"), "{}", gateway.log());
}

#[test]
fn the_statuses_that_mean_not_found_are_the_operations_own() {
    let crm = Upstream::start(|asked| {
        let status = asked.target.rsplit('/').next().unwrap().parse().unwrap();
        Reaction::status(status, &json!({ "id": 1 }))
    });
    let gateway = start(
        &crm,
        r#"
operations:
  usual: { args: { id: { required: true } }, get: "/usual/{{ id }}" }
  own: { args: { id: { required: true } }, get: "/own/{{ id }}", not_found: [410, 422] }
"#,
        r#"
inputs: { usual: account, own: account }
lookup: [{ by: usual, call: crm.usual }, { by: own, call: crm.own }]
outputs: { status: { outcome: true } }
"#,
    );
    for (id, usual, own) in [
        ("200", "found", "found"),
        ("201", "found", "found"),
        ("404", "not_found", "error"),
        ("410", "error", "not_found"),
        ("422", "error", "not_found"),
        ("400", "error", "error"),
        ("401", "error", "error"),
        ("302", "error", "error"),
        ("429", "overloaded", "overloaded"),
    ] {
        assert_eq!(outcome(&gateway.get(&format!("/nodes/n?usual={id}"))), usual, "{id}");
        assert_eq!(outcome(&gateway.get(&format!("/nodes/n?own={id}"))), own, "{id}");
    }
}

#[test]
fn a_condition_says_what_counts_as_success_and_a_path_what_the_upstream_said() {
    let crm = Upstream::start(|asked| match asked.target.as_str() {
        "/c/1" => Reaction::json(&json!({ "code": 200, "data": [{ "id": 7 }] })),
        "/c/2" => Reaction::json(&json!({ "code": 200, "data": [] })),
        "/c/3" => {
            Reaction::json(&json!({ "code": 500, "message": "the shard is asleep", "data": [{ "id": 8 }] }))
        }
        "/c/4" => Reaction::json(&json!({ "data": [{ "id": 9 }] })),
        "/c/5" => Reaction::status(500, &json!({ "code": 200, "data": [{ "id": 10 }] })),
        "/c/6" => Reaction::json(&json!({ "code": 404, "data": null })),
        _ => Reaction::Answer(200, "text/html".to_owned(), b"<html>sign in</html>".to_vec()),
    });
    let upstream = r#"
operations:
  c:
    args: { id: { required: true } }
    get: "/c/{{ id }}"
    ok: body.code == 200 or body.code == 404 and status == 200
    error: $.message
    records: $.data[*]
"#;
    let node = r#"
inputs: { id: account }
lookup: { by: id, call: crm.c }
outputs: { id: { path: $.id, default: "-" } }
"#;
    let gateway = start(&crm, upstream, node);
    for (id, expected, found) in [
        ("1", "found", "7"),
        ("2", "not_found", "-"),
        ("3", "error", "-"),
        ("4", "error", "-"),
        ("5", "found", "10"),
        ("6", "not_found", "-"),
        ("7", "error", "-"),
    ] {
        let said = gateway.get(&format!("/nodes/n?id={id}"));
        assert_eq!((outcome(&said), said.json()), (expected, json!({ "id": found })), "{id}");
    }
    let tried = command(&crm, upstream, node, &["try", "n", "id=3", "--trace"]);
    let trace = String::from_utf8(tried.stderr).unwrap();
    assert!(trace.contains("the shard is asleep"), "{trace}");
}

#[test]
fn records_are_what_the_path_selects_and_null_or_an_empty_list_is_none() {
    let crm = Upstream::start(|asked| match asked.target.as_str() {
        "/a" => Reaction::json(&json!({ "id": 1 })),
        "/b" => Reaction::json(&json!(null)),
        "/c" => Reaction::Answer(204, "application/json".to_owned(), Vec::new()),
        "/d" => Reaction::json(&json!([null, { "id": 4 }])),
        "/e" => Reaction::json(
            &json!({ "page": { "rows": [{ "id": 5, "on": false }, { "id": 6, "on": true }] } }),
        ),
        "/g" => Reaction::json(&json!([])),
        _ => Reaction::json(&json!({ "page": { "rows": [] } })),
    });
    let gateway = start(
        &crm,
        r#"
operations:
  a: { get: /a }
  b: { get: /b }
  c: { get: /c }
  g: { get: /g }
  h: { get: /h, records: $.page.rows }
  d: { get: /d, records: "$[*]" }
  e: { get: /e, records: "$.page.rows[?@.on == true]" }
  f: { get: /f, records: "$.page.rows[*]" }
"#,
        r#"
inputs: { step: text }
lookup:
  - { call: crm.a, when: step == 'a' }
  - { call: crm.b, when: step == 'b' }
  - { call: crm.c, when: step == 'c' }
  - { call: crm.d, when: step == 'd' }
  - { call: crm.e, when: step == 'e' }
  - { call: crm.f, when: step == 'f' }
  - { call: crm.g, when: step == 'g' }
  - { call: crm.h, when: step == 'h' }
outputs: { id: { path: $.id, default: "-" } }
"#,
    );
    let found: Vec<String> = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .iter()
        .map(|step| {
            let said = gateway.get(&format!("/nodes/n?step={step}"));
            format!("{} {}", outcome(&said), said.json()["id"].as_str().unwrap())
        })
        .collect();
    let expected = ["found 1", "not_found -", "not_found -", "found 4", "found 6", "not_found -"];
    assert_eq!(found[..6], expected);
    // A list without anything in it is nobody, also where the path names the list and not its items.
    assert_eq!(found[6..], ["not_found -", "not_found -"]);
}

/// Reads that wait for each other: each answers only when so many are there at once, or after its patience.
#[derive(Clone)]
struct Meeting(Arc<(Mutex<usize>, Condvar)>, usize);

impl Meeting {
    fn of(number: usize) -> Self {
        Self(Arc::default(), number)
    }

    /// Whether all came while this one waited.
    fn attend(&self) -> bool {
        let (count, changed) = &*self.0;
        let mut count = count.lock().unwrap();
        *count += 1;
        changed.notify_all();
        let (count, _) =
            changed.wait_timeout_while(count, Duration::from_secs(2), |count| *count < self.1).unwrap();
        *count >= self.1
    }
}

#[test]
fn reads_that_do_not_need_each_other_run_side_by_side_and_others_wait_for_what_they_need() {
    let meeting = Meeting::of(2);
    let attending = meeting.clone();
    let crm = Upstream::start(move |asked| match asked.target.as_str() {
        "/customer" => Reaction::json(&json!({ "id": 7 })),
        "/orders/7" | "/points/7" => {
            if attending.attend() {
                Reaction::json(&json!({ "last": "A-1", "total": 12 }))
            } else {
                Reaction::status(500, &json!(null))
            }
        }
        "/parcel/A-1" => Reaction::json(&json!({ "carrier": "post" })),
        "/carrier/post/12" => Reaction::json(&json!({ "name": "SingPost" })),
        _ => Reaction::status(404, &json!(null)),
    });
    let gateway = start(
        &crm,
        r#"
timeout_ms: 4000
operations:
  customer: { get: /customer }
  orders: { args: { id: { required: true } }, get: "/orders/{{ id }}" }
  points: { args: { id: { required: true } }, get: "/points/{{ id }}" }
  parcel: { args: { no: { required: true } }, get: "/parcel/{{ no }}" }
  carrier: { args: { code: { required: true }, total: { required: true } }, get: "/carrier/{{ code }}/{{ total }}" }
"#,
        r#"
budget_ms: 4500
lookup: { call: crm.customer }
then:
  - { as: carrier, call: crm.carrier, args: { code: "{{ parcel.carrier }}", total: "{{ points.total }}" } }
  - { as: parcel, call: crm.parcel, args: { no: "{{ orders.last }}" } }
  - { as: orders, call: crm.orders, args: { id: "{{ record.id }}" } }
  - { as: points, call: crm.points, args: { id: "{{ record.id }}" } }
outputs:
  carrier: { text: "{{ carrier.name }}", default: "-" }
  total: { path: $.total, from: points, type: int, default: 0 }
"#,
    );
    let said = gateway.get("/nodes/n");
    assert_eq!(said.json(), json!({ "carrier": "SingPost", "total": 12 }), "{}", gateway.log());
    let mut asked = targets(&crm);
    asked[1..3].sort();
    assert_eq!(
        asked,
        ["GET /customer", "GET /orders/7", "GET /points/7", "GET /parcel/A-1", "GET /carrier/post/12"]
    );
}

#[test]
fn a_read_that_fails_is_named_and_takes_only_its_own_outputs_with_it() {
    let crm = Upstream::start(|asked| match asked.target.as_str() {
        "/customer" => Reaction::json(&json!({ "id": 7, "name": "Ada" })),
        "/orders" => Reaction::Silence,
        "/points" => Reaction::status(500, &json!(null)),
        "/parcel" => Reaction::status(404, &json!(null)),
        _ => Reaction::json(&json!({ "city": "Paris" })),
    });
    let gateway = start(
        &crm,
        "
timeout_ms: 800
operations:
  customer: { get: /customer }
  orders: { get: /orders }
  points: { get: /points }
  parcel: { get: /parcel }
  address: { get: /address }
  carrier: { args: { no: { required: true } }, get: '/carrier/{{ no }}' }
",
        r#"
budget_ms: 4500
lookup: { call: crm.customer }
then:
  - { as: orders, call: crm.orders }
  - { as: points, call: crm.points }
  - { as: parcel, call: crm.parcel }
  - { as: address, call: crm.address }
  - { as: carrier, call: crm.carrier, args: { no: "{{ orders.no }}" } }
outputs:
  name: { path: $.name, default: "-" }
  open: { path: "$.orders[*]", from: orders, take: count, default: 0, default_on: { timeout: -1 } }
  total: { path: $.total, from: points, default: none, default_on: { error: unknown } }
  parcel: { path: $.no, from: parcel, default: other, default_on: { not_found: none } }
  city: { path: $.city, from: address, default: "-" }
  carrier: { path: $.name, from: carrier, default: "-" }
  both: { text: "{{ address.city }} {{ points.total }}", default: none, default_on: { error: unknown } }
"#,
    );
    let said = gateway.get("/nodes/n");
    assert_eq!(
        said.json(),
        json!({
            "name": "Ada", "open": -1, "total": "unknown", "parcel": "none", "city": "Paris", "carrier": "-",
            "both": "unknown",
        })
    );
    assert_eq!((said.status, outcome(&said)), (200, "found"));
    let partial = said.header("x-datadip-partial");
    assert!(partial.starts_with("orders,points"), "{partial}");
    assert!(!partial.contains("parcel") && !partial.contains("address"), "{partial}");
    assert!(!targets(&crm).iter().any(|target| target.contains("carrier")));
}

const NOTES: &str = r#"
timeout_ms: 1500
operations:
  customer: { args: { phone: { required: true } }, get: "/customer/{{ phone }}" }
  points: { args: { id: { required: true } }, get: "/points/{{ id }}" }
  note:
    args: { id: text, text: { required: true } }
    post: /notes
    effect: write
    json: { id: "{{ id }}", text: "{{ text }}" }
"#;

const NOTING: &str = r#"
budget_ms: 4500
inputs: { tel: { type: phone, region: SG }, key: text }
lookup: { by: tel, call: crm.customer }
then: { as: points, call: crm.points, args: { id: "{{ record.id }}" } }
do:
  as: note
  call: crm.note
  when: outcome == 'found' and key == '1'
  args: { id: "{{ record.id }}", text: "{{ tel }} has {{ points.total }}, {{ outcome }}" }
outputs:
  status: { outcome: true }
  name: { path: $.name, default: "-" }
  note: { path: $.no, from: note, default: "-", default_on: { timeout: unsure, error: failed } }
"#;

fn noting(asked: &Asked) -> Reaction {
    match asked.target.as_str() {
        "/customer/%2B6591234567" => Reaction::json(&json!({ "id": 7, "name": "Ada" })),
        "/points/7" => Reaction::json(&json!({ "total": 12 })),
        "/notes" => Reaction::json(&json!({ "no": "N-1" })),
        _ => Reaction::status(404, &json!(null)),
    }
}

fn writes(crm: &Upstream) -> usize {
    crm.asked().iter().filter(|asked| asked.target == "/notes").count()
}

#[test]
fn a_write_comes_once_after_all_reads_and_only_where_its_condition_says_so() {
    let crm = Upstream::start(noting);
    let gateway = start(&crm, NOTES, NOTING);
    let said = gateway.get("/nodes/n?tel=91234567&key=1");
    assert_eq!(said.json(), json!({ "status": "done", "name": "Ada", "note": "N-1" }));
    assert_eq!(outcome(&said), "done");
    assert_eq!(targets(&crm), ["GET /customer/%2B6591234567", "GET /points/7", "POST /notes"]);
    assert_eq!(text(&crm.asked()[2]), r#"{"id":"7","text":"+6591234567 has 12, found"}"#);
    for (query, status, name) in [
        ("tel=91234567&key=2", "found", "Ada"),
        ("tel=91234567", "found", "Ada"),
        ("tel=91110000&key=1", "not_found", "-"),
        ("key=1", "no_identifier", "-"),
    ] {
        let said = gateway.get(&format!("/nodes/n?{query}"));
        assert_eq!(said.json(), json!({ "status": status, "name": name, "note": "-" }), "{query}");
    }
    assert_eq!(writes(&crm), 1);
    // Each call writes: two wishes are two notes.
    gateway.get("/nodes/n?tel=91234567&key=1");
    assert_eq!(writes(&crm), 2);
}

#[test]
fn a_write_that_fails_is_never_repeated_and_the_customer_is_still_answered() {
    let crm = Upstream::start(noting);
    let gateway = start(&crm, NOTES, NOTING);
    for (reaction, status, note) in [
        (Reaction::status(503, &json!(null)), "error", "failed"),
        (Reaction::status(429, &json!(null)), "overloaded", "-"),
        (Reaction::Cut, "error", "failed"),
        (Reaction::Silence, "timeout", "unsure"),
        (Reaction::status(404, &json!(null)), "error", "failed"),
        (Reaction::Answer(201, "text/plain".to_owned(), b"created".to_vec()), "done", "-"),
        (Reaction::Answer(204, "text/plain".to_owned(), Vec::new()), "done", "-"),
    ] {
        let before = writes(&crm);
        let shown = format!("{reaction:?}");
        crm.becomes(move |asked| if asked.target == "/notes" { reaction.clone() } else { noting(asked) });
        let said = gateway.get("/nodes/n?tel=91234567&key=1");
        assert_eq!(said.json(), json!({ "status": status, "name": "Ada", "note": note }), "{shown}");
        assert_eq!(said.status, 200);
        assert_eq!(writes(&crm), before + 1, "{shown}");
    }
}

#[test]
fn a_node_without_a_lookup_writes_and_answers_what_the_write_said() {
    let crm = Upstream::start(noting);
    let gateway = start(
        &crm,
        NOTES,
        r#"
inputs: { wish: text }
do: { call: crm.note, args: { text: "{{ wish }}" } }
outputs: { no: { path: $.no, default: "-" }, status: { outcome: true } }
"#,
    );
    assert_eq!(gateway.get("/nodes/n?wish=call").json(), json!({ "no": "N-1", "status": "done" }));
    assert_eq!(text(&crm.asked()[0]), r#"{"text":"call"}"#);
    // Without its text the write is not begun.
    assert_eq!(gateway.get("/nodes/n").json(), json!({ "no": "-", "status": "error" }));
    assert_eq!(writes(&crm), 1);
}

#[test]
fn a_node_without_a_lookup_writes_nothing_for_nobody() {
    let crm = Upstream::start(noting);
    let gateway = start(
        &crm,
        NOTES,
        r#"
inputs: { tel: { type: phone, region: SG }, email: email }
do: { call: crm.note, args: { text: "{{ tel or email }}" } }
outputs: { no: { path: $.no, default: "-" }, status: { outcome: true } }
"#,
    );
    for query in ["", "?tel=anonymous", "?email=nobody"] {
        let said = gateway.get(&format!("/nodes/n{query}"));
        assert_eq!(said.json(), json!({ "no": "-", "status": "no_identifier" }), "{query}");
    }
    assert_eq!(writes(&crm), 0);
    let said = gateway.get("/nodes/n?tel=anonymous&email=ada@example.com");
    assert_eq!(said.json(), json!({ "no": "N-1", "status": "done" }));
}

/// Runs the binary on the same files, in a process of its own.
fn command(crm: &Upstream, upstream: &str, node: &str, args: &[&str]) -> Output {
    let upstream = format!("upstream: crm\nbase_url: ${{CRM_URL}}\n{upstream}");
    let folder =
        Folder::with(&[("upstreams/crm.yaml", &upstream), ("nodes/n.yaml", &format!("node: n\n{node}"))]);
    Command::new(env!("CARGO_BIN_EXE_datadip"))
        .args(args)
        .env_clear()
        .envs([("CRM_URL", crm.url().as_str()), ("DATADIP_MAPPINGS", &folder.path().display().to_string())])
        .current_dir(folder.path())
        .output()
        .unwrap()
}

#[test]
fn try_reads_and_writes_only_when_told_to_and_check_asks_nobody() {
    let crm = Upstream::start(noting);
    let run = |args: &[&str]| command(&crm, NOTES, NOTING, args);
    let tried = run(&["try", "n", "tel=91234567", "key=1"]);
    let answer: Value = serde_json::from_slice(&tried.stdout).unwrap();
    assert_eq!(answer, json!({ "status": "found", "name": "Ada", "note": "-" }));
    assert_eq!((crm.asked().len(), writes(&crm)), (2, 0));
    let tried = run(&["try", "n", "tel=91234567", "key=1", "--write"]);
    let answer: Value = serde_json::from_slice(&tried.stdout).unwrap();
    assert_eq!((answer["status"].as_str(), writes(&crm)), (Some("done"), 1));

    let example = r#"
examples:
  - name: a note
    send: { tel: "91234567", key: "1" }
    upstream: { crm.customer: { id: 7, name: Ada }, crm.points: { total: 1 }, crm.note: { no: N-9 } }
    answer: { status: done, note: N-9 }
"#;
    let before = crm.asked().len();
    let checked = command(&crm, NOTES, &format!("{NOTING}{example}"), &["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));
    assert_eq!(crm.asked().len(), before);
}

const SLOW: &str = r#"
timeout_ms: 4000
operations:
  by_phone: { args: { phone: { required: true } }, get: "/phone/{{ phone }}" }
  by_email: { args: { email: { required: true } }, get: "/email/{{ email }}" }
"#;

#[test]
fn a_read_that_finds_several_where_only_one_may_be_is_ambiguous_for_its_own_outputs() {
    let crm = Upstream::start(|asked| match asked.target.as_str() {
        "/points/7" => Reaction::json(&json!([{ "total": 1 }, { "total": 2 }])),
        _ => Reaction::json(&json!({ "id": 7, "name": "Ada" })),
    });
    let gateway = start(
        &crm,
        r#"
operations:
  customer: { args: { phone: { required: true } }, get: "/customer/{{ phone }}" }
  points: { args: { id: { required: true } }, get: "/points/{{ id }}", records: "$[*]" }
"#,
        r#"
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.customer }
then: { as: points, call: crm.points, args: { id: "{{ record.id }}" }, pick: only }
outputs:
  name: { path: $.name, default: "-" }
  total: { path: $.total, from: points, type: int, default: 0, default_on: { ambiguous: -2 } }
"#,
    );
    let said = gateway.get("/nodes/n?tel=91234567");
    assert_eq!((outcome(&said), said.header("x-datadip-partial")), ("found", "points"));
    assert_eq!(said.json(), json!({ "name": "Ada", "total": -2 }));
}

#[test]
fn a_slow_upstream_ends_in_a_timeout_within_the_budget_with_all_outputs() {
    let crm = Upstream::start(|_| Reaction::Silence);
    let gateway = start(
        &crm,
        SLOW,
        r#"
budget_ms: 300
inputs: { tel: { type: phone, region: SG }, email: email }
lookup: [{ by: tel, call: crm.by_phone, forms: [e164, digits, national] }, { by: email, call: crm.by_email }]
outputs: { tier: { path: $.tier, default: none, default_on: { timeout: unknown } }, status: { outcome: true } }
"#,
    );
    let call = |number: usize| {
        let start = Instant::now();
        let said = gateway.get(&format!("/nodes/n?tel=9123456{number}&email=a{number}@example.com"));
        (start.elapsed(), said)
    };
    let answers: Vec<(Duration, Said)> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|number| scope.spawn(move || call(number))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    for (took, said) in answers {
        assert_eq!((said.status, said.json()), (200, json!({ "tier": "unknown", "status": "timeout" })));
        assert!(took < Duration::from_millis(300) + SLACK, "{took:?}");
    }
}

#[test]
fn what_was_found_is_answered_when_a_further_read_overruns_the_budget() {
    let crm = Upstream::start(|asked| match asked.target.starts_with("/phone") {
        true => Reaction::json(&json!({ "name": "Ada" })),
        false => Reaction::Silence,
    });
    let gateway = start(
        &crm,
        SLOW,
        r#"
budget_ms: 1200
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.by_phone }
then: { as: more, call: crm.by_email, args: { email: "{{ record.name }}" } }
outputs: { name: { path: $.name, default: "-" }, tier: { path: $.tier, from: more, default: none, default_on: { timeout: late } } }
"#,
    );
    let start = Instant::now();
    let said = gateway.get("/nodes/n?tel=91234567");
    assert!(start.elapsed() < Duration::from_millis(1200) + SLACK, "{:?}", start.elapsed());
    assert_eq!(said.json(), json!({ "name": "Ada", "tier": "late" }));
    assert_eq!((outcome(&said), said.header("x-datadip-partial")), ("found", "more"));
}

#[test]
fn steps_are_asked_in_order_until_one_finds_and_a_failing_one_does_not_end_the_search() {
    let crm = Upstream::start(|asked| {
        let name = asked.target.rsplit('/').next().unwrap();
        match name.trim_start_matches("%2B65").get(..4) {
            Some("9111" | "know") => Reaction::json(&json!({ "id": 1 })),
            Some("9222" | "down") => Reaction::status(500, &json!(null)),
            Some("9333") => Reaction::Silence,
            Some("busy") => Reaction::status(429, &json!(null)),
            _ => Reaction::status(404, &json!(null)),
        }
    });
    let gateway = || {
        start(
            &crm,
            &SLOW.replace("timeout_ms: 4000", "timeout_ms: 800"),
            r#"
budget_ms: 4500
inputs: { tel: { type: phone, region: SG }, email: email }
lookup: [{ by: tel, call: crm.by_phone }, { by: email, call: crm.by_email }]
outputs: { status: { outcome: true } }
"#,
        )
    };
    for (tel, email, expected) in [
        ("91110001", "known1@a.com", "found"),
        ("90000002", "known2@a.com", "found"),
        ("92220003", "known3@a.com", "found"),
        ("93330004", "known4@a.com", "found"),
        ("90000005", "new5@a.com", "not_found"),
        // Nobody can say that there is no such customer where one step could not be asked.
        ("92220006", "new6@a.com", "error"),
        ("93330007", "new7@a.com", "timeout"),
        ("90000008", "busy8@a.com", "overloaded"),
        // Of several failures the first is told.
        ("93330009", "busy9@a.com", "timeout"),
        ("92220010", "busy10@a.com", "error"),
        ("", "known11@a.com", "found"),
        ("anonymous", "", "no_identifier"),
    ] {
        // A gateway of its own: one that has seen so many failures asks this upstream no more.
        let (before, gateway) = (crm.asked().len(), gateway());
        let said = gateway.get(&format!("/nodes/n?tel={tel}&email={email}"));
        assert_eq!((said.status, outcome(&said)), (200, expected), "{tel} {email}");
        let mut asked: Vec<String> =
            crm.asked().split_off(before).into_iter().map(|asked| asked.target).collect();
        asked.dedup();
        let by_phone = tel.starts_with('9').then(|| format!("/phone/%2B65{tel}"));
        let by_email = (!email.is_empty()).then(|| format!("/email/{}", email.replace('@', "%40")));
        let by_email = by_email.filter(|_| !tel.starts_with("9111"));
        let expected: Vec<String> = by_phone.into_iter().chain(by_email).collect();
        assert_eq!(asked, expected);
    }
}

#[test]
fn a_read_that_fails_in_passing_is_asked_once_more_and_no_oftener() {
    let crm = Upstream::start(|_| Reaction::status(503, &json!(null)));
    let gateway = start(
        &crm,
        SLOW,
        r#"
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.by_phone }
outputs: { status: { outcome: true } }
"#,
    );
    assert_eq!(outcome(&gateway.get("/nodes/n?tel=91110001")), "error");
    assert_eq!(crm.asked().len(), 2);
    let first = Arc::new(Mutex::new(true));
    crm.becomes(move |_| match std::mem::take(&mut *first.lock().unwrap()) {
        true => Reaction::Cut,
        false => Reaction::json(&json!({ "id": 1 })),
    });
    assert_eq!(outcome(&gateway.get("/nodes/n?tel=91110002")), "found");
    assert_eq!(crm.asked().len(), 4);
}

#[test]
fn an_upstream_without_its_address_or_credential_is_answered_for_at_once() {
    let crm = Upstream::start(echo);
    let node = r#"
budget_ms: 4000
inputs: { id: account }
lookup: { by: id, call: crm.get }
outputs: { id: { path: $.id, default: "-", default_on: { error: unknown } }, status: { outcome: true } }
examples: [ { name: it runs all the same, send: { id: a }, upstream: { crm.get: { id: 5 } }, answer: { id: "5" } } ]
"#;
    let operations = "operations: { get: { args: { id: { required: true } }, get: '/{{ id }}' } }\n";
    for (head, variable) in [
        ("base_url: ${CRM_HOST}\n", "CRM_HOST"),
        ("base_url: ${CRM_URL}\nauth: { bearer: '${secret:CRM_TOKEN}' }\n", "CRM_TOKEN"),
    ] {
        let upstream = format!("upstream: crm\n{head}{operations}");
        let node = format!("node: n\n{node}");
        let mappings = [("upstreams/crm.yaml", upstream.as_str()), ("nodes/n.yaml", &node)];
        let gateway = Gateway::start_with(&mappings, &[], &[("CRM_URL", &crm.url())]);
        let start = Instant::now();
        let said = gateway.get("/nodes/n?id=7");
        assert!(start.elapsed() < SLACK, "{:?}", start.elapsed());
        assert_eq!((said.status, said.json()), (200, json!({ "id": "unknown", "status": "error" })));
        eventually("the start names the variable", || gateway.printed().contains(variable));
    }
    assert!(crm.asked().is_empty());
}

#[test]
fn an_answer_that_cannot_be_read_is_an_error_and_never_a_hang_up() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(1024 * 1024));
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let reactions = [
        Reaction::Answer(200, "text/html".to_owned(), b"<html>sign in</html>".to_vec()),
        Reaction::Answer(200, "application/json".to_owned(), b"{\"id\": 1".to_vec()),
        Reaction::Answer(200, "application/json".to_owned(), b"{\"id\": \"\xff\"}".to_vec()),
        Reaction::Answer(200, "application/json".to_owned(), long.into_bytes()),
        Reaction::Answer(200, "application/json".to_owned(), deep.into_bytes()),
        Reaction::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}".to_vec()),
        Reaction::Raw(b"SSH-2.0-OpenSSH_9\r\n".to_vec()),
        Reaction::Cut,
    ];
    let crm = Upstream::start(echo);
    let gateway = start(
        &crm,
        "operations: { get: { args: { id: { required: true } }, get: '/{{ id }}' } }",
        r#"
inputs: { id: account }
lookup: { by: id, call: crm.get }
outputs: { id: { path: $.id, default: "-" }, status: { outcome: true } }
"#,
    );
    for (at, reaction) in reactions.into_iter().enumerate() {
        crm.becomes(move |_| reaction.clone());
        let said = gateway.get(&format!("/nodes/n?id=a{at}"));
        assert_eq!((said.status, said.json()), (200, json!({ "id": "-", "status": "error" })), "{at}");
    }
}

#[test]
fn a_table_is_asked_like_any_upstream() {
    let upstream = "
upstream: book
table: { file: ../data/book.csv, identifiers: { tel: { type: phone, region: SG, region_from: land }, email: email } }
operations:
  by_tel: { args: { phone: { required: true } }, find: { tel: '{{ phone }}' } }
  active: { args: { phone: { required: true } }, find: { tel: '{{ phone }}', state: active } }
";
    let node = "
node: n
inputs: { tel: { type: phone, region: SG }, active: { type: phone, region: SG } }
lookup: [{ by: tel, call: book.by_tel, pick: only }, { by: active, call: book.active, pick: only }]
outputs: { name: { path: $.name, default: '-' }, note: { path: $.note, default: '-' }, status: { outcome: true } }
";
    let book = "tel,email,land,name,state,note\n\
                9123 4567,,,Ann,active,\n\
                020 7946 0123,,GB,Bob,active,\"a, b\"\n\
                +6561234567,,,Cid,active,x\n\
                6123-4567,,,Dan,gone,y\n";
    let files = [("upstreams/book.yaml", upstream), ("nodes/n.yaml", node), ("data/book.csv", book)];
    let gateway = Gateway::start(&files);
    for (query, name, note, status) in [
        ("tel=%2B6591234567", "Ann", "-", "found"),
        ("tel=00442079460123", "Bob", "a, b", "found"),
        ("tel=61234567", "-", "-", "ambiguous"),
        ("active=61234567", "Cid", "x", "found"),
        ("tel=81112222", "-", "-", "not_found"),
    ] {
        let said = gateway.get(&format!("/nodes/n?{query}"));
        assert_eq!(said.json(), json!({ "name": name, "note": note, "status": status }), "{query}");
    }
}
