//! XSwitch: each sample request answered as in its sample, and what is refused.

use serde_json::{Value, json};

use crate::contract::{assert_like, contract};
use crate::sim::Sim;
use crate::wire::Said;

struct XSwitch {
    sim: Sim,
    samples: Value,
    token: String,
}

impl XSwitch {
    fn start() -> Self {
        let (sim, samples) = (Sim::start(), contract("xswitch"));
        let mut system = Self { sim, samples, token: String::new() };
        system.token = system.log_in();
        system
    }

    fn log_in(&self) -> String {
        let body = json!({ "dev_key": self.sim.value("XSWITCH_DEV_KEY") });
        let said = self.sim.ask("XSWITCH_URL", "POST", "/api/xcc/sessions/auth", &[], &body);
        assert_eq!(said.status, 200);
        said.json()["token"].as_str().unwrap().to_owned()
    }

    fn post(&self, path: &str, body: &Value) -> Said {
        self.sim.ask("XSWITCH_URL", "POST", &format!("/api/xcc/{path}"), &[("token", &self.token)], body)
    }

    /// The answer to the sample's own request, sent where the sample sends it.
    fn sample(&self, name: &str) -> Value {
        let operation = &self.samples[name];
        let path = operation["sample_path"].as_str().or(operation["path"].as_str()).unwrap();
        let said = self.post(path.strip_prefix("/api/xcc/").unwrap(), &operation["request"]);
        assert_eq!(said.status, 200, "{name}: {}", said.text());
        said.json()
    }

    fn expected(&self, name: &str) -> &Value {
        &self.samples[name]["response"]
    }
}

#[test]
fn reads_are_answered_as_in_the_samples() {
    let system = XSwitch::start();
    for name in [
        "extension_get",
        "switch_list",
        "work_time_list",
        "off_day_list",
        "ivr_list",
        "ivr_get",
        "hotline_get",
        "extension_list",
        "queue_list",
    ] {
        assert_eq!(system.sample(name), *system.expected(name), "{name}");
    }
    for name in ["login", "extension_token", "hotline_list"] {
        assert_like(&system.sample(name), system.expected(name), name);
    }
    assert_eq!(system.sample("extension_token")["extn_id"], "192");
    // The sample asks for pages of five and shows one of two.
    assert_eq!(
        system.post("hotlines/list", &json!({ "page_size": "2" })).json(),
        *system.expected("hotline_list")
    );
}

#[test]
fn writes_are_answered_as_in_the_samples() {
    let system = XSwitch::start();
    // Each sample finds what it is about: a tree is removed before one of its name is added.
    for name in [
        "extension_add",
        "extension_set",
        "extension_delete",
        "queue_add",
        "queue_set",
        "queue_delete",
        "work_time_add",
        "off_day_add",
        "off_day_set",
        "ivr_set",
        "ivr_delete",
        "ivr_add",
        "hotline_set",
        "hotline_delete",
    ] {
        assert_eq!(system.sample(name), *system.expected(name), "{name}");
    }
    // Hotline 1 is there, so the next free id is answered. The other two samples name one id and answer another.
    assert_eq!(system.sample("hotline_add"), json!({ "id": "2" }));
    assert_eq!(system.sample("work_time_delete"), json!({ "id": "4" }));
    assert_eq!(system.sample("off_day_delete"), json!({ "id": "5" }));
    // The sample sets an id that its list does not have.
    assert_eq!(system.post("timeDef/set", &json!({ "type": "work_time", "id": "5" })).status, 404);
    let body = json!({ "type": "work_time", "id": 6, "end_time": "19:30:00" });
    assert_eq!(system.post("timeDef/set", &body).json(), *system.expected("work_time_set"));
}

#[test]
fn what_is_added_is_found_changed_and_gone() {
    let system = XSwitch::start();
    let id =
        system.post("queues/add", &json!({ "name": "vip", "strategy": "ring-all" })).json()["id"].clone();
    let found = |name: &str| system.post("queues/list", &json!({ "name": name })).json();
    assert_eq!(found("vip")["data"][0]["strategy"], "ring-all");
    assert_eq!(found("vip")["row_count"], 1);
    let action = json!({ "action": "hangup" });
    system.post("queues/set", &json!({ "id": id, "strategy": "top-down", "wait_timeout_action": action }));
    assert_eq!(found("vip")["data"][0]["strategy"], "top-down");
    system.post("queues/del", &json!({ "id": id }));
    assert_eq!(found("vip"), json!({ "page": 1, "data": [], "row_count": 0, "page_count": 1 }));

    let child = json!({ "name": "deep", "level": 3, "parent_id": "9", "type": "top" });
    let id = system.post("ivrs/add", &child).json()["id"].clone();
    let tree = system.post("ivrs/get", &json!({ "id": "8" })).json();
    assert_eq!(tree[0]["ivrs"][0]["ivrs"][0]["id"], id);
    system.post("ivrs/del", &json!({ "id": "8" }));
    assert_eq!(system.post("ivrs/get", &json!({ "id": id })).json(), json!([]), "all below it is gone");
}

#[test]
fn an_added_extension_has_its_password_as_hashes() {
    let system = XSwitch::start();
    let id = system.sample("extension_add")["id"].clone();
    let row = system.post("extensions/get", &json!({ "id": id })).json();
    assert_eq!(row["ha1"], md5("1030:xswitch.cn:$VeryGoodPassw0rd"));
    assert_eq!(row["ha1b"], md5("1030@xswitch.cn:xswitch.cn:$VeryGoodPassw0rd"));
    assert!(!row.to_string().contains("VeryGood"), "{row}");
    assert_eq!(row["login"], "1030");
}

