//! What changes while a question is under way: who calls after it is not told what was asked before it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::{NODE, TOKEN, UPSTREAM, wait};
use crate::forget::up;
use crate::gateway::Gateway;
use crate::redis::Server;
use crate::upstream::{Reaction, Upstream};
use crate::wire::Said;

const CALL: &str = "/nodes/caller?tel=91234567";
const EMAIL: &str = "ada@example.com";

/// A CRM that answers some questions only when it is told to.
struct Slow {
    crm: Upstream,
    may_answer: Arc<AtomicBool>,
}

impl Slow {
    /// It answers at once so, and `late` to those of these numbers, counted from none.
    fn to(slow: Range<usize>, quick: Reaction, late: Reaction) -> Self {
        let (may_answer, before) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
        let may = Arc::clone(&may_answer);
        let crm = Upstream::start(move |_| {
            if !slow.contains(&before.fetch_add(1, Ordering::SeqCst)) {
                return quick.clone();
            }
            wait("it may answer", || may.load(Ordering::SeqCst));
            late.clone()
        });
        Self { crm, may_answer }
    }

    fn asked(&self) -> usize {
        self.crm.asked().len()
    }

    fn answers(&self) {
        self.may_answer.store(true, Ordering::SeqCst);
    }

    /// A gateway before it, with time for everything, and these lives of what it keeps.
    fn gateway(&self, lives: &str, args: &[&str]) -> Gateway {
        let (upstream, node, url) = (patient(UPSTREAM), node(lives), self.crm.url());
        Gateway::start_with(
            &[("upstreams/acme.yaml", &upstream), ("nodes/caller.yaml", &node)],
            &[&["--watch", "off"], args].concat(),
            &[
                ("ACME_URL", &url),
                ("DATADIP_ADMIN_TOKEN", TOKEN),
                ("DATADIP_KEY", "0123456789abcdef0123456789abcdef"),
            ],
        )
    }
}

const LIVES: &str = "fresh_sec: 300";

fn patient(upstream: &str) -> String {
    upstream.replace("operations:", "timeout_ms: 4500\noperations:")
}

fn node(lives: &str) -> String {
    NODE.replace("node: caller", "node: caller\nbudget_ms: 4500").replace("fresh_sec: 300", lives)
}

/// The customer, by this name.
fn named(name: &str) -> Reaction {
    Reaction::json(&json!({ "data": [{ "name": name, "email": EMAIL, "tier": "gold" }] }))
}

/// Who calls while this goes on.
fn calls<'s>(scope: &'s Scope<'s, '_>, gateway: &'s Gateway) -> ScopedJoinHandle<'s, Said> {
    scope.spawn(|| gateway.get(CALL))
}

/// What one was told, and how far that call had to go.
fn told(said: &Said) -> (Value, String) {
    (said.json()["name"].clone(), said.header("x-datadip-cache").to_owned())
}

fn purge(gateway: &Gateway, what: &Value) {
    assert_eq!(gateway.ask("POST", "/api/purge", TOKEN, &what.to_string()).status, 200);
}

fn is(name: &str, cache: &str) -> (Value, String) {
    (name.into(), cache.to_owned())
}

#[test]
fn who_calls_after_a_change_is_not_told_what_was_asked_before_it() {
    for what in [
        json!({ "identifier": { "tel": "91234567" } }),
        json!({ "operation": "acme.customer" }),
        json!({ "all": true }),
    ] {
        let crm = Slow::to(0..1, named("Beatrice"), named("Ada"));
        let gateway = crm.gateway(LIVES, &[]);
        std::thread::scope(|scope| {
            let before = calls(scope, &gateway);
            wait("it is asked", || crm.asked() == 1);
            purge(&gateway, &what);
            assert_eq!(told(&gateway.get(CALL)), is("Beatrice", "miss"), "{what}");
            crm.answers();
            assert_eq!(told(&before.join().unwrap()), is("Ada", "miss"), "who called before it");
        });
        // What came late, and is older, has not taken the place of what is newer.
        assert_eq!(told(&gateway.get(CALL)), is("Beatrice", "memory"), "{what}");
        assert_eq!(crm.asked(), 2);
    }
}

