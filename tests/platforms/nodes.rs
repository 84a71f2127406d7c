//! The shipped nodes from end to end: a call over HTTP to the gateway, which asks the simulators.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::sim::Sim;

const TOKEN: &str = "the admin token of a test";

/// The gateway on the shipped mappings, with the simulators behind it.
struct Shipped {
    sim: Sim,
    gateway: Gateway,
}

impl Shipped {
    fn start() -> Self {
        let sim = Sim::start();
        let gateway =
            Gateway::start_shipped(&[&sim.variables()[..], &[("DATADIP_ADMIN_TOKEN", TOKEN)]].concat());
        Self { sim, gateway }
    }

    /// Calls a node by FORM.
    fn ask(&self, node: &str, form: &str) -> Value {
        let said = self.gateway.post_form(&format!("/nodes/{node}"), form);
        assert_eq!(said.status, 200, "{node} {form}: {}", said.text());
        said.json()
    }

    /// Fails where the outputs are others than these; those that are not named are not looked at.
    fn assert_answers(&self, node: &str, form: &str, outputs: Value) {
        let said = self.ask(node, form);
        for (name, value) in outputs.as_object().unwrap() {
            assert_eq!(&said[name], value, "{node} {form}: {name} of {said}");
        }
    }

    /// How often Sobot was asked this.
    fn sobot_was_asked(&self, request: &str) -> u64 {
        self.sim.requests("SOBOT_URL")["counts"][request].as_u64().unwrap_or_default()
    }

    /// The body of the last request to Sobot.
    fn last_body(&self) -> Value {
        let asked = self.sim.requests("SOBOT_URL");
        serde_json::from_str(asked["last"].as_array().unwrap().last().unwrap()["body"].as_str().unwrap())
            .unwrap()
    }
}

#[test]
fn sobots_customer_is_found_by_each_parameter_with_all_that_sobot_knows() {
    let shipped = Shipped::start();
    let table = Gateway::start_shipped(&[]);
    for (form, id) in [
        ("tel=91234567", "C10001"),
        ("tel=%2B65+8123-4567", "C10002"),
        ("id=C10012", "C10012"),
        ("email=mei.lim@example.sg", "C10001"),
        ("thirdAccountId=P-88231", "C10001"),
        ("thirdAccountId=oUkd5t9Qw2Xn7LrVbY3hZpEa1cTs", "C10008"),
        ("thirdAccountId=wmZk3nBQAAq7X1sR5vUoP2eLdC8yTgHw", "C10009"),
        ("thirdAccountId=482915073366294528", "C10006"),
    ] {
        shipped.assert_answers("sobot-customer", form, json!({ "id": id }));
    }
    // The simulator's customers are those of the table that comes with Datadip, in Sobot's own form.
    let (sobot, own) =
        (shipped.ask("sobot-customer", "id=C10001"), table.get("/nodes/customer?id=C10001").json());
    assert_eq!(sobot, own);
    shipped.assert_answers(
        "sobot-customer",
        "tel=80000001",
        json!({ "id": "", "isVip": "2", "isblack": "0" }),
    );
    assert_eq!(shipped.ask("sobot-customer", "x=1"), Value::Null);
}

#[test]
fn a_blocked_caller_is_told_and_an_agent_is_found_with_the_spaces_taken_off() {
    let shipped = Shipped::start();
    for (tel, status, isblack) in [
        ("98765432", "found", "1"),
        ("91234567", "found", "0"),
        ("80000001", "not_found", "0"),
        ("anonymous", "no_identifier", "0"),
    ] {
        let expected = json!({ "status": status, "isblack": isblack });
        shipped.assert_answers("sobot-blocked", &format!("tel={tel}"), expected);
    }
    for (tel, agent, ext, target) in [
        ("91234567", "Mei Tan", "2001", "2001"),
        ("%2B442079460123", "Olivia Reed", "2002", "2002"),
        ("98765432", "Lukas Brandt", "", "QU_STANDARD"),
        ("87654321", "", "", "QU_STANDARD"),
    ] {
        let expected = json!({ "status": "found", "agent_name": agent, "ext": ext, "target": target });
        shipped.assert_answers("sobot-agent", &format!("tel={tel}"), expected);
    }
}

#[test]
fn a_number_is_blocked_in_sobot() {
    let shipped = Shipped::start();
    shipped.assert_answers(
        "sobot-block",
        "tel=98765432&reason=Nuisance",
        json!({ "status": "done", "blocked": "1" }),
    );
    let blocked = json!([{ "callNumber": "6598765432", "numberType": 1, "callType": 2, "enabled": 1, "description": "Nuisance" }]);
    assert_eq!(shipped.last_body(), blocked);
    let path = "/callservice/v6/cc-config/blacklist/batch";
    shipped.sim.fault("SOBOT_URL", &json!({ "path": path, "status": 503, "times": 1 }));
    shipped.assert_answers("sobot-block", "tel=98765432", json!({ "status": "error", "blocked": "0" }));
    assert_eq!(shipped.sobot_was_asked(&format!("PUT {path}")), 2, "a write is not sent again");
}

