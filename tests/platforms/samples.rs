//! Every operation sends the document's request, value for value, and finds what stands in the document's answer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::asking::Asking;
use crate::contract::{Contract, contracts, sample};
use crate::upstream::{Asked, Reaction, Upstream};

/// A system that answers each request as its document does, logins among them.
fn documents() -> Upstream {
    let logins = ["sobot/login_company", "sobot/login_agent", "customers/login", "xswitch/login"].map(sample);
    let contracts: Arc<Vec<Contract>> = Arc::new(contracts());
    Upstream::start(move |asked| {
        let path = asked.target.split('?').next().unwrap();
        let login = logins.iter().find(|login| login["path"] == path && login["method"] == *asked.method);
        let said = contracts.iter().find(|contract| contract.asked_for(&asked.method, path, &body(asked)));
        let answer = login.or_else(|| said.map(|contract| &contract.said)).unwrap();
        Reaction::json(&answer["response"])
    })
}

fn body(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap_or_default()
}

/// The arguments of a request as it was received.
fn received(asked: &Asked) -> Value {
    let Some((_, query)) = asked.target.split_once('?') else { return body(asked) };
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// XSwitch writes numbers as texts in some samples and as numbers in others, and a query is all text.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_operation_sends_the_documented_request_and_finds_what_the_document_answers() {
    let documents = documents();
    let url = documents.url();
    let variables = crate::variables(&url);
    let asking = Asking::with(&variables).await;
    for contract in contracts().iter().filter(|contract| contract.upstream != "sobot-crm") {
        let operation = asking.operations.iter().find(|operation| contract.is_like(operation)).unwrap();
        let found = asking.ask(operation, &contract.args()).await;
        let asked = documents.asked().pop().unwrap();
        let (mut received, mut documented) = (received(&asked), contract.request().clone());
        if contract.path().contains("{id}") {
            documented.as_object_mut().unwrap().remove("id");
        }
        if contract.upstream == "xswitch" || contract.method() == "GET" {
            (received, documented) = (as_text(&received), as_text(&documented));
        }
        if documented.as_object().is_some_and(serde_json::Map::is_empty) {
            documented = if received.is_null() { Value::Null } else { json!({}) };
        }
        assert_eq!(received, documented, "{}", operation.name);
        if contract.name == "blacklist_import" {
            let failure = found.unwrap_err().to_string();
            assert!(
                failure.contains("NO【2】") && failure.contains("; NO【3】"),
                "each reason is told: {failure}"
            );
            continue;
        }
        let said: Vec<Value> = operation.records.take(contract.said["response"].clone()).unwrap();
        assert!(!said.is_empty() || contract.said["response"]["data"] == json!({}), "{}", operation.name);
        assert_eq!(found, Ok(said), "{}", operation.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_operation_carries_the_token_and_the_headers_that_its_document_asks_for() {
    let documents = documents();
    let url = documents.url();
    let asking = Asking::with(&crate::variables(&url)).await;
    for contract in contracts().iter().filter(|contract| contract.upstream != "sobot-crm") {
        let operation = asking.operations.iter().find(|operation| contract.is_like(operation)).unwrap();
        let zone = ["timezoneid", "language"].map(|name| (name.to_owned(), Value::from("Asia/Singapore")));
        let optional = contract.said["optional_headers"].as_array().cloned().unwrap_or_default();
        let zone = zone.into_iter().filter(|(name, _)| optional.contains(&name.as_str().into()));
        let args: Vec<_> = contract.args().into_iter().chain(zone).collect();
        let _ = asking.ask(operation, &args).await;
        let asked = documents.asked();
        let asked = asked.last().unwrap();
        for name in contract.said["headers"].as_array().unwrap().iter().chain(&optional) {
            let value = asked.header(name.as_str().unwrap());
            assert!(!value.is_empty(), "{}: {name}", operation.name);
        }
    }
    let logins: Vec<String> = documents
        .asked()
        .iter()
        .map(|asked| asked.target.clone())
        .filter(|target| target.contains("/token"))
        .collect();
    let count = |path: &str| logins.iter().filter(|login| login.as_str() == path).count();
    assert_eq!((count("/tokens/company"), count("/tokens/agent")), (1, 1), "one login each: {logins:?}");
}