#[test]
fn who_calls_after_a_change_is_told_the_new_also_where_only_the_record_says_whom_it_is_about() {
    let anew = named("Beatrice").after(Duration::from_millis(300));
    let crm = Slow::to(0..1, anew, named("Ada"));
    let gateway = crm.gateway(LIVES, &[]);
    std::thread::scope(|scope| {
        let before = calls(scope, &gateway);
        wait("it is asked", || crm.asked() == 1);
        purge(&gateway, &json!({ "identifier": { "email": EMAIL } }));
        let after: Vec<_> = (0..5).map(|_| calls(scope, &gateway)).collect();
        std::thread::sleep(Duration::from_millis(500));
        crm.answers();
        assert_eq!(told(&before.join().unwrap()).0, "Ada", "who called before it");
        after.into_iter().for_each(|after| assert_eq!(told(&after.join().unwrap()).0, "Beatrice"));
    });
    assert_eq!(crm.asked(), 2);
}

#[test]
fn a_change_of_another_customer_has_nobody_asked_for_anew() {
    let crm = Slow::to(0..1, named("Beatrice"), named("Ada"));
    let gateway = crm.gateway(LIVES, &[]);
    std::thread::scope(|scope| {
        let before = calls(scope, &gateway);
        wait("it is asked", || crm.asked() == 1);
        purge(&gateway, &json!({ "identifier": { "tel": "81234567" } }));
        let after = calls(scope, &gateway);
        std::thread::sleep(Duration::from_millis(500));
        crm.answers();
        [before, after].into_iter().for_each(|call| assert_eq!(told(&call.join().unwrap()).0, "Ada"));
    });
    assert_eq!(crm.asked(), 1);
}

#[test]
fn what_is_ended_while_the_upstream_fails_answers_nobody_who_waits_for_it() {
    let crm = Slow::to(1..3, named("Ada"), Reaction::status(500, &json!({})));
    let gateway = crm.gateway("fresh_sec: 1", &[]);
    assert_eq!(told(&gateway.get(CALL)), is("Ada", "miss"));
    std::thread::sleep(Duration::from_millis(1200));
    std::thread::scope(|scope| {
        let call = calls(scope, &gateway);
        wait("it is asked again", || crm.asked() == 2);
        purge(&gateway, &json!({ "identifier": { "tel": "91234567" } }));
        crm.answers();
        assert_eq!(call.join().unwrap().json(), json!({ "name": "", "status": "error" }));
    });
}

/// What an earlier plan's question finds may lack what a later one reads.
#[test]
fn a_call_of_the_new_plan_is_not_told_the_fields_of_the_old_one() {
    let redis = Server::start(&[]);
    for (args, locks) in [(&[][..], 0), (&["--redis", &redis.url()], 2)] {
        let crm = Slow::to(0..2, named("Ada"), named("Ada"));
        let gateway = crm.gateway(LIVES, args);
        if locks > 0 {
            up(&gateway);
        }
        std::thread::scope(|scope| {
            let before = calls(scope, &gateway);
            wait("it is asked", || crm.asked() == 1);
            let new = node(LIVES) + "  tier: { path: $.tier, default: none }\n";
            gateway.write("mappings/nodes/caller.yaml", &new);
            assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
            let after = calls(scope, &gateway);
            wait("it is asked anew", || crm.asked() == 2);
            // It has not waited for what the old plan's question finds, here or in Redis.
            assert_eq!(redis.keys("dd1:l:").len(), locks);
            crm.answers();
            let new = json!({ "name": "Ada", "status": "found", "tier": "gold" });
            assert_eq!(before.join().unwrap().json(), json!({ "name": "Ada", "status": "found" }));
            assert_eq!(after.join().unwrap().json(), new);
        });
        assert_eq!(crm.asked(), 2);
    }
}
