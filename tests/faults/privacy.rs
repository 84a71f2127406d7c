//! Redis holds nothing that says whom it is about, and entries outlive the mappings that they were made for.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::cable::Cable;
use crate::caller::{call, eventually, number};
use crate::company::{Company, KEY, LONG, crm, customer, linked};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Asked, Reaction, Upstream};

const CRM: &str = "
operations:
  by_phone: { args: { phone: { required: true } }, get: /phone, query: { q: '{{ phone }}' }, unique: { email: $.email } }
  by_email: { args: { email: { required: true } }, get: /email, query: { q: '{{ email }}' }, unique: { tel: $.phone } }
  by_account: { args: { id: { required: true } }, get: /account, query: { q: '{{ id }}' } }
  orders: { args: { name: { required: true } }, get: /orders, query: { q: '{{ name }}' } }
";

const NODE: &str = "
cache: { fresh_sec: 300 }
inputs: { tel: { type: phone, region: SG }, email: email, account: account }
lookup:
  - { by: tel, call: crm.by_phone, record: customer, forms: [e164, national] }
  - { by: email, call: crm.by_email, record: customer }
  - { by: account, call: crm.by_account }
then: { as: orders, call: crm.orders, args: { name: '{{ record.name }}' } }
outputs:
  name: { path: $.name, default: '' }
  phone: { path: $.phone, default: '' }
  email: { path: $.email, default: '' }
  open: { path: $.open, from: orders, type: int, default: 0 }
";

#[test]
fn no_identifier_and_no_record_can_be_read_in_redis_nor_on_the_way_to_it() {
    let _guard = among_others();
    let crm = Upstream::start(|asked| match asked.target.contains("nobody") {
        true => Reaction::status(404, &json!({})),
        false => Reaction::json(&json!({
            "name": "Adelaide Lovelace", "phone": "+6591234567", "email": "adelaide@example.com", "open": 31337
        })),
    });
    let redis = Server::start(&["--rdbcompression", "no"]);
    let cable = Cable::to(redis.port);
    let gateway = Company::with(CRM, NODE).beside(&crm.url(), &format!("redis://127.0.0.1:{}", cable.port()));
    linked(&gateway, 1);
    for query in [
        "tel=91234567",
        "tel=%2B6591234567",
        "email=Adelaide%40Example.com",
        "account=U0123456789abcdef",
        "email=nobody%40example.com",
        "account=nobody",
    ] {
        for _ in 0..2 {
            assert_eq!(gateway.get(&format!("/nodes/caller?{query}")).status, 200);
        }
    }
    eventually("all is in Redis", || redis.keys("dd1:e:").len() >= 6);
    assert_eq!(redis.cli(&["SAVE"]), "OK");
    let (kept, sent) = (fs::read(redis.folder().join("dump.rdb")).unwrap(), cable.sent());
    assert!(kept.len() > 1000 && sent.len() > 1000, "{} {}", kept.len(), sent.len());
    for personal in [
        "91234567",
        "6591234567",
        "adelaide",
        "example.com",
        "lovelace",
        "u0123456789abcdef",
        "nobody",
        "31337",
        "by_phone",
        "crm.",
    ] {
        for (place, bytes) in [("Redis", &kept), ("the wire", &sent)] {
            let text = String::from_utf8_lossy(bytes).to_lowercase();
            assert!(!text.contains(personal), "{personal} can be read in {place}");
        }
    }
    assert!(!String::from_utf8_lossy(&kept).contains(KEY));
}

#[test]
fn replicas_that_log_in_differently_share_nothing() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let company = Company::patient(LONG).limited("auth: { bearer: '${secret:TOKEN}' }");
        let replica = |token| {
            let env = [("DATADIP_KEY", KEY), ("TOKEN", token)];
            let gateway = company.start(&crm.url(), &["--redis", &redis.url()], &env);
            linked(&gateway, 1);
            gateway
        };
        let tel = number();
        let (shop, bank) = (replica("the-shop"), replica("the-bank"));
        call(&shop, &tel).is("found", &["miss"]);
        eventually("it is in Redis", || redis.keys("dd1:e:").len() == 1);
        call(&bank, &tel).is("found", &["miss"]);
        eventually("the other is in Redis", || redis.keys("dd1:e:").len() == 2);
        for token in ["the-shop", "the-bank"] {
            call(&replica(token), &tel).is("found", &["redis"]);
        }
        let asked: Vec<String> =
            crm.asked().iter().map(|asked| asked.header("authorization").to_owned()).collect();
        assert_eq!(asked, ["Bearer the-shop", "Bearer the-bank"]);
    });
}

