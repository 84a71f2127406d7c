//! How a call is read: query, FORM, JSON and headers, in every way in which an IVR may write them.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shell::program;
use crate::wire::Said;

/// Answers exactly what was read: an input that was not given leaves no output.
const ECHO: &str = "
node: echo
inputs:
  tel: { type: phone, region: SG, aliases: [ivr_customer_number, 来电] }
  name: { type: text, aliases: [nick], header: X-Name }
  Custom params 1: text
  客户 编号: text
  count: int
  ratio: number
  flag: bool
outputs:
  tel: { text: '{{ inputs.tel }}', optional: true }
  name: { text: '{{ inputs.name }}', optional: true }
  Custom params 1: { text: '{{ inputs[\"Custom params 1\"] }}', optional: true }
  客户 编号: { text: '{{ inputs[\"客户 编号\"] }}', optional: true }
  count: { text: '{{ inputs.count }}', optional: true }
  ratio: { text: '{{ inputs.ratio }}', optional: true }
  flag: { text: '{{ inputs.flag }}', optional: true }
";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn echo() -> Gateway {
    Gateway::start(&[("nodes/echo.yaml", ECHO)])
}

fn post(gateway: &Gateway, content_type: &str, query: &str, body: impl AsRef<[u8]>) -> Said {
    let headers = [("content-type", content_type)];
    let headers = if content_type.is_empty() { &[] } else { &headers[..] };
    gateway.call("POST", &format!("/nodes/echo{query}"), headers, body.as_ref())
}

fn assert_read(said: &Said, read: &Value, sent: &str) {
    assert_eq!((said.status, said.json()), (200, read.clone()), "{sent}");
}

