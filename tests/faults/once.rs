//! A write at most once: between two calls, between two replicas, without Redis, and when nobody knows how it ended.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cable::{Cable, State};
use crate::caller::eventually;
use crate::company::{Company, KEY, linked};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Reaction, Upstream};

const CRM: &str = "
timeout_ms: 1200
operations:
  callback:
    args: { phone: { required: true } }
    post: /callbacks
    json: { phone: '{{ phone }}' }
    effect: write
    ok: body.code == 0
";

const NODE: &str = "
budget_ms: 4000
inputs: { tel: { type: phone, region: SG }, call_id: text }
do:
  as: callback
  call: crm.callback
  args: { phone: '{{ tel }}' }
  once: { by: ['{{ call_id }}', '{{ tel }}'] }
outputs:
  ticket: { path: $.ticket, from: callback, default: none }
  status: { outcome: true }
";

const TOKEN: &str = "an admin token";

const FIRST: &str = "/nodes/caller?tel=91234567&call_id=c-1";

/// A switch that takes each callback, and gives it the next number.
fn switch() -> Upstream {
    let next = std::sync::atomic::AtomicUsize::new(1);
    Upstream::start(move |_| {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reaction::json(&json!({ "code": 0, "ticket": format!("T-{number}"), "agent": "Eve" }))
    })
}

fn company() -> Company {
    Company::with(CRM, NODE)
}

fn ask(gateway: &Gateway, target: &str) -> Value {
    let said = gateway.get(target);
    assert_eq!((said.status, said.json()["status"].as_str()), (200, Some(said.header("x-datadip-outcome"))));
    said.json()
}

fn done(ticket: &str) -> Value {
    json!({ "ticket": ticket, "status": "done" })
}

fn unsure() -> Value {
    json!({ "ticket": "none", "status": "timeout" })
}

#[test]
fn a_second_call_that_means_the_same_writes_nothing_and_is_told_what_the_first_one_was() {
    let _guard = among_others();
    let switch = switch();
    let gateway = company().alone(&switch.url());
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    assert_eq!(ask(&gateway, "/nodes/caller?tel=6591234567&call_id=c-1"), done("T-1"));
    assert_eq!(switch.asked().len(), 1);
    assert_eq!(ask(&gateway, "/nodes/caller?tel=91234567&call_id=c-2"), done("T-2"));
    assert_eq!(ask(&gateway, "/nodes/caller?tel=91234568&call_id=c-1"), done("T-3"));
}

#[test]
fn of_calls_that_come_together_one_writes() {
    let _guard = among_others();
    let switch = Upstream::start(|_| {
        Reaction::json(&json!({ "code": 0, "ticket": "T-1" })).after(Duration::from_millis(800))
    });
    let gateway = company().alone(&switch.url());
    let told: Vec<Value> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..20).map(|_| scope.spawn(|| ask(&gateway, FIRST))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(told.iter().filter(|told| **told == done("T-1")).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == unsure()).count(), 19, "{told:?}");
    assert_eq!(switch.asked().len(), 1);
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
}

#[test]
fn what_one_replica_has_written_another_does_not_write_again() {
    undisturbed(|| {
        let _guard = among_others();
        let (switch, redis) = (switch(), Server::start(&[]));
        let (one, other) =
            (company().replica(&switch.url(), &redis), company().replica(&switch.url(), &redis));
        assert_eq!(ask(&one, FIRST), done("T-1"));
        assert_eq!(ask(&other, FIRST), done("T-1"));
        assert_eq!(ask(&other, FIRST), done("T-1"));
        assert_eq!(switch.asked().len(), 1);
    });
}

#[test]
fn a_write_of_which_nobody_knows_is_not_repeated_at_any_replica() {
    undisturbed(|| {
        let _guard = among_others();
        let redis = Server::start(&[]);
        for reaction in [
            Reaction::Silence,
            Reaction::Cut,
            Reaction::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"code\": 0".to_vec()),
            Reaction::status(500, &json!({})),
            // Most systems answer so when they have written, and show what they have written there.
            Reaction::Raw(
                b"HTTP/1.1 303 See Other\r\nlocation: /callbacks/1\r\ncontent-length: 0\r\n\r\n".to_vec(),
            ),
            Reaction::Answer(200, "text/html".to_owned(), b"<html>".to_vec()),
        ] {
            redis.cli(&["FLUSHALL"]);
            let switch = Upstream::start(move |_| reaction.clone());
            let (one, other) =
                (company().replica(&switch.url(), &redis), company().replica(&switch.url(), &redis));
            assert_ne!(ask(&one, FIRST)["status"], "done");
            switch.becomes(|_| Reaction::json(&json!({ "code": 0, "ticket": "T-2" })));
            assert_eq!(ask(&one, FIRST), unsure());
            assert_eq!(ask(&other, FIRST), unsure());
            assert_eq!(switch.asked().len(), 1);
        }
    });
}

