//! An upstream that is down, slow or lying: what each caller is told, and when.

use std::time::Duration;

use serde_json::json;

use crate::cable::{Cable, State};
use crate::caller::{anew_in_time, call, eventually, in_time, number, strangers};
use crate::company::{Company, LONG, crm, known};
use crate::gateway::Gateway;
use crate::machine::among_others;
use crate::redis::free_port;
use crate::sim::Sim;
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
    let gateway = plugged_into(&cable);
    (crm, cable, gateway)
}

/// What somebody who has not called yet is told.
fn outcome(gateway: &Gateway) -> String {
    call(gateway, &number()).said.header("x-datadip-outcome").to_owned()
}

/// One more such gateway.
fn plugged_into(cable: &Cable) -> Gateway {
    cable.is_now(State::Whole);
    let company = Company::usual(LONG).limited("timeout_ms: 4500");
    let gateway = company.alone(&format!("http://127.0.0.1:{}", cable.port()));
    eventually("it has answered", || outcome(&gateway) == "found");
    gateway
}

/// Everybody is told in time that an upstream at the end of a cable like this does not answer.
fn comes_too_late(state: State) {
    let crm = crm();
    let cable = Cable::to(crm.address().port());
    let start = || {
        let gateway = plugged_into(&cable);
        cable.is_now(state);
        gateway
    };
    // Who calls at the end of a round calls when it has failed too often to be asked.
    anew_in_time(start, "timeout error", &["miss"], strangers);
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
    eventually("it is asked again", || outcome(&gateway) == "found");
}

#[test]
fn one_that_stalls_is_a_timeout() {
    comes_too_late(State::Silent);
}

#[test]
fn one_whose_process_is_stopped_is_a_timeout_and_answers_when_it_goes_on() {
    let crm = Sim::start();
    let (url, token) = (format!("{}/v1", crm.value("CRM_URL")), crm.value("CRM_TOKEN"));
    let company =
        Company::usual(LONG).limited("auth: { bearer: '${secret:TOKEN}' }").limited("timeout_ms: 4500");
    let stopped = || {
        crm.resume();
        let gateway = company.start(&url, &[], &[("TOKEN", token)]);
        eventually("it has answered", || outcome(&gateway) == "not_found");
        crm.stop();
        gateway
    };
    // Who calls at the end of a round calls when it has failed too often to be asked.
    anew_in_time(stopped, "timeout error", &["miss"], strangers);
    let gateway = stopped();
    call(&gateway, &number()).is("timeout", &["miss"]);
    crm.resume();
    eventually("it answers again", || outcome(&gateway) == "not_found");
}

#[test]
fn one_that_drips_is_a_timeout() {
    comes_too_late(State::Drip(Duration::from_millis(20)));
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

#[test]
fn one_that_knows_tens_of_thousands_by_one_number_is_looked_through_within_the_budget() {
    let _guard = among_others();
    let many: Vec<_> = (0..60_000).map(|id| json!({ "id": id })).collect();
    let many = Reaction::json(&json!({ "data": many }));
    let crm = Upstream::start(move |_| many.clone());
    let mut company = Company::patient(LONG).limited("timeout_ms: 3900");
    company.node = company.node.replace("call: crm.by_phone", "call: crm.by_phone, pick: only");
    call(&company.alone(&crm.url()), &number()).is("ambiguous", &["miss"]);
}
