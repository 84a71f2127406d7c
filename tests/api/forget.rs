//! A customer is forgotten: in memory, in Redis and in the other replicas, by whatever name a call could have.

use serde_json::json;

use crate::admin::{TOKEN, crm, gateway, tier, wait};
use crate::gateway::Gateway;
use crate::redis::Server;
use crate::shell::Ended;

#[test]
fn a_customer_is_forgotten_in_memory_and_redis_and_the_receipt_counts_it() {
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
    for line in
        ["removed   customer by tel\n", "memory    1 removed\n", "redis     1 removed\n", "replicas  told\n"]
    {
        assert!(receipt.contains(line), "{receipt}");
    }
    assert!(!receipt.contains("9123") && !first.log().contains("9123"), "{receipt}");
    assert_eq!(redis.keys("dd1:e:").len(), 1);
    wait("the other replica has heard of it", || tier(&second, "tel=91234567") != "memory");
    assert_eq!(tier(&first, "tel=98765432"), "memory");
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

fn up(gateway: &Gateway) {
    wait("Redis is up", || {
        gateway.ask("GET", "/api/status", TOKEN, "").json()["cache"]["redis"]["up"] == true
    });
}
