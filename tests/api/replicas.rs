//! What past calls left, where several replicas share it: who asks one of them is told of the others' calls, and of no
//! customer who was forgotten.

use std::thread::scope;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::{TOKEN, UPSTREAM, wait};
use crate::gateway::Gateway;
use crate::redis::Server;
use crate::upstream::{Asked, Reaction, Upstream};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A node of this name that asks `acme`.
fn node(name: &str) -> String {
    format!(
        "
node: {name}
budget_ms: 1000
inputs: {{ tel: {{ type: phone, region: SG }} }}
lookup: {{ by: tel, call: acme.customer, args: {{ phone: '{{{{ tel }}}}' }} }}
outputs: {{ name: {{ path: $.name, default: '' }} }}
"
    )
}

/// A gateway with these nodes; none of them keeps what it finds.
fn gateway(crm: &Upstream, redis: Option<&Server>, names: &[&str]) -> Gateway {
    let nodes: Vec<_> = names.iter().map(|name| (format!("nodes/{name}.yaml"), node(name))).collect();
    let mut files = vec![("upstreams/acme.yaml", UPSTREAM)];
    files.extend(nodes.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let (crm_url, redis_url) = (crm.url(), redis.map(Server::url));
    let mut env = vec![("ACME_URL", crm_url.as_str()), ("DATADIP_ADMIN_TOKEN", TOKEN), ("DATADIP_KEY", KEY)];
    env.extend(redis_url.iter().map(|url| ("DATADIP_REDIS_URL", url.as_str())));
    let gateway = Gateway::start_with(&files, &[], &env);
    if redis.is_some() {
        wait("the link to Redis", || gateway.log().contains("redis.up"));
    }
    gateway
}

/// The calls that a search finds.
fn calls(gateway: &Gateway, query: &str) -> Vec<Value> {
    let found = gateway.ask("GET", &format!("/api/explain?{query}"), TOKEN, "").json();
    found["calls"].as_array().cloned().unwrap_or_default()
}

#[test]
fn the_last_calls_are_the_newest_of_all_nodes_whichever_replica_answered_them() {
    let crm = Upstream::start(|_: &Asked| Reaction::json(&json!({ "data": [{ "name": "Ada" }] })));
    let redis = Server::start(&[]);
    let names = ["n1", "n2", "n3", "n4", "n5", "n6"];
    let [one, other] = [(); 2].map(|()| gateway(&crm, Some(&redis), &names));
    for name in names {
        for _ in 0..5 {
            one.get(&format!("/nodes/{name}?tel=91234567"));
        }
    }
    let newest = || calls(&other, "most=7").iter().map(|call| call["node"].clone()).collect::<Vec<_>>();
    wait("the other replica lists the newest", || newest() == ["n6", "n6", "n6", "n6", "n6", "n5", "n5"]);
}

#[test]
fn a_call_that_was_under_way_leaves_nothing_of_who_was_forgotten_meanwhile() {
    let crm = Upstream::start(|_: &Asked| {
        Reaction::json(&json!({ "data": [{ "name": "Ada" }] })).after(Duration::from_millis(700))
    });
    let gateway = gateway(&crm, None, &["caller"]);
    scope(|scope| {
        let call = scope.spawn(|| gateway.get("/nodes/caller?tel=91234567"));
        wait("the call asks", || !crm.asked().is_empty());
        let said = gateway.command(TOKEN, &["forget", "tel=91234567", "--node", "caller"]);
        assert_eq!(said.code, 0, "{said:?}");
        call.join().unwrap();
    });
    assert_eq!(calls(&gateway, "phone=91234567"), [json!(null); 0]);
    gateway.get("/nodes/caller?tel=91234567");
    assert_eq!(calls(&gateway, "phone=91234567").len(), 1, "a later call is told");
}

#[test]
fn a_call_that_ran_out_of_time_is_told_although_its_replica_stopped_right_after_it() {
    let crm = Upstream::start(|_: &Asked| Reaction::Silence);
    let redis = Server::start(&[]);
    let [mut one, other] = [(); 2].map(|()| gateway(&crm, Some(&redis), &["caller"]));
    assert_eq!(one.get("/nodes/caller?tel=91234567").header("x-datadip-outcome"), "timeout");
    one.terminate();
    assert_eq!(one.ended(), 0);
    let outcomes =
        || calls(&other, "node=caller").iter().map(|call| call["outcome"].clone()).collect::<Vec<_>>();
    assert_eq!(outcomes(), ["timeout"]);
}
