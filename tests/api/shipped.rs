//! What is shipped, as a newcomer meets it: `datadip serve` in a checkout, without Redis, without a network, with
//! nothing configured.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shell::program;
use crate::upstream::{Reaction, Upstream};
use crate::wire::Said;

/// The customer query's return parameters, in the order of Sobot's document, and to the letter.
const RETURN_PARAMETERS: [&str; 31] = [
    "id",
    "tel",
    "email",
    "partner_id",
    "wx_unionid",
    "wx_external_userid",
    "wx_openid",
    "faceBookid",
    "instagramid",
    "whatsappid",
    "lineid",
    "telegramid",
    "discordid",
    "visitorids",
    "nick",
    "uname",
    "sexName",
    "countryName",
    "provice_name",
    "city_name",
    "remark",
    "userStatusName",
    "isVip",
    "vipLevel",
    "vipLeveName",
    "isblack",
    "enterprise_name",
    "sourceName",
    "liableServiceName",
    "userLabel",
    "userLableName",
];
/// Custom fields go by their ids.
const CUSTOM_FIELDS: [&str; 2] = ["4f1c0a7d9b8e4c2fa6d35e7b90c1a2d4", "b27e5d13c0f94a6e8d1f3a5c7e9b0d42"];

/// One gateway for all tests that run at the same time; it ends with the last of them.
fn shipped() -> Arc<Gateway> {
    static SHARED: Mutex<Weak<Gateway>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let gateway = Arc::new(Gateway::start_shipped(&[]));
        *shared = Arc::downgrade(&gateway);
        gateway
    })
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn assert_answered(said: &Said, outcome: &str, body: &Value) {
    assert_eq!((said.status, said.header("x-datadip-outcome")), (200, outcome), "{}", said.text());
    assert_eq!(&said.json(), body);
}

