//! `datadip describe`: what is typed into the IVR's form, and lines for a shell that work as they stand.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::shell::{Ended, datadip, datadip_with, program};

const SHOP: &str = "\
upstream: shop
table: { file: shop.jsonl, identifiers: { tel: { type: phone, region: SG }, email: email } }
operations:
  by_tel: { args: { phone: { required: true } }, find: { tel: '{{ phone }}' } }
  by_email: { args: { email: { required: true } }, find: { email: '{{ email }}' } }
";

const ROWS: &str =
    "{\"tel\":\"91234567\",\"email\":\"o'hara@example.com\",\"name\":\"O'Hara\",\"vip\":true}\n";

const NODE: &str = "\
node: vip-line
about: Is it a VIP?
budget_ms: 1500
access: { header: X-Node-Key, keys: ['${secret:VIP_KEY}'], networks: [127.0.0.0/8] }
inputs:
  Caller's number 电话: { type: phone, region: SG, aliases: [tel], about: The caller. }
  e.mail: email
  key: { type: text, default: '0', header: X-Key }
lookup:
  - { by: \"Caller's number 电话\", call: shop.by_tel }
  - { by: e.mail, call: shop.by_email }
outputs:
  status: { outcome: true }
  name: { path: $.name, default: '', default_on: { not_found: nobody }, about: The customer's name. }
  vip: { path: $.vip, type: int, values: { 'true': 1, 'false': 2 }, default: 2 }
  queue: { choose: [ { when: vip == 1 and key != '9', value: QU_VIP }, { value: QU_STANDARD } ] }
  seen: { path: $.seen, optional: true }
null_on: [no_identifier]
examples:
  - name: nobody
    send: { e.mail: nobody@example.com }
    outcome: not_found
  - name: found
    send: { \"Caller's number 电话\": '+65 9123 4567', key: \"it's `$HOME` & 100%\" }
    outcome: found
";

const FILES: [(&str, &str); 3] =
    [("upstreams/shop.yaml", SHOP), ("upstreams/shop.jsonl", ROWS), ("nodes/vip.yaml", NODE)];

fn folder() -> Folder {
    let folder = Folder::with(&[]);
    FILES.into_iter().for_each(|(path, text)| folder.write(&format!("mappings/{path}"), text));
    folder
}

fn described(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn every_line_for_the_shell_works_as_it_stands() {
    let gateway = Gateway::start_with(&FILES, &[], &[("VIP_KEY", "s3cr3t")]);
    let base = format!("http://{}", gateway.address());
    let node =
        described(&gateway.command("", &["describe", "vip-line", "--base", &base, "--format", "json"]));
    for way in ["get", "form", "json"] {
        let line = node["curl"][way].as_str().unwrap();
        let said = program("sh", &["-c", &format!("VIP_KEY=s3cr3t; {line} -s")]);
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{line}: {said:?}"));
        let expected = json!({ "status": "found", "name": "O'Hara", "vip": 1, "queue": "QU_VIP" });
        assert_eq!(answer, expected, "{line}");
    }
}

#[test]
fn a_description_holds_all_that_is_typed_into_the_form_and_no_secret() {
    let env = [("VIP_KEY", "s3cr3t")];
    let args = ["describe", "vip-line", "--format", "json", "--base", "https://dip.example.com/ivr/"];
    let ended = datadip_with(folder().path(), &args, &env);
    let node = described(&ended);
    assert_eq!(node["url"], "https://dip.example.com/ivr/nodes/vip-line");
    assert_eq!(node["methods"], json!(["GET", "POST"]));
    assert_eq!(
        node["access"],
        json!({ "header": "x-node-key", "value": "$VIP_KEY", "networks": ["127.0.0.0/8"] })
    );
    assert_eq!(
        node["inputs"],
        json!([
            { "name": "Caller's number 电话", "type": "phone", "about": "The caller.", "need": "one_of", "region": "SG",
              "aliases": ["tel"] },
            { "name": "e.mail", "type": "email", "need": "one_of" },
            { "name": "key", "type": "text", "need": "optional", "header": "x-key", "default": "0" },
        ])
    );
    assert_eq!(
        node["outputs"],
        json!([
            { "name": "status", "type": "string", "values": ["found", "not_found", "no_identifier", "bad_input"],
              "optional": false },
            { "name": "name", "type": "string", "about": "The customer's name.", "default": "",
              "default_on": { "not_found": "nobody" }, "optional": false },
            { "name": "vip", "type": "int", "values": [1, 2], "default": 2, "optional": false },
            { "name": "queue", "type": "string", "values": ["QU_VIP", "QU_STANDARD"], "optional": false },
            { "name": "seen", "type": "string", "optional": true },
        ])
    );
    let null = node["outcomes"].as_array().unwrap().iter().filter(|ending| ending["is_null"] == true);
    assert_eq!(null.map(|ending| &ending["outcome"]).collect::<Vec<_>>(), ["no_identifier"]);
    let text = datadip_with(folder().path(), &["describe", "vip-line"], &env);
    for out in [&ended.out, &text.out] {
        assert!(!out.contains("s3cr3t"), "{out}");
    }
}

#[test]
fn people_read_it_as_a_page() {
    let ended = datadip(folder().path(), &["describe", "vip-line"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    for line in [
        "vip-line: Is it a VIP?",
        "URL      http://127.0.0.1:8080/nodes/vip-line",
        "Method   GET, or POST with FORM or JSON",
        "Header   x-node-key: $VIP_KEY",
        "Timeout  longer than 1500 ms, in which it answers whatever happens",
        "  key                 text   optional, else \"0\"; also as the header x-key",
        "  vip     int     one of 1, 2; without a value 2",
        "  seen    string  may be left out",
        "  no_identifier  200  no identifier was sent, or none that is valid; the answer is null",
    ] {
        assert!(ended.out.lines().any(|said| said == line), "`{line}` is not in\n{}", ended.out);
    }
}

#[test]
fn the_address_is_where_the_gateway_listens_unless_another_is_given() {
    let folder = folder();
    let url = |args: &[&str], env: &[(&str, &str)]| {
        let args = [&["describe", "vip-line", "--format", "json"], args].concat();
        described(&datadip_with(folder.path(), &args, env))["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(url(&[], &[("DATADIP_LISTEN", "0.0.0.0:8123")]), "http://127.0.0.1:8123/nodes/vip-line");
    folder.write("datadip.yaml", "listen: 127.0.0.1:9999\n");
    assert_eq!(url(&[], &[]), "http://127.0.0.1:9999/nodes/vip-line");
    assert_eq!(url(&["--base", "http://[::1]:80"], &[]), "http://[::1]:80/nodes/vip-line");
    let wrong = datadip(folder.path(), &["describe", "vip-line", "--base", "dip.example.com"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("write scheme and host: https://dip.example.com"), "{}", wrong.err);
}

#[test]
fn without_a_node_all_are_listed_and_a_misspelt_one_is_named() {
    let folder = folder();
    folder.write("mappings/nodes/broken.yaml", "node: broken\noutputs: { a: { path: $.a } }\n");
    let ended = datadip(folder.path(), &["describe"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("GET, POST  http://127.0.0.1:8080/nodes/vip-line"), "{}", ended.out);
    assert!(ended.out.contains("broken\n    not in force: "), "{}", ended.out);
    let all = described(&datadip(folder.path(), &["describe", "--format", "json"]));
    assert_eq!(all.as_array().unwrap().len(), 1);
    let misspelt = datadip(folder.path(), &["describe", "vip-lines"]);
    assert_eq!((misspelt.code, misspelt.out.as_str()), (2, ""));
    assert!(misspelt.err.contains("did you mean `vip-line`?"), "{}", misspelt.err);
}
