//! A customer is forgotten: in memory, in Redis and in the other replicas, by whatever name a call could have.

use serde_json::json;

use crate::admin::{NODE, TOKEN, UPSTREAM, crm, gateway, tier, wait};
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::redis::Server;
use crate::shell::Ended;

#[test]
fn a_customer_is_forgotten_in_memory_and_redis_and_the_receipt_counts_it() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&[]));
        let url = redis.url();
        let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", "0123456789abcdef0123456789abcdef")];
        let (first, second) = (gateway(&crm, &env), gateway(&crm, &env));
        up(&first);
        up(&second);
        assert_eq!(tier(&first, "tel=91234567"), "miss");
        assert_eq!(tier(&first, "tel=98765432"), "miss");
        wait("both are in Redis", || redis.keys("dd1:e:").len() == 2);
        assert_eq!(tier(&second, "tel=91234567"), "redis");
        let Ended { code, out: receipt, .. } =
            first.command(TOKEN, &["forget", "tel=9123 4567", "--node", "caller"]);
        assert_eq!(code, 0);
        for line in [
            "removed   customer by tel\n",
            "memory    1 removed\n",
            "redis     1 removed\n",
            "replicas  told\n",
        ] {
            assert!(receipt.contains(line), "{receipt}");
        }
        let told = receipt + &first.log();
        assert!(!told.contains("9123 4567") && !told.contains("91234567"), "{told}");
        assert_eq!(redis.keys("dd1:e:").len(), 1);
        wait("the other replica has heard of it", || tier(&second, "tel=91234567") != "memory");
        assert_eq!(tier(&first, "tel=98765432"), "memory");
    });
}

/// The node asks an operation of its own, and one that the other node asks too.
const ORDERS: &str = "
node: orders
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: acme.known, args: { phone: '{{ tel }}' } }
then: { as: open, call: acme.open, args: { name: '{{ record.name }}' } }
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' }, open: { path: $.name, from: open, default: '' } }
";

#[test]
fn a_purge_of_a_node_ends_all_that_it_asks_in_every_replica_and_leaves_the_others_alone() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&[]));
        let upstream = UPSTREAM.replace(
        "operations:",
        "operations:
  known: { args: { phone: { required: true } }, get: /known, query: { q: '{{ phone }}' }, records: '$.data[*]' }
  open: { args: { name: { required: true } }, get: /open, query: { q: '{{ name }}' }, records: '$.data[*]' }",
    );
        let mappings = [
            ("upstreams/acme.yaml", upstream.as_str()),
            ("nodes/caller.yaml", NODE),
            ("nodes/orders.yaml", ORDERS),
        ];
        let (crm_url, redis_url) = (crm.url(), redis.url());
        let env = [
            ("ACME_URL", crm_url.as_str()),
            ("DATADIP_ADMIN_TOKEN", TOKEN),
            ("DATADIP_REDIS_URL", &redis_url),
            ("DATADIP_KEY", "0123456789abcdef0123456789abcdef"),
        ];
        let gateways = [(); 2].map(|()| Gateway::start_with(&mappings, &[], &env));
        gateways.iter().for_each(up);
        let orders = |gateway: &Gateway| {
            let answer = gateway.get("/nodes/orders?tel=91234567");
            assert_eq!(answer.json(), json!({ "name": "Ada", "open": "Ada" }));
            answer.header("x-datadip-cache").to_owned()
        };
        let [first, second] = &gateways;
        assert_eq!((orders(first), tier(first, "tel=91234567")), ("miss".to_owned(), "miss".to_owned()));
        wait("all is in Redis", || redis.keys("dd1:e:").len() == 3);
        assert_eq!((orders(second), tier(second, "tel=91234567")), ("redis".to_owned(), "redis".to_owned()));
        assert_eq!((orders(first), orders(second)), ("memory".to_owned(), "memory".to_owned()));

        let before = redis.keys("dd1:e:");
        assert_eq!(first.command(TOKEN, &["purge", "--node", "orders"]).code, 0);
        let generations = redis.cli(&["HKEYS", &redis.keys("dd1:{")[0]]);
        assert!(
            generations.contains("op:acme.known") && generations.contains("op:acme.open"),
            "{generations}"
        );
        assert!(
            before.iter().all(|name| redis.cli(&["EXISTS", name]) == "1"),
            "names change, nothing is looked for"
        );
        assert_eq!(crm.asked().len(), 3);
        wait("the other replica has heard of it", || orders(second) == "miss");
        assert_eq!(crm.asked().len(), 5, "both of its questions were asked again");
        for gateway in &gateways {
            assert_eq!(tier(gateway, "tel=91234567"), "memory");
        }
        wait("both are in Redis again", || redis.keys("dd1:e:").len() == 5);
        assert_eq!(orders(first), "redis");
    });
}

