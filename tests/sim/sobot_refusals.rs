//! What Sobot's management API refuses: log-ins, tokens, arguments, duplicates and limits.

use serde_json::{Value, json};

use crate::contract::contract;
use crate::sobot::{KEY, Sobot, md5_hex, token};

/// The envelope's code of a refusal that comes with HTTP 200.
fn refused(system: &Sobot, name: &str, body: &Value) -> Value {
    let said = system.ask(name, body);
    assert_eq!(said.status, 200, "{name}: {}", said.text());
    let envelope = said.json();
    assert_eq!(envelope["status"], "Failed", "{name} {body}: {envelope}");
    assert!(!envelope["message"].as_str().unwrap().is_empty());
    envelope["code"].clone()
}

#[test]
fn the_published_vectors_are_the_signs_that_are_asked_for() {
    assert_eq!(md5_hex("app11627462929415tokens3cr3t"), "5399ad804e2ce298a8cf9a5a82ac89f5");
    let system = Sobot::start();
    for (name, path) in [("login_company", "/tokens/company"), ("login_agent", "/tokens/agent")] {
        let sample = contract("sobot")[name].clone();
        let said = system.sim.ask("SOBOT_URL", "POST", path, &[], &sample["request"]);
        assert_eq!(said.status, 200, "{name}: {}", said.text());
        crate::contract::assert_like(&said.json(), &sample["response"], name);
    }
}

#[test]
fn a_log_in_with_a_wrong_sign_application_or_agent_is_refused() {
    let system = Sobot::start();
    let wrong = [
        ("company", json!({ "sign": "0" })),
        ("company", json!({ "appId": "other" })),
        ("company", json!({ "currentTime": 1 })),
        ("company", json!({ "responseType": "code" })),
        ("agent", json!({})),
        ("agent", json!({ "agentNo": "9999" })),
    ];
    for (kind, change) in wrong {
        assert_eq!(system.log_in(kind, &change).status, 401, "{kind} {change}");
    }
    assert_eq!(system.log_in("company", &json!({ "sign": "" })).status, 400);
    assert_eq!(system.log_in("agent", &json!({ "agentNo": "1111" })).status, 200);
}

#[test]
fn a_token_that_is_missing_unknown_or_expired_is_401_in_both_places() {
    let system = Sobot::start();
    let company = token(&system.log_in("company", &json!({})));
    for wrong in [String::new(), "nobody's".to_owned(), format!("Bearer {company}")] {
        let said = system.ask_with("queue_search", &json!({}), &wrong, KEY);
        assert_eq!((said.status, &said.json()["code"]), (401, &json!(401)), "{wrong}");
    }
    assert_eq!(system.ask_with("queue_search", &json!({}), &company, KEY).status, 200);
    system.sim.fault("SOBOT_URL", &json!({ "expire_tokens": true }));
    assert_eq!(system.ask_with("queue_search", &json!({}), &company, KEY).status, 401);
}

#[test]
fn five_operations_ask_for_an_agents_token() {
    let system = Sobot::start();
    let company = token(&system.log_in("company", &json!({})));
    let operations = system.samples.as_object().unwrap();
    let of_agents: Vec<&str> =
        operations.iter().filter(|(_, one)| one["token"] == "agent").map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        of_agents,
        ["queue_add", "queue_delete", "queue_members", "queue_members_update", "relay_number_search"]
    );
    for name in of_agents {
        assert_eq!(system.ask_with(name, system.request(name), &company, KEY).status, 403, "{name}");
    }
}

