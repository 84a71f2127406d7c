//! Events from outside: a change in the CRM ends what is kept, a ringing call is looked up before its node asks, and
//! nothing is believed without the shared secret.

use serde_json::json;

use crate::admin::{NODE, NOTING, TOKEN, UPSTREAM, crm, wait};
use crate::folder::Folder;
use crate::forget::up;
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::redis::Server;
use crate::shell::datadip;
use crate::upstream::{Asked, Reaction, Upstream};

const CHANGE: &str = "
hook: change
about: A customer was changed.
secret: { header: X-Hook-Secret, value: '${secret:HOOK_SECRET}' }
evict: { node: caller, identifiers: { tel: '$.phones[*]', email: $.email } }
";

const RINGING: &str = "
hook: ringing
secret: { header: X-Signature, hmac_sha256: '${secret:HOOK_SECRET}' }
warm: { node: noting, send: { tel: $.call.from } }
";

const UNSET: &str = "
hook: unset
secret: { header: X-Hook-Secret, value: '${secret:NOWHERE}' }
evict: { node: caller, identifiers: { tel: $.phone } }
";

const BROKEN: &str = "hook: broken\nevict: { node: caller, identifiers: { tel: $.phone } }\n";

const SECRET: (&str, &str) = ("x-hook-secret", "s3cr3t");
const CALL: &str = "/nodes/caller?tel=91234567";

fn gateway(crm: &Upstream) -> Gateway {
    let mappings = [
        ("upstreams/acme.yaml", UPSTREAM),
        ("nodes/caller.yaml", NODE),
        ("nodes/noting.yaml", NOTING),
        ("hooks/change.yaml", CHANGE),
        ("hooks/ringing.yaml", RINGING),
        ("hooks/unset.yaml", UNSET),
        ("hooks/broken.yaml", BROKEN),
    ];
    Gateway::start_with(&mappings, &[], &[("ACME_URL", &crm.url()), ("HOOK_SECRET", "s3cr3t")])
}

fn tier(gateway: &Gateway) -> String {
    gateway.get(CALL).header("x-datadip-cache").to_owned()
}

