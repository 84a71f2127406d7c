//! One budget for the whole chain of steps, forms and reads.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::{Timed, number, punctual};
use crate::company::Company;
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::upstream::{Reaction, Upstream};
use crate::wire::Said;

const CRM: &str = "
timeout_ms: 2000
operations:
  slow: { args: { phone: { required: true } }, get: /slow, query: { q: '{{ phone }}' } }
  quick: { args: { email: { required: true } }, get: /quick, query: { q: '{{ email }}' } }
  more: { args: { name: { required: true } }, get: /more, query: { q: '{{ name }}' } }
";

const NODE: &str = "
inputs: { tel: { type: phone, region: SG }, email: email }
lookup:
  - { by: tel, call: crm.slow }
  - { by: email, call: crm.quick }
then: { as: more, call: crm.more, args: { name: '{{ record.name }}' } }
outputs:
  name: { path: $.name, default: nobody, default_on: { timeout: unknown } }
  more: { path: $.more, from: more, default: none, default_on: { timeout: late } }
  status: { outcome: true }
";

/// The lookup has one step.
const ONE_STEP: &str = "
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.slow }
then: { as: more, call: crm.more, args: { name: '{{ tel }}' } }
outputs:
  name: { path: $.name, default: nobody, default_on: { timeout: unknown } }
  more: { path: $.more, from: more, default: none, default_on: { timeout: late } }
  status: { outcome: true }
";

/// `/slow` takes this long and finds nobody, or somebody called Ada.
fn company(slow: u64, finds: bool) -> Upstream {
    Upstream::start(move |asked| {
        let found = Reaction::json(&json!({ "name": "Ada", "more": "much" }));
        if !asked.target.starts_with("/slow") {
            return found;
        }
        let nobody = Reaction::status(404, &json!({}));
        if finds { found } else { nobody }.after(Duration::from_millis(slow))
    })
}

fn called(gateway: &Gateway) -> (Said, Duration) {
    let start = Instant::now();
    let said = gateway.get("/nodes/caller?tel=91234567&email=ada%40example.com");
    (said, start.elapsed())
}

fn paths(crm: &Upstream) -> Vec<String> {
    crm.asked().iter().map(|asked| asked.target.split('?').next().unwrap().to_owned()).collect()
}

/// What a caller from whom nobody has called yet must be told, and after what time she was.
fn told(ask: impl FnOnce(&str) -> Said, expected: &Value, partial: &str) -> Timed {
    let (tel, start) = (number(), Instant::now());
    let said = ask(&tel);
    let took = start.elapsed();
    let is_right = said.json() == *expected && said.header("x-datadip-partial") == partial;
    Timed { took, wrong: (!is_right).then(|| said.text()) }
}

/// A gateway that has answered before. It waits for the upstream for so long that it does not come to leave it alone.
fn warm(crm: &Upstream, node: &str) -> Gateway {
    let operations = CRM.replace("timeout_ms: 2000", "timeout_ms: 4500");
    let gateway = Company::with(&operations, node).alone(&crm.url());
    gateway.get("/nodes/caller");
    gateway
}

/// So many of them, who begin one after another and call so often each: their budgets do not end all together.
fn each(callers: u32, times: usize, call: impl Fn() -> Timed + Sync) -> Vec<Timed> {
    let calls = |at: u32| {
        std::thread::sleep(at * Duration::from_millis(40));
        (0..times).map(|_| call()).collect::<Vec<_>>()
    };
    let calls = &calls;
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..callers).map(|at| scope.spawn(move || calls(at))).collect();
        calls.into_iter().flat_map(|call| call.join().unwrap()).collect()
    })
}

#[test]
fn what_was_found_is_answered_in_time_where_a_further_read_stalls() {
    let crm = Upstream::start(|asked| match asked.target.starts_with("/more") {
        true => Reaction::Silence,
        false => Reaction::json(&json!({ "name": "Ada" })),
    });
    let expected = json!({ "name": "Ada", "more": "late", "status": "found" });
    punctual(600, || {
        let gateway = warm(&crm, &format!("budget_ms: 600\n{ONE_STEP}"));
        let ask = |tel: &str| gateway.get(&format!("/nodes/caller?tel={tel}"));
        each(15, 7, || told(ask, &expected, "more"))
    });
}

