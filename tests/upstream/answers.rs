//! How an answer is read: what is found, what is not found, and what is a failure.

use datadip::record::Failure;
use datadip::upstream::Upstreams;
use serde_json::{Value, json};

use crate::operations::{Asked, Canned, Making, ask, get};

async fn answered(making: Making, status: u16, body: impl Into<bytes::Bytes>) -> Asked {
    let canned = Canned::new(status, &[("x-state", "ready")], body);
    ask(&Upstreams::new(canned), &making.done(), &[json!("91234567")], 1000).await
}

fn plain() -> Making {
    get("http://crm.example").query("phone", "{{ phone }}")
}

#[tokio::test]
async fn records_are_what_the_path_selects_in_the_answers_order() {
    let body = r#"{"data": [{"id": 2}, null, {"id": 1}]}"#;
    assert_eq!(
        answered(plain().records("$.data[*]"), 200, body).await.values(),
        [json!({"id": 2}), json!({"id": 1})]
    );
    assert_eq!(answered(plain().records("$.data[2]"), 200, body).await.values(), [json!({"id": 1})]);
    assert_eq!(answered(plain(), 200, body).await.values().len(), 1);
    let number = answered(plain(), 200, "{\"id\": 12345678901234567890123.10}").await;
    assert_eq!(number.values()[0].to_string(), "{\"id\":12345678901234567890123.10}");
}

