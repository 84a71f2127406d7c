//! Writes: at most one a call, never joined, never repeated, never cut.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::eventually;
use crate::company::Company;
use crate::machine::{among_others, undisturbed};
use crate::upstream::{Asked, Reaction, Upstream};

const CRM: &str = "
timeout_ms: 2000
operations:
  customer: { args: { phone: { required: true } }, get: /customers, query: { phone: '{{ phone }}' } }
  note: { args: { id: { required: true } }, post: /notes, json: { id: '{{ id }}' }, effect: write }
";

const NODE: &str = "
budget_ms: 500
cache: { fresh_sec: 300 }
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.customer }
do: { as: note, call: crm.note, args: { id: '{{ record.id }}' } }
outputs:
  name: { path: $.name, default: nobody }
  note: { path: $.no, from: note, default: none, default_on: { timeout: unsure } }
  status: { outcome: true }
";

fn noting(asked: &Asked) -> Reaction {
    let is_note = asked.target == "/notes";
    Reaction::json(&if is_note { json!({ "no": "N-1" }) } else { json!({ "id": 7, "name": "Ada" }) })
}

/// A CRM whose notes take this long.
fn noting_for(millis: u64) -> Upstream {
    Upstream::start(move |asked| match asked.target.as_str() {
        "/notes" => noting(asked).after(Duration::from_millis(millis)),
        _ => noting(asked),
    })
}

/// The node with time for everything.
fn patient() -> String {
    NODE.replace("budget_ms: 500", "budget_ms: 4000")
}

/// Waits until so many notes have been answered, and a moment longer for what must not come.
fn noted(crm: &Upstream, notes: usize) {
    eventually("the note is written", || crm.answered() >= notes);
    std::thread::sleep(Duration::from_millis(200));
}

fn notes(crm: &Upstream) -> usize {
    crm.asked().iter().filter(|asked| asked.method == "POST").count()
}

#[test]
fn each_call_writes_once_however_many_come_at_once() {
    let _guard = among_others();
    let crm = noting_for(100);
    let gateway = Company::with(CRM, &patient()).alone(&crm.url());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let said = gateway.get("/nodes/caller?tel=91234567");
                assert_eq!(said.json(), json!({ "name": "Ada", "note": "N-1", "status": "done" }));
            });
        }
    });
    assert_eq!((notes(&crm), crm.asked().len()), (20, 21));
}

#[test]
fn a_write_that_is_still_running_at_the_deadline_is_a_timeout_and_goes_on() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = noting_for(3500);
        let node = NODE.replace("budget_ms: 500", "budget_ms: 1000");
        let operations = CRM.replace("timeout_ms: 2000", "timeout_ms: 4500");
        let gateway = Company::with(&operations, &node).alone(&crm.url());
        let start = Instant::now();
        let said = gateway.get("/nodes/caller?tel=91234567");
        assert!(start.elapsed() < Duration::from_millis(3000), "{:?}", start.elapsed());
        assert_eq!(said.json(), json!({ "name": "Ada", "note": "unsure", "status": "timeout" }));
        noted(&crm, 1);
        assert_eq!((notes(&crm), crm.left()), (1, 0), "it is neither repeated nor cut");
    });
}

#[test]
fn a_call_that_does_not_wait_for_its_write_is_answered_at_once_and_the_write_goes_on() {
    let _guard = among_others();
    let crm = Upstream::start(noting);
    let node = patient().replace("as: note,", "as: note, wait: false,");
    let output = "  note: { path: $.no, from: note, default: none, default_on: { timeout: unsure } }\n";
    let operations = CRM.replace("timeout_ms: 2000", "timeout_ms: 4500");
    let gateway = Company::with(&operations, &node.replace(output, "")).alone(&crm.url());
    let late = Duration::from_millis(3500);
    for (calls, note) in
        [Reaction::json(&json!({})).after(late), Reaction::status(500, &json!({})).after(late)]
            .into_iter()
            .enumerate()
    {
        crm.becomes(move |asked| if asked.target == "/notes" { note.clone() } else { noting(asked) });
        let start = Instant::now();
        let said = gateway.get("/nodes/caller?tel=91234567");
        assert!(start.elapsed() < Duration::from_millis(3000), "{:?}", start.elapsed());
        assert_eq!(said.json(), json!({ "name": "Ada", "status": "found" }));
        noted(&crm, calls + 1);
        assert_eq!((notes(&crm), crm.left()), (calls + 1, 0), "it is neither repeated nor cut");
    }
    eventually("the failure is told", || gateway.log().contains("write.failed"));
    let log = gateway.log();
    let failed: Vec<&str> = log.lines().filter(|line| line.contains("write.failed")).collect();
    let [failed] = failed.as_slice() else { panic!("a write that fails is told once: {log}") };
    assert!(failed.contains("crm.note") && failed.contains("trace="), "{failed}");
}

