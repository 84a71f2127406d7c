//! Tokens that replicas share: one login for all of them, one more when it ends, and none of it readable anywhere.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::{Timed, eventually, number, punctual};
use crate::company::{KEY, linked};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Asked, Reaction, Upstream};

const CRM: &str = "
auth:
  token:
    with: { id: '${APP}', secret: '${secret:SECRET}' }
    post: /login
    json: { id: '{{ id }}', sign: '{{ (id ~ now ~ secret) | sha256 }}' }
    token: $.token
    life: $.life
    timeout_ms: 4000
operations:
  by_phone: { args: { phone: { required: true } }, get: /customers, query: { phone: '{{ phone }}' } }
";

const NODE: &str = "
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.by_phone }
outputs: { name: { path: $.name, default: nobody } }
";

/// A system that gives tokens and takes those it has not forgotten.
#[derive(Default)]
struct Desk {
    minted: AtomicUsize,
    valid: Mutex<HashSet<String>>,
}

impl Desk {
    fn open(self: &Arc<Self>, wait: Duration) -> Upstream {
        self.open_for(3600, wait)
    }

    /// Its tokens are good for so many seconds, and take so long to be had.
    fn open_for(self: &Arc<Self>, life: u32, wait: Duration) -> Upstream {
        let desk = Arc::clone(self);
        Upstream::start(move |asked| desk.answer(asked, life, wait))
    }

    fn answer(&self, asked: &Asked, life: u32, wait: Duration) -> Reaction {
        if asked.target == "/login" {
            let number = self.minted.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("open-sesame-{number}");
            self.valid.lock().unwrap().insert(format!("Bearer {token}"));
            return Reaction::json(&json!({"token": token, "life": life.to_string()})).after(wait);
        }
        match self.valid.lock().unwrap().contains(asked.header("authorization")) {
            true => Reaction::json(&json!({"name": "Adelaide"})),
            false => Reaction::status(401, &json!({})),
        }
    }

    fn minted(&self) -> usize {
        self.minted.load(Ordering::SeqCst)
    }
}

/// A replica whose callers have time for everything.
fn replica(crm: &Upstream, redis: Option<&Server>) -> Gateway {
    replica_within(4000, crm, redis)
}

/// One with this budget, in milliseconds.
fn replica_within(budget: u64, crm: &Upstream, redis: Option<&Server>) -> Gateway {
    let upstream = format!("upstream: crm\nbase_url: {}\n{CRM}", crm.url());
    let node = format!("node: caller\nbudget_ms: {budget}\n{NODE}");
    let files = [("upstreams/crm.yaml", upstream.as_str()), ("nodes/caller.yaml", node.as_str())];
    let url = redis.map(Server::url);
    let args: Vec<&str> = url.iter().flat_map(|url| ["--redis", url.as_str()]).collect();
    let env = [("APP", "app1"), ("SECRET", "s3cr3t"), ("DATADIP_KEY", KEY), ("DATADIP_LOG", "debug")];
    let gateway = Gateway::start_with(&files, &args, &env);
    if redis.is_some() {
        linked(&gateway, 1);
    }
    gateway
}

/// Rings this replica from several callers at once.
fn ring(gateway: &Gateway, callers: usize) -> Vec<String> {
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..callers)
            .map(|_| scope.spawn(|| gateway.get(&format!("/nodes/caller?tel={}", number()))))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap().header("x-datadip-outcome").to_owned()).collect()
    })
}

fn all_found(outcomes: &[String]) {
    assert!(outcomes.iter().all(|outcome| outcome == "found"), "{outcomes:?}");
}

#[test]
fn two_replicas_log_in_once_and_once_more_when_the_token_is_refused() {
    undisturbed(|| {
        let _guard = among_others();
        let (desk, redis) = (Arc::new(Desk::default()), Server::start(&["--rdbcompression", "no"]));
        let crm = desk.open(Duration::from_millis(150));
        let (first, second) = (replica(&crm, Some(&redis)), replica(&crm, Some(&redis)));
        std::thread::scope(|scope| {
            scope.spawn(|| all_found(&ring(&first, 10)));
            scope.spawn(|| all_found(&ring(&second, 10)));
        });
        assert_eq!(desk.minted(), 1);
        desk.valid.lock().unwrap().clear();
        std::thread::scope(|scope| {
            scope.spawn(|| all_found(&ring(&first, 10)));
            scope.spawn(|| all_found(&ring(&second, 10)));
        });
        assert_eq!(desk.minted(), 2);
        all_found(&ring(&replica(&crm, Some(&redis)), 3));
        assert_eq!(desk.minted(), 2, "a replica that starts takes the token that there is");
        assert_eq!(redis.cli(&["SAVE"]), "OK");
        let kept = fs::read(redis.folder().join("dump.rdb")).unwrap();
        let said = [String::from_utf8_lossy(&kept).into_owned(), first.log(), second.log()];
        for secret in ["open-sesame", "s3cr3t", "app1"] {
            assert!(said.iter().all(|said| !said.contains(secret)), "{secret} can be read");
        }
        assert!(first.log().contains("login.done") || second.log().contains("login.done"));
    });
}

