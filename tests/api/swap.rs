//! One catalogue for another under load: no call fails, each answer is from one plan or the other and whole, and what
//! is kept is kept by those that did not change.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::admin::{NODE, TOKEN, UPSTREAM, crm, tier, wait};
use crate::gateway::Gateway;
use crate::reload::revision;
use crate::upstream::{Reaction, Upstream};

/// A node whose outputs all say which plan they are of.
fn plan(number: usize) -> String {
    let outputs: String = (0..20).map(|at| format!("  o{at}: 'plan {number}'\n")).collect();
    format!("node: say\noutputs:\n{outputs}")
}

/// Whether it is what a whole plan answers.
fn is_whole(body: &serde_json::Value) -> bool {
    let values: Vec<&str> = body.as_object().unwrap().values().filter_map(|value| value.as_str()).collect();
    values.len() == 20 && values[0].starts_with("plan ") && values.iter().all(|value| *value == values[0])
}

#[test]
fn not_one_call_fails_while_plans_are_swapped_under_load() {
    let gateway = Gateway::start_with(
        &[("nodes/say.yaml", &plan(0))],
        &["--watch", "off"],
        &[("DATADIP_ADMIN_TOKEN", TOKEN)],
    );
    let (stop, calls, plans) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (mut wire, mut last) = (gateway.open(), String::new());
                while !stop.load(Ordering::Relaxed) {
                    wire.write(b"GET /nodes/say HTTP/1.1\r\nhost: x\r\n\r\n");
                    let said = wire.read(false);
                    assert!(said.status == 200 && is_whole(&said.json()), "{} {}", said.status, said.text());
                    if last != said.text() {
                        last = said.text();
                        plans.fetch_add(1, Ordering::Relaxed);
                    }
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 1..=25 {
            gateway.write("mappings/nodes/say.yaml", &plan(number));
            let before = calls.load(Ordering::Relaxed);
            assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
            wait("calls go on", || calls.load(Ordering::Relaxed) > before + 20);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(revision(&gateway), 26);
    assert!(plans.load(Ordering::Relaxed) >= 26, "the clients saw the plans change");
}

#[test]
fn a_call_in_flight_is_answered_by_the_plan_it_began_with() {
    let crm = Upstream::start(|_| {
        Reaction::json(&json!({ "data": [{ "name": "Ada" }] })).after(Duration::from_millis(2500))
    });
    let upstream = UPSTREAM.replace("operations:", "timeout_ms: 4500\noperations:");
    let node = NODE.replace("node: caller", "node: caller\nbudget_ms: 4500");
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", &upstream), ("nodes/caller.yaml", &node)],
        &["--watch", "off"],
        &[("ACME_URL", &crm.url()), ("DATADIP_ADMIN_TOKEN", TOKEN)],
    );
    std::thread::scope(|scope| {
        let call = scope.spawn(|| gateway.get("/nodes/caller?tel=91234567"));
        wait("it is asked", || crm.asked().len() == 1);
        gateway.write("mappings/nodes/caller.yaml", &node.replace("name:", "called:"));
        assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
        assert!(!call.is_finished(), "it is over too soon to show anything");
        assert_eq!(call.join().unwrap().json(), json!({ "name": "Ada", "status": "found" }));
    });
    let after = gateway.get("/nodes/caller?tel=91234567");
    assert_eq!(after.json(), json!({ "called": "Ada", "status": "found" }));
}

#[test]
fn a_changed_node_never_gives_an_old_reply_and_an_unchanged_one_keeps_its_own() {
    let crm = crm();
    let gateway = crate::admin::gateway(&crm, &[("DATADIP_WATCH", "off")]);
    std::fs::remove_file(gateway.folder().join("mappings/nodes/broken.yaml")).unwrap();
    let other = NODE.replace("node: caller", "node: other").replace("acme.customer", "acme.second");
    let second = UPSTREAM.replace("  by_email:", "  second: { args: { phone: { required: true } }, get: '/2/{{ phone }}', records: '$.data[*]' }\n  by_email:");
    gateway.write("mappings/upstreams/acme.yaml", &second);
    gateway.write("mappings/nodes/other.yaml", &other);
    let reload = || assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
    reload();
    let kept = |node: &str| gateway.get(&format!("/nodes/{node}?tel=91234567"));
    for _ in 0..3 {
        kept("caller");
        kept("other");
    }
    assert_eq!(crm.asked().len(), 2);
    // Another answer on the same record: no old reply, and the upstream is not asked.
    gateway.write("mappings/nodes/caller.yaml", &NODE.replace("default: '' }", "default: '' }\n  more: new"));
    reload();
    let answer = kept("caller");
    assert_eq!(answer.json(), json!({ "name": "Ada", "more": "new", "status": "found" }));
    assert_eq!(
        (answer.header("x-datadip-cache"), kept("other").header("x-datadip-cache")),
        ("memory", "memory")
    );
    assert_eq!(crm.asked().len(), 2);
    // Less of it at a time is the same question.
    let spared =
        second.replace("operations:", "limits: { per_second: 5 }\nconnect_timeout_ms: 400\noperations:");
    gateway.write("mappings/upstreams/acme.yaml", &spared);
    reload();
    assert_eq!((kept("caller").header("x-datadip-cache"), crm.asked().len()), ("memory", 2));
    // Another question: what was found by the one before is no answer to it.
    gateway.write("mappings/upstreams/acme.yaml", &second.replace("get: /customers", "get: /v2/customers"));
    reload();
    assert_eq!(tier(&gateway, "tel=91234567"), "miss");
    assert_eq!(kept("other").header("x-datadip-cache"), "memory");
    assert!(crm.asked().last().unwrap().target.starts_with("/v2/customers"));
}

#[test]
fn a_changed_limit_holds_at_once_and_what_did_not_change_is_not_forgotten() {
    let crm = crm();
    let limited = |per_second: u32| {
        UPSTREAM.replace("operations:", &format!("limits: {{ per_second: {per_second} }}\noperations:"))
    };
    let node = NODE.replace("cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }\n", "");
    let url = crm.url();
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", &limited(1)), ("nodes/caller.yaml", &node)],
        &["--watch", "off"],
        &[("ACME_URL", &url), ("DATADIP_ADMIN_TOKEN", TOKEN)],
    );
    let outcome =
        |tel: &str| gateway.get(&format!("/nodes/caller?tel={tel}")).header("x-datadip-outcome").to_owned();
    let begun = Instant::now();
    let soon = || begun.elapsed() < Duration::from_millis(850);
    assert_eq!(outcome("91234561"), "found");
    let second = outcome("91234562");
    assert!(second == "overloaded" || !soon(), "{second}");
    gateway.write("mappings/nodes/caller.yaml", &node.replace("status:", "more: x\n  status:"));
    assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
    let again = outcome("91234563");
    assert!(again == "overloaded" || !soon(), "the limit was forgotten: {again}");
    gateway.write("mappings/upstreams/acme.yaml", &limited(100));
    // No question is another by it, but who reads the log wants to know that it was taken.
    assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").json()["changed"], json!(["caller"]));
    assert_eq!(
        (outcome("91234564"), outcome("91234565"), outcome("91234566")),
        ("found".to_owned(), "found".to_owned(), "found".to_owned())
    );
}