#[test]
fn of_a_record_only_what_mappings_read_is_kept() {
    let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
    crm.becomes(|asked| {
        let mut found = customer(&crate::company::number(asked));
        found["history"] = json!("long".repeat(12_500));
        Reaction::json(&json!({ "data": [found] }))
    });
    let gateway = Company::patient(LONG).replica(&crm.url(), &redis);
    call(&gateway, &number()).is("found", &["miss"]);
    eventually("it is in Redis", || !redis.keys("dd1:e:").is_empty());
    let keys = redis.keys("dd1:e:");
    let size: usize = redis.cli(&["STRLEN", &keys[0]]).parse().unwrap();
    assert!((50..1000).contains(&size), "{size} bytes");
}

#[test]
fn what_redis_has_of_a_caller_is_one_get_however_the_number_is_written() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let (first, second) = (
            Company::patient(LONG).replica(&crm.url(), &redis),
            Company::patient(LONG).replica(&crm.url(), &redis),
        );
        let tel = number();
        call(&first, &tel).is("found", &["miss"]);
        let settled = || !redis.keys("dd1:e:").is_empty() && redis.keys("dd1:l:").is_empty();
        eventually("it is in Redis, and the lock is given back", settled);
        let gets = || {
            let stats = redis.cli(&["INFO", "commandstats"]);
            let line = stats.lines().find_map(|line| line.strip_prefix("cmdstat_get:calls="));
            line.and_then(|line| line.split(',').next()?.parse::<u32>().ok()).unwrap_or_default()
        };
        let before = gets();
        let tier = |tel: &str| {
            let said = second.get(&format!("/nodes/caller?tel={tel}"));
            said.header("x-datadip-cache").to_owned()
        };
        assert_eq!((tier(&format!("%2B65%20{tel}")).as_str(), gets() - before), ("redis", 1));
        assert_eq!((tier(&tel).as_str(), gets() - before), ("memory", 1));
    });
}

#[test]
fn a_purge_of_a_node_reaches_its_steps_and_reads_in_every_replica_and_in_redis() {
    undisturbed(|| {
        let _guard = among_others();
        let named = |name: &str| {
            let record = Reaction::json(&json!({ "name": name }));
            move |_: &Asked| record.clone()
        };
        let (crm, redis) = (Upstream::start(named("Ada")), Server::start(&[]));
        let env = [("DATADIP_KEY", KEY), ("DATADIP_ADMIN_TOKEN", "an admin token")];
        let replica = || {
            let gateway = Company::with(CRM, NODE).start(&crm.url(), &["--redis", &redis.url()], &env);
            linked(&gateway, 1);
            gateway
        };
        let told = |gateway: &Gateway| {
            let said = gateway.get("/nodes/caller?tel=91234567");
            (said.json()["name"].as_str().unwrap().to_owned(), said.header("x-datadip-cache").to_owned())
        };
        let is = |name: &str, cache: &str| (name.to_owned(), cache.to_owned());
        let replicas: [Gateway; 3] = std::array::from_fn(|_| replica());
        assert_eq!(told(&replicas[0]), is("Ada", "miss"));
        eventually("record and read are in Redis", || redis.keys("dd1:e:").len() == 2);
        assert_eq!([told(&replicas[1]), told(&replicas[2])], [is("Ada", "redis"), is("Ada", "redis")]);
        crm.becomes(named("Beatrice"));
        let purged = replicas[0].ask("POST", "/api/purge", "an admin token", r#"{ "node": "caller" }"#);
        assert_eq!(purged.status, 200, "{}", purged.text());
        // What is in Redis stays there, and nobody finds it any more, nor does who starts only now.
        assert_eq!(redis.keys("dd1:e:").len(), 2);
        assert_eq!(told(&replica()), is("Beatrice", "miss"));
        for gateway in &replicas {
            eventually("it has heard of it", || told(gateway).0 == "Beatrice");
        }
        let asked = |path: &str| crm.asked().iter().filter(|asked| asked.target.starts_with(path)).count();
        assert_eq!((asked("/phone"), asked("/orders?q=Beatrice")), (2, 1));
    });
}

#[test]
fn a_field_that_a_mapping_adds_is_there_on_the_next_call() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let before = Company::patient(LONG);
        let after = before.clone().and_output("tier: { path: $.tier, default: none }");
        let tel = number();
        let first = before.replica(&crm.url(), &redis);
        call(&first, &tel).is("found", &["miss"]);
        eventually("it is in Redis", || !redis.keys("dd1:e:").is_empty());
        drop(first);
        // Without a change, what is kept is enough; with one, it is not.
        call(&before.replica(&crm.url(), &redis), &tel).is("found", &["redis"]);
        let changed = after.replica(&crm.url(), &redis);
        let said = changed.get(&format!("/nodes/caller?tel={tel}"));
        assert_eq!((&said.json()["tier"], said.header("x-datadip-cache")), (&json!("gold"), "miss"));
        eventually("the new entry is in Redis", || {
            let said = after.replica(&crm.url(), &redis).get(&format!("/nodes/caller?tel={tel}"));
            assert_eq!(said.json()["tier"], "gold");
            said.header("x-datadip-cache") == "redis"
        });
    });
}