#[test]
fn a_get_is_read_from_its_query() {
    let gateway = echo();
    for (query, read) in [
        ("tel=91234567&name=Ada", json!({ "tel": "+6591234567", "name": "Ada" })),
        (
            "name=Ada+Lovelace&Custom%20params%201=a%26b%3Dc",
            json!({ "name": "Ada Lovelace", "Custom params 1": "a&b=c" }),
        ),
        ("%E5%AE%A2%E6%88%B7%20%E7%BC%96%E5%8F%B7=%e6%88%90%e9%83%bd", json!({ "客户 编号": "成都" })),
        ("count=007&ratio=1.50&flag=TRUE", json!({ "count": "7", "ratio": "1.50", "flag": "true" })),
        ("name=%F0%9F%93%9E%20%D0%B0", json!({ "name": "📞 а" })),
        ("name=a=b==", json!({ "name": "a=b==" })),
        ("name=a?b/c", json!({ "name": "a?b/c" })),
        ("&&name=Ada&", json!({ "name": "Ada" })),
        ("m&name=Ada&=x", json!({ "name": "Ada" })),
        ("NAME=Ada&Tel=91234567", json!({})),
        ("", json!({})),
    ] {
        assert_read(&gateway.get(&format!("/nodes/echo?{query}")), &read, query);
    }
    assert_read(&gateway.get("/nodes/echo"), &json!({}), "no query at all");
    let said = gateway.call("GET", "/nodes/echo?name=Ada", &[("content-type", JSON)], br#"{"name":"Bob"}"#);
    assert_read(&said, &json!({ "name": "Ada" }), "the body of a GET is not read");
}

#[test]
fn a_form_is_read_from_its_body() {
    let gateway = echo();
    for (body, read) in [
        ("tel=%2B6591234567&name=Ada", json!({ "tel": "+6591234567", "name": "Ada" })),
        ("name=Ada+Lovelace", json!({ "name": "Ada Lovelace" })),
        ("name=Ada%20Lovelace", json!({ "name": "Ada Lovelace" })),
        ("name=1%2B1", json!({ "name": "1+1" })),
        ("Custom+params+1=Value+1", json!({ "Custom params 1": "Value 1" })),
        ("Custom params 1=Value 1", json!({ "Custom params 1": "Value 1" })),
        ("客户+编号=成都", json!({ "客户 编号": "成都" })),
        ("%E5%AE%A2%E6%88%B7+%E7%BC%96%E5%8F%B7=%E6%88%90%E9%83%BD", json!({ "客户 编号": "成都" })),
        ("\u{feff}name=Ada\r\n", json!({ "name": "Ada" })),
        ("m", json!({})),
        ("", json!({})),
    ] {
        assert_read(&post(&gateway, FORM, "", body), &read, body);
    }
    let said = post(&gateway, "Application/X-WWW-Form-URLencoded; charset=UTF-8", "", "name=Ada");
    assert_read(&said, &json!({ "name": "Ada" }), "a content type with a charset");
}

#[test]
fn the_form_that_the_documentation_shows_is_read_word_for_word() {
    let node = "
node: echo
inputs: { Custom params 1: text, Custom params 2: text }
outputs:
  Custom output param name 1: { text: '{{ inputs[\"Custom params 1\"] }}', default: '' }
  Custom output param name 2: { text: '{{ inputs[\"Custom params 2\"] }}', default: '' }
";
    let gateway = Gateway::start(&[("nodes/echo.yaml", node)]);
    let body = "partnerId=xxx&m&token=xxxx&source=0&robotNo=1&docId=xxxx&Custom params 1=Value 1&Custom params 2=Value 2";
    let expected = r#"{"Custom output param name 1":"Value 1","Custom output param name 2":"Value 2"}"#;
    for query in ["", "?partnerId=xxx&m&token=xxxx&source=0&robotNo=1&docId=xxxx"] {
        let said = post(&gateway, FORM, query, body);
        assert_eq!((said.status, said.text().as_str()), (200, expected));
    }
    let said = post(&gateway, JSON, "", r#"{"Custom params 1":"Value 1","Custom params 2":"Value 2"}"#);
    assert_eq!((said.status, said.text().as_str()), (200, expected));
}

#[test]
fn a_form_may_stand_in_the_query_of_a_post() {
    let gateway = echo();
    let read = json!({ "tel": "+6591234567", "name": "Ada" });
    for content_type in [FORM, JSON, ""] {
        let said = post(&gateway, content_type, "?tel=9123+4567&m&name=Ada", "");
        assert_read(&said, &read, content_type);
    }
}

#[test]
fn where_body_and_query_carry_a_name_the_body_wins_and_a_header_comes_last() {
    let gateway = echo();
    for (content_type, query, body, read) in [
        (FORM, "?name=query&count=1", "name=body", json!({ "name": "body", "count": "1" })),
        (JSON, "?name=query&count=1", r#"{"name":"body"}"#, json!({ "name": "body", "count": "1" })),
        (FORM, "?name=query", "nick=body", json!({ "name": "body" })),
        (FORM, "?name=query", "name=", json!({ "name": "query" })),
        (JSON, "?name=query", r#"{"name":null}"#, json!({ "name": "query" })),
        (JSON, "?name=query", r#"{"name":"  "}"#, json!({ "name": "query" })),
        (JSON, "", "{}", json!({ "name": "header" })),
        (FORM, "?name=", "name=+", json!({ "name": "header" })),
    ] {
        let headers = [("content-type", content_type), ("x-name", "header")];
        let said = gateway.call("POST", &format!("/nodes/echo{query}"), &headers, body.as_bytes());
        assert_read(&said, &read, body);
    }
}

#[test]
fn a_body_under_a_wrong_content_type_is_read_for_what_it_is() {
    let gateway = echo();
    let read = json!({ "name": "Ada", "count": "7" });
    let types = [
        FORM,
        JSON,
        "text/json",
        "application/vnd.ivr+json",
        "text/plain",
        "application/octet-stream",
        "x",
        "",
    ];
    for content_type in types {
        for body in
            ["name=Ada&count=7", r#"{"name":"Ada","count":7}"#, " \r\n{\"name\":\"Ada\",\"count\":7}\n"]
        {
            assert_read(&post(&gateway, content_type, "", body), &read, &format!("{content_type}: {body}"));
        }
    }
}

#[test]
fn a_plus_that_was_not_encoded_still_gives_the_number() {
    let gateway = echo();
    for sent in [
        "+6591234567",
        "%2B6591234567",
        "+65+9123+4567",
        "%2B65%209123-4567",
        "+65 9123 4567",
        "%2B%36591234567",
    ] {
        let read = json!({ "tel": "+6591234567" });
        assert_read(&post(&gateway, FORM, "", format!("tel={sent}")), &read, sent);
        let query = sent.replace(' ', "%20");
        assert_read(&gateway.get(&format!("/nodes/echo?tel={query}")), &read, sent);
    }
}

#[test]
fn a_number_is_read_in_the_ways_in_which_ivrs_write_it_and_nothing_else_is_one() {
    let gateway = echo();
    for sent in [
        "+6591234567",
        "006591234567",
        "6591234567",
        "91234567",
        " 9123 4567 ",
        "sip:+6591234567@pbx",
        "tel:+65-9123-4567",
    ] {
        let said = post(&gateway, JSON, "", json!({ "tel": sent }).to_string());
        assert_read(&said, &json!({ "tel": "+6591234567" }), sent);
    }
    for sent in ["anonymous", "sip:alice@example.com", "", "   ", "null", "-", "unknown"] {
        let said = post(&gateway, JSON, "", json!({ "tel": sent }).to_string());
        assert_read(&said, &json!({}), sent);
    }
}

#[test]
fn json_values_are_read_by_their_literal_digits_and_words() {
    let gateway = echo();
    for (body, read) in [
        (r#"{"tel":6591234567}"#, json!({ "tel": "+6591234567" })),
        (
            r#"{"name":12345678901234567890123456789012345}"#,
            json!({ "name": "12345678901234567890123456789012345" }),
        ),
        (r#"{"name":9007199254740993}"#, json!({ "name": "9007199254740993" })),
        (r#"{"count":9007199254740993}"#, json!({ "count": "9007199254740993" })),
        (r#"{"name":1.50}"#, json!({ "name": "1.50" })),
        (r#"{"name":1E400}"#, json!({ "name": "1E400" })),
        (r#"{"name":-0}"#, json!({ "name": "-0" })),
        (r#"{"name":true,"flag":false}"#, json!({ "name": "true", "flag": "false" })),
        (r#"{"flag":1}"#, json!({ "flag": "true" })),
        (r#"{"flag":"0"}"#, json!({ "flag": "false" })),
        (r#"{"count":"42","ratio":"0.5"}"#, json!({ "count": "42", "ratio": "0.5" })),
        (r#"{"name":null,"tel":null}"#, json!({})),
        (r#"{"name":"","count":"","flag":""}"#, json!({})),
        (r#"{"name":"\u6210\u90fd \ud83d\udcde \"x\""}"#, json!({ "name": "成都 📞 \"x\"" })),
        (r#"{"Custom params 1":"a","客户 编号":"b"}"#, json!({ "Custom params 1": "a", "客户 编号": "b" })),
        (r#"{"Custom\u0020params 1":"a"}"#, json!({ "Custom params 1": "a" })),
        ("\u{feff}{\"name\":\"Ada\"}", json!({ "name": "Ada" })),
        ("{}", json!({})),
    ] {
        assert_read(&post(&gateway, JSON, "", body), &read, body);
    }
}

#[test]
fn of_a_repeated_parameter_the_first_that_is_not_empty_counts() {
    let gateway = echo();
    for (content_type, body, name) in [
        (FORM, "name=Ada&name=Bob", "Ada"),
        (FORM, "name=&name=+&name&name=Ada&name=Bob", "Ada"),
        (JSON, r#"{"name":["Ada","Bob"]}"#, "Ada"),
        (JSON, r#"{"name":[null,"","Ada"]}"#, "Ada"),
        (JSON, r#"{"name":[7,true]}"#, "7"),
        (JSON, r#"{"name":"","name":"Ada","name":"Bob"}"#, "Ada"),
    ] {
        assert_read(&post(&gateway, content_type, "", body), &json!({ "name": name }), body);
    }
    assert_read(&post(&gateway, JSON, "", r#"{"name":[]}"#), &json!({}), "an empty list");
    assert_read(&gateway.get("/nodes/echo?name=&name=Ada&name=Bob"), &json!({ "name": "Ada" }), "a query");
}

#[test]
fn what_is_not_flat_in_json_is_400_and_names_the_parameter() {
    let gateway = echo();
    for (body, words) in [
        (r#"{"name":{"first":"Ada"}}"#, "parameter `name` in the JSON body is an object"),
        (r#"{"name":"Ada","tel":{}}"#, "parameter `tel` in the JSON body is an object"),
        (r#"{"name":["Ada",{}]}"#, "parameter `name` in the JSON body is a list of objects"),
        (r#"{"客户 编号":[["Ada"]]}"#, "parameter `客户 编号` in the JSON body is a list of lists"),
    ] {
        let said = post(&gateway, JSON, "", body);
        let error = said.json()["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!((said.status, said.header("x-datadip-outcome")), (400, "bad_input"));
        assert!(error.starts_with(words), "{words}: {error}");
        assert!(error.contains("send a text, a number, true, false or a list of these"), "{error}");
    }
}

#[test]
fn undeclared_parameters_are_ignored_whatever_they_hold() {
    let gateway = echo();
    let read = json!({ "name": "Ada" });
    for (content_type, body) in [
        (FORM, b"partnerId=xxx&m&token=%zz&source=\xff&%=1&docId=%d5&name=Ada".as_slice()),
        (JSON, br#"{"partnerId":{"name":[{}]},"m":null,"token":"\ud800","source":1e999,"name":"Ada"}"#),
    ] {
        assert_read(&post(&gateway, content_type, "", body), &read, content_type);
    }
    assert_read(&gateway.get("/nodes/echo?x=%zz&y=%ff&name=Ada"), &read, "a query");
}

#[test]
fn an_input_may_come_in_a_header() {
    let gateway = echo();
    for (headers, read) in [
        ([("X-Name", "Ada"), ("y", "")], json!({ "name": "Ada" })),
        ([("x-name", "成都"), ("y", "")], json!({ "name": "成都" })),
        ([("X-NAME", ""), ("x-name", "Ada")], json!({ "name": "Ada" })),
        ([("x-name", "1+1 %41"), ("y", "")], json!({ "name": "1+1 %41" })),
        ([("name", "Ada"), ("y", "")], json!({})),
    ] {
        assert_read(&gateway.call("GET", "/nodes/echo", &headers, b""), &read, headers[0].1);
    }
}

#[test]
fn an_alias_is_as_good_as_the_name_and_the_name_wins() {
    let gateway = echo();
    let read = json!({ "tel": "+6591234567" });
    for query in [
        "ivr_customer_number=91234567",
        "%E6%9D%A5%E7%94%B5=91234567",
        "ivr_customer_number=81234567&tel=91234567",
        "%E6%9D%A5%E7%94%B5=81234567&ivr_customer_number=91234567",
        "tel=&ivr_customer_number=91234567",
    ] {
        assert_read(&gateway.get(&format!("/nodes/echo?{query}")), &read, query);
    }
    let said = post(&gateway, JSON, "", r#"{"ivr_customer_number":91234567}"#);
    assert_read(&said, &read, "JSON");
}

#[test]
fn json_of_any_depth_is_survived() {
    let gateway = echo();
    let deep = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let (lists, objects) = (deep("[", "]", 30_000), deep(r#"{"a":"#, "}", 9_000).replace(":}", ":1}"));
    for (body, status) in [
        (format!(r#"{{"name":"Ada","x":{lists}}}"#), 200),
        (format!(r#"{{"name":"Ada","x":{objects}}}"#), 200),
        (format!(r#"{{"name":{lists}}}"#), 400),
        (format!(r#"{{"name":{objects}}}"#), 400),
        (lists.clone(), 400),
        (objects.clone(), 200),
        ("[".repeat(60_000), 400),
        (r#"{"a":"#.repeat(12_000), 400),
        (format!(r#"{{"name":"Ada","name":[{}1]}}"#, "1,".repeat(30_000)), 200),
    ] {
        let said = post(&gateway, JSON, "", &body);
        assert_eq!(said.status, status, "{}", &body[..40]);
    }
    assert_read(&gateway.get("/nodes/echo?name=Ada"), &json!({ "name": "Ada" }), "still there");
}

fn request(method: &str, rest: &str) -> String {
    format!("{method} /nodes/echo{rest}")
}

#[test]
fn a_connection_is_kept_for_further_calls_also_after_bad_ones() {
    let gateway = echo();
    let mut wire = gateway.open();
    for (body, status) in [(r#"{"name":"Ada"}"#, 200), ("{", 400), ("[]", 400), (r#"{"name":"Bob"}"#, 200)] {
        let length = body.len();
        let rest =
            format!(" HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\ncontent-length: {length}\r\n\r\n{body}");
        wire.write(request("POST", &rest).as_bytes());
        assert_eq!(wire.read(false).status, status, "{body}");
    }
    wire.write(request("PUT", " HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    assert_eq!(wire.read(false).status, 405);
    wire.write(request("GET", "?name=Ada HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
    assert_read(&wire.read(false), &json!({ "name": "Ada" }), "the last one");
    assert!(wire.is_closed());
}

#[test]
fn pipelined_calls_are_answered_in_their_order() {
    let gateway = echo();
    let mut wire = gateway.open();
    let posted = format!(" HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 6\r\n\r\nname=2");
    let all = [
        request("GET", "?name=1 HTTP/1.1\r\nhost: x\r\n\r\n"),
        request("POST", &posted),
        request("GET", "?name=3 HTTP/1.1\r\nhost: x\r\n\r\n"),
    ];
    wire.write(all.concat().as_bytes());
    for name in ["1", "2", "3"] {
        assert_read(&wire.read(false), &json!({ "name": name }), name);
    }
}

#[test]
fn http_1_0_is_answered_and_ended() {
    let gateway = echo();
    let posted = format!(" HTTP/1.0\r\ncontent-type: {FORM}\r\ncontent-length: 8\r\n\r\nname=Ada");
    for sent in [request("GET", "?name=Ada HTTP/1.0\r\n\r\n"), request("POST", &posted)] {
        let mut wire = gateway.open();
        wire.write(sent.as_bytes());
        assert_read(&wire.read(false), &json!({ "name": "Ada" }), &sent);
        assert!(wire.is_closed());
    }
}

#[test]
fn a_body_in_chunks_or_in_pieces_is_read_whole() {
    let gateway = echo();
    let mut wire = gateway.open();
    let head = format!(" HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\n");
    wire.write(request("POST", &format!("{head}transfer-encoding: chunked\r\n\r\n")).as_bytes());
    for piece in ["3\r\nnam\r\n", "1", "0\r\ne=Ada%20Lovelace", "\r\n0\r\n", "\r\n"] {
        wire.write(piece.as_bytes());
        std::thread::yield_now();
    }
    assert_read(&wire.read(false), &json!({ "name": "Ada Lovelace" }), "chunks");
    for piece in [request("POST", &head), "content-length: 8\r\n\r\nname".to_owned(), "=Ada".to_owned()] {
        wire.write(piece.as_bytes());
    }
    assert_read(&wire.read(false), &json!({ "name": "Ada" }), "pieces");
}

#[test]
fn a_caller_that_waits_for_100_continue_gets_it() {
    let gateway = echo();
    let mut wire = gateway.open();
    let head = format!(
        " HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 8\r\nexpect: 100-continue\r\n\r\n"
    );
    wire.write(request("POST", &head).as_bytes());
    assert!(wire.is_told_to_continue());
    wire.write(b"name=Ada");
    assert_read(&wire.read(false), &json!({ "name": "Ada" }), "100-continue");
}

#[test]
fn curl_s_big_bodies_are_taken_up_to_the_limit_and_told_above_it() {
    let gateway = echo();
    let url = format!("http://{}/nodes/echo", gateway.address());
    for (filler, status) in [(60_000, "200"), (70_000, "413"), (2_000_000, "413")] {
        let body = format!("name=Ada&x={}", "a".repeat(filler));
        let folder = crate::folder::Folder::with(&[("body", &body)]);
        let data = format!("@{}", folder.path().join("body").display());
        for expect in ["expect: 100-continue", "expect:"] {
            let args = ["-sS", "-H", expect, "-w", "\n%{http_code}", "--data-binary", &data, &url];
            let ended = program("curl", &args);
            let (body, code) = ended.out.rsplit_once('\n').unwrap_or_default();
            assert_eq!((ended.code, code), (0, status), "{filler} {expect} {}", ended.err);
            let said: Value = serde_json::from_str(body).expect("JSON");
            let is_told =
                said["error"].as_str().is_some_and(|error| error.contains("larger than 65536 bytes"));
            assert_eq!((is_told, said["name"] == "Ada"), (status == "413", status == "200"), "{body}");
        }
    }
}

#[test]
fn a_client_that_offers_http_2_on_the_way_is_answered_in_http_1_1() {
    let gateway = echo();
    let offer = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n";
    let head = format!(" HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 8\r\n{offer}\r\n");
    let mut wire = gateway.open();
    wire.write(request("POST", &format!("{head}name=Ada")).as_bytes());
    assert_read(&wire.read(false), &json!({ "name": "Ada" }), "POST");
    let mut wire = gateway.open();
    wire.write(request("GET", &format!("?name=Ada HTTP/1.1\r\nhost: x\r\n{offer}\r\n")).as_bytes());
    assert_read(&wire.read(false), &json!({ "name": "Ada" }), "GET");
}
