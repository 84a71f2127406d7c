//! What changes while a question is under way: who calls after it is not told what was asked before it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

use serde_json::json;

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
