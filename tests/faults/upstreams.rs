//! An upstream that is down, slow or lying: what each caller is told, and when.

use std::time::Duration;

use serde_json::json;

use crate::cable::{Cable, State};
use crate::caller::{call, in_time, number, strangers};
use crate::company::{Company, LONG, crm, known};
use crate::gateway::Gateway;
use crate::redis::free_port;
use crate::upstream::{Reaction, Upstream};

/// The node on an upstream that does this from the start.
fn does(reaction: Reaction) -> (Upstream, Gateway) {
    let crm = Upstream::start(move |_| reaction.clone());
    let gateway = Company::usual(LONG).alone(&crm.url());
    (crm, gateway)
}

/// The node on an upstream at the far end of a cable, which has done its work once. It may take longer than a call.
fn at_the_end_of_a_cable() -> (Upstream, Cable, Gateway) {
    let crm = crm();
    let cable = Cable::to(crm.address().port());
    let company = Company::usual(LONG).limited("timeout_ms: 4500");
    let gateway = company.alone(&format!("http://127.0.0.1:{}", cable.port()));
    call(&gateway, &number()).is("found", &["miss"]);
    (crm, cable, gateway)
}

#[test]
fn one_that_is_well_answers_in_time() {
    let crm = crm();
    let gateway = Company::usual(LONG).alone(&crm.url());
    in_time(&gateway, "found", &["miss"], strangers);
    call(&gateway, "81234567").is("not_found", &["miss"]);
    call(&gateway, "81234567").is("not_found", &["memory"]);
}

#[test]
fn one_that_refuses_connections_is_an_error() {
    let gateway = Company::usual(LONG).alone(&format!("http://127.0.0.1:{}", free_port()));
    in_time(&gateway, "error", &["miss"], strangers);
}

#[test]
fn one_that_is_cut_off_in_the_middle_of_its_answer_is_an_error() {
    let (_crm, cable, gateway) = at_the_end_of_a_cable();
    for most in [0, 40, 120] {
        cable.is_now(State::Short(most));
        in_time(&gateway, "error", &["miss"], strangers);
    }
}

#[test]
fn one_that_is_unplugged_is_an_error_and_found_again_later() {
    let (_crm, cable, gateway) = at_the_end_of_a_cable();
    cable.is_now(State::Cut);
    in_time(&gateway, "error", &["miss"], strangers);
    cable.is_now(State::Whole);
    crate::caller::eventually("it is asked again", || {
        call(&gateway, &number()).said.header("x-datadip-outcome") == "found"
    });
}

#[test]
fn one_that_stalls_is_a_timeout() {
    let (_crm, cable, gateway) = at_the_end_of_a_cable();
    cable.is_now(State::Silent);
    call(&gateway, &number()).is("timeout", &["miss"]);
    // In a further round it has failed too often to be asked.
    in_time(&gateway, "timeout error", &["miss"], strangers);
}

#[test]
fn one_that_drips_is_a_timeout() {
    let (_crm, cable, gateway) = at_the_end_of_a_cable();
    cable.is_now(State::Drip(Duration::from_millis(20)));
    call(&gateway, &number()).is("timeout", &["miss"]);
    // In a further round it has failed too often to be asked.
    in_time(&gateway, "timeout error", &["miss"], strangers);
}

#[test]
fn one_that_is_slow_within_the_budget_is_waited_for() {
    let (_crm, cable, gateway) = at_the_end_of_a_cable();
    cable.is_now(State::Slow(Duration::from_millis(150)));
    in_time(&gateway, "found", &["miss"], strangers);
}

#[test]
fn one_that_answers_half_its_json_is_an_error() {
    let half = br#"{"data":[{"id":"1","name":"Ada","vip":tr"#.to_vec();
    let (_crm, gateway) = does(Reaction::Answer(200, "application/json".to_owned(), half));
    in_time(&gateway, "error", &["miss"], strangers);
}

#[test]
fn one_that_answers_a_login_page_with_200_is_an_error() {
    let page = b"<!doctype html><title>Sign in</title>".to_vec();
    let (_crm, gateway) = does(Reaction::Answer(200, "text/html".to_owned(), page));
    in_time(&gateway, "error", &["miss"], strangers);
}

#[test]
fn one_that_answers_500_or_503_is_an_error() {
    for status in [500, 503] {
        let (_crm, gateway) = does(Reaction::status(status, &json!({ "message": "down for maintenance" })));
        in_time(&gateway, "error", &["miss"], strangers);
    }
}

#[test]
fn one_that_answers_429_is_overloaded() {
    let (crm, gateway) = does(Reaction::status(429, &json!({})));
    in_time(&gateway, "overloaded", &["miss"], strangers);
    crm.becomes(known);
    call(&gateway, &number()).is("found", &["miss"]);
}