#[test]
fn every_required_argument_is_missed() {
    let system = Sobot::start();
    let mut count = 0;
    for (name, operation) in
        system.samples.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with("login"))
    {
        let args = operation["args"].as_object().unwrap();
        for (arg, _) in args.iter().filter(|(arg, form)| form["required"] == true && !arg.contains("[]")) {
            let mut request = system.request(name).clone();
            request.as_object_mut().unwrap().remove(arg);
            assert_eq!(refused(&system, name, &request), 400, "{name} without {arg}");
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
    let mut import = system.request("campaign_import").clone();
    import["dataDetails"][0].as_object_mut().unwrap().remove("telephone");
    assert_eq!(refused(&system, "campaign_import", &import), 400);
    let mut update = system.request("queue_members_update").clone();
    update["list"][0]["add"][0].as_object_mut().unwrap().remove("agent");
    assert_eq!(refused(&system, "queue_members_update", &update), 400);
}

#[test]
fn an_argument_of_another_type_is_refused() {
    let system = Sobot::start();
    for (name, member, value) in [
        ("agent_modify", "wrapUpTime", json!("soon")),
        ("queue_search", "pageSize", json!("many")),
        ("relay_number_search", "enabled", json!("1")),
        ("queue_add", "queueName", json!(["a"])),
        ("contact_plan_create", "customerPhoneNumberList", json!("18189672221")),
    ] {
        let mut request = system.request(name).clone();
        request[member] = value;
        assert_eq!(refused(&system, name, &request), 400, "{name} {member}");
    }
    assert_eq!(refused(&system, "blacklist_import", &json!({})), 400, "no bare list");
}

#[test]
fn campaigns_ask_for_a_key_that_is_a_uuid() {
    let system = Sobot::start();
    let company = token(&system.log_in("company", &json!({})));
    for name in ["campaign_create", "campaign_import", "campaign_import_result", "campaign_list"] {
        for key in ["", "1", "11111111-2222-4333-8444-55555555555g"] {
            let said = system.ask_with(name, system.request(name), &company, key).json();
            assert_eq!(said["code"], 400, "{name} `{key}`");
        }
    }
}

#[test]
fn what_is_there_already_is_not_made_again() {
    let system = Sobot::start();
    system.data("queue_add", &json!({ "queueName": "nine", "queueID": "9" }));
    for queue in
        [json!({ "queueName": "other", "queueID": "9" }), json!({ "queueName": "nine", "queueID": "8" })]
    {
        assert_eq!(refused(&system, "queue_add", &queue), 409);
    }
    let ext = json!({ "agentID": "1111", "ext": "5002", "password": "123456" });
    assert_eq!(refused(&system, "ext_add", &ext), 409);
    let taken = json!({ "agent": "1111", "agentType": 0, "wrapUpTime": 1, "ext": "5001" });
    assert_eq!(refused(&system, "agent_modify", &taken), 409, "it is another agent's");
}

#[test]
fn what_is_not_there_is_not_found() {
    let system = Sobot::start();
    for (name, body) in [
        ("agent_query", json!({ "agent": "9999", "agentType": 0 })),
        ("agent_query", json!({ "agent": "1111", "agentType": 1 })),
        ("agent_unbind", json!({ "agent": "9999", "agentType": 0 })),
        ("agent_modify", json!({ "agent": "1111", "agentType": 0, "wrapUpTime": 1, "ext": "7777" })),
        ("queue_delete", json!({ "queueID": "9999" })),
        ("queue_members", json!({ "queueID": "9999" })),
        ("queue_members_update", json!({ "list": [{ "queueID": "9999" }] })),
        ("ext_add", json!({ "agentID": "9999", "ext": "6000", "password": "123456" })),
    ] {
        assert_eq!(refused(&system, name, &body), 404, "{name} {body}");
    }
    let mut import = system.request("campaign_import").clone();
    import["campaignId"] = json!("nothing");
    assert_eq!(refused(&system, "campaign_import", &import), 404);
    let mut plan = system.request("contact_plan_create").clone();
    plan["executorId"] = json!("9999");
    assert_eq!(refused(&system, "contact_plan_create", &plan), 404);
}

#[test]
fn limits_are_kept() {
    let system = Sobot::start();
    let fifty: Vec<Value> = (0..50).map(|number| json!(format!("1818967{number:04}"))).collect();
    let mut plan = system.request("contact_plan_create").clone();
    plan["customerPhoneNumberList"] = json!(&fifty);
    assert_eq!(system.data("contact_plan_create", &plan).as_array().unwrap().len(), 50);
    let one_more = [fifty, vec![json!("18189672221")]].concat();
    for (name, member, value) in [
        ("contact_plan_create", "customerPhoneNumberList", json!(one_more)),
        ("contact_plan_create", "customerPhoneNumberList", json!(["12"])),
        ("contact_plan_create", "customerPhoneNumberList", json!(["anonymous"])),
        ("contact_plan_create", "name", json!("a name of 21 letters.")),
        ("contact_plan_create", "scheduleEndTime", json!(1)),
        ("campaign_create", "scheduleEndTime", json!(1_660_115_936_310_u64)),
        ("campaign_create", "description", json!("x".repeat(201))),
        ("campaign_import", "callingListCode", json!("123456789012345678901")),
        ("campaign_import", "callingListCode", json!("no-hyphen")),
        ("campaign_import", "removeDuplicatesRule", json!("RemoveAll")),
        ("campaign_import", "assignRule", json!("Anybody")),
        ("campaign_import", "dataDetails", json!([])),
        ("ext_add", "ext", json!("12")),
        ("ext_add", "password", json!("12345")),
        ("agent_modify", "wrapUpType", json!(3)),
        ("agent_unbind", "numberType", json!(3)),
    ] {
        let mut request = system.request(name).clone();
        request[member] = value;
        assert_eq!(refused(&system, name, &request), 400, "{name} {member}");
    }
}

#[test]
fn other_paths_and_methods_are_told() {
    let system = Sobot::start();
    let queue = "/callservice/v6/cc-config/api/queue";
    assert_eq!(system.sim.ask("SOBOT_URL", "GET", queue, &[], &Value::Null).status, 405);
    assert_eq!(system.sim.ask("SOBOT_URL", "GET", "/callservice/v6/nothing", &[], &Value::Null).status, 404);
}
