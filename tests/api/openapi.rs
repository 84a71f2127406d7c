//! `/openapi.json` says what is answered: held against the answers themselves, and against the page that lists the paths.

use std::collections::BTreeSet;

use jsonschema::validator_for;
use serde_json::{Value, json};

use crate::gateway::Gateway;

const NODE: &str = r#"
node: odd
about: Names of all kinds.
access: { header: X-Key, keys: ["${secret:ODD_KEY}"] }
methods: post
inputs:
  "e mail": { type: email, about: "Her address." }
  site: { type: text, header: X-Site }
  floor: { type: int, default: 3 }
outputs:
  "客户 名": { path: $.name, default: "" }
  vip: { path: $.vip, type: bool, default: false }
  level: { path: $.level, type: int, values: { gold: 2, tin: 1 }, default: 0 }
  tier: { path: $.tier, optional: true }
lookup: { by: "e mail", call: shop.by_mail, args: { mail: '{{ inputs["e mail"] }}' } }
null_on: not_found
"#;
const SHOP: &str = "
upstream: shop
table: { file: ../data/shop.jsonl, identifiers: { mail: email } }
operations:
  by_mail: { args: { mail: { required: true } }, find: { mail: '{{ mail }}' } }
";

fn document(gateway: &Gateway, query: &str) -> Value {
    let said = gateway.ask("GET", &format!("/openapi.json{query}"), "", "");
    assert_eq!(said.status, 200);
    said.json()
}

/// Whether a null stands somewhere in it: the standard knows none outside of schemas, and those here have none either.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether an answer is what the document says of this status.
fn assert_told(document: &Value, node: &str, method: &str, status: &str, answer: &Value) {
    let path = &document["paths"][format!("/nodes/{node}")][method]["responses"][status];
    let schema = &path["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{node} {method} {status}: {path}");
    if let Err(error) = validator_for(schema).unwrap().validate(answer) {
        panic!("{node} {method} {status}: {error} in {answer}");
    }
}

#[test]
fn every_shipped_node_answers_what_the_document_says() {
    let gateway = Gateway::start_shipped(&[]);
    let document = document(&gateway, "");
    let mut count = 0;
    for (path, told) in
        document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/nodes/"))
    {
        let node = path.strip_prefix("/nodes/").unwrap();
        let response = &told.as_object().unwrap().values().next().unwrap()["responses"]["200"];
        if response["content"].get("application/json").is_none() {
            continue;
        }
        if told.get("get").is_some() {
            for query in ["", "?tel=9123+4567", "?tel=anonymous", "?ivr_customer_number=%2B6591234567"] {
                let said = gateway.get(&format!("{path}{query}"));
                assert_eq!(said.status, 200, "{path}{query}");
                assert_told(&document, node, "get", "200", &said.json());
                let outcomes =
                    document["components"]["headers"]["X-Datadip-Outcome"]["schema"]["enum"].clone();
                assert!(outcomes.as_array().unwrap().contains(&json!(said.header("x-datadip-outcome"))));
            }
        }
        if told.get("post").is_some() {
            let said = gateway.post_json(path, "{ no json");
            assert_eq!(said.status, 400, "{path}");
            assert_told(&document, node, "post", "4XX", &said.json());
        }
        count += 1;
    }
    assert!(count > 5, "{count} nodes");
}