const ASKING: &str = "
node: asking
inputs: { tel: { type: phone, region: SG }, lang: { type: text, default: en } }
lookup: { by: tel, call: acme.one, forms: [e164], args: { phone: '{{ tel }}', kind: any } }
pick: first
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' } }
";

#[test]
fn what_was_found_by_other_forms_arguments_or_another_pick_is_no_answer() {
    let crm = crm();
    let gateway = crate::admin::gateway(&crm, &[("DATADIP_WATCH", "off")]);
    std::fs::remove_file(gateway.folder().join("mappings/nodes/broken.yaml")).unwrap();
    let one = "operations:\n  one: { args: { phone: { required: true }, kind: { default: none } }, get: /one, query: { q: '{{ phone }} {{ kind }}' }, records: '$.data[*]' }";
    gateway.write("mappings/upstreams/acme.yaml", &UPSTREAM.replace("operations:", one));
    let asked = |node: &str| {
        gateway.write("mappings/nodes/asking.yaml", node);
        assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200, "{node}");
        let answer = gateway.get("/nodes/asking?tel=91234567&lang=vi");
        assert_eq!(answer.json(), json!({ "name": "Ada" }), "{node}");
        answer.header("x-datadip-cache").to_owned()
    };
    assert_eq!(asked(ASKING), "miss");
    for (before, after) in [
        ("forms: [e164]", "forms: [digits]"),
        ("forms: [e164]", "forms: [e164, digits]"),
        ("forms: [e164]", "forms: [national, e164]"),
        ("kind: any", "kind: vip"),
        (", kind: any", ""),
        ("kind: any", "kind: '{{ lang }}'"),
        ("phone: '{{ tel }}'", "phone: '0{{ tel }}'"),
        ("pick: first", "pick: only"),
        ("pick: first", "pick: { newest: $.changed }"),
    ] {
        let changed = ASKING.replace(before, after);
        assert_eq!(asked(&changed), "miss", "{before} became {after}");
        assert_eq!(asked(ASKING), "memory", "what was found before {after} is there still");
    }
}