#[tokio::test]
async fn nothing_selected_an_empty_answer_and_404_are_not_found() {
    let data = || plain().records("$.data[*]");
    for (status, body) in [
        (200, r#"{"data": []}"#),
        (200, "{}"),
        (200, "null"),
        (200, ""),
        (204, ""),
        (205, "x"),
        (404, "<html>"),
    ] {
        assert_eq!(answered(data(), status, body).await.found, Ok(Vec::new()), "{status} {body}");
        let whole = answered(plain(), status, if body.starts_with('{') { "null" } else { body }).await;
        assert_eq!(whole.found, Ok(Vec::new()), "{status} {body}");
    }
}

#[tokio::test]
async fn one_record_is_a_whole_list_even_one_without_items_and_null_is_none() {
    for (path, body, record) in [
        ("$", "[]", Some(json!([]))),
        ("$", "[{\"id\": 1}, {\"id\": 2}]", Some(json!([{"id": 1}, {"id": 2}]))),
        ("$.days", "{\"days\": []}", Some(json!([]))),
        ("$.days", "{\"days\": {}}", Some(json!({}))),
        ("$.days", "{\"days\": null}", None),
        ("$.days", "{}", None),
        ("$", "", None),
    ] {
        let found = answered(plain().records(path).whole(), 200, body).await;
        assert_eq!(found.values(), record.into_iter().collect::<Vec<_>>(), "{path} {body}");
    }
    let not_found = answered(plain().whole(), 404, "[]").await;
    assert_eq!(not_found.found, Ok(Vec::new()));
}

#[tokio::test]
async fn while_a_long_answer_is_read_the_other_calls_of_the_thread_go_on() {
    for (count, goes_on) in [(10, false), (8_000, true)] {
        let body = json!({ "data": vec![json!({ "id": 1 }); count] }).to_string();
        let other = tokio::spawn(async {});
        let found = answered(plain().records("$.data[*]"), 200, body).await;
        assert_eq!((found.values().len(), other.is_finished()), (count, goes_on));
    }
}

#[tokio::test]
async fn records_that_lie_in_each_other_are_no_answer() {
    let body = (0..100).fold(json!(1), |below, _| json!({ "a": below, "text": "x".repeat(100) })).to_string();
    let found = answered(plain().records("$..a"), 200, body).await;
    assert_eq!(*found.failure(), Failure::Unreadable("the records at $..a lie in each other".to_owned()));
}

#[tokio::test]
async fn a_status_that_is_no_success_is_that_status() {
    for status in [301, 302, 400, 401, 403, 410, 500] {
        assert_eq!(*answered(plain(), status, "{\"id\": 1}").await.failure(), Failure::Status(status));
    }
    assert_eq!(answered(plain(), 429, "").await.failure().code(), "overloaded");
}

#[tokio::test]
async fn of_several_error_paths_the_first_that_selects_a_text_is_told_with_all_its_texts() {
    let making = || plain().ok("body.failed == 0").error("$.details[*]").error("$.msg");
    for (body, message) in [
        (r#"{"failed": 2, "msg": "ok", "details": ["no 2", "no 3", null]}"#, "no 2; no 3"),
        (r#"{"failed": 1, "msg": "bad", "details": [" "]}"#, "bad"),
        (r#"{"failed": 1, "msg": "bad"}"#, "bad"),
        (r#"{"failed": 1, "msg": {}}"#, "no message"),
    ] {
        assert_eq!(
            *answered(making(), 200, body).await.failure(),
            Failure::Refused(message.into()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_the_upstream_itself_calls_no_success_is_refused_with_its_message() {
    let coded = || plain().ok("{{ body.code == 200 }}").error("$.msg");
    let found = answered(coded(), 200, r#"{"code": 200, "id": 1}"#).await;
    assert_eq!(found.values(), [json!({"code": 200, "id": 1})]);
    let refused = answered(coded(), 200, r#"{"code": 5, "msg": "bad\r\nsign"}"#).await;
    assert_eq!(*refused.failure(), Failure::Refused("bad  sign".into()));
    let silent = answered(coded(), 200, r#"{"code": 5}"#).await;
    assert_eq!(*silent.failure(), Failure::Refused("no message".into()));
    let other = answered(coded(), 200, "[]").await;
    assert_eq!(other.failure().code(), "refused");
    let untellable = answered(plain().ok("body.code + 1 == 2"), 200, "{}").await;
    assert_eq!(
        *untellable.failure(),
        Failure::Unreadable("`ok` cannot be told: `body.code` is not there".into())
    );
    assert_eq!(*answered(coded(), 502, r#"{"code": 5}"#).await.failure(), Failure::Status(502));
    assert_eq!(*answered(coded(), 500, "<html>").await.failure(), Failure::Status(500));
}

#[tokio::test]
async fn a_test_may_read_status_headers_and_arguments() {
    for (condition, holds) in [
        ("status == 409", true),
        ("status == 200", false),
        ("headers['x-state'] == 'ready' and status < 500", true),
        ("phone == '91234567'", true),
        ("id is defined", false),
    ] {
        let asked = answered(plain().ok(condition), 409, "{\"id\": 1}").await;
        assert_eq!(asked.found.is_ok(), holds, "{condition}: {:?}", asked.found);
    }
    let html = answered(plain().ok("status == 409"), 409, "<html>").await;
    assert_eq!(*html.failure(), Failure::Unreadable("HTML, not JSON".into()));
}

#[tokio::test]
async fn an_unreadable_answer_is_called_by_its_name() {
    let unreadable = |what: &str| Failure::Unreadable(what.to_owned());
    assert_eq!(*answered(plain(), 200, "<html>").await.failure(), unreadable("HTML, not JSON"));
    assert_eq!(*answered(plain(), 200, "{\"a\": [1,").await.failure(), unreadable("JSON ends early"));
    let marked = answered(plain(), 200, "\u{feff}{\"a\": 1}").await;
    assert_eq!(marked.values(), [json!({"a": 1})]);
}

#[tokio::test]
async fn an_answer_without_anything_is_nobody_unless_it_is_said_to_be_json() {
    let empty = async |status: u16, kind: &str, body: &'static str| {
        let canned = Canned::new(status, &[("content-type", kind)], body);
        ask(&Upstreams::new(canned), &plain().done(), &[json!("91234567")], 1000).await.found
    };
    let unreadable = Failure::Unreadable("empty, although it is said to be JSON".to_owned());
    for kind in ["application/json", "application/vnd.acme+JSON; charset=utf-8"] {
        assert_eq!(empty(200, kind, "").await, Err(unreadable.clone()), "{kind}");
        assert_eq!(empty(200, kind, " \r\n").await, Err(unreadable.clone()), "{kind}");
        assert_eq!(empty(204, kind, "").await, Ok(Vec::new()), "{kind}");
        assert_eq!(empty(200, kind, "null").await, Ok(Vec::new()), "{kind}");
    }
    assert_eq!(empty(200, "text/plain", "").await, Ok(Vec::new()));
}

#[tokio::test]
async fn an_operation_whose_test_reads_no_body_takes_nothing_that_is_said_to_be_json_for_nobody() {
    let tested = async |status: u16, body: &'static str, ok: &str| {
        let canned = Canned::new(status, &[("content-type", "application/json")], body);
        ask(&Upstreams::new(canned), &plain().ok(ok).done(), &[json!("91234567")], 1000).await.found
    };
    assert_eq!(tested(200, "", "status == 200").await, Ok(Vec::new()));
    assert_eq!(tested(200, " \r\n", "headers['content-type'] is defined").await, Ok(Vec::new()));
    assert_eq!(tested(409, "", "status == 409").await, Ok(Vec::new()));
    for (status, body, ok) in [
        (200, "", "status == 200 and body.code == 0"),
        (200, "", "status == 201"),
        (409, "", "status == 200"),
        (200, "{", "status == 200"),
        (200, "OK", "status == 200"),
    ] {
        assert!(tested(status, body, ok).await.is_err(), "{status} {body} {ok}");
    }
}

#[tokio::test]
async fn a_record_is_shared_and_not_touched() {
    let asked = answered(plain(), 200, r#"{"b": 1, "a": {"z": null}}"#).await;
    assert_eq!(Value::clone(&asked.found.unwrap()[0]).to_string(), r#"{"b":1,"a":{"z":null}}"#);
}