#[test]
fn a_write_that_was_answered_by_a_page_is_not_taken_for_done_and_not_repeated() {
    let _guard = among_others();
    let switch =
        Upstream::start(|_| Reaction::Answer(200, "text/html".to_owned(), b"<html>Sign in".to_vec()));
    let (crm, output) = (CRM.replace("    ok: body.code == 0\n", ""), "  ticket: { path");
    let (before, after) = NODE.split_once(output).unwrap();
    let node = format!("{before}{}", after.split_once('\n').unwrap().1);
    let gateway = Company::with(&crm, &node).alone(&switch.url());
    assert_eq!(ask(&gateway, FIRST), json!({ "status": "error" }));
    assert_eq!(ask(&gateway, FIRST), json!({ "status": "timeout" }));
    assert_eq!(switch.asked().len(), 1);
}

#[test]
fn a_write_that_was_refused_or_never_sent_may_be_tried_again_at_any_replica() {
    undisturbed(|| {
        let _guard = among_others();
        let redis = Server::start(&[]);
        for (reaction, status) in [
            (Reaction::json(&json!({ "code": 9 })), "error"),
            (Reaction::status(400, &json!({})), "error"),
            (Reaction::status(429, &json!({})), "overloaded"),
        ] {
            redis.cli(&["FLUSHALL"]);
            let switch = Upstream::start(move |_| reaction.clone());
            let (one, other) =
                (company().replica(&switch.url(), &redis), company().replica(&switch.url(), &redis));
            assert_eq!(ask(&one, FIRST)["status"], status);
            switch.becomes(|_| Reaction::json(&json!({ "code": 0, "ticket": "T-2" })));
            assert_eq!(ask(&other, FIRST), done("T-2"));
            assert_eq!(ask(&one, FIRST), done("T-2"));
            assert_eq!(switch.asked().len(), 2);
        }
        let gone = company().alone("http://127.0.0.1:1");
        for _ in 0..2 {
            assert_eq!(ask(&gone, FIRST)["status"], "error", "nobody listens there, so nothing is in doubt");
        }
    });
}

#[test]
fn a_refused_write_may_be_tried_again_though_redis_heard_of_it_late() {
    undisturbed(|| {
        let _guard = among_others();
        let redis = Server::start(&[]);
        let switch = Upstream::start(|_| Reaction::status(429, &json!({})));
        let (one, other) =
            (company().replica(&switch.url(), &redis), company().replica(&switch.url(), &redis));
        redis.cli(&["CLIENT", "PAUSE", "120"]);
        assert_eq!(ask(&one, FIRST)["status"], "overloaded");
        switch.becomes(|_| Reaction::json(&json!({ "code": 0, "ticket": "T-2" })));
        assert_eq!(redis.cli(&["PING"]), "PONG");
        eventually("it is done at the other", || ask(&other, FIRST) == done("T-2"));
        assert_eq!(switch.asked().len(), 2);
    });
}

#[test]
fn a_refused_write_may_be_tried_again_though_redis_was_cut_off_when_that_was_known() {
    undisturbed(|| {
        let _guard = among_others();
        let redis = Server::start(&[]);
        let cable = Arc::new(Cable::to(redis.port));
        let cut = Arc::clone(&cable);
        let switch = Upstream::start(move |_| {
            cut.is_now(State::Cut);
            Reaction::status(429, &json!({})).after(Duration::from_millis(50))
        });
        let one = company().beside(&switch.url(), &format!("redis://127.0.0.1:{}", cable.port()));
        linked(&one, 1);
        let other = company().replica(&switch.url(), &redis);
        assert_eq!(ask(&one, FIRST)["status"], "overloaded");
        switch.becomes(|_| Reaction::json(&json!({ "code": 0, "ticket": "T-2" })));
        assert_eq!(ask(&other, FIRST), unsure());
        cable.is_now(State::Whole);
        eventually("it is done at the other", || ask(&other, FIRST) == done("T-2"));
        assert_eq!(switch.asked().len(), 2);
    });
}

#[test]
fn without_redis_it_is_once_in_the_process_and_no_caller_waits() {
    let _guard = among_others();
    let (switch, mut redis) = (switch(), Server::start(&[]));
    let gateway = company().replica(&switch.url(), &redis);
    redis.kill();
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    assert_eq!(switch.asked().len(), 1);
}

#[test]
fn a_redis_that_takes_no_marks_is_told_and_each_process_knows_its_own_writes() {
    let _guard = among_others();
    let (switch, redis) = (switch(), Server::start(&["--maxmemory-policy", "noeviction"]));
    let gateway = company().replica(&switch.url(), &redis);
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    for call in ["c-1", "c-2", "c-3"] {
        let target = format!("/nodes/caller?tel=91234567&call_id={call}");
        let first = ask(&gateway, &target);
        assert_eq!((&first["status"], &ask(&gateway, &target)), (&json!("done"), &first));
    }
    assert_eq!(switch.asked().len(), 3);
    eventually("it is told", || gateway.log().contains("redis.mark_refused"));
    assert_eq!(gateway.log().matches("redis.mark_refused").count(), 1, "{}", gateway.log());
}

