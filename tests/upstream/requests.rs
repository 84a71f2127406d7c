//! What is sent: every value encoded for its place, nothing that was not given, and no credential out of place.

use datadip::expr::{Place, Template};
use datadip::plan::operation::{ArgKind, Auth, Body, JsonTemplate, Setting};
use datadip::record::Failure;
use datadip::secret::Secret;
use datadip::upstream::Upstreams;
use datadip::upstream::transport::Request;
use serde_json::{Value, json};

use crate::operations::{Canned, Making, arg, ask, get, text};

const BASE: &str = "http://crm.example";

async fn sent(making: Making, args: &[Value]) -> Result<Request, Failure> {
    let canned = Canned::new(200, &[], "{}");
    let asked = ask(&Upstreams::new(canned.clone()), &making.done(), args, 1000).await;
    asked.found?;
    Ok(canned.sent.lock().unwrap().remove(0))
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let found: Vec<_> =
        request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).collect();
    assert!(found.len() < 2, "{name} is sent twice");
    found.first().map(|(_, value)| value.as_str())
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(request.body.as_ref().unwrap()).unwrap()
}

#[tokio::test]
async fn a_value_is_encoded_for_its_place() {
    let making = get(BASE).path("/v1/customers/{{ id }}/notes").query("phone no", "{{ phone }}");
    let request = sent(making, &[json!("+65 9123&x=1"), json!("a/b?c#d")]).await.unwrap();
    assert_eq!(
        request.url,
        "http://crm.example/v1/customers/a%2Fb%3Fc%23d/notes?phone%20no=%2B65%209123%26x%3D1"
    );
    assert_eq!(header(&request, "accept"), Some("application/json"));
}

#[tokio::test]
async fn a_value_cannot_climb_out_of_its_path() {
    for path in ["/v1/{{ id }}/x", "/v1/{{ id }}{{ phone }}/x", "/v1/%2e{{ id }}/x"] {
        let failure = sent(get(BASE).path(path), &[json!("."), json!(".")]).await.unwrap_err();
        assert_eq!(failure.code(), "template", "{path}");
        assert!(failure.to_string().starts_with("acme.customer, path: "), "{failure}");
    }
    let dots = sent(get(BASE).path("/v1/{{ id }}"), &[json!(""), json!("a..b")]).await.unwrap();
    assert_eq!(dots.url, "http://crm.example/v1/a..b");
}

