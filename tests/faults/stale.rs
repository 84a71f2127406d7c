//! What is kept beyond its time answers where the upstream does not, and is asked for again behind the answer.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::{Timed, Told, anew_in_time, call, calls, eventually, number, punctual, strangers};
use crate::company::{BUDGET, Company, LONG, SHORT, crm, customer, known};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Asked, Reaction, Upstream};

/// Two seconds and the jitter of a tenth.
const OVER: Duration = Duration::from_millis(2300);

const WITH_ORDERS: &str = "
operations:
  by_phone: { args: { phone: { required: true } }, get: /customers, query: { phone: '{{ phone }}' } }
  orders: { args: { phone: { required: true } }, get: /orders, query: { phone: '{{ phone }}' } }
";

const ORDERS: &str = "
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.by_phone }
then: { as: orders, call: crm.orders, args: { phone: '{{ tel }}' } }
outputs:
  name: { path: $.name, default: nobody }
  open: { path: $.open, from: orders, type: int, default: 0 }
  status: { outcome: true }
";

/// Longer than the budget of a node that is overrun.
const OVERRUN: Duration = Duration::from_millis(2500);

/// The node with a budget that is long enough for a busy machine, and is overrun all the same.
fn overrun(cache: &str) -> Company {
    Company::usual(cache).within(1200).limited("timeout_ms: 4500")
}

/// Waits until the upstream has answered late, and what it said is kept.
fn kept(crm: &Upstream) {
    eventually("the upstream has answered", || crm.answered() == 1);
    std::thread::sleep(Duration::from_millis(700));
}

/// The CRM with another name for everybody.
fn renamed(asked: &Asked) -> Reaction {
    let mut found = customer(&crate::company::number(asked));
    found["name"] = json!("Beatrice");
    Reaction::json(&json!({ "data": [found] }))
}

fn name(told: &Told) -> String {
    told.said.json()["name"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_over_is_asked_for_again_while_the_upstream_is_well() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let gateway = Company::patient(SHORT).alone(&crm.url());
        let tel = number();
        call(&gateway, &tel).is("found", &["miss"]);
        call(&gateway, &tel).is("found", &["memory"]);
        crm.becomes(renamed);
        std::thread::sleep(OVER);
        let told = call(&gateway, &tel);
        assert_eq!((name(&told).as_str(), told.said.header("x-datadip-cache")), ("Beatrice", "miss"));
    });
}

#[test]
fn a_failing_upstream_is_answered_for_and_asked_once_in_a_second() {
    undisturbed(|| {
        let _guard = among_others();
        for reaction in [
            Reaction::status(503, &json!({})),
            Reaction::status(500, &json!({})),
            Reaction::status(429, &json!({})),
            Reaction::Cut,
            Reaction::Answer(200, "text/html".to_owned(), b"<h1>Sign in</h1>".to_vec()),
        ] {
            let crm = crm();
            let gateway = Company::patient(SHORT).alone(&crm.url());
            let tel = number();
            call(&gateway, &tel).is("found", &["miss"]);
            std::thread::sleep(OVER);
            crm.becomes(move |_| reaction.clone());
            let before = crm.asked().len();
            let start = Instant::now();
            call(&gateway, &tel).is("found", &["stale"]);
            call(&gateway, &tel).is("found", &["stale"]);
            let asked = crm.asked().len() - before;
            assert!(start.elapsed() > Duration::from_millis(900) || asked <= 2, "{asked}");
            crm.becomes(renamed);
            eventually("the new record", || name(&call(&gateway, &tel)) == "Beatrice");
            assert!(start.elapsed() > Duration::from_millis(900), "a failure is remembered for a second");
        }
    });
}

#[test]
fn an_upstream_that_stalls_is_answered_for_within_the_budget() {
    let crm = crm();
    let numbers = strangers();
    let start = || {
        crm.becomes(known);
        let gateway = Company::usual(SHORT).limited("timeout_ms: 4500").alone(&crm.url());
        calls(&gateway, &numbers, 8).iter().for_each(|one| one.is("found", &["miss"]));
        std::thread::sleep(OVER);
        crm.becomes(|_| Reaction::Silence);
        gateway
    };
    anew_in_time(start, "found", &["stale"], || numbers.clone());
}

#[test]
fn an_upstream_that_overruns_the_budget_is_answered_for_and_its_answer_is_kept() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let gateway = overrun(&SHORT.replace("fresh_sec: 2", "fresh_sec: 6")).alone(&crm.url());
        let tel = number();
        call(&gateway, &tel).is("found", &["miss"]);
        std::thread::sleep(OVER * 3);
        crm.becomes(|asked| renamed(asked).after(OVERRUN));
        call(&gateway, &tel).is("found", &["stale"]);
        kept(&crm);
        let told = call(&gateway, &tel);
        assert_eq!((name(&told).as_str(), told.said.header("x-datadip-cache")), ("Beatrice", "memory"));
        assert_eq!((crm.asked().len(), crm.left()), (2, 0));
    });
}