#[test]
fn a_call_that_cannot_say_what_it_means_writes_nothing() {
    let _guard = among_others();
    let switch = switch();
    let gateway = company().alone(&switch.url());
    assert_eq!(ask(&gateway, "/nodes/caller?tel=91234567")["status"], "error");
    assert_eq!(switch.asked().len(), 0);
}

/// A replica that takes orders.
fn administered(switch: &Upstream, redis: &Server) -> Gateway {
    let env = [("DATADIP_KEY", KEY), ("DATADIP_ADMIN_TOKEN", TOKEN)];
    let gateway = company().start(&switch.url(), &["--redis", &redis.url()], &env);
    linked(&gateway, 1);
    gateway
}

#[test]
fn what_a_write_gave_is_forgotten_with_the_customer_everywhere_and_the_write_is_not_repeated() {
    undisturbed(|| {
        let _guard = among_others();
        let (switch, redis) = (switch(), Server::start(&[]));
        let (one, other) = (administered(&switch, &redis), administered(&switch, &redis));
        let another = "/nodes/caller?tel=91234568&call_id=c-1";
        assert_eq!((ask(&one, FIRST), ask(&one, another)), (done("T-1"), done("T-2")));
        assert_eq!((ask(&other, FIRST), ask(&other, another)), (done("T-1"), done("T-2")));
        let forget = ["forget", "tel=91234567", "--node", "caller"];
        assert_eq!(other.command(TOKEN, &forget).code, 0);
        assert_eq!(ask(&other, FIRST), done("none"));
        eventually("the one has heard", || ask(&one, FIRST) == done("none"));
        let third = company().replica(&switch.url(), &redis);
        assert_eq!(ask(&third, FIRST), done("none"));
        for gateway in [&one, &other, &third] {
            assert_eq!(ask(gateway, another), done("T-2"));
        }
        assert_eq!((switch.asked().len(), redis.keys("dd1:c:").len(), redis.keys("dd1:a:").len()), (2, 2, 1));
    });
}

#[test]
fn what_was_let_go_of_without_anybody_being_forgotten_is_not_said_to_be_forgotten() {
    let _guard = among_others();
    let (switch, redis) = (switch(), Server::start(&[]));
    let gateway = administered(&switch, &redis);
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    redis.cli(&["FLUSHALL"]);
    eventually("it is let go of", || ask(&gateway, FIRST) == done("none"));
    let trace = gateway.get(FIRST).header("x-datadip-trace").to_owned();
    let told = gateway.ask("GET", &format!("/api/explain/{trace}"), TOKEN, "").json().to_string();
    assert!(told.contains("an earlier call has done it") && !told.contains("forgotten"), "{told}");
    assert_eq!(switch.asked().len(), 1);
}

#[test]
fn who_is_forgotten_while_the_write_is_under_way_is_told_what_it_gave_and_nobody_after() {
    let _guard = among_others();
    let switch = Upstream::start(|_| {
        Reaction::json(&json!({ "code": 0, "ticket": "T-1" })).after(Duration::from_millis(400))
    });
    let gateway = company().start(&switch.url(), &[], &[("DATADIP_ADMIN_TOKEN", TOKEN)]);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&gateway, FIRST));
        eventually("it is under way", || !switch.asked().is_empty());
        let forget = r#"{"identifiers":{"tel":"91234567"},"node":"caller"}"#;
        assert_eq!(gateway.ask("POST", "/api/forget", TOKEN, forget).status, 200);
        assert_eq!(call.join().unwrap(), done("T-1"));
    });
    assert_eq!(ask(&gateway, FIRST), done("none"));
    assert_eq!(switch.asked().len(), 1);
}

#[test]
fn nothing_of_a_write_can_be_read_in_redis_nor_on_the_way_to_it() {
    let _guard = among_others();
    let (switch, redis) = (switch(), Server::start(&["--rdbcompression", "no"]));
    let cable = Cable::to(redis.port);
    let gateway = company().beside(&switch.url(), &format!("redis://127.0.0.1:{}", cable.port()));
    linked(&gateway, 1);
    assert_eq!(ask(&gateway, FIRST), done("T-1"));
    eventually("the claim is in Redis", || redis.keys("dd1:c:").len() == 1);
    assert_eq!(redis.cli(&["SAVE"]), "OK");
    for bytes in [fs::read(redis.folder().join("dump.rdb")).unwrap(), cable.sent()] {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(text.contains("dd1:c:") && text.contains("dd1:a:"));
        for personal in ["91234567", "c-1", "t-1", "caller", "callback", "eve"] {
            assert!(!text.contains(personal), "{personal} can be read");
        }
    }
}
