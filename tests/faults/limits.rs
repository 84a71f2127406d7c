//! How much an upstream is asked at most, and how often one question is asked again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::{Told, anew_in_time, call, calls, number};
use crate::company::{Company, LONG, crm, known};
use crate::machine::{among_others, undisturbed};
use crate::upstream::{Reaction, Upstream};

/// The node with time for everything.
fn patient(limits: &str) -> Company {
    Company::usual(LONG).limited(limits).within(4000)
}

fn crowd(size: usize) -> Vec<String> {
    (0..size).map(|_| number()).collect()
}

fn with<'t>(told: &'t [Told], outcome: &str) -> Vec<&'t Told> {
    told.iter().filter(|one| one.said.header("x-datadip-outcome") == outcome).collect()
}

#[test]
fn as_many_requests_as_allowed_are_under_way_and_who_comes_too_many_is_told_soon() {
    undisturbed(|| {
        let _guard = among_others();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let crm = Upstream::start(move |asked| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(2500));
            now.fetch_sub(1, Ordering::SeqCst);
            known(asked)
        });
        let gateway = patient("limits: { concurrency: 2 }\ntimeout_ms: 4500").alone(&crm.url());
        let told = calls(&gateway, &crowd(12), 12);
        let (found, refused) = (with(&told, "found"), with(&told, "overloaded"));
        assert_eq!((found.len(), refused.len(), seen.load(Ordering::SeqCst)), (2, 10, 2), "{told:#?}");
        refused.iter().for_each(|one| one.is("overloaded", &["miss"]));
        assert!(refused.iter().all(|one| one.took < Duration::from_millis(2000)), "{refused:#?}");
    });
}

#[test]
fn who_comes_one_too_many_waits_a_moment() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        crm.becomes(|asked| known(asked).after(Duration::from_millis(40)));
        let gateway = patient("limits: { concurrency: 1 }").alone(&crm.url());
        call(&gateway, &number()).is("found", &["miss"]);
        calls(&gateway, &crowd(2), 2).iter().for_each(|one| one.is("found", &["miss"]));
    });
}

#[test]
fn in_no_second_are_more_requests_begun_than_allowed() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let gateway = patient("limits: { per_second: 5 }").alone(&crm.url());
        let start = Instant::now();
        let told = calls(&gateway, &crowd(30), 30);
        if start.elapsed() < Duration::from_millis(900) {
            assert_eq!((with(&told, "found").len(), crm.asked().len()), (5, 5));
            assert_eq!(with(&told, "overloaded").len(), 25);
        }
        while start.elapsed() < Duration::from_millis(3000) {
            call(&gateway, &number());
        }
        let (asked, seconds) = (crm.asked().len(), start.elapsed().as_secs_f64().ceil() as usize);
        assert!((10..=5 * seconds).contains(&asked), "{asked} in {seconds} s");
    });
}

#[test]
fn a_question_is_asked_once_more_only_where_that_may_help() {
    let _guard = among_others();
    for (reaction, outcome, requests) in [
        (Reaction::status(503, &json!({})), "error", 2),
        (Reaction::status(502, &json!({})), "error", 2),
        (Reaction::Cut, "error", 2),
        (Reaction::status(400, &json!({})), "error", 1),
        (Reaction::status(401, &json!({})), "error", 1),
        (Reaction::status(429, &json!({})), "overloaded", 1),
        (Reaction::Answer(200, "text/html".to_owned(), b"<p>".to_vec()), "error", 1),
        (Reaction::status(404, &json!({})), "not_found", 1),
    ] {
        let shown = format!("{reaction:?}");
        let crm = Upstream::start(move |_| reaction.clone());
        call(&patient("").alone(&crm.url()), &number()).is(outcome, &["miss"]);
        assert_eq!(crm.asked().len(), requests, "{shown}");
    }
}

#[test]
fn a_question_that_is_asked_once_more_is_answered_within_the_budget_all_the_same() {
    let seen = Mutex::new(HashSet::new());
    let crm = Upstream::start(move |asked| match seen.lock().unwrap().insert(asked.target.clone()) {
        true => Reaction::status(503, &json!({})),
        false => Reaction::Silence,
    });
    let start = || Company::usual(LONG).limited("timeout_ms: 4500").alone(&crm.url());
    // So few that all are asked once more.
    anew_in_time(start, "timeout", &["miss"], || crowd(8));
    let asked: Vec<String> = crm.asked().into_iter().map(|asked| asked.target).collect();
    assert!(asked.len() >= 16 && asked.iter().collect::<HashSet<_>>().len() >= 8, "{asked:?}");
}

#[test]
fn an_upstream_that_wants_more_time_than_the_caller_has_is_overloaded_at_once() {
    let _guard = among_others();
    for (status, outcome) in [(429, "overloaded"), (503, "error")] {
        let head = format!("HTTP/1.1 {status} Later\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n");
        let crm = Upstream::start(move |_| Reaction::Raw(head.clone().into_bytes()));
        let gateway = patient("timeout_ms: 4500").alone(&crm.url());
        let told = call(&gateway, &number());
        told.is(outcome, &["miss"]);
        assert!(told.took < Duration::from_millis(3500), "{told:?}");
        assert_eq!(crm.asked().len(), 1, "{status}");
    }
}

#[test]
fn an_upstream_that_says_when_to_come_again_is_asked_then_and_not_before() {
    let _guard = among_others();
    for status in [429, 503] {
        let head = format!("HTTP/1.1 {status} Later\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n");
        let (first, begun) = (AtomicUsize::new(0), Instant::now());
        let crm = Upstream::start(move |asked| match first.fetch_add(1, Ordering::SeqCst) {
            0 => Reaction::Raw(head.clone().into_bytes()),
            _ => known(asked),
        });
        let told = call(&patient("").alone(&crm.url()), &number());
        told.is("found", &["miss"]);
        assert!(told.took >= Duration::from_secs(1), "{told:?}");
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert_eq!(crm.asked().len(), 2);
    }
}

#[test]
fn an_upstream_that_wants_to_be_left_alone_for_too_long_is_left_alone() {
    let _guard = among_others();
    for wait in ["5", "3600", "Wed, 21 Oct 2065 07:28:00 GMT", "soon"] {
        let head = format!("HTTP/1.1 429 Later\r\nretry-after: {wait}\r\ncontent-length: 0\r\n\r\n");
        let crm = Upstream::start(move |_| Reaction::Raw(head.clone().into_bytes()));
        let told = call(&patient("").alone(&crm.url()), &number());
        told.is("overloaded", &["miss"]);
        assert!(told.took < Duration::from_millis(3000), "{told:?}");
        assert_eq!(crm.asked().len(), 1, "{wait}");
    }
}