/// All lines that begin with `curl`, once there is one for each node.
fn curl_lines(gateway: &Gateway, nodes: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let printed = gateway.printed();
        let lines = printed.lines().map(str::trim).filter(|line| line.starts_with("curl "));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if lines.len() >= nodes {
            return lines;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{nodes} lines: {printed}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn each_curl_line_that_serve_prints_works_as_it_stands() {
    let gateway = shipped();
    let nodes = [
        ("asterisk", "found"),
        ("caller", "found"),
        ("customer", "found"),
        ("screenpop", "found"),
        ("system", "found"),
    ];
    let lines = curl_lines(&gateway, nodes.len());
    assert_eq!(lines.len(), nodes.len());
    for (line, (node, outcome)) in lines.iter().zip(nodes) {
        assert!(line.contains(&format!("http://{}/nodes/{node}", gateway.address())), "{line}");
        let ended = program("sh", &["-c", &format!("{line} --silent --show-error --include")]);
        let head: Vec<String> = ended.out.lines().map(str::to_ascii_lowercase).collect();
        assert_eq!((ended.code, head[0].as_str()), (0, "http/1.1 200 ok"), "{line}: {}", ended.err);
        assert!(head.contains(&format!("x-datadip-outcome: {outcome}")), "{line}: {head:?}");
    }
    assert!(!Gateway::start_shipped(&[]).log().contains("upstream.failed"), "examples are no events");
    let printed = gateway.printed();
    let waiting = "not configured, answering `error` until the variables of their upstream are set:\n    crm-caller crm-note";
    assert!(printed.contains(waiting), "{printed}");
    for (file, variables) in [
        ("upstreams/crm.yaml", "CRM_URL CRM_TOKEN"),
        ("hooks/crm-change.yaml", "CRM_HOOK_SECRET"),
        ("upstreams/sobot.yaml", "SOBOT_URL SOBOT_APP_ID SOBOT_APP_SECRET SOBOT_AGENT_ID SOBOT_IVR_URL"),
        ("upstreams/sobot-crm.yaml", "SOBOT_CRM_URL SOBOT_CRM_APP_ID SOBOT_CRM_APP_KEY"),
        ("upstreams/stringee.yaml", "STRINGEE_URL STRINGEE_SECRET STRINGEE_SID"),
        ("upstreams/xswitch.yaml", "XSWITCH_URL XSWITCH_DEV_KEY"),
    ] {
        assert!(printed.contains(&format!("    mappings/{file}: {variables}\n")), "{printed}");
    }
}

#[test]
fn the_system_api_answers_each_parameter_only_if_it_is_set() {
    let gateway = shipped();
    for (tel, outcome, body) in [
        (
            "+6591234567",
            "found",
            r#"{"isVip":"1","vipLevel":"gold","userLabel":"lb101,lb102,lb202","isblack":0}"#,
        ),
        (
            "91234567",
            "found",
            r#"{"isVip":"1","vipLevel":"gold","userLabel":"lb101,lb102,lb202","isblack":0}"#,
        ),
        ("98765432", "found", r#"{"isVip":"2","userLabel":"lb301","isblack":1}"#),
        ("87654321", "found", r#"{"isblack":0}"#),
        ("80000001", "not_found", "{}"),
        ("anonymous", "no_identifier", "{}"),
        ("", "no_identifier", "{}"),
    ] {
        let said = gateway.get(&format!("/nodes/system?tel={tel}"));
        assert_eq!((said.status, said.header("x-datadip-outcome")), (200, outcome), "{tel}");
        assert_eq!(said.text(), body, "{tel}");
    }
    assert_eq!(gateway.get("/nodes/system").text(), "{}");
    let refused = gateway.post_form("/nodes/system", "tel=91234567");
    assert_eq!((refused.status, refused.header("allow")), (405, "GET"));
}

#[test]
fn the_customer_query_answers_31_parameters_and_the_custom_fields_under_their_exact_names() {
    let gateway = shipped();
    let names = [&RETURN_PARAMETERS[..], &CUSTOM_FIELDS].concat();
    for query in ["id=C10001", "id=C10006", "id=C10021", "tel=80000001", "email=nobody@example.com"] {
        let said = gateway.get(&format!("/nodes/customer?{query}"));
        let body = said.json();
        let body = body.as_object().expect("an object");
        assert_eq!(body.keys().collect::<Vec<_>>(), names, "{query}");
        assert!(body.values().all(Value::is_string), "{query}: {body:?}");
    }
    let refused = gateway.post_json("/nodes/customer", r#"{"id":{}}"#).json();
    let refused: Vec<&String> = refused.as_object().expect("an object").keys().collect();
    assert_eq!(refused, [&names[..], &["error"]].concat());
}

#[test]
fn a_customer_is_answered_in_full() {
    let gateway = shipped();
    let mei = json!({
        "id": "C10001", "tel": "+6591234567", "email": "mei.lim@example.sg", "partner_id": "P-88231",
        "wx_unionid": "", "wx_external_userid": "", "wx_openid": "", "faceBookid": "", "instagramid": "",
        "whatsappid": "6591234567", "lineid": "", "telegramid": "", "discordid": "",
        "visitorids": "v-5c1e90,v-77ab21", "nick": "Mei", "uname": "Lim Mei Ling", "sexName": "Female",
        "countryName": "Singapore", "provice_name": "", "city_name": "Singapore",
        "remark": "Prefers to be called after 6 pm", "userStatusName": "normal", "isVip": "1",
        "vipLevel": "gold", "vipLeveName": "Gold member", "isblack": "0",
        "enterprise_name": "Harbour Logistics Pte Ltd", "sourceName": "Hotline", "liableServiceName": "Mei Tan",
        "userLabel": "lb101,lb102,lb202", "userLableName": r#""Interests": "Sailing", "Golf"; "Plan": "Fibre""#,
        "4f1c0a7d9b8e4c2fa6d35e7b90c1a2d4": "SG-2019-00417", "b27e5d13c0f94a6e8d1f3a5c7e9b0d42": "2026-04-01",
    });
    for said in [
        gateway.get("/nodes/customer?id=C10001"),
        gateway.get("/nodes/customer?tel=%2B65%209123%204567"),
        gateway.post_form("/nodes/customer", "email=Mei.Lim%40example.SG"),
        gateway.post_json("/nodes/customer", r#"{"thirdAccountId":"P-88231"}"#),
    ] {
        assert_answered(&said, "found", &mei);
    }
}

#[test]
fn each_identifier_and_each_of_the_ten_kinds_of_account_finds_its_customer() {
    let gateway = shipped();
    for (parameter, value, column, id) in [
        ("id", "C10025", "id", "C10025"),
        ("tel", "+4930901820", "uname", "C10025"),
        ("tel", "0065 8123-4567", "uname", "C10002"),
        ("email", "juergen.mueller@example.de", "email", "C10025"),
        ("email", "O'BRIEN+IVR@example.com", "email", "C10018"),
        ("thirdAccountId", "P-49001", "partner_id", "C10025"),
        ("thirdAccountId", "oUkd5t9Qw2Xn7LrVbY3hZpEa1cTs", "wx_unionid", "C10008"),
        ("thirdAccountId", "oA1b6uDk3Pw8vTnYc5rMxQzB7jSf", "wx_openid", "C10012"),
        ("thirdAccountId", "wmZk3nBQAAq7X1sR5vUoP2eLdC8yTgHw", "wx_external_userid", "C10009"),
        ("thirdAccountId", "971501234567", "whatsappid", "C10031"),
        ("thirdAccountId", "100004518830271", "faceBookid", "C10002"),
        ("thirdAccountId", "17841400008460056", "instagramid", "C10028"),
        ("thirdAccountId", "U8f3b2c91d4e75a60b1c2d3e4f5061728", "lineid", "C10026"),
        ("thirdAccountId", "618820047", "telegramid", "C10036"),
        ("thirdAccountId", "175928847299117063", "discordid", "C10019"),
    ] {
        let pair = format!("{parameter}={}", encoded(value));
        for said in [
            gateway.get(&format!("/nodes/customer?{pair}")),
            gateway.post_form("/nodes/customer", &pair),
            gateway.post_json("/nodes/customer", &json!({ parameter: value }).to_string()),
        ] {
            let body = said.json();
            assert_eq!((said.status, said.header("x-datadip-outcome")), (200, "found"), "{pair}");
            assert_eq!(body["id"], id, "{parameter} {value}");
            if parameter == "thirdAccountId" {
                assert_eq!(body[column], value);
            }
        }
    }
    for number in [729_481_035_u64, 175_928_847_299_117_063] {
        let said = gateway.post_json("/nodes/customer", &json!({ "thirdAccountId": number }).to_string());
        assert_eq!(said.header("x-datadip-outcome"), "found", "{number}");
    }
}

#[test]
fn the_customer_query_answers_null_when_none_is_given() {
    let gateway = shipped();
    for said in [
        gateway.get("/nodes/customer"),
        gateway.get("/nodes/customer?id=&tel=&email=&thirdAccountId="),
        gateway.get("/nodes/customer?tel=anonymous&email=nothing"),
        gateway.post_form("/nodes/customer", "partnerId=xxx&m&token=xxxx"),
        gateway.post_json("/nodes/customer", r#"{"id":null,"tel":""}"#),
    ] {
        assert_eq!((said.status, said.header("x-datadip-outcome")), (200, "no_identifier"));
        assert_eq!((said.text().as_str(), said.header("content-type")), ("null", "application/json"));
    }
}

#[test]
fn caller_is_asked_by_form_and_json_with_a_custom_header() {
    let gateway = shipped();
    let harriet = json!({
        "status": "found", "customer_name": "Harriet Cole", "isVip": "1", "vipLevel": "gold", "isblack": 0,
        "tags": "Books, Sailing", "open_tickets": 1, "last_ticket": "T-2055", "queue_id": "QU_VIP",
        "greeting": "Hello Harriet Cole, this is our 伦敦 site.", "Account manager": "Olivia Reed",
        "客户城市": "London",
    });
    let form = "partnerId=xxx&m&token=xxxx&source=0&robotNo=1&docId=xxxx&";
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", format!("{form}tel=+442079460123")),
        ("application/x-www-form-urlencoded", format!("{form}ivr_customer_number=020+7946+0123&called=GB")),
        ("application/x-www-form-urlencoded", format!("{form}email=harriet.cole%40example.co.uk")),
        ("application/x-www-form-urlencoded", format!("{form}thirdAccountId=P-61007")),
        ("application/json", r#"{"tel":442079460123}"#.to_owned()),
        ("application/json", r#"{"tel":"anonymous","email":"Harriet.Cole@example.co.uk"}"#.to_owned()),
        ("application/json", r#"{"token":"x","thirdAccountId":"P-61007"}"#.to_owned()),
    ] {
        let headers = [("content-type", content_type), ("x-site", "伦敦"), ("Custom-Header2", "header 2")];
        let said = gateway.call("POST", "/nodes/caller", &headers, body.as_bytes());
        assert_answered(&said, "found", &harriet);
    }
    let stranger = gateway.post_form("/nodes/caller", "tel=80000001").json();
    assert_eq!(
        (&stranger["status"], &stranger["queue_id"], &stranger["greeting"]),
        (&json!("not_found"), &json!("QU_NEW"), &json!("Hello."))
    );
}

#[test]
fn two_customers_on_one_number_are_told_apart_by_the_later_change() {
    let gateway = shipped();
    assert_eq!(gateway.get("/nodes/customer?tel=61234567").json()["id"], "C10004");
    assert_eq!(gateway.get("/nodes/customer?email=office@kampong.example").json()["id"], "C10003");
}

#[test]
fn asterisk_gets_pairs_and_the_screen_gets_xml() {
    let gateway = shipped();
    let said = gateway.get("/nodes/asterisk?tel=%2B4930901820");
    let pairs = "status=found&name=J%C3%BCrgen%20M%C3%BCller&vip=1&blocked=0&language=de&queue=vip";
    assert_eq!(
        (said.header("content-type"), said.text().as_str()),
        ("application/x-www-form-urlencoded", pairs)
    );
    let said = gateway.get("/nodes/screenpop?tel=%2B14155550123");
    assert_eq!(said.header("content-type"), "application/xml");
    assert!(said.text().contains("Fog &amp; Bay &lt;Labs&gt;"), "{}", said.text());
}

#[test]
fn the_crm_pattern_works_once_it_is_configured() {
    let upstream = Upstream::start(|asked| match asked.target.as_str() {
        "/v1/customers?phone=91234567" => Reaction::json(&json!({ "data": [
            { "id": 51, "name": "Old", "vip": false, "updated_at": "2020-01-01T00:00:00Z" },
            { "id": 52, "name": "Lim Mei Ling", "vip": true, "segment": { "name": "Business" }, "updated_at": "2025-01-01T00:00:00Z" },
        ] })),
        "/v1/customers/52/orders?limit=20&sort=-created_at" => Reaction::json(&json!({ "orders": [
            { "number": "A-0093", "status": "sent" }, { "number": "A-0041", "status": "closed" },
        ] })),
        "/v1/customers/52/notes" => Reaction::json(&json!({ "id": "N-1" })),
        _ => Reaction::json(&json!({ "data": [] })),
    });
    let gateway = Gateway::start_shipped(&[("CRM_URL", &upstream.url()), ("CRM_TOKEN", "t0ken")]);
    let said = gateway.post_form("/nodes/crm-caller", "tel=%2B6591234567");
    assert_answered(
        &said,
        "found",
        &json!({
            "status": "found", "customer_id": "52", "customer_name": "Lim Mei Ling", "isVip": "1", "segment": "Business",
            "open_orders": 1, "last_order": "A-0093", "queue_id": "QU_VIP",
        }),
    );
    let said = gateway.post_json("/nodes/crm-note", r#"{"tel":"91234567","key":1}"#);
    assert_answered(
        &said,
        "done",
        &json!({ "status": "done", "customer_name": "Lim Mei Ling", "note_id": "N-1" }),
    );
    let asked = upstream.asked();
    let targets: Vec<&str> = asked.iter().map(|asked| asked.target.as_str()).collect();
    let forms = [
        "/v1/customers?phone=%2B6591234567",
        "/v1/customers?phone=6591234567",
        "/v1/customers?phone=91234567",
    ];
    assert_eq!(targets[..3], forms);
    assert!(asked.iter().all(|asked| asked.header("authorization") == "Bearer t0ken"));
    let note = asked.last().expect("a note");
    let text =
        json!({ "text": "Call back +6591234567, asked for in the IVR.", "priority": 2, "source": "ivr" });
    assert_eq!(serde_json::from_slice::<Value>(&note.body).ok(), Some(text));
    assert!(!gateway.log().contains("t0ken") && !gateway.printed().contains("t0ken"));
}