#[test]
fn a_slow_body_and_an_upstream_that_stalls_share_the_budget() {
    let crm = Upstream::start(|_| Reaction::Silence);
    let expected = json!({ "name": "unknown", "more": "late", "status": "timeout" });
    let ask = |gateway: &Gateway, tel: &str| {
        let body = format!("tel={tel}");
        let (first, rest) = body.split_at(6);
        let head = "POST /nodes/caller HTTP/1.1\r\nhost: datadip\r\n\
                    content-type: application/x-www-form-urlencoded\r\n";
        let mut wire = gateway.open();
        wire.write(format!("{head}content-length: {}\r\n\r\n{first}", body.len()).as_bytes());
        std::thread::sleep(Duration::from_millis(350));
        wire.write(rest.as_bytes());
        wire.read(false)
    };
    punctual(600, || {
        let gateway = warm(&crm, &format!("budget_ms: 600\n{NODE}"));
        each(15, 7, || told(|tel| ask(&gateway, tel), &expected, ""))
    });
    assert!(!crm.asked().is_empty(), "it is asked in what the body left");
}

#[test]
fn a_step_is_not_begun_with_too_little_left() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = company(1400, false);
        let node = |least| format!("budget_ms: 2000\nleast_ms: {least}\n{NODE}");
        let (said, took) = called(&Company::with(CRM, &node(1000)).alone(&crm.url()));
        assert_eq!(said.json(), json!({ "name": "unknown", "more": "late", "status": "timeout" }));
        assert_eq!(paths(&crm), ["/slow"]);
        assert!(took < Duration::from_millis(1900), "there was nothing to wait for: {took:?}");
        let (said, _) = called(&Company::with(CRM, &node(50)).alone(&crm.url()));
        assert_eq!(said.json(), json!({ "name": "Ada", "more": "much", "status": "found" }));
        assert_eq!(paths(&crm), ["/slow", "/slow", "/quick", "/more"]);
    });
}

#[test]
fn a_read_is_not_begun_with_too_little_left_and_the_record_is_answered() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = company(1400, true);
        let node = format!("budget_ms: 2000\nleast_ms: 1000\n{NODE}");
        let (said, _) = called(&Company::with(CRM, &node).alone(&crm.url()));
        assert_eq!(said.json(), json!({ "name": "Ada", "more": "late", "status": "found" }));
        assert_eq!((said.header("x-datadip-partial"), paths(&crm)), ("more", vec!["/slow".to_owned()]));
    });
}

#[test]
fn a_first_step_that_never_ends_leaves_nothing_for_the_others() {
    let crm = company(1500, true);
    let expected = json!({ "name": "unknown", "more": "late", "status": "timeout" });
    punctual(400, || {
        let gateway = warm(&crm, &format!("budget_ms: 400\n{NODE}"));
        let ask = |tel: &str| gateway.get(&format!("/nodes/caller?tel={tel}&email=ada%40example.com"));
        each(5, 1, || told(ask, &expected, ""))
    });
    assert!(paths(&crm).iter().all(|path| path == "/slow"), "{:?}", paths(&crm));
}

#[test]
fn a_first_step_with_a_limit_of_its_own_leaves_time_for_the_second() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = company(4200, true);
        let limited = CRM
            .replace("timeout_ms: 2000", "timeout_ms: 4500")
            .replace("get: /slow,", "get: /slow, timeout_ms: 400,");
        let (said, took) =
            called(&Company::with(&limited, &format!("budget_ms: 4500\n{NODE}")).alone(&crm.url()));
        assert_eq!(said.json(), json!({ "name": "Ada", "more": "much", "status": "found" }));
        assert!(took < Duration::from_millis(4000), "{took:?}");
    });
}

#[test]
fn forms_share_the_budget() {
    let crm = company(250, false);
    let node =
        NODE.replace("call: crm.slow }", "call: crm.slow, forms: [e164, digits, national, 'last:8'] }");
    let expected = json!({ "name": "unknown", "more": "late", "status": "timeout" });
    punctual(600, || {
        let (gateway, before) = (warm(&crm, &format!("budget_ms: 600\n{node}")), crm.asked().len());
        let ask = |tel: &str| gateway.get(&format!("/nodes/caller?tel={tel}&email=ada%40example.com"));
        let mut told = each(5, 1, || told(ask, &expected, ""));
        // Nothing of this node is kept: what is begun after its deadline would serve nobody.
        std::thread::sleep(Duration::from_millis(600));
        let asked = crm.asked().len() - before;
        let wrong = (!(10..=15).contains(&asked)).then(|| format!("{asked}: {:?}", paths(&crm)));
        told.push(Timed { took: Duration::ZERO, wrong });
        told
    });
}
