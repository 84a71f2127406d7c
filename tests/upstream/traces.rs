//! What a trace says of a request: enough to see why it found nothing, and never a credential.

use datadip::plan::operation::{Auth, Body, JsonTemplate, Setting};
use datadip::secret::Secret;
use datadip::trace::Stage;
use datadip::upstream::Upstreams;
use serde_json::json;

use crate::operations::{Canned, ask, get, text};

#[tokio::test]
async fn a_request_is_noted_with_its_answer_and_without_its_credential() {
    let secret = || Secret::new("s3cr3t");
    for auth in [
        Auth::Query("key".into(), secret()),
        Auth::Header("X-Key".into(), secret()),
        Auth::Basic(Secret::new("user"), secret()),
        Auth::Bearer(secret()),
    ] {
        let making = get("http://user:s3cr3t@crm.example/api").query("phone", "{{ phone }}");
        let operation = making.header("X-Other", "s3cr3t").records("$[*]").auth(auth).done();
        let asked =
            ask(&Upstreams::new(Canned::new(200, &[], "[]")), &operation, &[json!("9123")], 1000).await;
        let [event] = asked.events.as_slice() else { panic!("{:?}", asked.events) };
        assert_eq!((event.stage, event.subject.as_str()), (Stage::Upstream, "acme.customer"));
        assert!(event.detail.starts_with("GET http://crm.example/api/v1/customers?phone=9123 → 200 in "));
        assert!(event.detail.ends_with(" ms, 0 records"), "{}", event.detail);
        assert!(!event.detail.contains("s3cr3t") && !event.detail.contains("user"), "{}", event.detail);
    }
}

#[tokio::test]
async fn a_failure_is_noted_with_its_code_and_the_upstreams_own_words() {
    let json = JsonTemplate::Text(text("{{ phone }}"));
    let operation = get("http://crm.example").post(Body::Json(json)).error("$.message").done();
    let canned = Canned::new(400, &[], r#"{"message": "unknown field"}"#);
    let asked = ask(&Upstreams::new(canned), &operation, &[json!("9123")], 1000).await;
    let detail = &asked.events[0].detail;
    assert!(detail.starts_with("POST http://crm.example/v1/customers with \"9123\" → 400 in "), "{detail}");
    assert!(detail.ends_with("status: the upstream answered 400, saying: unknown field"), "{detail}");
}

#[tokio::test]
async fn what_was_never_sent_is_noted_too() {
    let mut making = get("http://crm.example");
    making.call.base_url = Setting::Unset("ACME_URL".into());
    let asked = ask(&Upstreams::new(Canned::new(200, &[], "")), &making.done(), &[], 1000).await;
    assert_eq!(
        asked.events[0].detail,
        "nothing was sent, unconfigured: the upstream is not configured: set ACME_URL"
    );
}