fn md5(text: &str) -> String {
    use md5::Digest;
    md5::Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_page_past_the_end_repeats_the_last() {
    let system = XSwitch::start();
    let page =
        |number: Value| system.post("extensions/list", &json!({ "page": number, "page_size": 10 })).json();
    let last = page(json!("3"));
    assert_eq!((&last["page"], &last["page_count"], &last["row_count"]), (&json!(3), &json!(3), &json!(22)));
    assert_eq!(last["data"].as_array().unwrap().len(), 2);
    assert_eq!(page(json!(4)), last);
    assert_eq!(page(json!(999)), last);
}

#[test]
fn lists_are_searched_and_sorted() {
    let system = XSwitch::start();
    let search =
        json!({ "search_field": "extn", "search_key": "101", "sort_field": "id", "sort_order": "descend" });
    let found = system.post("extensions/list", &search).json();
    let numbers: Vec<&str> =
        found["data"].as_array().unwrap().iter().map(|row| row["extn"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["1019", "1018", "1017", "1016", "1015", "1014", "1013", "1012", "1011", "1010"]);
    let hotlines = system.post("hotlines/list", &json!({ "nbr": "4008" })).json();
    assert_eq!(hotlines["row_count"], 5);
}

#[test]
fn a_weekday_has_one_time_and_a_name_one_owner() {
    let system = XSwitch::start();
    let body =
        json!({ "type": "work_time", "weekday": "1", "start_time": "07:00:00", "end_time": "15:00:00" });
    assert_eq!(system.post("timeDef/add", &body).json(), json!({ "id": "1" }));
    let times = system.post("timeDef/list", &json!({ "type": "work_time" })).json();
    assert_eq!(times.as_array().unwrap().len(), 3);
    assert_eq!(times[0]["start_time"], "07:00:00");
    for (path, body) in [
        ("queues/add", json!({ "name": "testapi6" })),
        ("queues/set", json!({ "id": 1, "name": "testapi6" })),
        ("timeDef/set", json!({ "type": "work_time", "id": 4, "weekday": "1" })),
        ("ivrs/add", json!({ "name": "总部", "level": 0 })),
        ("extensions/add", json!({ "name": "again", "extn": "1000", "password": "secret" })),
    ] {
        let said = system.post(path, &body);
        assert_eq!((said.status, said.json()["code"].clone()), (409, json!(409)), "{path}: {}", said.text());
    }
}

#[test]
fn what_is_missing_or_unknown_is_refused() {
    let system = XSwitch::start();
    for (path, body, status) in [
        ("queues/add", json!({}), 400),
        ("extensions/add", json!({ "name": "x", "extn": "1" }), 400),
        ("timeDef/add", json!({ "type": "offday" }), 400),
        (
            "timeDef/add",
            json!({ "type": "work_time", "weekday": 8, "start_time": "08:00:0", "end_time": "9" }),
            400,
        ),
        ("queues/set", json!({ "id": 1, "strategy": "nobody" }), 400),
        ("hotlines/add", json!({ "nbr": "1", "type": "both" }), 400),
        ("ivrs/add", json!({ "name": "x", "level": 0, "record": "some" }), 400),
        ("timeDef/list", json!({}), 400),
        ("timeDef/list", json!({ "type": "holiday" }), 400),
        ("extensions/get", json!({ "id": "1" }), 404),
        ("extensions/set", json!({ "name": "x" }), 404),
        ("queues/del", json!({ "id": "99" }), 404),
        ("queues/get", json!({ "id": "1" }), 404),
        ("agents/list", json!({}), 404),
        ("sessions/getExtnToken", json!({ "extn": "77" }), 404),
    ] {
        let said = system.post(path, &body);
        assert_eq!(said.status, status, "{path} {body}: {}", said.text());
        assert_eq!(said.json()["code"], status, "{path} {body}");
        assert!(said.json()["message"].is_string());
    }
    let days = system.post("timeDef/list", &json!({ "type": "offwork" })).json();
    assert_eq!(days, *system.expected("off_day_list"), "the text's word for it is understood");
}

#[test]
fn a_body_says_that_it_is_json() {
    let system = XSwitch::start();
    let headers = [("token", system.token.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let said =
        system.sim.ask("XSWITCH_URL", "POST", "/api/xcc/queues/list", &headers, &json!({ "name": "x" }));
    assert_eq!(
        (said.status, &said.json()["message"]),
        (400, &json!("the body is no JSON: its content type is not application/json"))
    );
}

#[test]
fn nothing_is_answered_without_a_token_that_is_known() {
    let mut system = XSwitch::start();
    let wrong = json!({ "dev_key": "other" });
    assert_eq!(system.sim.ask("XSWITCH_URL", "POST", "/api/xcc/sessions/auth", &[], &wrong).status, 401);
    let first = std::mem::replace(&mut system.token, "nobody's".to_owned());
    assert_eq!(system.post("queues/list", &json!({})).status, 401);
    let second = system.log_in();
    assert_ne!(first, second);
    for token in [first, second] {
        system.token = token;
        assert_eq!(system.post("queues/list", &json!({})).status, 200, "one does not end the other");
    }
    system.sim.fault("XSWITCH_URL", &json!({ "expire_tokens": true }));
    assert_eq!(system.post("queues/list", &json!({})).status, 401);
    system.token = system.log_in();
    assert_eq!(system.post("queues/list", &json!({})).status, 200);
}
