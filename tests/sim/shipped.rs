//! The shipped nodes, answered out of the simulators by the true gateway: what `docker-compose up` gives.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::sim::Sim;

fn both() -> (Sim, Gateway) {
    let sim = Sim::start();
    let gateway = Gateway::start_shipped(&sim.variables());
    (sim, gateway)
}

fn answer(gateway: &Gateway, target: &str, outcome: &str) -> Value {
    let said = gateway.get(target);
    assert_eq!((said.status, said.header("x-datadip-outcome")), (200, outcome), "{target}: {}", said.text());
    said.json()
}

#[test]
fn a_caller_is_found_in_the_crm_that_holds_the_number_in_national_form() {
    let (sim, gateway) = both();
    let said = answer(&gateway, "/nodes/crm-caller?tel=%2B6591234567", "found");
    assert_eq!(
        (&said["customer_name"], &said["open_orders"], &said["last_order"]),
        (&json!("Lim Mei Ling"), &json!(2), &json!("A-0093"))
    );
    let counts = sim.requests("CRM_URL")["counts"].clone();
    assert_eq!(
        counts,
        json!({ "GET /v1/customers": 3, "GET /v1/customers/4711/orders": 1 }),
        "three forms, then the orders"
    );
    let said = answer(&gateway, "/nodes/crm-caller?tel=6123+4567", "found");
    assert_eq!(said["customer_name"], "Daniel Koh", "of two on one number the one changed last");
    answer(&gateway, "/nodes/crm-caller?tel=%2B6580000001", "not_found");
}

#[test]
fn who_called_before_decides_nothing_about_two_customers_on_one_number() {
    let (_sim, gateway) = both();
    let by_email = answer(&gateway, "/nodes/crm-caller?email=office@kampong.example", "found");
    let by_phone = answer(&gateway, "/nodes/crm-caller?tel=6123+4567", "found");
    assert_eq!((&by_email["customer_id"], &by_phone["customer_id"]), (&json!("51"), &json!("52")));
    let again = answer(&gateway, "/nodes/crm-caller?email=office@kampong.example", "found");
    assert_eq!(again, by_email);
}

#[test]
fn a_note_reaches_the_crm() {
    let (sim, gateway) = both();
    let said = gateway.post_form("/nodes/crm-note", "tel=91234567&key=1");
    assert_eq!((said.header("x-datadip-outcome"), &said.json()["note_id"]), ("done", &json!("N-1001")));
    let bearer = format!("Bearer {}", sim.value("CRM_TOKEN"));
    let notes = sim
        .ask("CRM_URL", "GET", "/v1/customers/4711/notes", &[("authorization", &bearer)], &Value::Null)
        .json();
    assert_eq!(notes["notes"][1]["source"], "ivr");
}

#[test]
fn sobots_customers_are_found_behind_its_log_in() {
    let (_sim, gateway) = both();
    let said = answer(&gateway, "/nodes/sobot-customer?tel=91234567", "found");
    assert_eq!((&said["uname"], &said["vipLeveName"]), (&json!("Lim Mei Ling"), &json!("Gold member")));
    answer(&gateway, "/nodes/sobot-customer?thirdAccountId=U00000000000000000000000000000099", "found");
    let said = answer(&gateway, "/nodes/sobot-blocked?tel=98765432", "found");
    assert_eq!(said["isblack"], "1");
}

#[test]
fn a_broken_crm_is_an_outcome_and_never_a_wait() {
    let (sim, gateway) = both();
    let faults = [
        (json!({ "html": true }), "error"),
        (json!({ "truncate": true }), "error"),
        (json!({ "drop": true }), "error"),
        (json!({ "hang": true }), "timeout"),
        (json!({ "status": 429 }), "overloaded"),
    ];
    for (number, (fault, outcome)) in faults.into_iter().enumerate() {
        sim.reset("CRM_URL");
        sim.fault("CRM_URL", &fault);
        // A number of its own each time, so that nothing is remembered.
        let said = answer(&gateway, &format!("/nodes/crm-caller?tel=%2B658000001{number}"), outcome);
        assert_eq!(
            (&said["customer_name"], &said["queue_id"]),
            (&json!(""), &json!("QU_STANDARD")),
            "{fault}"
        );
    }
}