#[test]
fn a_purge_of_a_customer_leaves_what_her_calls_were_and_a_forget_does_not() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let explained = || gateway.command(TOKEN, &["explain", "--phone", "9123 4567", "--region", "SG"]).code;
    assert_eq!((tier(&gateway, "tel=91234567"), explained()), ("miss".to_owned(), 0));
    let purge = ["purge", "--identifier", "phone=9123 4567", "--region", "SG"];
    assert_eq!((gateway.command(TOKEN, &purge).code, explained()), (0, 0));
    assert_eq!(tier(&gateway, "tel=91234567"), "miss");
    let forget = ["forget", "phone=9123 4567", "--region", "SG"];
    assert_eq!((gateway.command(TOKEN, &forget).code, explained()), (0, 1));
}

/// The note is written once for each number, and what it is answered names the customer.
const ONCE: &str = "
node: once
inputs: { tel: { type: phone, region: SG }, email: email }
lookup: { by: tel, call: acme.customer, args: { phone: '{{ tel }}' } }
do: { call: acme.note, as: note, once: { by: '{{ tel }}' } }
outputs: { owner: { from: note, path: '$.data[0].name', default: nobody }, status: { outcome: true } }
";

#[test]
fn what_a_write_was_answered_is_forgotten_by_whatever_names_the_customer_and_nothing_is_written_again() {
    let crm = crm();
    let files = [("upstreams/acme.yaml", UPSTREAM), ("nodes/once.yaml", ONCE)];
    let gateway =
        Gateway::start_with(&files, &[], &[("ACME_URL", &crm.url()), ("DATADIP_ADMIN_TOKEN", TOKEN)]);
    for (at, forgotten) in ["tel=9123 4567", "email=Ada@Example.com"].iter().enumerate() {
        let call = format!("/nodes/once?tel=9123456{at}");
        for _ in 0..2 {
            assert_eq!(gateway.get(&call).json(), json!({ "owner": "Ada", "status": "done" }));
        }
        let forget = ["forget", &forgotten.replace("4567", &format!("456{at}")), "--node", "once"];
        assert_eq!(gateway.command(TOKEN, &forget).code, 0);
        assert_eq!(gateway.get(&call).json(), json!({ "owner": "nobody", "status": "done" }));
    }
    let written = crm.asked().into_iter().filter(|asked| asked.method == "POST").count();
    assert_eq!(written, 2);
}

#[test]
fn a_customer_is_named_as_her_call_named_her() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let call = "/nodes/abroad?number=020%207946%200123&called=%2B44%2020%207946%200999";
    for asked in [
        json!({ "identifiers": { "number": "020 7946 0123", "called": "+442079460999" } }),
        json!({ "identifiers": { "number": "020 7946 0123", "called": "GB" }, "node": "abroad" }),
        json!({ "identifiers": { "number": "0044 20 7946 0123" } }),
        json!({ "identifiers": { "phone": "+44 20 7946 0123" } }),
        json!({ "identifiers": { "number": 442079460123_u64, "called": "GB" } }),
    ] {
        assert_eq!(gateway.get(call).header("x-datadip-cache"), "miss", "before {asked}");
        assert_eq!(gateway.get(call).header("x-datadip-cache"), "memory");
        let said = gateway.ask("POST", "/api/forget", TOKEN, &asked.to_string());
        assert_eq!((said.status, &said.json()["memory"]), (200, &json!(1)), "{asked}: {}", said.text());
    }
}

#[test]
fn what_redis_cannot_be_told_now_is_said_and_the_command_ends_with_1() {
    let (crm, mut redis) = (crm(), Server::start(&[]));
    let url = redis.url();
    let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", "0123456789abcdef0123456789abcdef")];
    let gateway = gateway(&crm, &env);
    up(&gateway);
    redis.kill();
    let Ended { code, out: receipt, .. } = gateway.command(TOKEN, &["purge", "--all"]);
    assert!(code == 1 && receipt.contains("replicas  not told yet"), "{code:?} {receipt}");
}

pub fn up(gateway: &Gateway) {
    wait("Redis is up", || {
        gateway.ask("GET", "/api/status", TOKEN, "").json()["cache"]["redis"]["up"] == true
    });
}