#[test]
fn an_upstream_that_always_overruns_the_budget_is_found_at_the_second_call() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let gateway = overrun(LONG).alone(&crm.url());
        let tel = number();
        crm.becomes(|asked| known(asked).after(OVERRUN));
        call(&gateway, &tel).is("timeout", &["miss"]);
        kept(&crm);
        call(&gateway, &tel).is("found", &["memory"]);
        assert_eq!(crm.asked().len(), 1);
    });
}

#[test]
fn what_another_replica_kept_is_stale_here_too() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let first = Company::patient(SHORT).replica(&crm.url(), &redis);
        let second = Company::patient(SHORT).replica(&crm.url(), &redis);
        let tel = number();
        call(&first, &tel).is("found", &["miss"]);
        std::thread::sleep(OVER);
        crm.becomes(|_| Reaction::status(503, &json!({})));
        call(&second, &tel).is("found", &["stale"]);
    });
}

#[test]
fn nobody_found_is_kept_shorter_and_never_stale() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let lives = "cache: { fresh_sec: 60, stale_sec: 600, not_found_sec: 2 }\n";
        let gateway = Company::patient(lives).alone(&crm.url());
        let (known, unknown) = (number(), "81231234");
        call(&gateway, &known).is("found", &["miss"]);
        call(&gateway, unknown).is("not_found", &["miss"]);
        call(&gateway, unknown).is("not_found", &["memory"]);
        std::thread::sleep(OVER);
        crm.becomes(|_| Reaction::status(503, &json!({})));
        call(&gateway, &known).is("found", &["memory"]);
        call(&gateway, unknown).is("error", &["miss"]);
    });
}

#[test]
fn that_nobody_was_found_is_kept_for_all_the_ways_in_which_the_number_is_asked_for() {
    let (_guard, crm) = (among_others(), crm());
    let usual = Company::patient(LONG);
    let node =
        usual.node.replace("call: crm.by_phone", "call: crm.by_phone, forms: [e164, digits, national]");
    let gateway = Company { node, ..usual }.alone(&crm.url());
    call(&gateway, "81231234").is("not_found", &["miss"]);
    let asked: HashSet<String> = crm.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!((asked.len(), crm.asked().len()), (3, 3), "{asked:?}");
    for tel in ["81231234", "%2B65%208123%201234", "006581231234"] {
        call(&gateway, tel).is("not_found", &["memory"]);
    }
    assert_eq!(crm.asked().len(), 3);
}

#[test]
fn a_failure_is_kept_by_who_met_it_and_not_in_redis() {
    let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
    let replicas: [Gateway; 2] = std::array::from_fn(|_| Company::patient(LONG).replica(&crm.url(), &redis));
    let (failed, later) = (number(), number());
    crm.becomes(|_| Reaction::status(500, &json!({})));
    call(&replicas[0], &failed).is("error", &["miss"]);
    crm.becomes(known);
    call(&replicas[0], &later).is("found", &["miss"]);
    eventually("what came later is in Redis", || !redis.keys("dd1:e:").is_empty());
    assert_eq!(redis.keys("dd1:e:").len(), 1);
    call(&replicas[1], &failed).is("found", &["miss"]);
}

#[test]
fn a_further_read_that_stalls_is_answered_by_what_it_once_gave() {
    let crm = Upstream::start(|_| Reaction::Cut);
    let company = Company::with(WITH_ORDERS, &format!("budget_ms: {BUDGET}\n{SHORT}{ORDERS}"));
    punctual(BUDGET, || {
        let gateway = company.alone(&crm.url());
        let ask = || gateway.get("/nodes/caller?tel=91234567");
        crm.becomes(|_| Reaction::json(&json!({ "name": "Ada", "open": 3 })));
        assert_eq!(ask().header("x-datadip-cache"), "miss");
        crm.becomes(|asked| match asked.target.starts_with("/orders") {
            true => Reaction::Silence,
            false => Reaction::json(&json!({ "name": "Beatrice" })),
        });
        std::thread::sleep(OVER);
        let (start, said) = (Instant::now(), ask());
        let took = start.elapsed();
        let is_whole = said.json() == json!({ "name": "Beatrice", "open": 3, "status": "found" })
            && said.header("x-datadip-partial").is_empty();
        vec![Timed { took, wrong: (!is_whole).then(|| said.text()) }]
    });
}

#[test]
fn a_failure_is_remembered_for_a_second_and_no_longer() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        crm.becomes(|_| Reaction::status(500, &json!({})));
        let gateway = Company::patient(LONG).alone(&crm.url());
        let tel = number();
        call(&gateway, &tel).is("error", &["miss"]);
        let start = Instant::now();
        let before = crm.asked().len();
        crm.becomes(known);
        call(&gateway, &tel).is("error", &["joined"]);
        assert_eq!(crm.asked().len(), before);
        // It is this caller's alone.
        call(&gateway, &number()).is("found", &["miss"]);
        eventually("it is asked again", || call(&gateway, &tel).said.header("x-datadip-outcome") == "found");
        let took = start.elapsed();
        assert!((900..5000).contains(&took.as_millis()), "{took:?}");
    });
}
