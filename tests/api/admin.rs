//! What those who run the gateway ask of it, over the admin listener and from the shell: purge, forget, warm, status.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shell::{Ended, program};
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::Said;

pub const TOKEN: &str = "an admin token";

pub const UPSTREAM: &str = "
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    args: { phone: { type: text, required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
    unique: { email: $.email }
  by_email:
    args: { email: { type: text, required: true } }
    get: /by-email
    query: { email: '{{ email }}' }
    records: $.data[*]
  note:
    post: /notes
    effect: write
    json: { text: called }
";

pub const NODE: &str = "
node: caller
inputs:
  tel: { type: phone, region: SG }
  email: email
lookup:
  - { by: tel, call: acme.customer, args: { phone: '{{ tel }}' } }
  - { by: email, call: acme.by_email, args: { email: '{{ email }}' } }
cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }
outputs:
  name: { path: $.name, default: '' }
  status: { outcome: true }
";

pub const NOTING: &str = "
node: noting
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: acme.customer, args: { phone: '{{ tel }}' } }
do: { call: acme.note }
cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }
outputs: { status: { outcome: true } }
";

const ABROAD: &str = "
node: abroad
inputs:
  number: { type: phone, region: SG, region_from: called }
  called: { type: phone, region: SG }
lookup: { by: number, call: acme.customer, args: { phone: '{{ number }}' } }
cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }
outputs: { status: { outcome: true } }
";

const BROKEN: &str = "node: broken\noutputs: { x: { path: nothing } }\n";

const MAPPINGS: [(&str, &str); 5] = [
    ("upstreams/acme.yaml", UPSTREAM),
    ("nodes/caller.yaml", NODE),
    ("nodes/noting.yaml", NOTING),
    ("nodes/abroad.yaml", ABROAD),
    ("nodes/broken.yaml", BROKEN),
];

/// A CRM that knows everybody.
pub fn crm() -> Upstream {
    Upstream::start(|_| Reaction::json(&json!({ "data": [{ "name": "Ada", "email": "ada@example.com" }] })))
}

/// A gateway before it, with further variables.
pub fn gateway(crm: &Upstream, env: &[(&str, &str)]) -> Gateway {
    let url = crm.url();
    let env = [&[("ACME_URL", url.as_str()), ("DATADIP_ADMIN_TOKEN", TOKEN)], env].concat();
    Gateway::start_with(&MAPPINGS, &[], &env)
}

/// How far the call with these parameters had to go.
pub fn tier(gateway: &Gateway, query: &str) -> String {
    gateway.get(&format!("/nodes/caller?{query}")).header("x-datadip-cache").to_owned()
}