#[test]
fn a_write_that_nobody_waits_for_has_the_second_try_that_its_key_allows() {
    let _guard = among_others();
    let crm = Upstream::start(noting);
    let keyed =
        CRM.replace("effect: write }", "effect: write, timeout_ms: 1000, idempotency: { header: Key } }");
    let node = patient().replace("as: note,", "as: note, wait: false,");
    let output = "  note: { path: $.no, from: note, default: none, default_on: { timeout: unsure } }\n";
    let gateway = Company::with(&keyed, &node.replace(output, "")).alone(&crm.url());
    let tries = std::sync::atomic::AtomicUsize::new(0);
    crm.becomes(move |asked| match asked.target.as_str() {
        "/notes" if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            Reaction::status(503, &json!({})).after(Duration::from_millis(600))
        }
        _ => noting(asked),
    });
    assert_eq!(gateway.get("/nodes/caller?tel=91234567").header("x-datadip-outcome"), "found");
    eventually("it is sent once more", || notes(&crm) == 2);
    std::thread::sleep(Duration::from_millis(200));
    assert!(!gateway.log().contains("write.failed"), "{}", gateway.log());
}

#[test]
fn a_caller_who_hangs_up_does_not_cut_the_write() {
    let _guard = among_others();
    let crm = noting_for(300);
    let gateway = Company::with(CRM, &patient()).alone(&crm.url());
    for calls in 1..=3 {
        let mut caller = TcpStream::connect(gateway.address()).unwrap();
        caller.write_all(b"GET /nodes/caller?tel=91234567 HTTP/1.1\r\nhost: datadip\r\n\r\n").unwrap();
        eventually("the write has begun", || notes(&crm) == calls);
        drop(caller);
        noted(&crm, calls);
        assert_eq!((notes(&crm), crm.left()), (calls, 0));
    }
}

#[test]
fn a_write_that_fails_is_not_repeated() {
    let _guard = among_others();
    let crm = Upstream::start(noting);
    let gateway = Company::with(CRM, &patient()).alone(&crm.url());
    for (calls, (reaction, status)) in [
        (Reaction::status(503, &json!({})), "error"),
        (Reaction::Cut, "error"),
        (Reaction::status(500, &json!({})), "error"),
        (
            Reaction::Raw(b"HTTP/1.1 429 Later\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".to_vec()),
            "overloaded",
        ),
        (Reaction::Silence, "timeout"),
    ]
    .into_iter()
    .enumerate()
    {
        crm.becomes(move |asked| if asked.target == "/notes" { reaction.clone() } else { noting(asked) });
        let said = gateway.get("/nodes/caller?tel=91234567");
        assert_eq!((said.status, said.header("x-datadip-outcome")), (200, status));
        assert_eq!(said.json()["name"], "Ada");
        assert_eq!(notes(&crm), calls + 1);
    }
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(notes(&crm), 5);
}

/// The gateway's answer where the note is answered so.
fn noted_with(kind: &str, body: &str, ok: &str) -> Value {
    let (kind, body) = (kind.to_owned(), body.as_bytes().to_vec());
    let crm = Upstream::start(move |asked| match asked.target.as_str() {
        "/notes" => Reaction::Answer(200, kind.clone(), body.clone()),
        _ => noting(asked),
    });
    let operations = CRM.replace("effect: write }", &format!("effect: write{ok} }}"));
    let said = Company::with(&operations, &patient()).alone(&crm.url()).get("/nodes/caller?tel=91234567");
    assert_eq!(notes(&crm), 1);
    said.json()
}