#[test]
fn a_caller_is_routed_by_key_and_by_who_they_are() {
    let shipped = Shipped::start();
    for (form, action, queue, next) in [
        ("tel=81234567&node=NO_294UFJIAVSI91WID&key=1", 4, "", "10"),
        ("tel=98765432&node=NO_294UFJIAVSI91WID&key=1", 6, "", ""),
        ("tel=81234567&node=NO_294UFJIAVSI91WID&key=9", 2, "QU_STANDARD", ""),
        ("tel=91234567&node=NO_294UFJIAVSI91WID&key=9", 2, "QU_VIP", ""),
        ("tel=81234567&key=1", 2, "QU_STANDARD", ""),
    ] {
        let expected =
            json!({ "action": action, "queue_id": queue, "next_node": next, "to_phone_number": "" });
        shipped.assert_answers("stringee-route", form, expected);
    }
}

#[test]
fn a_call_back_is_booked_once_for_each_call() {
    let shipped = Shipped::start();
    let path = "/callservice/v6/cc-console/contact-schedules/_batchAddInfos";
    let booked = shipped.ask("sobot-call-back", "tel=91234567&call_id=c-1");
    assert_eq!((&booked["status"], &booked["booked"]), (&json!("done"), &json!("1")), "{booked}");
    let plan = booked["plan_id"].as_str().unwrap();
    assert!(plan.len() == 32 && plan.trim() == plan, "{plan:?}");
    let sent = shipped.last_body();
    assert_eq!(sent["customerPhoneNumberList"], json!(["6591234567"]));
    let (begins, ends) =
        (sent["scheduleStartTime"].as_i64().unwrap(), sent["scheduleEndTime"].as_i64().unwrap());
    assert_eq!((begins % 60_000, ends - begins), (0, 172_800_000));
    assert_eq!(shipped.ask("sobot-call-back", "tel=%2B6591234567&call_id=c-1"), booked);
    assert_eq!(shipped.sobot_was_asked(&format!("POST {path}")), 1);
    shipped.assert_answers("sobot-call-back", "tel=91234567&call_id=c-2", json!({ "status": "done" }));
    assert_eq!(shipped.sobot_was_asked(&format!("POST {path}")), 2);
    let told = shipped.gateway.command(TOKEN, &["explain", "--call", "c-2"]);
    assert!(
        told.code == 0 && told.out.contains("sobot-call-back"),
        "found by the IVR's own number: {told:?}"
    );
    // Cut off after it was carried out: nobody knows, so it is not sent again.
    shipped.sim.fault("SOBOT_URL", &json!({ "path": path, "truncate": true, "times": 1 }));
    for _ in 0..2 {
        let said = shipped.ask("sobot-call-back", "tel=91234567&call_id=c-3");
        assert_eq!((&said["booked"], &said["plan_id"]), (&json!("0"), &json!("")), "{said}");
    }
    assert_eq!(shipped.sobot_was_asked(&format!("POST {path}")), 3);
}

#[test]
fn a_caller_is_put_on_a_campaign_once_also_where_the_answer_was_cut_off() {
    let shipped = Shipped::start();
    let path = "/callservice/v6/cc-exports/api/campaigns/_import";
    shipped.sim.fault("SOBOT_URL", &json!({ "path": path, "truncate": true, "times": 1 }));
    let form = "tel=91234567&name=Lim+Mei+Ling&batch=IVR1";
    for _ in 0..2 {
        shipped.assert_answers("sobot-campaign", form, json!({ "status": "done", "on_campaign": "1" }));
    }
    let asked = shipped.sim.requests("SOBOT_URL");
    let imports = asked["last"].as_array().unwrap().iter().filter(|asked| asked["path"] == path);
    let key = |asked: &Value| {
        let headers = asked["headers"].as_array().unwrap();
        headers.iter().find(|header| header[0] == "idempotency-key").unwrap()[1].clone()
    };
    let keys: Vec<Value> = imports.map(key).collect();
    assert!(keys.len() == 3 && keys.iter().all(|key| *key == keys[0]), "one wish, one key: {keys:?}");
    let result = [
        "call",
        "sobot.query_import_result",
        "agentID=5001",
        "agentType=0",
        "code=dgug92owec",
        "callingListCode=IVR1",
    ];
    let ended =
        crate::shell::datadip_with(env!("CARGO_MANIFEST_DIR").as_ref(), &result, &shipped.sim.variables());
    let results: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((results.as_array().unwrap().len(), &results[0]["successCount"]), (1, &json!(1)), "{results}");
}

#[test]
fn the_call_centre_is_open_by_the_times_that_are_kept_in_xswitch() {
    let shipped = Shipped::start();
    // Of the samples: Monday 8 to 18, Tuesday and Friday 8 to 19; off on 3 March from 8 to 20. In Shanghai.
    for (at, state, is_open) in [
        ("2026-11-23T09:59:00Z", "open", "1"),
        ("2026-11-23T10:00:00Z", "closed", "0"),
        ("2026-11-24T10:59:00Z", "open", "1"),
        ("2026-11-25T04:00:00Z", "closed", "0"),
        ("2026-03-03T04:00:00Z", "holiday", "0"),
        ("2026-03-03T23:00:00Z", "closed", "0"),
    ] {
        let second = at.parse::<jiff::Timestamp>().unwrap().as_second();
        let expected = json!({ "state": state, "is_open": is_open });
        shipped.assert_answers("xswitch-open", &format!("at={second}"), expected);
    }
    assert!(
        ["open", "closed", "holiday"].contains(&shipped.ask("xswitch-open", "")["state"].as_str().unwrap())
    );
}
