//! An answer to bytes: the reply's body, and in headers how it came about.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::http::refusal::Refusal;
use crate::node::reply::Answer;

const OUTCOME: HeaderName = HeaderName::from_static("x-datadip-outcome");
const CACHE: HeaderName = HeaderName::from_static("x-datadip-cache");
const TRACE: HeaderName = HeaderName::from_static("x-datadip-trace");
const PARTIAL: HeaderName = HeaderName::from_static("x-datadip-partial");

/// The status of an answer: what was refused says its own, everything else is 200.
#[must_use]
pub fn status(refusal: Option<&Refusal>) -> StatusCode {
    refusal.map_or(StatusCode::OK, Refusal::status)
}

/// Says an answer.
#[must_use]
pub fn respond(answer: &Answer, refusal: Option<&Refusal>) -> HttpResponse {
    let mut response = HttpResponse::new(status(refusal));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type(&answer.reply.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(OUTCOME, HeaderValue::from_static(answer.reply.outcome.name()));
    headers.insert(CACHE, HeaderValue::from_static(answer.tier.name()));
    insert(headers, TRACE, &answer.trace.to_string());
    if !answer.partial.is_empty() {
        insert(headers, PARTIAL, &partial(answer));
    }
    if let Some((name, value)) = refusal.and_then(Refusal::header) {
        headers.insert(name, value);
    }
    response.set_body(answer.reply.body.clone()).map_into_boxed_body()
}

/// A node's media type is its author's; one that no header can hold is plain text.
fn content_type(media: &str) -> HeaderValue {
    if media == "application/json" {
        return HeaderValue::from_static("application/json");
    }
    HeaderValue::from_str(media).unwrap_or(HeaderValue::from_static("text/plain; charset=utf-8"))
}

/// The reads that failed, without those whose names no header can hold.
fn partial(answer: &Answer) -> String {
    let is_safe = |name: &&str| name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    let names: Vec<&str> = answer.partial.iter().map(AsRef::as_ref).filter(is_safe).collect();
    names.join(",")
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::body::to_bytes;
    use actix_web::http::Method;

    use super::respond;
    use crate::http::refusal::Refusal;
    use crate::node::reply::{Answer, Outputs, Reply};
    use crate::record::{Outcome, Tier};
    use crate::trace::TraceId;

    fn answer(content_type: &str, partial: &[&str]) -> Answer {
        let reply = Reply { outcome: Outcome::Found, content_type: content_type.into(), body: "{}".into() };
        let partial = partial.iter().map(|name| Arc::from(*name)).collect();
        Answer {
            reply: Arc::new(reply),
            outputs: Outputs::Null,
            tier: Tier::Miss,
            partial,
            trace: TraceId::next(),
        }
    }

    fn header(answer: &Answer, name: &str) -> Option<String> {
        let response = respond(answer, None);
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    #[actix_web::test]
    async fn an_answer_says_how_it_came_about() {
        let answer = answer("application/json", &["loyalty", "orders"]);
        for (name, value) in [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("x-datadip-outcome", "found"),
            ("x-datadip-cache", "miss"),
            ("x-datadip-partial", "loyalty,orders"),
            ("x-datadip-trace", answer.trace.to_string().as_str()),
        ] {
            assert_eq!(header(&answer, name).as_deref(), Some(value), "{name}");
        }
        let response = respond(&answer, None);
        assert_eq!(response.status(), 200);
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), "{}");
    }

    #[test]
    fn what_no_header_can_hold_does_not_break_the_answer() {
        let answer = answer("application/xml\n", &["a b", "loyalty", "客户"]);
        assert_eq!(header(&answer, "content-type").as_deref(), Some("text/plain; charset=utf-8"));
        assert_eq!(header(&answer, "x-datadip-partial").as_deref(), Some("loyalty"));
    }

    #[test]
    fn a_refusal_brings_its_status_and_its_header() {
        let answer = answer("application/json", &[]);
        let refused = respond(&answer, Some(&Refusal::Rate(2)));
        assert_eq!(
            (refused.status().as_u16(), refused.headers().get("retry-after").unwrap()),
            (429, &"1".parse().unwrap())
        );
        let refused = respond(&answer, Some(&Refusal::Method(Method::PUT, "GET")));
        assert_eq!(
            (refused.status().as_u16(), refused.headers().get("allow").unwrap()),
            (405, &"GET".parse().unwrap())
        );
    }
}