#[test]
fn a_change_in_the_crm_ends_what_is_kept_of_the_customer() {
    let crm = crm();
    let gateway = gateway(&crm);
    let deep = format!(r#"{{"email":"ada@example.com","more":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for (body, identifiers) in [
        (r#"{"phones":["9123 4567","+6590000001"],"email":null}"#, 2),
        (r#"{"phones":[],"email":"ADA@example.com"}"#, 1),
        ("email=ada%40example.com&id=7", 1),
        ("email=&email=ada%40example.com", 1),
        ("email=bob%40example.com&email=ada%40example.com", 2),
        (r#"{"email":["bob@example.com","ada@example.com"]}"#, 2),
        (r#"{"email":"ada@example.com","name":"\ud800"}"#, 1),
        (&deep, 1),
    ] {
        assert_eq!(tier(&gateway), "miss", "before {body}");
        assert_eq!(tier(&gateway), "memory");
        let said = gateway.call("POST", "/hooks/change", &[SECRET], body.as_bytes());
        let evicted = json!({ "identifiers": identifiers, "invalid": [], "redis": null, "replicas": "none" });
        assert_eq!((said.status, said.json()), (202, json!({ "evicted": evicted })));
    }
    assert_eq!(tier(&gateway), "miss");
    let other = gateway.call("POST", "/hooks/change", &[SECRET], br#"{"phones":["+6590000001"]}"#);
    let nobody = gateway.call("POST", "/hooks/change", &[SECRET], br#"{"phones":["anonymous"]}"#);
    assert_eq!((other.status, nobody.json()["evicted"]["invalid"][0].as_str()), (202, Some("tel")));
    let odd = gateway.call("POST", "/hooks/change", &[SECRET], br#"{"phones":[{"n":1}],"email":{"a":1}}"#);
    assert_eq!(odd.json()["evicted"], json!({ "identifiers": 0, "invalid": ["tel", "email"] }));
    assert_eq!(tier(&gateway), "memory");
    assert!(!gateway.log().contains("9123 4567") && !gateway.log().contains("91234567"), "{}", gateway.log());
}

#[test]
fn what_a_further_read_found_ends_with_the_customer_whichever_identifier_is_named() {
    let crm = Upstream::start(|asked: &Asked| {
        let found = if asked.target.starts_with("/loyalty") {
            json!({ "tier": "gold" })
        } else {
            json!({ "id": 7, "name": "Ada", "email": "ada@example.com" })
        };
        Reaction::json(&json!({ "data": [found] }))
    });
    let upstream = "
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    args: { phone: { required: true }, at: {} }
    get: /customers
    query: { phone: '{{ phone }}', at: '{{ at }}' }
    records: $.data[*]
    unique: { email: $.email }
  loyalty:
    args: { id: { required: true } }
    get: /loyalty
    query: { id: '{{ id }}' }
    records: $.data[*]
";
    let node = |name: &str, args: &str, then: &str| {
        format!(
            "
node: {name}
inputs: {{ tel: {{ type: phone, region: SG }}, email: email }}
lookup: {{ by: tel, call: acme.customer, args: {{ phone: '{{{{ tel }}}}' {args} }} }}
cache: {{ fresh_sec: 300 }}
outputs: {{ name: {{ path: $.name, default: '' }} }}
{then}"
        )
    };
    let then = "then: { as: loyalty, call: acme.loyalty, args: { id: '{{ record.id }}' } }\n";
    // The customer may be kept already, cut to what is read, or never be kept at all.
    for (args, customers) in [("", 2), (", at: '{{ now }}'", 4)] {
        let (caller, name) = (node("caller", args, then), node("name", args, ""));
        let files = [
            ("upstreams/acme.yaml", upstream),
            ("nodes/caller.yaml", &caller),
            ("nodes/name.yaml", &name),
            ("hooks/change.yaml", CHANGE),
        ];
        let gateway =
            Gateway::start_with(&files, &[], &[("ACME_URL", &crm.url()), ("HOOK_SECRET", "s3cr3t")]);
        let asked = || {
            let of = |path: &str| crm.asked().iter().filter(|asked| asked.target.starts_with(path)).count();
            (of("/customers"), of("/loyalty"))
        };
        let before = asked();
        gateway.get("/nodes/name?tel=91234567");
        gateway.get(CALL);
        gateway.get(CALL);
        assert_eq!(asked().1 - before.1, 1, "it is kept");
        let said = gateway.call("POST", "/hooks/change", &[SECRET], br#"{"email":"ada@example.com"}"#);
        assert_eq!(said.status, 202);
        gateway.get(CALL);
        let now = asked();
        assert_eq!((now.0 - before.0, now.1 - before.1), (customers, 2), "customer, loyalty");
    }
}

#[test]
fn what_a_hook_ends_is_ended_in_every_replica() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&[]));
        let (crm_url, redis_url) = (crm.url(), redis.url());
        let env = [
            ("ACME_URL", crm_url.as_str()),
            ("HOOK_SECRET", "s3cr3t"),
            ("DATADIP_ADMIN_TOKEN", TOKEN),
            ("DATADIP_REDIS_URL", &redis_url),
            ("DATADIP_KEY", "0123456789abcdef0123456789abcdef"),
        ];
        let mappings =
            [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", NODE), ("hooks/change.yaml", CHANGE)];
        let [first, second] = [(); 2].map(|()| Gateway::start_with(&mappings, &[], &env));
        up(&first);
        up(&second);
        assert_eq!(tier(&first), "miss");
        wait("it is in Redis", || redis.keys("dd1:e:").len() == 1);
        assert_eq!((tier(&second), tier(&second)), ("redis".to_owned(), "memory".to_owned()));
        let said = first.call("POST", "/hooks/change", &[SECRET], br#"{"phones":["9123 4567"]}"#);
        let evicted = json!({ "identifiers": 1, "invalid": [], "redis": 1, "replicas": "told" });
        assert_eq!((said.status, said.json()), (202, json!({ "evicted": evicted })));
        assert!(redis.keys("dd1:e:").is_empty());
        wait("the other replica has heard of it", || tier(&second) == "miss");
        assert_eq!(crm.asked().len(), 2);
    });
}

#[test]
fn a_ringing_call_is_looked_up_before_its_node_asks_and_nothing_is_written() {
    let crm = crm();
    let gateway = gateway(&crm);
    // Made with: printf … | openssl dgst -sha256 -hmac s3cr3t
    let signature = "sha256=c6cf8ce8097c5a8f5cbdd911d50825c13949e8ef32755dda00735b79d81c8875";
    let body = br#"{"call":{"from":"sip:+6591234567@pbx.example.com"}}"#;
    let said = gateway.call("POST", "/hooks/ringing", &[("x-signature", signature)], body);
    assert_eq!((said.status, said.json()), (202, json!({ "warming": true })), "{}", gateway.log());
    wait("the call is answered", || gateway.log().contains("hook.warmed"));
    assert_eq!(tier(&gateway), "memory");
    let asked = crm.asked();
    assert!(asked.len() == 1 && asked[0].method == "GET", "{asked:?}");
    let said = gateway.call("POST", "/hooks/ringing", &[("x-signature", signature)], b"{\"call\":{}}");
    assert_eq!(said.status, 401);
}

#[test]
fn nothing_is_believed_without_the_secret() {
    let crm = crm();
    let gateway = gateway(&crm);
    assert_eq!(tier(&gateway), "miss");
    let body = br#"{"phones":["91234567"],"phone":"91234567"}"#.as_slice();
    let large = vec![b' '; 70_000];
    for (method, path, headers, body, status, told) in [
        ("POST", "/hooks/change", &[][..], body, 401, "send it in the header `x-hook-secret`"),
        ("POST", "/hooks/change", &[("x-hook-secret", "")], body, 401, "send it in the header"),
        ("POST", "/hooks/change", &[("x-hook-secret", "s3cr3")], body, 401, "is not proven"),
        ("POST", "/hooks/unset", &[SECRET], body, 401, "without its secret"),
        ("POST", "/hooks/unset", &[("x-hook-secret", "")], body, 401, "without its secret"),
        ("POST", "/hooks/broken", &[SECRET], body, 503, "`datadip check` shows"),
        ("POST", "/hooks/nothing", &[SECRET], body, 404, "there is no hook"),
        ("GET", "/hooks/change", &[SECRET], b"", 405, "by POST"),
        ("POST", "/hooks/change", &[SECRET], b"{\"phones\":", 400, "does not parse"),
        ("POST", "/hooks/change", &[SECRET], &large, 413, "larger than"),
    ] {
        let said = gateway.call(method, path, headers, body);
        let error = said.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(said.status == status && error.contains(told), "{path} {headers:?}: {} {error}", said.status);
        assert!(!error.contains("s3cr3t"));
    }
    assert_eq!(tier(&gateway), "memory");
}

#[test]
fn every_mistake_of_a_hook_is_told_where_it_stands() {
    let folder = Folder::with(&[
        ("mappings/upstreams/acme.yaml", UPSTREAM),
        ("mappings/nodes/caller.yaml", NODE),
        ("mappings/hooks/a.yaml", BROKEN),
        (
            "mappings/hooks/b.yaml",
            "hook: b c\nsecret: { header: X Y, value: abc }\nevict: { node: callr, identifiers: { tel: $.x } }\n",
        ),
        (
            "mappings/hooks/c.yaml",
            "hook: broken\nsecret: { header: X-S, vlue: x }\nwarm: { node: caller, send: { tell: phone } }\nsend: 1\n",
        ),
        ("mappings/hooks/d.yaml", "hook: d\nsecret: { header: X-S, value: '${A:-}' }\n"),
    ]);
    let ended = datadip(folder.path(), &["check", "mappings"]);
    assert_eq!(ended.code, 1);
    for told in [
        "error[missing-key]: a hook needs the key `secret`\n --> mappings/hooks/a.yaml:1:1",
        "error[bad-name]: `b c` cannot be the name of a hook\n --> mappings/hooks/b.yaml:1:7",
        "error[bad-header]: `X Y` cannot be the name of a header\n --> mappings/hooks/b.yaml:2:",
        "warning[secret-in-file]: this secret stands in the file",
        "error[unknown-node]: there is no node `callr`\n --> mappings/hooks/b.yaml:3:",
        "error[duplicate-name]: the hook `broken` is declared in mappings/hooks/a.yaml already",
        "error[unknown-key]: `vlue` is not a key of `secret`",
        "error[unknown-input]: the node has no input `tell`",
        "error[path-root]: a path starts with `$`",
        "error[unknown-key]: `send` is not a key of a hook",
        "error[empty-value]: the secret is empty",
        "error[missing-key]: a hook needs `evict` or `warm`\n --> mappings/hooks/d.yaml:1:1",
    ] {
        assert!(ended.out.contains(told), "{told} in {}", ended.out);
    }
    assert_eq!(ended.out.matches("\nerror[").count() + 1, 11, "{}", ended.out);
}