#[test]
fn a_reply_is_given_to_calls_that_agree_in_every_input_that_its_outputs_read() {
    let crm =
        Upstream::start(|asked| Reaction::json(&json!({ "data": [{ "name": "Ada", "q": asked.target }] })));
    let node = "
node: caller
inputs: { tel: { type: phone, region: SG }, email: email, lang: { type: text, default: en }, tone: { type: text, default: mild }, more: { type: text, default: no } }
lookup: { by: tel, call: acme.customer, args: { phone: '{{ tel }}' } }
then: { as: letters, call: acme.by_email, when: more == 'yes', args: { email: '{{ tone }}@example.com' } }
cache: { fresh_sec: 300 }
outputs:
  said: { text: '{{ record.name }} {{ lang }}', default: '' }
  letter: { path: $.q, from: letters, default: none }
  loud: { text: \"{{ 'YES' if tone == 'loud' else 'NO' }}\", default: '' }
";
    let url = crm.url();
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", node)],
        &[],
        &[("ACME_URL", &url)],
    );
    for _ in 0..3 {
        for (query, said, letter, loud) in [
            ("lang=a", "Ada a", "none", "NO"),
            ("lang=b", "Ada b", "none", "NO"),
            ("lang=b&tone=loud", "Ada b", "none", "YES"),
            ("lang=b&tone=loud&more=yes", "Ada b", "/by-email?email=loud%40example.com", "YES"),
            ("lang=a&tone=soft&more=yes", "Ada a", "/by-email?email=soft%40example.com", "NO"),
        ] {
            let answer = gateway.get(&format!("/nodes/caller?tel=91234567&{query}"));
            let expected = json!({ "said": said, "letter": letter, "loud": loud });
            assert_eq!(answer.json(), expected, "{query}");
        }
    }
    assert_eq!(crm.asked().len(), 3, "one record and two letters: {:?}", crm.asked());
}

#[test]
fn a_node_that_reads_the_clock_says_the_time_of_each_call_and_not_that_of_a_kept_reply() {
    let crm = crm();
    let node = NODE.replace("status:", "at: { text: '{{ now }}', type: int, default: 0 }\n  status:");
    let url = crm.url();
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", &node)],
        &[],
        &[("ACME_URL", &url)],
    );
    let at = || {
        let answer = gateway.get("/nodes/caller?tel=91234567");
        (answer.header("x-datadip-cache").to_owned(), answer.json()["at"].as_i64().unwrap())
    };
    let (first, begun) = at();
    assert!(first == "miss" && at().0 == "memory" && begun > 1_700_000_000, "{begun}");
    std::thread::sleep(Duration::from_millis(1100));
    let (kept, later) = at();
    assert!(kept == "memory" && later > begun, "{later} after {begun}");
    assert_eq!(crm.asked().len(), 1);
}
