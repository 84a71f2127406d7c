//! The tests' own tools work, and the gateway answers at all.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::gateway::Gateway;
use crate::upstream::{Reaction, Upstream};
use crate::wire::Wire;

const UPSTREAM: &str = "
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    args: { phone: { type: text, required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
";

const NODE: &str = "
node: caller
inputs:
  tel: { type: phone, region: SG }
lookup: { by: tel, call: acme.customer }
outputs:
  isVip: { path: $.vip, values: { true: '1', false: '2' }, default: '2' }
  status: { outcome: true }
";

#[test]
fn an_upstream_notes_what_it_is_asked_and_answers_as_told() {
    let upstream = Upstream::start(|asked| Reaction::json(&json!({ "you": asked.header("x-name") })));
    let mut wire = Wire::open(upstream.address());
    wire.write(b"POST /a?b=c HTTP/1.1\r\nX-Name: Ada\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    assert_eq!(wire.read(false).json(), json!({ "you": "Ada" }));
    upstream.becomes(|_| Reaction::status(503, &json!(null)));
    wire.write(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(wire.read(false).status, 503);
    upstream.becomes(|_| Reaction::json(&json!(1)).after(Duration::from_millis(50)));
    let sent = Instant::now();
    wire.write(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(wire.read(false).json(), json!(1));
    assert!(sent.elapsed() >= Duration::from_millis(50));
    let asked = upstream.asked();
    assert_eq!((asked[0].target.as_str(), asked[0].body.as_slice()), ("/a?b=c", b"hello".as_slice()));
    assert_eq!((asked[1].method.as_str(), asked.len()), ("GET", 3));
}

#[test]
fn an_upstream_can_cut_the_wire() {
    for reaction in [Reaction::Cut, Reaction::Raw(Vec::new())] {
        let upstream = Upstream::start(move |_| reaction.clone());
        let mut wire = Wire::open(upstream.address());
        wire.write(b"GET / HTTP/1.1\r\n\r\n");
        assert!(wire.is_closed());
    }
    let upstream = Upstream::start(|_| Reaction::Silence);
    let mut wire = Wire::open(upstream.address());
    wire.write(b"GET / HTTP/1.1\r\n\r\n");
    assert!(wire.stays_silent());
}

#[test]
fn a_caller_is_found_by_get_form_and_json() {
    let upstream = Upstream::start(|asked| {
        let known = asked.target == "/customers?phone=%2B6591234567";
        Reaction::json(&if known { json!({ "data": [{ "vip": true }] }) } else { json!({ "data": [] }) })
    });
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", NODE)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    for said in [
        gateway.get("/nodes/caller?tel=9123%204567"),
        gateway.post_form("/nodes/caller", "partnerId=x&m&tel=%2B6591234567"),
        gateway.post_json("/nodes/caller", r#"{"tel":6591234567}"#),
    ] {
        assert_eq!((said.status, said.header("x-datadip-outcome")), (200, "found"), "{}", gateway.log());
        assert_eq!(said.json(), json!({ "isVip": "1", "status": "found" }));
    }
}