#[test]
fn names_keys_headers_and_null_are_told_as_they_are_meant() {
    let row = "{\"mail\": \"ada@example.com\", \"name\": \"Ada\", \"vip\": true, \"level\": \"gold\"}\n";
    let files = [("nodes/odd.yaml", NODE), ("upstreams/shop.yaml", SHOP), ("data/shop.jsonl", row)];
    let gateway = Gateway::start_with(&files, &[], &[("ODD_KEY", "k3y")]);
    assert_eq!(gateway.mistakes(), "");
    let document = document(&gateway, "?base=https://dip.example.com/ivr/");
    assert_eq!(document["servers"], json!([{ "url": "https://dip.example.com/ivr" }]));
    let node = &document["paths"]["/nodes/odd"];
    assert_eq!(node.as_object().unwrap().keys().collect::<Vec<_>>(), ["post"]);
    let post = &node["post"];
    assert_eq!(
        (&post["summary"], &post["security"]),
        (&json!("Names of all kinds."), &json!([{ "x-key": [] }]))
    );
    assert_eq!(
        document["components"]["securitySchemes"]["x-key"],
        json!({ "type": "apiKey", "in": "header", "name": "x-key" })
    );
    assert_eq!(post["parameters"][0]["name"], "x-site");
    let sent = &post["requestBody"]["content"]["application/json"]["schema"]["properties"];
    assert_eq!(sent["floor"], json!({ "type": "integer", "default": 3, "description": "May be left out." }));
    assert_eq!(
        sent["e mail"],
        json!({ "type": "string", "description": "Her address. Without it, nobody is looked for." })
    );
    let call = |mail: &str| {
        let body = format!("{{\"e mail\": \"{mail}\"}}");
        let headers = [("X-Key", "k3y"), ("Content-Type", "application/json")];
        gateway.call("POST", "/nodes/odd", &headers, body.as_bytes()).json()
    };
    let found = json!({ "客户 名": "Ada", "vip": true, "level": 2 });
    for (mail, answer) in [("ada@example.com", found), ("ben@example.com", json!(null))] {
        assert_eq!(call(mail), answer);
        assert_told(&document, "odd", "post", "200", &answer);
    }
    let schema = &post["responses"]["200"]["content"]["application/json"]["schema"];
    for wrong in [
        json!({}),
        json!({ "客户 名": "Ada", "vip": "yes", "level": 2 }),
        json!({ "客户 名": "Ada", "vip": true, "level": 3 }),
    ] {
        assert!(!validator_for(schema).unwrap().is_valid(&wrong), "{wrong}");
    }
    assert!(!document.to_string().contains("k3y"));
}

const PLAIN: &str = "
node: plain
inputs: { tel: { type: phone, region: SG } }
outputs: { status: { outcome: true } }
";
const HOOK: &str = "
hook: change
secret: { header: X-Hook-Secret, value: '${secret:HOOK_SECRET}' }
evict: { node: plain, identifiers: { tel: $.phone } }
";

#[test]
fn who_says_nothing_about_a_node_has_a_whole_document_all_the_same() {
    let gateway = Gateway::start(&[("nodes/plain.yaml", PLAIN), ("hooks/change.yaml", HOOK)]);
    let document = document(&gateway, "");
    assert_eq!(document["paths"]["/nodes/plain"]["get"]["summary"], "plain");
    assert_eq!(document["paths"]["/hooks/change"]["post"]["summary"], "change");
    assert!(!has_null(&document), "{document}");
}

#[test]
fn what_it_refers_to_is_there_and_so_is_every_path_that_the_page_lists() {
    let gateway = Gateway::start_shipped(&[]);
    let document = document(&gateway, "");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let page = include_str!("../../docs/running.md");
    let listed: BTreeSet<String> = page
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `GET /api/")
                .map(|rest| ("get", rest))
                .or(line.strip_prefix("| `POST /api/").map(|rest| ("post", rest)))
        })
        .map(|(method, rest)| {
            format!("{method} /api/{}", rest.split(['`', '?']).next().unwrap().replace("TRACE", "{trace}"))
        })
        .collect();
    let paths = document["paths"].as_object().unwrap();
    let told: BTreeSet<String> = paths
        .iter()
        .filter(|(path, _)| path.starts_with("/api/"))
        .flat_map(|(path, told)| {
            told.as_object()
                .unwrap()
                .keys()
                .filter(|key| *key != "servers")
                .map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert!(listed.len() >= 7, "{listed:?}");
    assert_eq!(told, listed);
}
