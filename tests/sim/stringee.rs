//! Stringee: the four operations answered as in their samples, with tokens signed here, and what is refused.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::contract::{assert_like, contract};
use crate::sim::Sim;
use crate::wire::Said;

const PATH: &str = "/v1/ivrkeypress";

/// Signs a token.
fn jwt(header: &Value, claims: &Value, secret: &str) -> String {
    let said = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, said.as_bytes())))
}

fn header() -> Value {
    json!({ "typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1" })
}

fn claims(sim: &Sim) -> Value {
    let sid = sim.value("STRINGEE_SID");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    json!({ "jti": format!("{sid}-{now}"), "iss": sid, "exp": now + 60, "rest_api": true })
}

fn good(sim: &Sim) -> String {
    jwt(&header(), &claims(sim), sim.value("STRINGEE_SECRET"))
}

fn ask_with(sim: &Sim, token: &str, method: &str, target: &str, body: &Value) -> Said {
    sim.ask("STRINGEE_URL", method, target, &[("x-stringee-auth", token)], body)
}

/// The answer, which always comes with 200.
fn ask(sim: &Sim, method: &str, target: &str, body: &Value) -> Value {
    let said = ask_with(sim, &good(sim), method, target, body);
    assert_eq!(said.status, 200);
    said.json()
}

#[test]
fn the_vector_is_what_is_signed_here() {
    let login = contract("stringee")["login"].clone();
    let claims = &login["claims"];
    assert_eq!(
        jwt(&login["header"], claims, login["secret"].as_str().unwrap()),
        login["response"].as_str().unwrap()
    );
    let sim = Sim::start();
    let said =
        ask_with(&sim, login["response"].as_str().unwrap(), "GET", &format!("{PATH}?node=1"), &Value::Null)
            .json();
    assert_ne!(said["r"], 0, "its time is over");
    assert_eq!(said["message"], "the token has expired");
}

#[test]
fn each_sample_request_is_answered_as_in_its_sample() {
    let (sim, samples) = (Sim::start(), contract("stringee"));
    let sample = |name: &str| (samples[name]["request"].clone(), samples[name]["response"].clone());
    let (request, response) = sample("key_press_list");
    let target = format!("{PATH}?node={}", request["node"].as_str().unwrap());
    assert_eq!(ask(&sim, "GET", &target, &Value::Null), response);
    let (request, response) = sample("key_press_create");
    let made = ask(&sim, "POST", PATH, &request);
    assert_like(&made, &response, "create");
    assert_eq!((&made["r"], &made["message"]), (&json!(0), &response["message"]));
    for (name, method) in [("key_press_update", "PUT"), ("key_press_delete", "DELETE")] {
        let (request, response) = sample(name);
        let target = format!("{PATH}/{}", request["id"].as_str().unwrap());
        assert_eq!(ask(&sim, method, &target, &request), response, "{name}");
    }
}

#[test]
fn what_is_created_is_listed_changed_and_deleted() {
    let (sim, samples) = (Sim::start(), contract("stringee"));
    let request = &samples["key_press_create"]["request"];
    let id = ask(&sim, "POST", PATH, request)["ivrNodeKeyID"].as_str().unwrap().to_owned();
    let listed = || ask(&sim, "GET", &format!("{PATH}?node=99OL694QXB2PJJLW"), &Value::Null)["data"].clone();
    assert_like(&listed(), &samples["key_press_list"]["also"]["data"], "list");
    assert_eq!(listed()["ivrNodeKeys"][0]["next_node"], request["next_node"]);
    assert_eq!(listed()["totalCount"], "1");
    let change = json!({ "action": 2, "queue_id": "QU_1" });
    assert_eq!(ask(&sim, "PUT", &format!("{PATH}/{id}"), &change)["r"], 0);
    assert_eq!(
        (&listed()["ivrNodeKeys"][0]["action"], &listed()["ivrNodeKeys"][0]["queue_id"]),
        (&json!(2), &json!("QU_1"))
    );
    assert_eq!(ask(&sim, "DELETE", &format!("{PATH}/{id}"), &Value::Null)["r"], 0);
    assert_eq!(listed()["totalCount"], "0");
    assert_ne!(ask(&sim, "DELETE", &format!("{PATH}/{id}"), &Value::Null)["r"], 0);
}

#[test]
fn what_is_wrong_is_refused_with_200_and_an_r_that_is_not_0() {
    let sim = Sim::start();
    let node = json!({ "node": "N", "node_key": "1", "action": 6 });
    assert_eq!(ask(&sim, "POST", PATH, &node)["r"], 0);
    let with = |name: &str, value: Value| {
        let mut body = json!({ "node": "N", "node_key": "2", "action": 6 });
        body[name] = value;
        body
    };
    for body in [
        node,
        with("node", json!("")),
        with("node_key", json!("12")),
        with("node_key", json!("A")),
        with("action", json!(7)),
        with("action", json!("6")),
        with("action", json!(2)),
        with("action", json!(3)),
        with("action", json!(4)),
    ] {
        let said = ask(&sim, "POST", PATH, &body);
        assert!(said["r"].as_i64().unwrap() > 0 && said["message"].is_string(), "{body}: {said}");
    }
    assert_eq!(ask(&sim, "POST", PATH, &with("node_key", json!("EMPTY_KEY")))["r"], 0);
    assert_ne!(ask(&sim, "GET", PATH, &Value::Null)["r"], 0, "no node");
    assert_ne!(ask(&sim, "PUT", &format!("{PATH}/nothing"), &json!({ "action": 6 }))["r"], 0);
    assert_ne!(ask(&sim, "GET", "/v1/other", &Value::Null)["r"], 0);
}

#[test]
fn a_token_must_be_signed_meant_for_it_and_not_be_old() {
    let sim = Sim::start();
    let secret = sim.value("STRINGEE_SECRET");
    let with = |name: &str, value: Value| {
        let mut claims = claims(&sim);
        claims[name] = value;
        jwt(&header(), &claims, secret)
    };
    let plain = json!({ "typ": "JWT", "alg": "HS256" });
    let wrong = [
        String::new(),
        "a.b.c".to_owned(),
        jwt(&header(), &claims(&sim), "other"),
        jwt(&plain, &claims(&sim), secret),
        with("iss", json!("other")),
        with("exp", json!(1_700_003_600)),
        with("rest_api", json!(false)),
        with("jti", Value::Null),
    ];
    for token in wrong {
        let said = ask_with(&sim, &token, "GET", &format!("{PATH}?node=N"), &Value::Null);
        assert_eq!((said.status, said.json()["r"] == 0), (200, false), "{token}");
    }
    let token = good(&sim);
    let said = || ask_with(&sim, &token, "GET", &format!("{PATH}?node=N"), &Value::Null).json();
    assert_eq!(said()["r"], 0);
    sim.fault("STRINGEE_URL", &json!({ "expire_tokens": true }));
    assert_ne!(said()["r"], 0);
}