#[test]
fn a_write_that_is_answered_in_plain_words_or_not_at_all_is_done() {
    let _guard = among_others();
    for (kind, body, ok) in [
        ("text/plain", "OK", ""),
        ("text/plain", "OK", ", ok: status == 200"),
        ("application/xml", "<?xml version=\"1.0\"?><result>saved</result>", ""),
        ("application/json", "", ""),
        ("text/plain", "", ", ok: status == 200"),
        ("text/html; charset=UTF-8", "OK", ", ok: status == 200"),
        ("application/json", "saved", ", ok: status == 200"),
    ] {
        let done = json!({ "name": "Ada", "note": "none", "status": "done" });
        assert_eq!(noted_with(kind, body, ok), done, "{kind} {body} {ok}");
    }
}

#[test]
fn a_write_that_is_answered_by_a_page_or_by_broken_json_is_an_error() {
    let _guard = among_others();
    for (kind, body, ok) in [
        ("text/html", "Please sign in", ""),
        ("text/plain", "\n<!DOCTYPE html><title>Sign in</title>", ""),
        ("text/html", "<html>", ", ok: status == 200"),
        ("text/html", "Please <b>sign in</b>", ", ok: status == 200"),
        ("text/html", "OK", ", ok: status == 200 and body is not defined"),
        ("application/json", "{\"no\": \"N-", ""),
        ("text/plain", "{\"no\": \"N-", ""),
        ("application/problem+json; charset=utf-8", "saved", ""),
        ("text/plain", "OK", ", ok: body.code == 0"),
    ] {
        let failed = json!({ "name": "Ada", "note": "none", "status": "error" });
        assert_eq!(noted_with(kind, body, ok), failed, "{kind} {body} {ok}");
    }
}

#[test]
fn nothing_is_written_with_too_little_left() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = Upstream::start(|asked| match asked.target.as_str() {
            "/notes" => noting(asked),
            _ => noting(asked).after(Duration::from_millis(1400)),
        });
        let node = format!("least_ms: 1000\n{}", NODE.replace("budget_ms: 500", "budget_ms: 2000"));
        let said = Company::with(CRM, &node).alone(&crm.url()).get("/nodes/caller?tel=91234567");
        assert_eq!(said.json(), json!({ "name": "Ada", "note": "unsure", "status": "timeout" }));
        assert_eq!(notes(&crm), 0);
    });
}

#[test]
fn a_question_that_is_asked_again_behind_the_answer_writes_nothing() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = Upstream::start(noting);
        let brief = NODE.replace("{ fresh_sec: 300 }", "{ fresh_sec: 6, stale_sec: 600 }");
        let node = brief.replace("budget_ms: 500", "budget_ms: 1200");
        let operations = CRM.replace("timeout_ms: 2000", "timeout_ms: 4500");
        let gateway = Company::with(&operations, &node).alone(&crm.url());
        let call = || gateway.get("/nodes/caller?tel=91234567").json();
        assert_eq!(call(), json!({ "name": "Ada", "note": "N-1", "status": "done" }));
        crm.becomes(|asked| match asked.target.as_str() {
            "/notes" => noting(asked),
            _ => Reaction::json(&json!({ "id": 7, "name": "Beatrice" })).after(Duration::from_millis(2500)),
        });
        std::thread::sleep(Duration::from_millis(6700));
        // What is kept is answered, too late for a write; what is found behind it writes nothing either.
        assert_eq!(call(), json!({ "name": "Ada", "note": "unsure", "status": "timeout" }));
        eventually("it is found behind the answer", || crm.answered() == 1);
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!((notes(&crm), crm.asked().len()), (1, 3));
        assert_eq!(call(), json!({ "name": "Beatrice", "note": "N-1", "status": "done" }));
        assert_eq!((notes(&crm), crm.asked().len()), (2, 4));
    });
}
