//! What is kept answers the same question, and no other: whoever asks it, in whatever plan.

use serde_json::json;

use crate::admin::{NODE, TOKEN, UPSTREAM, crm, tier};
use crate::gateway::Gateway;
use crate::upstream::{Asked, Reaction, Upstream};

#[test]
fn what_one_node_asked_with_two_inputs_answers_no_other_node_with_the_two_exchanged() {
    let crm = Upstream::start(|asked: &Asked| {
        let query = asked.target.split_once('?').unwrap().1.to_owned();
        Reaction::json(&json!({ "data": [{ "name": query }] }))
    });
    let upstream = "
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    args: { branch: { type: text, required: true }, pin: { type: text, required: true } }
    get: /customers
    query: { branch: '{{ branch }}', pin: '{{ pin }}' }
    records: $.data[*]
";
    let node = |name: &str, inputs: &str| {
        format!(
            "
node: {name}
inputs: {{ {inputs} }}
lookup: {{ call: acme.customer, args: {{ branch: '{{{{ branch }}}}', pin: '{{{{ pin }}}}' }} }}
cache: {{ fresh_sec: 300 }}
outputs: {{ name: {{ path: $.name, default: '' }} }}
"
        )
    };
    let (one, other) = (node("one", "branch: text, pin: text"), node("other", "pin: text, branch: text"));
    let gateway = Gateway::start_with(
        &[("upstreams/acme.yaml", upstream), ("nodes/one.yaml", &one), ("nodes/other.yaml", &other)],
        &[],
        &[("ACME_URL", &crm.url())],
    );
    assert_eq!(gateway.get("/nodes/one?branch=1111&pin=2222").json()["name"], "branch=1111&pin=2222");
    let said = gateway.get("/nodes/other?branch=2222&pin=1111");
    assert_eq!(said.json()["name"], "branch=2222&pin=1111", "{}", said.header("x-datadip-cache"));
}

#[test]
fn a_longer_wait_and_another_word_about_an_operation_lose_nothing_that_is_kept() {
    let crm = crm();
    let gateway = crate::admin::gateway(&crm, &[("DATADIP_WATCH", "off")]);
    std::fs::remove_file(gateway.folder().join("mappings/nodes/broken.yaml")).unwrap();
    let edit = |path: &str, text: &str| {
        gateway.write(path, text);
        assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 200);
    };
    assert_eq!(tier(&gateway, "tel=91234567"), "miss");
    let waiting = UPSTREAM.replace("operations:", "timeout_ms: 900\noperations:").replace(
        "  customer:\n",
        "  customer:\n    about: Who has this number.\n    timeout_ms: 800\n    error: $.why\n",
    );
    edit("mappings/upstreams/acme.yaml", &waiting);
    assert_eq!(tier(&gateway, "tel=91234567"), "memory");
    edit("mappings/nodes/caller.yaml", &NODE.replace("by: tel,", "by: tel, when: tel is defined,"));
    assert_eq!((tier(&gateway, "tel=91234567"), crm.asked().len()), ("memory".to_owned(), 1));
}
