//! An upstream that mostly fails is left alone, and asked again when it is well.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::caller::{all_but_a_few, call, calls, eventually, number};
use crate::company::{Company, LONG, crm, known};
use crate::machine::{among_others, undisturbed};
use crate::upstream::Reaction;

/// Two seconds and the jitter of a tenth.
const OVER: Duration = Duration::from_millis(2300);
/// As good as at once, on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(150);

#[test]
fn it_opens_lets_two_find_out_opens_again_and_closes() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        crm.becomes(|_| Reaction::status(503, &json!({})));
        let gateway = Company::patient(LONG).alone(&crm.url());
        let asked = || crm.asked().len();
        while asked() < 10 {
            call(&gateway, &number()).is("error", &["miss"]);
        }
        let (opened, before) = (Instant::now(), asked());
        let crowd: Vec<String> = (0..10).map(|_| number()).collect();
        let told = calls(&gateway, &crowd, 1);
        told.iter().for_each(|one| one.is("error", &["miss"]));
        assert!(all_but_a_few(told.iter().map(|one| one.took)) < AT_ONCE, "{told:?}");
        assert_eq!(asked(), before, "an open breaker lets nobody through");

        // Half open, on an upstream that is still down: two of many find out, and it opens again.
        std::thread::sleep(Duration::from_millis(5050).saturating_sub(opened.elapsed()));
        crm.becomes(|_| Reaction::status(503, &json!({})).after(Duration::from_millis(100)));
        let crowd: Vec<String> = (0..10).map(|_| number()).collect();
        calls(&gateway, &crowd, 10).iter().for_each(|one| one.is("error", &["miss"]));
        assert!((1..=2).contains(&(asked() - before)), "{}", asked() - before);
        let before = asked();
        call(&gateway, &number()).is("error", &["miss"]);
        assert_eq!(asked(), before);

        // Half open, on one that is well.
        crm.becomes(known);
        eventually("it is asked again", || {
            call(&gateway, &number()).said.header("x-datadip-outcome") == "found"
        });
        let crowd: Vec<String> = (0..20).map(|_| number()).collect();
        calls(&gateway, &crowd, 4).iter().for_each(|one| one.is("found", &["miss"]));
    });
}

#[test]
fn what_is_the_requests_own_fault_does_not_open_it() {
    let (_guard, crm) = (among_others(), crm());
    let gateway = Company::patient(LONG).alone(&crm.url());
    for reaction in [
        Reaction::status(400, &json!({})),
        Reaction::status(404, &json!({})),
        Reaction::status(429, &json!({})),
        Reaction::Answer(200, "text/html".to_owned(), b"<p>".to_vec()),
    ] {
        crm.becomes(move |_| reaction.clone());
        let crowd: Vec<String> = (0..20).map(|_| number()).collect();
        calls(&gateway, &crowd, 4);
        crm.becomes(known);
        call(&gateway, &number()).is("found", &["miss"]);
    }
}

#[test]
fn while_it_is_open_what_is_kept_is_answered() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let gateway = Company::patient(crate::company::SHORT).alone(&crm.url());
        let tel = number();
        call(&gateway, &tel).is("found", &["miss"]);
        crm.becomes(|_| Reaction::Cut);
        std::thread::sleep(OVER);
        while crm.asked().len() < 20 && call(&gateway, &number()).took > Duration::from_millis(15) {}
        let before = crm.asked().len();
        call(&gateway, &tel).is("found", &["stale"]);
        assert_eq!(crm.asked().len(), before);
    });
}