#[test]
fn replicas_before_and_after_a_change_do_not_rob_each_other() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let before = Company::patient(LONG);
        let after = before.clone().and_output("tier: { path: $.tier, default: none }");
        let (old, new) = (before.replica(&crm.url(), &redis), after.replica(&crm.url(), &redis));
        let tel = number();
        for _ in 0..3 {
            call(&old, &tel).is("found", &["miss", "redis", "memory"]);
            assert_eq!(new.get(&format!("/nodes/caller?tel={tel}")).json()["tier"], "gold");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(crm.asked().len() <= 2, "{}", crm.asked().len());
    });
}

#[test]
fn the_log_holds_no_number_name_or_address_however_much_it_is_asked_to_say() {
    let _guard = among_others();
    let crm = Upstream::start(|_| {
        Reaction::json(&json!({
            "name": "Adelaide Lovelace", "phone": "+6591234567", "email": "adelaide@example.com", "open": 31337
        }))
    });
    let upstream = format!("upstream: crm\nbase_url: {}\n{CRM}", crm.url());
    let node = format!("node: caller\n{NODE}");
    let files = [("upstreams/crm.yaml", upstream.as_str()), ("nodes/caller.yaml", &node)];
    let gateway = Gateway::start_with(&files, &[], &[("DATADIP_LOG", "trace,hyper=trace")]);
    for query in
        ["tel=91234567", "tel=sip:91234567@pbx", "email=adelaide@example.com", "account=U0123456789abcdef"]
    {
        assert_eq!(gateway.get(&format!("/nodes/caller?{query}")).status, 200);
    }
    eventually("the calls are logged", || gateway.log().matches("call.answered").count() == 4);
    let log = gateway.log().to_lowercase();
    for personal in ["91234567", "9123 4567", "adelaide", "lovelace", "0123456789abcdef", "31337"] {
        assert!(!log.contains(personal), "{personal} can be read");
    }
}

/// What a template, a test of an answer or an upstream says of a failure may repeat a value.
#[test]
fn what_fails_because_of_a_customers_name_is_logged_without_it() {
    const UPSTREAM: &str = "
operations:
  customer: { args: { phone: { required: true } }, get: /customer, query: { q: '{{ phone }}' } }
  tested: { get: /customer, ok: body.name | int > 1 }
  refused: { get: /customer, ok: body.name == '', error: $.name }
  note: { args: { text: { required: true } }, post: /note, effect: write, json: '{{ text }}', ok: body.name == '', error: $.name }
";
    const ASK: &str = "inputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: crm.customer, args: { phone: '{{ tel }}' } }";
    let _guard = among_others();
    let crm = Upstream::start(|_| Reaction::json(&json!({ "name": "Adelaide" })));
    let node = |name: &str, rest: &str| (format!("nodes/{name}.yaml"), format!("node: {name}\n{rest}\n"));
    let number = "outputs: { n: { text: '{{ record.name | int }}', type: int, default: 0 } }";
    let name = "outputs: { name: { path: $.name, default: '' } }";
    let files = [
        ("upstreams/crm.yaml".to_owned(), format!("upstream: crm\nbase_url: {}\n{UPSTREAM}", crm.url())),
        node(
            "answer",
            &format!(
                "{ASK}\ndialect: {{ content_type: text/plain, template: \"\\n{{{{ outputs.name | int }}}}\" }}\n{name}"
            ),
        ),
        node("output", &format!("{ASK}\n{number}")),
        node("tested", &format!("lookup: {{ call: crm.tested }}\n{name}")),
        node("refused", &format!("lookup: {{ call: crm.refused }}\n{name}")),
        node(
            "further",
            &format!(
                "{ASK}\nthen: {{ as: more, call: crm.customer, args: {{ phone: '{{{{ record.name | int }}}}' }} }}\n{name}"
            ),
        ),
        node(
            "once",
            &format!(
                "{ASK}\ndo: {{ call: crm.note, args: {{ text: x }}, once: {{ by: ['{{{{ record.name | int }}}}'] }} }}\n{name}"
            ),
        ),
        node("later", &format!("{ASK}\ndo: {{ call: crm.note, args: {{ text: x }}, wait: false }}\n{name}")),
    ];
    let written: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let gateway = Gateway::start_with(&written, &[], &[("DATADIP_LOG", "trace")]);
    assert_eq!(gateway.mistakes(), "");
    for name in ["answer", "output", "tested", "refused", "further", "once", "later"] {
        assert_eq!(gateway.get(&format!("/nodes/{name}?tel=91234567")).status, 200);
    }
    for event in ["call.answered", "upstream.failed", "write.failed", "answer.template_failed"] {
        eventually(event, || gateway.log().contains(event));
    }
    let log = gateway.log();
    let failed = log.lines().find(|line| line.contains("answer.template_failed")).unwrap();
    assert!(failed.contains(r#"code="failed" place="line 2""#), "{failed}");
    assert!(!log.contains("Adelaide") && !log.contains("91234567"), "{log}");
}