#[test]
fn a_login_that_is_too_slow_is_a_timeout_with_all_outputs() {
    let _guard = among_others();
    let desk = Arc::new(Desk::default());
    let crm = desk.open(Duration::from_millis(2500));
    let gateway = replica_within(1500, &crm, None);
    let said = gateway.get("/nodes/caller?tel=91234567");
    assert_eq!((said.status, said.header("x-datadip-outcome")), (200, "timeout"));
    assert_eq!(said.json(), json!({"name": "nobody"}));
    eventually("the token is there", || crm.answered() == 1);
    all_found(&ring(&gateway, 3));
    assert_eq!(desk.minted(), 1);
}

#[test]
fn a_login_that_stalls_is_a_timeout_in_time() {
    let crm = Upstream::start(|_| Reaction::Silence);
    punctual(1500, || {
        let (gateway, before) = (replica_within(1500, &crm, None), crm.asked().len());
        gateway.get("/nodes/caller");
        let one = |at: u32| {
            std::thread::sleep(at * Duration::from_millis(60));
            let (start, said) = (Instant::now(), gateway.get(&format!("/nodes/caller?tel={}", number())));
            let took = start.elapsed();
            let wrong = (said.header("x-datadip-outcome") != "timeout").then(|| said.text());
            Timed { took, wrong }
        };
        let one = &one;
        let told = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..10).map(|at| scope.spawn(move || one(at))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        assert_eq!(crm.asked().len() - before, 1, "one login for all of them");
        told
    });
}

#[test]
fn at_half_its_life_a_token_is_renewed_once_for_all_replicas_and_nobody_waits_for_it() {
    undisturbed(|| {
        let _guard = among_others();
        let (desk, redis) = (Arc::new(Desk::default()), Server::start(&[]));
        let crm = desk.open_for(12, Duration::from_millis(400));
        let replicas = [replica(&crm, Some(&redis)), replica(&crm, Some(&redis))];
        let all_ring = || {
            std::thread::scope(|scope| {
                replicas.iter().for_each(|gateway| drop(scope.spawn(|| all_found(&ring(gateway, 5)))));
            });
        };
        all_ring();
        std::thread::sleep(Duration::from_millis(1500));
        all_ring();
        assert_eq!(desk.minted(), 1, "it is young");
        std::thread::sleep(Duration::from_millis(5000));
        let before = crm.asked().len();
        all_ring();
        let carried = |asked: &Asked| asked.header("authorization").to_owned();
        let first = crm.asked().iter().skip(before).find(|asked| asked.target != "/login").map(carried);
        assert_eq!(first.as_deref(), Some("Bearer open-sesame-1"));
        eventually("it is renewed", || crm.answered() == 2);
        std::thread::sleep(Duration::from_millis(1000));
        desk.valid.lock().unwrap().remove("Bearer open-sesame-1");
        all_ring();
        assert_eq!(desk.minted(), 2, "once for all, and all carry the new one");
    });
}

#[test]
fn replicas_whose_redis_is_gone_log_in_each_for_itself() {
    let _guard = among_others();
    let (desk, mut redis) = (Arc::new(Desk::default()), Server::start(&[]));
    let crm = desk.open(Duration::ZERO);
    let (first, second) = (replica(&crm, Some(&redis)), replica(&crm, Some(&redis)));
    redis.kill();
    for gateway in [&first, &second] {
        all_found(&ring(gateway, 5));
    }
    assert_eq!(desk.minted(), 2);
}

/// A system that gives the same token again and again, and takes it no more.
fn of_one_token() -> Upstream {
    Upstream::start(|asked| match asked.target.as_str() {
        "/login" => Reaction::json(&json!({"token": "open-sesame", "life": "3600"})),
        _ => Reaction::status(401, &json!({})).after(Duration::from_millis(50)),
    })
}

#[test]
fn a_system_that_refuses_the_one_token_that_it_gives_is_logged_in_to_twice_and_then_left_alone() {
    undisturbed(|| {
        let _guard = among_others();
        let redis = Server::start(&[]);
        for redis in [None, Some(&redis)] {
            let crm = of_one_token();
            let (first, second) = (replica(&crm, redis), replica(&crm, redis));
            for gateway in [&first, &second, &first, &second] {
                assert!(ring(gateway, 20).iter().all(|outcome| outcome == "error"));
            }
            let logins = crm.asked().iter().filter(|asked| asked.target == "/login").count();
            assert_eq!(
                logins,
                if redis.is_some() { 2 } else { 4 },
                "once, and once after a refusal, for all replicas"
            );
        }
    });
}
