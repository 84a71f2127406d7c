//! What a trace says of a request: enough to see why it found nothing, and never a credential.

use datadip::plan::operation::{Auth, Body, JsonTemplate, Setting};
use datadip::secret::Secret;
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
        let [line] = asked.lines.as_slice() else { panic!("{:?}", asked.lines) };
        let address = line.strip_prefix("acme.customer: GET http://crm.example/api/v1/customers?phone=9123");
        let rest = address.unwrap().trim_start_matches("&key=«secret»");
        assert!(rest.starts_with(" → 200 in ") && rest.ends_with(" ms, 0 records"), "{line}");
        let noted = format!("{:?}", asked.notes);
        assert!(
            noted.contains("«secret»") && !noted.contains("s3cr3t") && !noted.contains("user"),
            "{noted}"
        );
    }
}

#[tokio::test]
async fn a_failure_is_noted_with_its_code_and_the_upstreams_own_words() {
    let json = JsonTemplate::Text(text("{{ phone }}"));
    let operation = get("http://crm.example").post(Body::Json(json)).error("$.message").done();
    let canned = Canned::new(400, &[], r#"{"message": "unknown field"}"#);
    let asked = ask(&Upstreams::new(canned), &operation, &[json!("9123")], 1000).await;
    let line = &asked.lines[0];
    let request = "acme.customer: POST http://crm.example/v1/customers with \"9123\" → 400 in ";
    assert!(line.starts_with(request), "{line}");
    assert!(line.ends_with("status: the upstream answered 400, saying: unknown field"), "{line}");
}

#[tokio::test]
async fn what_was_never_sent_is_noted_too() {
    let mut making = get("http://crm.example");
    making.call.base_url = Setting::Unset("ACME_URL".into());
    let asked = ask(&Upstreams::new(Canned::new(200, &[], "")), &making.done(), &[], 1000).await;
    assert_eq!(
        asked.lines[0],
        "nothing was sent, unconfigured: the upstream is not configured: set ACME_URL"
    );
}
