//! Requests and the calls that they are, or what is said of them.

use std::time::Duration;

use actix_web::test::TestRequest;
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use tokio::time::Instant;

use crate::clock::Deadline;
use crate::node::call::Call;
use crate::node::input::{Input, InputKind};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn input(name: &str, aliases: &[&str], header: Option<&str>) -> Input {
    Input {
        name: name.into(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        header: header.map(str::to_owned),
        kind: InputKind::Text,
        default: None,
        about: None,
    }
}

fn inputs() -> Vec<Input> {
    vec![
        input("tel", &["ivr_customer_number", "ani"], Some("x-tel")),
        input("email", &[], None),
        input("Custom params 1", &[], None),
        input("客户", &[], None),
    ]
}

async fn read(request: TestRequest) -> Result<Call, String> {
    let (request, payload) = request.to_http_parts();
    let deadline = Deadline::new(Instant::now(), Duration::from_secs(1));
    super::call(&inputs(), &request, payload, deadline)
        .await
        .map_err(|error| format!("{} {error}", error.status().as_u16()))
}

fn get(query: &str) -> TestRequest {
    TestRequest::get().uri(&format!("/nodes/caller?{query}"))
}

fn post(content_type: &str, body: &[u8]) -> TestRequest {
    let request = TestRequest::post().uri("/nodes/caller").set_payload(body.to_vec());
    if content_type.is_empty() { request } else { request.insert_header(("content-type", content_type)) }
}

async fn body(content_type: &str, body: impl AsRef<[u8]>) -> Result<Vec<(String, String)>, String> {
    read(post(content_type, body.as_ref())).await.map(|call| call.params().to_vec())
}

fn given(params: &[(&str, &str)]) -> Vec<(String, String)> {
    params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[actix_web::test]
async fn a_form_body_gives_the_declared_parameters() {
    for (sent, expected) in [
        ("tel=91234567", given(&[("tel", "91234567")])),
        ("tel=%2B6591234567", given(&[("tel", "+6591234567")])),
        ("tel=+6591234567", given(&[("tel", " 6591234567")])),
        ("tel=+65+9123+4567", given(&[("tel", " 65 9123 4567")])),
        ("Custom+params+1=a%26b%3Dc", given(&[("Custom params 1", "a&b=c")])),
        ("Custom%20params%201=a=b", given(&[("Custom params 1", "a=b")])),
        ("%E5%AE%A2%E6%88%B7=%e5%bc%a0", given(&[("客户", "张")])),
        ("客户=张", given(&[("客户", "张")])),
        ("\u{feff}tel=1", given(&[("tel", "1")])),
        ("tel", given(&[("tel", "")])),
        ("tel=&tel=1", given(&[("tel", ""), ("tel", "1")])),
        ("&&tel=1&", given(&[("tel", "1")])),
        ("TEL=1", given(&[])),
        ("", given(&[])),
        (" \r\n", given(&[])),
        ("=1", given(&[])),
    ] {
        for content_type in [FORM, "text/plain", ""] {
            assert_eq!(body(content_type, sent).await.as_ref(), Ok(&expected), "{content_type} {sent}");
        }
    }
}

#[actix_web::test]
async fn a_json_body_gives_the_declared_parameters() {
    for (sent, expected) in [
        (r#"{"tel":"91234567"}"#, given(&[("tel", "91234567")])),
        (r#"{"tel":6591234567}"#, given(&[("tel", "6591234567")])),
        (
            r#"{"tel":12345678901234567890123456789012345}"#,
            given(&[("tel", "12345678901234567890123456789012345")]),
        ),
        (r#"{"tel":1.50}"#, given(&[("tel", "1.50")])),
        (r#"{"tel":1E400}"#, given(&[("tel", "1E400")])),
        (r#"{"tel":-0}"#, given(&[("tel", "-0")])),
        (r#"{"tel":true,"email":false}"#, given(&[("tel", "true"), ("email", "false")])),
        (r#"{"tel":null,"email":""}"#, given(&[("email", "")])),
        (r#"{"tel":["",null,1,"2"]}"#, given(&[("tel", ""), ("tel", "1"), ("tel", "2")])),
        (r#"{"tel":[]}"#, given(&[])),
        (r#"{"tel":"","tel":"2"}"#, given(&[("tel", ""), ("tel", "2")])),
        (r#"{"\u0074el":"\u002b65 \"x\""}"#, given(&[("tel", "+65 \"x\"")])),
        (r#"{"客户":"\ud83d\ude00张"}"#, given(&[("客户", "😀张")])),
        (r#"{"other":{"tel":"1"},"more":[[[]]],"tel":"2"}"#, given(&[("tel", "2")])),
        ("\u{feff} {\"tel\":\"1\"}\r\n", given(&[("tel", "1")])),
        ("{}", given(&[])),
        ("", given(&[])),
    ] {
        for content_type in [JSON, "application/vnd.x+json; charset=utf-8", "text/plain", FORM, ""] {
            assert_eq!(body(content_type, sent).await.as_ref(), Ok(&expected), "{content_type} {sent}");
        }
    }
}

#[actix_web::test]
async fn a_body_that_cannot_be_read_is_told_what_is_wrong_where_and_what_instead() {
    let gbk: &[u8] = b"tel=1&email=\xd5\xc5";
    for (content_type, sent, said) in [
        (
            JSON,
            b"{\n \"tel\": \n}".as_slice(),
            "400 the JSON body does not parse at line 3, column 1: expected value",
        ),
        (
            JSON,
            b"{\"tel\":\"1\"} x",
            "400 the JSON body does not parse at line 1, column 13: trailing characters",
        ),
        (JSON, b"tel: 1", "400 the JSON body does not parse at line 1, column 2: expected ident"),
        (JSON, b"[1]", r#"400 the JSON body is a list: send an object, such as {"name": "value"}"#),
        (JSON, b"12", r#"400 the JSON body is a number: send an object, such as {"name": "value"}"#),
        (JSON, b"null", r#"400 the JSON body is null: send an object, such as {"name": "value"}"#),
        (JSON, b"\"x\"", r#"400 the JSON body is a text: send an object, such as {"name": "value"}"#),
        (JSON, b"true", r#"400 the JSON body is true or false: send an object, such as {"name": "value"}"#),
        (
            JSON,
            b"{\"tel\":{\"a\":1}}",
            "400 parameter `tel` in the JSON body is an object: send a text, a number, true, false or a list of these",
        ),
        (
            JSON,
            b"{\"ani\":[1,[2]]}",
            "400 parameter `ani` in the JSON body is a list of lists: send a text, a number, true, false or a list of these",
        ),
        (
            JSON,
            b"{\"tel\":\"\\ud800\"}",
            "400 parameter `tel` in the JSON body is no valid text: escape surrogates in pairs, or send UTF-8",
        ),
        (JSON, b"{\"tel\":\"\xd5\xc5\"}", "400 the JSON body is not UTF-8 from its byte 8 on: send UTF-8"),
        (FORM, gbk, "400 parameter `email` in the body is not UTF-8 from its byte 0 on: send UTF-8"),
        (
            FORM,
            b"tel=1&email=a%d5%c5",
            "400 parameter `email` in the body is not UTF-8 from its byte 1 on: send UTF-8",
        ),
        (FORM, b"m&\xbf\xcd=1", "400 the name of parameter 2 in the body is not UTF-8: send UTF-8"),
        (
            FORM,
            b"tel=12%zz",
            "400 parameter `tel` in the body has a % without two hexadecimal digits at its byte 2: write % as %25",
        ),
        (
            FORM,
            b"tel=%2",
            "400 parameter `tel` in the body has a % without two hexadecimal digits at its byte 0: write % as %25",
        ),
        (
            "text/xml",
            b"<a/>",
            "400 the body is XML: send application/x-www-form-urlencoded or application/json",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x",
            "415 the body is multipart/form-data, which is not read: send application/x-www-form-urlencoded or application/json",
        ),
        ("text/plain; charset=\"GB2312\"", b"tel=1", "415 the body's charset is `GB2312`: send UTF-8"),
        (
            FORM,
            &[b'a'; 65537],
            "413 the body is larger than 65536 bytes: send only the parameters that the node declares",
        ),
    ] {
        let answer = body(content_type, sent).await;
        assert_eq!(answer, Err(said.to_owned()), "{content_type} {}", String::from_utf8_lossy(sent));
    }
}

#[actix_web::test]
async fn undeclared_parameters_are_counted_and_cannot_break_the_call() {
    let form = b"partnerId=xxx&m&token=%zz&source=\xff&%=1&tel=1";
    let call = read(post(FORM, form)).await.expect("a call");
    assert_eq!((call.params().to_vec(), call.ignored), (given(&[("tel", "1")]), 5));
    let json = br#"{"a":{"tel":[{}]},"b":"\ud800","c":1e999,"tel":"1"}"#;
    let call = read(post(JSON, json)).await.expect("a call");
    assert_eq!((call.params().to_vec(), call.ignored), (given(&[("tel", "1")]), 3));
}

#[actix_web::test]
async fn body_counts_before_query_and_query_before_header() {
    let request = TestRequest::post()
        .uri("/nodes/caller?tel=query&ani=alias")
        .insert_header(("X-Tel", "header"))
        .set_payload("ivr_customer_number=body");
    let call = read(request).await.expect("a call");
    let expected = given(&[("tel", "body"), ("tel", "query"), ("tel", "alias"), ("tel", "header")]);
    assert_eq!(call.params(), expected);
}

#[actix_web::test]
async fn an_input_s_own_name_counts_before_its_aliases_wherever_it_stands() {
    let call = read(get("ani=2&ivr_customer_number=1&tel=0")).await.expect("a call");
    assert_eq!(call.params(), given(&[("tel", "0"), ("tel", "1"), ("tel", "2")]));
}

#[actix_web::test]
async fn an_empty_body_value_leaves_the_query_s() {
    let call = read(post(FORM, b"tel=").uri("/nodes/caller?tel=1")).await.expect("a call");
    assert_eq!(call.get("tel"), Some("1"));
}

#[actix_web::test]
async fn the_body_of_a_get_is_not_read() {
    let request = get("tel=1").insert_header(("content-type", "multipart/x")).set_payload("tel=2");
    assert_eq!(read(request).await.map(|call| call.params().to_vec()), Ok(given(&[("tel", "1")])));
}

#[actix_web::test]
async fn a_query_is_read_like_a_form_and_its_mistakes_name_it() {
    let call = read(get("tel=%2B65%209123&m")).await.expect("a call");
    assert_eq!(call.get("tel"), Some("+65 9123"));
    let said = "400 parameter `tel` in the query is not UTF-8 from its byte 0 on: send UTF-8";
    assert_eq!(read(get("tel=%ff")).await, Err(said.to_owned()));
}

#[actix_web::test]
async fn a_header_that_is_not_utf8_is_named() {
    let value = actix_web::http::header::HeaderValue::from_bytes(b"1\xff").expect("a header");
    let said = "400 parameter `x-tel` in the header is not UTF-8 from its byte 1 on: send UTF-8";
    assert_eq!(read(get("").insert_header(("x-tel", value))).await, Err(said.to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_arrives_the_same_by_query_form_and_json(text in any::<String>()) {
        let encoded: String = form_urlencoded::Serializer::new(String::new()).append_pair("tel", &text).finish();
        let json = serde_json::json!({ "tel": text }).to_string();
        let sent = [get(&encoded), post(FORM, encoded.as_bytes()), post(JSON, json.as_bytes())];
        actix_web::rt::System::new().block_on(async {
            for request in sent {
                let params = read(request).await.map(|call| call.params().to_vec());
                prop_assert_eq!(params, Ok(given(&[("tel", &text)])));
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_bytes_are_a_call_or_an_error(bytes in any::<Vec<u8>>(), json in any::<bool>()) {
        let request = post(if json { JSON } else { FORM }, &bytes);
        let _ = actix_web::rt::System::new().block_on(read(request));
    }
}
