//! One budget for the whole chain of steps, forms and reads.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::among_others;
use crate::company::Company;
use crate::gateway::Gateway;
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

#[test]
fn a_step_is_not_begun_with_too_little_left() {
    let _guard = among_others();
    let crm = company(500, false);
    let node = |least| format!("budget_ms: 1000\nleast_ms: {least}\n{NODE}");
    let (said, took) = called(&Company::with(CRM, &node(700)).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "unknown", "more": "late", "status": "timeout" }));
    assert_eq!(paths(&crm), ["/slow"]);
    assert!(took < Duration::from_millis(900), "there was nothing to wait for: {took:?}");
    let (said, _) = called(&Company::with(CRM, &node(50)).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "Ada", "more": "much", "status": "found" }));
    assert_eq!(paths(&crm), ["/slow", "/slow", "/quick", "/more"]);
}

#[test]
fn a_read_is_not_begun_with_too_little_left_and_the_record_is_answered() {
    let _guard = among_others();
    let crm = company(500, true);
    let node = format!("budget_ms: 1000\nleast_ms: 700\n{NODE}");
    let (said, _) = called(&Company::with(CRM, &node).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "Ada", "more": "late", "status": "found" }));
    assert_eq!((said.header("x-datadip-partial"), paths(&crm)), ("more", vec!["/slow".to_owned()]));
}

#[test]
fn a_first_step_that_never_ends_leaves_nothing_for_the_others() {
    let _guard = among_others();
    let crm = company(1500, true);
    let (said, took) = called(&Company::with(CRM, &format!("budget_ms: 400\n{NODE}")).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "unknown", "more": "late", "status": "timeout" }));
    assert_eq!(paths(&crm), ["/slow"]);
    assert!(took < Duration::from_millis(600), "{took:?}");
}

#[test]
fn a_first_step_with_a_limit_of_its_own_leaves_time_for_the_second() {
    let _guard = among_others();
    let crm = company(1500, true);
    let limited = CRM.replace("get: /slow,", "get: /slow, timeout_ms: 150,");
    let (said, took) =
        called(&Company::with(&limited, &format!("budget_ms: 1500\n{NODE}")).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "Ada", "more": "much", "status": "found" }));
    assert!(took < Duration::from_millis(1200), "{took:?}");
}

#[test]
fn forms_share_the_budget() {
    let _guard = among_others();
    let crm = company(250, false);
    let node =
        NODE.replace("call: crm.slow }", "call: crm.slow, forms: [e164, digits, national, 'last:8'] }");
    let (said, took) = called(&Company::with(CRM, &format!("budget_ms: 600\n{node}")).alone(&crm.url()));
    assert_eq!(said.json(), json!({ "name": "unknown", "more": "late", "status": "timeout" }));
    assert!(took < Duration::from_millis(800), "{took:?}");
    // Nothing of this node is kept: what is begun after its deadline would serve nobody.
    std::thread::sleep(Duration::from_millis(600));
    assert!((2..=3).contains(&crm.asked().len()), "{:?}", paths(&crm));
}