#[tokio::test]
async fn an_optional_argument_that_was_not_given_leaves_no_trace() {
    let nested = JsonTemplate::Object(vec![
        ("phone".into(), JsonTemplate::Text(text("{{ phone }}"))),
        ("ids".into(), JsonTemplate::List(vec![JsonTemplate::Text(text("{{ id }}"))])),
        ("source".into(), JsonTemplate::Constant(json!({"n": 1.50}))),
    ]);
    let making = get(BASE).query("id", "{{ id }}").query("n", "{{ n }}").header("X-Id", "{{ id }}");
    let request = sent(making.post(Body::Json(nested)), &[json!("91234567")]).await.unwrap();
    assert_eq!(request.url, "http://crm.example/v1/customers");
    assert_eq!(header(&request, "x-id"), None);
    assert_eq!(body(&request), r#"{"phone":"91234567","ids":[],"source":{"n":1.5}}"#);
    assert_eq!(header(&request, "content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_member_that_a_given_argument_lacks_is_an_error_and_not_a_wider_search() {
    let mut making = get(BASE).query("id", "{{ customer.id }}");
    making.args = vec![arg("customer", ArgKind::Object)];
    let failure = sent(making, &[json!({"name": "Anna"})]).await.unwrap_err();
    assert_eq!(failure.to_string(), "acme.customer, query `id`: `customer.id` is not there");
}

#[tokio::test]
async fn a_bare_argument_keeps_its_type_in_json() {
    let list = JsonTemplate::List(vec![
        JsonTemplate::Text(text("{{ n }}")),
        JsonTemplate::Text(text("no {{ n }}")),
        JsonTemplate::Constant(Value::Null),
    ]);
    let request =
        sent(get(BASE).post(Body::Json(list)), &[json!("1"), json!("2"), json!("7")]).await.unwrap();
    assert_eq!(body(&request), r#"[7,"no 7",null]"#);
}

#[tokio::test]
async fn forms_xml_and_text_are_encoded_each_in_its_own_way() {
    let name = [json!("Ann & <Bob> é")];
    let fields = vec![("who".into(), text("{{ phone }}")), ("id".into(), text("{{ id }}"))];
    let form = sent(get(BASE).post(Body::Form(fields)), &name).await.unwrap();
    assert_eq!(body(&form), "who=Ann+%26+%3CBob%3E+%C3%A9");
    assert_eq!(header(&form, "content-type"), Some("application/x-www-form-urlencoded"));
    let template = Template::compile("<q>{{ phone }}</q>", Place::Xml).unwrap();
    let xml = sent(get(BASE).post(Body::Xml(template)), &name).await.unwrap();
    assert_eq!(body(&xml), "<q>Ann &amp; &lt;Bob&gt; é</q>");
    let plain = get(BASE).post(Body::Text(text("{{ phone }}"))).header("content-type", "text/csv");
    let plain = sent(plain, &name).await.unwrap();
    assert_eq!((body(&plain), header(&plain, "content-type")), ("Ann & <Bob> é", Some("text/csv")));
}

#[tokio::test]
async fn a_value_that_would_break_the_head_is_refused_by_the_headers_name() {
    for value in ["a\r\nX-Admin: 1", "a\nb", "a\0b", "Ánna"] {
        let failure = sent(get(BASE).header("X-Name", "{{ phone }}"), &[json!(value)]).await.unwrap_err();
        assert!(failure.to_string().starts_with("acme.customer, header `X-Name`: "), "{failure}");
        assert!(!failure.to_string().contains(value));
    }
    assert!(sent(get(BASE).header("Content-Length", "5"), &[]).await.is_err());
}

#[tokio::test]
async fn a_credential_goes_where_it_belongs() {
    let secret = Secret::new;
    let basic = Auth::Basic(secret("Aladdin"), secret("open sesame"));
    let request = sent(get(BASE).auth(basic), &[]).await.unwrap();
    assert_eq!(header(&request, "authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    let bearer = get(BASE).auth(Auth::Bearer(secret("t0k3n"))).header("authorization", "mine");
    assert_eq!(header(&sent(bearer, &[]).await.unwrap(), "authorization"), Some("Bearer t0k3n"));
    let named = get(BASE).auth(Auth::Header("X-Key".into(), secret("k")));
    assert_eq!(header(&sent(named, &[]).await.unwrap(), "x-key"), Some("k"));
    let query = get(BASE).query("a", "1").auth(Auth::Query("key".into(), secret("a b&c")));
    assert_eq!(sent(query, &[]).await.unwrap().url, "http://crm.example/v1/customers?a=1&key=a%20b%26c");
}

#[tokio::test]
async fn a_credential_with_a_line_break_is_refused_without_being_shown() {
    let failure = sent(get(BASE).auth(Auth::Bearer(Secret::new("t0k3n\n"))), &[]).await.unwrap_err();
    assert!(failure.to_string().starts_with("acme.customer, auth: "), "{failure}");
    assert!(!failure.to_string().contains("t0k3n"));
}

#[tokio::test]
async fn what_is_not_set_in_the_environment_is_named() {
    let mut making = get(BASE);
    making.call.base_url = Setting::Unset("ACME_URL".into());
    assert_eq!(sent(making, &[]).await.unwrap_err(), Failure::Unconfigured("ACME_URL".into()));
    let mut making = get(BASE);
    making.call.auth = Setting::Unset("ACME_TOKEN".into());
    assert_eq!(sent(making, &[]).await.unwrap_err(), Failure::Unconfigured("ACME_TOKEN".into()));
}
