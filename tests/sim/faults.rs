//! The control door: each fault as it is seen on the wire, which requests it meets, and what was asked.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sim::Sim;
use crate::wire::Said;

const TARGET: &str = "/v1/customers?phone=91234567";
const CONTROL: &str = "/_sim/faults";

fn get(sim: &Sim, target: &str) -> Said {
    sim.ask("CRM_URL", "GET", target, &[("authorization", "Bearer sim-crm-token")], &Value::Null)
}

fn note(sim: &Sim) -> Said {
    let headers = [("authorization", "Bearer sim-crm-token")];
    sim.ask("CRM_URL", "POST", "/v1/customers/4711/notes", &headers, &json!({ "text": "x" }))
}

fn notes(sim: &Sim) -> usize {
    get(sim, "/v1/customers/4711/notes").json()["notes"].as_array().unwrap().len()
}

#[test]
fn a_status_comes_instead_of_the_answer() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "status": 503, "times": 2 }));
    assert_eq!(get(&sim, TARGET).status, 503);
    assert_eq!(note(&sim).status, 503);
    assert_eq!(get(&sim, TARGET).status, 200, "the third is answered");
    assert_eq!(notes(&sim), 1, "and nothing was written");
}

#[test]
fn html_comes_with_200() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "html": true }));
    let said = get(&sim, TARGET);
    assert_eq!((said.status, said.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(said.text().starts_with("<!DOCTYPE html>"));
}

#[test]
fn an_answer_is_cut_in_its_middle_and_the_work_is_done() {
    let sim = Sim::start();
    let whole = note(&sim);
    sim.fault("CRM_URL", &json!({ "truncate": true, "times": 1 }));
    let cut = note(&sim);
    assert_eq!(cut.status, 201);
    let announced: usize = cut.header("content-length").parse().unwrap();
    assert_eq!((announced, cut.body.len()), (whole.body.len(), whole.body.len() / 2));
    assert!(serde_json::from_slice::<Value>(&cut.body).is_err());
    assert_eq!(notes(&sim), 3);
}

#[test]
fn a_connection_is_dropped_without_a_word_and_nothing_is_done() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "drop": true, "method": "POST" }));
    let headers = [("authorization", "Bearer sim-crm-token")];
    let mut wire = sim.send("CRM_URL", "POST", "/v1/customers/4711/notes", &headers, &json!({ "text": "x" }));
    assert!(wire.is_closed());
    assert_eq!(notes(&sim), 1);
}

#[test]
fn a_request_that_hangs_is_never_answered() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "hang": true, "times": 1 }));
    let mut wire = sim.send("CRM_URL", "GET", TARGET, &[], &Value::Null);
    assert!(wire.stays_silent(), "a second later it is still open");
    assert_eq!(get(&sim, TARGET).status, 200, "others are answered meanwhile");
}

#[test]
fn an_answer_is_late_by_a_fixed_time_or_by_draws() {
    let sim = Sim::start();
    let taken = || {
        let begun = Instant::now();
        assert_eq!(get(&sim, TARGET).status, 200);
        begun.elapsed()
    };
    sim.fault("CRM_URL", &json!({ "delay_ms": 120, "times": 1 }));
    assert!(taken() >= Duration::from_millis(120));
    sim.fault("CRM_URL", &json!({ "delay": { "p50_ms": 20, "p99_ms": 60 } }));
    let mut draws: Vec<Duration> = (0..21).map(|_| taken()).collect();
    draws.sort();
    assert!(draws[10] >= Duration::from_millis(10), "the middle one: {draws:?}");
    assert!(draws[20] > draws[0] + Duration::from_millis(5), "they differ: {draws:?}");
}

#[test]
fn a_delay_and_an_effect_come_together() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "delay_ms": 80, "status": 500, "times": 1 }));
    let begun = Instant::now();
    assert_eq!(get(&sim, TARGET).status, 500);
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

#[test]
fn only_the_path_that_is_named_is_met_and_the_first_fault_counts() {
    let sim = Sim::start();
    sim.fault(
        "CRM_URL",
        &json!([{ "path": "/v1/customers/4711", "status": 500 }, { "path": "/v1/customers", "status": 429 }]),
    );
    assert_eq!(get(&sim, "/v1/customers/4711/orders").status, 500);
    assert_eq!(get(&sim, TARGET).status, 429);
    assert_eq!(get(&sim, "/v1/other").status, 404);
    sim.reset("CRM_URL");
    assert_eq!(get(&sim, TARGET).status, 200);
}

#[test]
fn a_fault_that_is_none_is_refused_and_none_is_put_in_force() {
    let sim = Sim::start();
    for wrong in [
        json!({ "statuss": 500 }),
        json!({ "status": 99 }),
        json!({ "status": 500, "drop": true }),
        json!({ "delay_ms": 1, "delay": { "p50_ms": 1, "p99_ms": 2 } }),
        json!({ "delay": { "p50_ms": 5, "p99_ms": 2 } }),
        json!([{ "status": 500 }, { "status": 1 }]),
        json!("slow"),
    ] {
        let said = sim.ask("CRM_URL", "POST", CONTROL, &[], &wrong);
        assert_eq!((said.status, said.json()["message"].is_string()), (400, true), "{wrong}");
    }
    assert_eq!(sim.ask("CRM_URL", "GET", CONTROL, &[], &Value::Null).json(), json!([]));
    assert_eq!(sim.ask("CRM_URL", "GET", "/_sim/other", &[], &Value::Null).status, 404);
    assert_eq!(get(&sim, TARGET).status, 200);
}

#[test]
fn what_was_asked_is_counted_and_kept_as_it_came() {
    let sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "status": 500, "times": 1 }));
    get(&sim, TARGET);
    get(&sim, TARGET);
    note(&sim);
    let said = sim.requests("CRM_URL");
    assert_eq!(said["counts"], json!({ "GET /v1/customers": 2, "POST /v1/customers/4711/notes": 1 }));
    assert_eq!(said["total"], 3);
    let last = said["last"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["method"], &last["body"]), (&json!("POST"), &json!("{\"text\":\"x\"}")));
    assert!(last["headers"].as_array().unwrap().contains(&json!(["authorization", "Bearer sim-crm-token"])));
    assert_eq!(said["last"][0]["query"], json!([["phone", "91234567"]]));
    assert_eq!(sim.requests("XSWITCH_URL")["total"], 0, "each counts for itself");
    sim.reset("CRM_URL");
    assert_eq!(sim.requests("CRM_URL")["total"], 0);
}
