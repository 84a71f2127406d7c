//! Sobot's customer look-up: its log-in, the query with 31 parameters, and the system API of a data node.

use serde_json::{Value, json};

use crate::contract::{assert_like, contract};
use crate::sim::Sim;
use crate::sobot::md5_hex;

const URL: &str = "SOBOT_CRM_URL";

fn get(sim: &Sim, target: &str, token: &str) -> Value {
    let said = sim.ask(URL, "GET", target, &[("token", token)], &Value::Null);
    assert_eq!(said.status, 200, "{}", said.text());
    said.json()
}

fn log_in(sim: &Sim) -> String {
    let (app, key) = (sim.value("SOBOT_CRM_APP_ID"), sim.value("SOBOT_CRM_APP_KEY"));
    let sign = md5_hex(&format!("{app}1763700000{key}"));
    let said = get(sim, &format!("/api/get_token?appid={app}&create_time=1763700000&sign={sign}"), "");
    assert_eq!(said["ret_code"], "000000", "{said}");
    said["item"]["token"].as_str().unwrap().to_owned()
}

#[test]
fn the_published_vector_logs_in_and_each_time_the_token_before_is_ended() {
    assert_eq!(md5_hex("115693977732"), "258eec3118705112b2c53dc8043d4d34");
    let (sim, sample) = (Sim::start(), contract("customers")["login"].clone());
    let request = &sample["request"];
    let target = format!(
        "/api/get_token?appid={}&create_time={}&sign={}",
        request["appid"].as_str().unwrap(),
        request["create_time"].as_str().unwrap(),
        request["sign"].as_str().unwrap()
    );
    let first = get(&sim, &target, "");
    assert_like(&first, &sample["response"], "login");
    let second = get(&sim, &target, "");
    let query =
        |said: &Value| get(&sim, "/api/customers/query?id=C10001", said["item"]["token"].as_str().unwrap());
    assert_eq!((&query(&first)["ret_code"], &query(&second)["id"]), (&json!("900002"), &json!("C10001")));
}

#[test]
fn the_three_refusals_have_their_codes() {
    let sim = Sim::start();
    let code = |target: &str, token: &str| get(&sim, target, token)["ret_code"].clone();
    assert_eq!(code("/api/get_token?appid=1&create_time=1569397773", ""), "900001");
    assert_eq!(code("/api/get_token?appid=1&create_time=1569397773&sign=0", ""), "900003");
    assert_eq!(code("/api/customers/query?tel=1", ""), "900001");
    assert_eq!(code("/api/customers/query?tel=1", "nobody's"), "900002");
    let token = log_in(&sim);
    assert_eq!(get(&sim, "/api/customers/query?tel=%2B6591234567", &token)["uname"], "Lim Mei Ling");
    sim.fault(URL, &json!({ "expire_tokens": true }));
    assert_eq!(code("/api/customers/query?tel=1", &token), "900002");
}

#[test]
fn a_customer_has_the_31_parameters_in_their_types_and_the_custom_fields() {
    let sim = Sim::start();
    let said = get(&sim, "/api/customers/query?id=C10099", &log_in(&sim));
    let returns = contract("customers")["customer_query"]["returns"].clone();
    for (name, form) in returns.as_object().unwrap() {
        assert!(said[name].is_string(), "{name}");
        if let Some(values) = form["values"].as_array() {
            assert!(values.contains(&said[name]), "{name}: {}", said[name]);
        }
    }
    assert_eq!(said["4f1c0a7d9b8e4c2fa6d35e7b90c1a2d4"], "SG-2024-00099");
}

#[test]
fn what_is_not_set_is_left_out_but_the_required_ones_never() {
    let (sim, form) = (Sim::start(), contract("customers")["customer_query"]["returns"].clone());
    let token = log_in(&sim);
    for number in (10_001..=10_040).chain([10_099]) {
        let said = get(&sim, &format!("/api/customers/query?id=C{number}"), &token);
        for (name, form) in form.as_object().unwrap() {
            let is_there =
                said.get(name).is_some_and(|value| value.as_str().is_some_and(|text| !text.is_empty()));
            assert!(is_there || said.get(name).is_none(), "C{number} {name}: {}", said[name]);
            assert!(is_there || form["required"] == false, "C{number} lacks {name}");
        }
    }
}

#[test]
fn a_customer_is_found_by_each_parameter_and_nobody_is_null() {
    let sim = Sim::start();
    let token = log_in(&sim);
    let found = |query: &str| get(&sim, &format!("/api/customers/query{query}"), &token)["id"].clone();
    assert_eq!(found("?id=C10001"), "C10001");
    assert_eq!(found("?email=mei.lim@example.sg"), "C10001");
    for account in ["P-88231", "6591234567"] {
        assert_eq!(found(&format!("?thirdAccountId={account}")), "C10001");
    }
    let all = [
        "P-99001",
        "oUkd5t0000000000000000000all",
        "wmZk3n0000000000000000000000000all",
        "oA1b6u0000000000000000000all",
    ];
    let more = [
        "100099000000001",
        "17841499000000001",
        "6566001234",
        "U00000000000000000000000000000099",
        "990000001",
        "990000000000000001",
    ];
    for account in all.into_iter().chain(more) {
        assert_eq!(found(&format!("?thirdAccountId={account}")), "C10099", "{account}");
    }
    assert_eq!(found("?tel=%2B6591234567"), "C10001");
    for nobody in ["", "?tel=91234567", "?tel=", "?email=nobody@example.com"] {
        assert_eq!(get(&sim, &format!("/api/customers/query{nobody}"), &token), Value::Null, "{nobody}");
    }
}

#[test]
fn the_system_api_answers_what_is_set_in_the_types_of_its_sample() {
    let sim = Sim::start();
    let said = get(&sim, "/api/customers/by-tel?tel=%2B6591234567", "");
    assert_like(&said, &contract("customers")["node_system"]["response"], "system API");
    assert_eq!(
        said,
        json!({ "isVip": 1, "vipLevel": "gold", "userLabel": "lb101,lb102,lb202", "isblack": 0 })
    );
    assert_eq!(get(&sim, "/api/customers/by-tel?tel=87654321", ""), json!({ "isblack": 0 }));
    assert_eq!(get(&sim, "/api/customers/by-tel?tel=1", ""), json!({}));
}