fn error(said: &Said) -> (u16, String) {
    (said.status, said.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_api_opens_to_its_token_only_and_health_to_everybody() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    assert_eq!(gateway.ask("GET", "/healthz", "", "").status, 200);
    assert_eq!(gateway.ask("GET", "/api/status", TOKEN, "").status, 200);
    for (method, path) in [("GET", "/api/status"), ("POST", "/api/purge"), ("GET", "/api/nothing")] {
        for token in ["", "another token"] {
            let said = gateway.ask(method, path, token, "{}");
            assert_eq!(said.status, 401, "{path}");
            assert!(said.header("www-authenticate").starts_with("Bearer"));
        }
    }
    assert_eq!(error(&gateway.ask("GET", "/api/nothing", TOKEN, "")).0, 404);
    assert_eq!(error(&gateway.ask("GET", "/nothing", TOKEN, "")).0, 404);
    assert_eq!(gateway.ask("GET", "/api/purge", TOKEN, "").status, 405);
    assert_eq!(
        gateway.call("POST", "/api/purge", &[("authorization", "Bearer an admin token")], b"{}").status,
        404
    );
}

#[test]
fn without_a_token_that_is_set_the_api_is_closed_and_says_how_it_is_opened() {
    let crm = crm();
    let gateway = gateway(&crm, &[("DATADIP_ADMIN_TOKEN", "")]);
    for token in ["", TOKEN] {
        let (status, error) = error(&gateway.ask("POST", "/api/purge", token, r#"{"all":true}"#));
        assert!(status == 403 && error.contains("DATADIP_ADMIN_TOKEN"), "{status} {error}");
    }
    assert_eq!(gateway.ask("GET", "/readyz", "", "").status, 200);
}

#[test]
fn the_status_says_what_is_in_force_and_what_is_kept() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    assert_eq!(tier(&gateway, "tel=91234567"), "miss");
    let status = gateway.ask("GET", "/api/status", TOKEN, "").json();
    let states: Vec<&Value> = status["nodes"].as_array().unwrap().iter().map(|node| &node["state"]).collect();
    assert_eq!(states, ["ready", "broken", "ready", "ready"]);
    assert_eq!((&status["cache"]["entries"], &status["cache"]["redis"]), (&json!(1), &Value::Null));
}

#[test]
fn after_a_purge_the_upstream_is_asked_again() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    for asked in [
        json!({ "node": "caller" }),
        json!({ "operation": "acme.customer" }),
        json!({ "identifier": { "phone": "9123 4567" }, "region": "SG" }),
        json!({ "identifier": { "tel": "9123 4567" }, "node": "caller" }),
        json!({ "identifier": { "email": "Ada@Example.com" } }),
        json!({ "all": true }),
    ] {
        assert_eq!(tier(&gateway, "tel=91234567"), "miss", "before {asked}");
        assert_eq!(tier(&gateway, "tel=91234567"), "memory");
        let said = gateway.ask("POST", "/api/purge", TOKEN, &asked.to_string());
        let receipt = said.json();
        assert_eq!(
            (said.status, &receipt["memory"], &receipt["replicas"]),
            (200, &json!(1), &json!("none")),
            "{asked}"
        );
    }
    let other = gateway.ask("POST", "/api/purge", TOKEN, r#"{"operation":"acme.by_email"}"#);
    assert_eq!(other.json()["memory"], 0);
}

#[test]
fn a_purge_ends_what_failed_a_moment_ago_too() {
    let failing = |_: &Asked| Reaction::status(400, &json!({}));
    let crm = Upstream::start(failing);
    let gateway = gateway(&crm, &[]);
    for what in [
        json!({ "all": true }),
        json!({ "node": "caller" }),
        json!({ "identifier": { "tel": "9123 4567" }, "node": "caller" }),
    ] {
        crm.becomes(failing);
        assert_eq!(gateway.get("/nodes/caller?tel=91234567").header("x-datadip-outcome"), "error", "{what}");
        crm.becomes(|_| Reaction::json(&json!({ "data": [{ "name": "Ada" }] })));
        assert_eq!(gateway.ask("POST", "/api/purge", TOKEN, &what.to_string()).status, 200, "{what}");
        let said = gateway.get("/nodes/caller?tel=91234567");
        let told = (said.header("x-datadip-outcome"), said.header("x-datadip-cache"));
        assert_eq!(told, ("found", "miss"), "{what}");
        gateway.ask("POST", "/api/purge", TOKEN, r#"{"all":true}"#);
    }
}

#[test]
fn the_command_purges_by_node_operation_and_identifier_and_prints_the_receipt() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    for (what, removed) in [
        (&["--node", "caller"][..], "caller"),
        (&["--operation", "acme.customer"], "acme.customer"),
        (&["--identifier", "phone=9123 4567", "--region", "SG"], "phone"),
        (&["--identifier", "email=Ada@Example.com"], "email"),
        (&["--all"], "everything"),
    ] {
        assert_eq!(tier(&gateway, "tel=91234567"), "miss", "before {what:?}");
        assert_eq!(tier(&gateway, "tel=91234567"), "memory");
        let Ended { code, out: receipt, err: error } = gateway.command(TOKEN, &[&["purge"], what].concat());
        assert_eq!((code, error.as_str()), (0, ""), "{what:?}: {receipt}");
        assert!(
            receipt.contains("memory    1 removed\n") && receipt.contains(removed),
            "{what:?}: {receipt}"
        );
        assert!(!receipt.contains("9123") && !receipt.to_lowercase().contains("example"), "{receipt}");
    }
    let Ended { code, out: receipt, .. } = gateway.command(TOKEN, &["purge", "--operation", "acme.by_email"]);
    assert!(code == 0 && receipt.contains("memory    0 removed\n"), "{receipt}");
}

#[test]
fn a_request_with_a_slip_is_refused_and_purges_nothing() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    assert_eq!(tier(&gateway, "tel=91234567"), "miss");
    for (path, body, status, told) in [
        ("purge", "{}", 400, "name one of `node`"),
        ("purge", r#"{"all":true,"node":"caller"}"#, 400, "name one of"),
        ("purge", r#"{"nod":"caller"}"#, 400, "unknown field `nod`"),
        ("purge", "", 400, "the body cannot be read"),
        ("purge", r#"{"node":"callr"}"#, 404, "did you mean `caller`?"),
        ("purge", r#"{"node":"broken"}"#, 409, "is not in force"),
        ("purge", r#"{"operation":"acme.customr"}"#, 404, "did you mean `acme.customer`?"),
        ("forget", r#"{"identifiers":{}}"#, 400, "nothing in `identifiers`"),
        ("forget", r#"{"identifiers":{"phone":"9123 4567"}}"#, 400, "needs a `region`"),
        ("forget", r#"{"identifiers":{"tel":"anonymous"}}"#, 400, "no identifier"),
        (
            "forget",
            r#"{"identifiers":{"tel":"91234567","emial":"a@example.com"}}"#,
            400,
            "`emial` is neither",
        ),
        ("forget", r#"{"identifiers":{"tel":["1"]}}"#, 400, "must be a text or a number"),
        ("forget", r#"{"identifiers":{"tel":"91234567"},"node":"callr"}"#, 404, "did you mean"),
        ("forget", r#"{"identifiers":{"called":"+6591234567"}}"#, 400, "nothing in `identifiers`"),
        ("warm", r#"{"node":"caller","calls":[{"tell":"91234567"}]}"#, 400, "which has tel, email"),
    ] {
        let (said, error) = error(&gateway.ask("POST", &format!("/api/{path}"), TOKEN, body));
        assert!(said == status && error.contains(told), "{path} {body}: {said} {error}");
    }
    let large = format!(r#"{{"node":"{}"}}"#, "x".repeat(300_000));
    assert_eq!(gateway.ask("POST", "/api/purge", TOKEN, &large).status, 413);
    assert_eq!(tier(&gateway, "tel=91234567"), "memory");
}

#[test]
fn the_commands_say_what_is_wrong_and_end_with_2() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let nowhere = ["purge", "--all", "--admin", "http://127.0.0.1:1"];
    for (token, args, told) in [
        ("another token", &["purge", "--all"][..], "does not accept this token"),
        ("", &["purge", "--all"], "set DATADIP_ADMIN_TOKEN"),
        (TOKEN, &nowhere, "is `datadip serve` running?"),
        (TOKEN, &["purge", "--node", "callr"], "did you mean `caller`?"),
        (TOKEN, &["forget", "tel=anonymous"], "no identifier"),
        (TOKEN, &["purge"], "required"),
        (TOKEN, &["purge", "--all", "--node", "caller"], "cannot be used with"),
        (TOKEN, &["warm", "caller", "--from", "nowhere.csv"], "nowhere.csv"),
    ] {
        let Ended { code, err: error, .. } = gateway.command(token, args);
        assert!(code == 2 && error.contains(told), "{args:?}: {code:?} {error}");
    }
    let node = gateway.address().to_string();
    let Ended { code, err: error, .. } =
        gateway.command(TOKEN, &["purge", "--all", "--admin", &format!("http://{node}")]);
    assert!(code == 2 && error.contains("console and API are on the admin listener"), "{error}");
}

#[test]
fn a_list_that_names_no_input_is_told_by_what_names_it() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    gateway.write("list.txt", "+6591234567\n+6590000001\n");
    let warm = ["warm", "caller", "--from", "list.txt"];
    for (param, told) in [
        (
            &[][..],
            "which has tel, email; the first line of list.txt names the inputs; if every line of it is a value",
        ),
        (&["--param", "telx"], "which has tel, email; --param names the input that every line is a value of"),
    ] {
        let ended = gateway.command(TOKEN, &[&warm[..], param].concat());
        assert!(ended.code == 2 && ended.err.contains(told), "{ended:?}");
        assert!(!ended.err.contains("body") && !ended.err.contains("+65"), "{ended:?}");
    }
    assert!(crm.asked().is_empty());
}

#[test]
fn a_list_is_warmed_at_its_rate_and_no_write_is_carried_out() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    gateway.write(
        "list.csv",
        "name,tel,email\nAda,9123 4567,\nBen,98765432,ben@example.com\nNo one,anonymous,\n",
    );
    let begun = std::time::Instant::now();
    let Ended { code, out: told, err: error } =
        gateway.command(TOKEN, &["warm", "noting", "--from", "list.csv", "--rate", "10"]);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(190));
    assert_eq!((code, error.as_str()), (0, ""), "{told}");
    assert!(told.starts_with("3 calls in "), "{told}");
    assert!(told.contains(" s: 2 found, 1 no_identifier\ncache: 2 miss, 1 off\n"), "{told}");
    assert_eq!(tier(&gateway, "tel=91234567"), "memory");
    gateway.write("list.txt", "+6591234567\n+6590000001\n");
    let Ended { code, out: told, .. } =
        gateway.command(TOKEN, &["warm", "caller", "--from", "list.txt", "--param", "tel"]);
    assert!(code == 0 && told.contains("1 memory, 1 miss"), "{told}");
    let asked: Vec<Asked> = crm.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET") && asked.len() == 3, "{asked:?}");
}

#[test]
fn a_warming_that_somebody_looks_at_shows_how_far_it_is() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    gateway.write("list.txt", "+6591234567\n+6590000001\n+6590000002\n");
    let (list, admin) = (gateway.folder().join("list.txt"), gateway.admin());
    let command = format!(
        "DATADIP_ADMIN=http://{admin} DATADIP_ADMIN_TOKEN='{TOKEN}' TERM=xterm {} warm caller --from {} --param tel --rate 1",
        env!("CARGO_BIN_EXE_datadip"),
        list.display()
    );
    // Everything of a terminal comes by one way.
    let Ended { code, out: seen, .. } = program("script", &["-qec", &command, "/dev/null"]);
    assert!(code == 0 && seen.contains("3 calls in "), "{code} {seen:?}");
    assert!(seen.contains("1/3") && seen.contains("2/3"), "{seen:?}");
    let bar = seen.find("█").or_else(|| seen.find("░"));
    assert!(bar.is_some_and(|bar| bar < seen.find("3 calls in ").unwrap()), "{seen:?}");
}

#[test]
fn a_warming_that_cannot_look_up_says_so_and_ends_with_1() {
    let crm = Upstream::start(|_| Reaction::Cut);
    let gateway = gateway(&crm, &[]);
    gateway.write("list.txt", "+6591234567\n");
    let Ended { code, out: told, .. } =
        gateway.command(TOKEN, &["warm", "caller", "--from", "list.txt", "--param", "tel"]);
    assert!(code == 1 && told.contains("1 error"), "{code:?} {told}");
}

/// Waits until it is so, for as long as a test may wait.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !is_so() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
