//! What platforms refuse, and what is refused before they are asked.

use datadip::record::Failure;
use serde_json::{Value, json};

use crate::asking::Asking;
use crate::sim::Sim;

/// Arguments from an object.
fn args(of: &Value) -> Vec<(String, Value)> {
    of.as_object().unwrap().clone().into_iter().collect()
}

fn count(sim: &Sim, url: &str, request: &str) -> u64 {
    sim.requests(url)["counts"][request].as_u64().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_token_that_has_expired_is_had_anew_once_and_the_question_is_asked_again() {
    let sim = Sim::start();
    let asking = Asking::with(&sim.variables()).await;
    for (name, given, url, login) in [
        ("sobot.query_skill_groups", json!({}), "SOBOT_URL", "POST /tokens/company"),
        ("sobot.query_relay_numbers", json!({}), "SOBOT_URL", "POST /tokens/agent"),
        ("sobot-crm.query_customer", json!({ "id": "C10001" }), "SOBOT_CRM_URL", "GET /api/get_token"),
        ("xswitch.list_queues", json!({}), "XSWITCH_URL", "POST /api/xcc/sessions/auth"),
    ] {
        let (operation, given) = (asking.operation(name), args(&given));
        assert!(asking.ask(operation, &given).await.is_ok(), "{name}");
        let before = count(&sim, url, login);
        sim.fault(url, &json!({ "expire_tokens": true }));
        for _ in 0..2 {
            assert!(asking.ask(operation, &given).await.is_ok_and(|found| !found.is_empty()), "{name}");
        }
        assert_eq!(count(&sim, url, login), before + 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_wrong_secret_is_a_login_that_failed_with_the_platforms_own_words() {
    let sim = Sim::start();
    let wrong = |name: &str| name.ends_with("_SECRET") || name.ends_with("_KEY");
    let variables: Vec<(&str, &str)> = sim
        .variables()
        .into_iter()
        .map(|(name, value)| (name, if wrong(name) { "wr0ng" } else { value }))
        .collect();
    let asking = Asking::with(&variables).await;
    for (name, given, said) in [
        ("sobot.query_skill_groups", json!({}), "the login failed: the upstream answered 401"),
        ("sobot.query_relay_numbers", json!({}), "the login failed: the upstream answered 401"),
        (
            "sobot-crm.query_customer",
            json!({ "id": "C10001" }),
            "the login failed: the upstream refused: the signature is wrong",
        ),
        (
            "stringee.list_keys",
            json!({ "node": "NO_294UFJIAVSI91WID" }),
            "the upstream refused: the token is missing, or not signed as Stringee asks for",
        ),
        ("xswitch.list_queues", json!({}), "the login failed: the upstream answered 401"),
    ] {
        let failure = asking.ask(asking.operation(name), &args(&given)).await.unwrap_err().to_string();
        assert_eq!(failure, said, "{name}");
        assert!(!failure.contains("wr0ng"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_argument_that_is_missing_or_of_another_type_is_named_and_nothing_is_sent() {
    let sim = Sim::start();
    let asking = Asking::with(&sim.variables()).await;
    for operation in &asking.operations {
        let Some(first) = operation.args.iter().find(|arg| arg.required) else { continue };
        let failure = asking.ask(operation, &[]).await.unwrap_err();
        let expected = Failure::Argument { name: first.name.to_string(), reason: "is required".to_owned() };
        assert_eq!(failure, expected, "{}", operation.name);
    }
    for (name, given, said) in [
        (
            "sobot.query_agent_setting",
            json!({ "agent": "1", "agentType": 2 }),
            "argument `agentType`: must be one of 0, 1",
        ),
        (
            "sobot.import_forbidden_numbers",
            json!({ "numbers": "1" }),
            "argument `numbers`: must be a list, not a text",
        ),
        (
            "stringee.create_key",
            json!({ "node": "N", "node_key": "1", "action": 7 }),
            "argument `action`: must be one of 1, 2, 3, 4, 5, 6",
        ),
        (
            "xswitch.add_work_time",
            json!({ "weekday": "8", "start_time": "08:00:00", "end_time": "18:00:00" }),
            "argument `weekday`: must be one of 1, 2, 3, 4, 5, 6, 7",
        ),
    ] {
        assert_eq!(
            asking.ask(asking.operation(name), &args(&given)).await.unwrap_err().to_string(),
            said,
            "{name}"
        );
    }
    for url in ["SOBOT_URL", "STRINGEE_URL", "XSWITCH_URL"] {
        assert_eq!(sim.requests(url)["total"], 0, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_duplicate_and_what_is_over_a_limit_are_refused_with_the_platforms_own_words() {
    let sim = Sim::start();
    let asking = Asking::with(&sim.variables()).await;
    let plan = |name: &str, numbers: usize| {
        json!({
            "name": name, "scheduleStartTime": 1_661_911_780_000_u64, "scheduleEndTime": 1_662_998_180_000_u64,
            "executorId": "5001", "agentID": "5002", "customerPhoneNumberList": vec!["18189672221"; numbers],
        })
    };
    let group = json!({ "queueID": "4711", "queueName": "Night" });
    let key = json!({ "node": "NO_294UFJIAVSI91WID", "node_key": "1", "action": 6 });
    let queue = json!({ "name": "night" });
    let first = [("sobot.add_skill_group", &group), ("xswitch.add_queue", &queue)];
    for (name, given) in first {
        assert!(asking.ask(asking.operation(name), &args(given)).await.is_ok(), "{name}");
    }
    for (name, given, said) in [
        ("sobot.add_skill_group", group, "refused"),
        ("xswitch.add_queue", queue, "409"),
        ("stringee.create_key", key, "refused: this key has an action already"),
        (
            "sobot.create_contact_plans",
            plan("call-back", 51),
            "refused: `customerPhoneNumberList` has 1 to 50 numbers",
        ),
        (
            "sobot.create_contact_plans",
            plan("a name of 21 letters.", 1),
            "refused: `name` has at most 20 characters",
        ),
    ] {
        let failure = asking.ask(asking.operation(name), &args(&given)).await.unwrap_err().to_string();
        assert!(failure.contains(said), "{name}: {failure}");
    }
}
