//! "Why did it find nothing?" has an answer for any past call: by its trace, by the IVR's own number for it, or by the
//! caller's number in any form. What is personal is shown only to those who may see it, and secrets to nobody.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::{TOKEN, wait};
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::redis::Server;
use crate::shell::Ended;
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::Said;

const PERSONAL: &str = "a token for persons";
const SECRET: &str = "s3cr3t-of-the-crm";
const KEY: &str = "0123456789abcdef0123456789abcdef";

const CRM: &str = "
upstream: crm
base_url: ${CRM_URL}
auth: { bearer: '${secret:CRM_TOKEN}' }
timeout_ms: 4500
operations:
  by_phone:
    args: { phone: { required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
    error: $.message
    unique: { email: $.email }
  by_email:
    args: { email: { required: true } }
    post: /search
    effect: read
    json: { email: '{{ email }}' }
    records: $.data[*]
  points: { args: { id: { required: true } }, get: '/points/{{ id }}', timeout_ms: 400 }
  note: { post: /notes, effect: write, timeout_ms: 4500 }
";

const CALLER: &str = "
node: caller
budget_ms: 1500
call_id: callid
inputs:
  tel: { type: phone, region: SG }
  email: email
  callid: text
lookup:
  - { by: tel, call: crm.by_phone, forms: [e164, national], pick: only }
  - { by: email, call: crm.by_email }
then: { as: points, call: crm.points, args: { id: '{{ record.id }}' } }
outputs:
  status: { outcome: true }
  name: { path: $.name, default: nobody }
  tier: { path: $.tier, values: { gold: '1' }, default: '9' }
  age: { path: $.age, type: int, default: 0 }
  missing: { path: $.nowhere.at.all, default: '' }
  points: { path: $.points, from: points, type: int, default: 0 }
  greeting: { text: 'Hello {{ record.name }}', default: Hello }
  desk: { choose: [{ when: callid == 'front', value: lobby }, { value: '{{ record.desk }}' }], default: none }
";

const KEPT: &str = "
node: kept
call_id: callid
inputs: { tel: { type: phone, region: SG }, callid: text }
lookup: { by: tel, call: crm.by_phone, pick: only }
cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }
outputs: { status: { outcome: true }, name: { path: $.name, default: nobody } }
";

const SHOP: &str = "
upstream: shop
table: { file: ../data/shop.csv, identifiers: { tel: { type: phone, region: SG } } }
operations:
  by_tel: { args: { tel: { required: true } }, find: { tel: '{{ tel }}' } }
";

const TABLE: &str = "
node: table
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: shop.by_tel }
outputs: { name: { path: $.name, default: '' } }
";

/// What is known of the customer with the number 9123 4567.
const NAME: &str = "Adelaide Lovelace";
const EMAIL: &str = "adelaide@lovelace.example";

fn crm() -> Upstream {
    let ada = json!({ "id": "c-77", "name": NAME, "email": EMAIL, "tier": "platinum", "age": "unknown yet" });
    Upstream::start(move |asked: &Asked| match asked.target.as_str() {
        target if target.contains("91234567") && !target.contains("65") => {
            Reaction::json(&json!({ "data": [ada] }))
        }
        target if target.contains("98880001") => {
            Reaction::json(&json!({ "data": [{ "id": "1" }, { "id": "2" }] }))
        }
        target if target.contains("98880002") => Reaction::Silence,
        target if target.contains("98880003") => {
            Reaction::status(503, &json!({ "message": format!("{NAME} is being moved, {SECRET}") }))
        }
        target if target.contains("/points/") => Reaction::Silence,
        "/notes" => Reaction::json(&json!({})).after(Duration::from_millis(3500)),
        _ => Reaction::status(404, &json!({})),
    })
}

fn gateway(crm: &Upstream, env: &[(&str, &str)]) -> Gateway {
    gateway_with(crm, KEPT, env)
}

/// The same, with another node that keeps what it finds.
fn gateway_with(crm: &Upstream, kept: &str, env: &[(&str, &str)]) -> Gateway {
    let url = crm.url();
    let own = [
        ("CRM_URL", url.as_str()),
        ("CRM_TOKEN", SECRET),
        ("DATADIP_ADMIN_TOKEN", TOKEN),
        ("DATADIP_ADMIN_PERSONAL_TOKEN", PERSONAL),
    ];
    let mappings = [
        ("upstreams/crm.yaml", CRM),
        ("upstreams/shop.yaml", SHOP),
        ("nodes/caller.yaml", CALLER),
        ("nodes/kept.yaml", kept),
        ("nodes/table.yaml", TABLE),
        ("data/shop.csv", "tel,name\n91234567,Ada\n"),
    ];
    let gateway = Gateway::start_with(&mappings, &[], &[&own[..], env].concat());
    assert!(!gateway.log().contains(" ERROR "), "{}", gateway.log());
    gateway
}

fn trace(said: &Said) -> String {
    said.header("x-datadip-trace").to_owned()
}

fn call(gateway: &Gateway, target: &str) -> String {
    trace(&gateway.get(&format!("/nodes/{target}")))
}

/// The explanation, and what it says to people.
fn explained(gateway: &Gateway, trace: &str) -> (Value, String) {
    let said = gateway.ask("GET", &format!("/api/explain/{trace}"), TOKEN, "");
    assert_eq!(said.status, 200, "{}", said.text());
    let Ended { code, out, err } = gateway.command(TOKEN, &["explain", trace]);
    assert_eq!((code, err.as_str()), (0, ""));
    (said.json(), out)
}

fn personal(gateway: &Gateway, trace: &str) -> Value {
    let said = gateway.ask("GET", &format!("/api/explain/{trace}?personal=true"), PERSONAL, "");
    assert_eq!(said.status, 200, "{}", said.text());
    said.json()
}

fn output<'v>(explained: &'v Value, name: &str) -> &'v Value {
    let outputs = explained["call"]["outputs"].as_array().unwrap();
    outputs.iter().find(|output| output["name"] == name).unwrap()
}

#[test]
fn a_hidden_number_and_a_number_of_nowhere_are_told_apart() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    for (tel, words) in [
        ("anonymous", "the caller's number is hidden"),
        ("Lobby", "it has no digits, so it is no phone number"),
        ("%2B6512", "no numbering plan knows it as a number of SG"),
        ("020%207946%200123", "is that the right region?"),
        ("%2B442079460123", "a number of GB, read in SG: it is asked for with its country code only"),
    ] {
        let (json, text) = explained(&gateway, &call(&gateway, &format!("caller?tel={tel}")));
        let said = json["call"]["inputs"][0]["text"].as_str().unwrap();
        assert!(said.contains(words), "{tel}: {said}");
        assert!(text.contains(words), "{tel}: {text}");
    }
    let (json, text) = explained(&gateway, &call(&gateway, "caller?tel=anonymous"));
    assert_eq!(json["call"]["outcome"], "no_identifier");
    assert_eq!(json["call"]["lookup"][0]["result"], "not_asked");
    assert!(
        text.contains("`anonymous`") && text.contains("not asked: its identifier was not given"),
        "{text}"
    );
    let (json, _) = explained(&gateway, &call(&gateway, "caller?tel=%2B442079460123"));
    assert_eq!(json["call"]["lookup"][0]["not_asked"][0]["form"], "national");
}

#[test]
fn each_form_is_told_with_what_was_sent_and_came_back() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let id = call(&gateway, "caller?tel=9000%200000&email=who%40example.com");
    let (json, text) = explained(&gateway, &id);
    assert_eq!(json["call"]["outcome"], "not_found");
    let ways = json["call"]["lookup"][0]["asked"].as_array().unwrap();
    let forms: Vec<_> = ways.iter().map(|way| (&way["form"], &way["text"], &way["result"])).collect();
    assert_eq!(
        json!(forms),
        json!([["e164", "+••••••••00", "not_found"], ["national", "••••••00", "not_found"],])
    );
    let request = &ways[0]["requests"][0];
    assert_eq!((&request["status"], &request["method"]), (&json!(404), &json!("GET")));
    assert_eq!(request["pattern"], "/customers?phone={{ phone }}");
    assert_eq!(request["headers"]["Authorization"], "«secret»");
    assert!(request["took_ms"].as_f64().unwrap() > 0.0);
    for line in
        ["as e164 `+••••••••00`: nothing found", "as national `••••••00`: nothing found", "→ 404 after"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    let whole = personal(&gateway, &id);
    let request = &whole["call"]["lookup"][0]["asked"][1]["requests"][0];
    assert_eq!(request["url"], format!("{}/customers?phone=90000000", crm.url()));
    let search = &whole["call"]["lookup"][1]["asked"][0]["requests"][0];
    assert_eq!(
        (&search["body"], &search["method"]),
        (&json!("{\"email\":\"who@example.com\"}"), &json!("POST"))
    );
}

#[test]
fn a_default_is_told_with_its_reason() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let (json, text) = explained(&gateway, &call(&gateway, "caller?tel=91234567"));
    assert_eq!((&json["call"]["outcome"], &json["call"]["partial"]), (&json!("found"), &json!(["points"])));
    for (name, code, line) in [
        (
            "tier",
            "not_in_values",
            "its default, because the value is not among its `values`: «text of 8 characters»",
        ),
        ("age", "wrong_type", "its default, because the value is no int: «text of 11 characters»"),
        ("missing", "nothing_matched", "its default, because `$.nowhere.at.all` matched nothing"),
        ("points", "read_failed", "its default, because what it reads failed (timeout)"),
    ] {
        assert_eq!(output(&json, name)["default"]["code"], code, "{name}");
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(output(&json, "points")["default"]["outcome"], "timeout");
    assert_eq!(json["call"]["then"][0]["failure"]["code"], "timeout");
    assert_eq!(output(&json, "name")["value"], "«text of 17 characters»");
    let whole = personal(&gateway, json["call"]["trace"].as_str().unwrap());
    assert_eq!(
        (&output(&whole, "name")["value"], &output(&whole, "tier")["values"]),
        (&json!(NAME), &json!(["platinum"]))
    );
}

#[test]
fn an_output_without_a_record_is_told_so_whatever_it_is_made_of() {
    let crm = Upstream::start(|_| Reaction::json(&json!({ "data": [] })));
    let gateway = gateway(&crm, &[]);
    let (json, text) = explained(&gateway, &call(&gateway, "caller?tel=91234567"));
    for name in ["name", "greeting", "desk"] {
        let because = &output(&json, name)["default"];
        assert_eq!((&because["code"], &because["found"]), (&json!("no_record"), &Value::Null), "{name}");
    }
    assert!(text.contains("\"Hello\"  its default, because no record was found (not_found)"), "{text}");
}

#[test]
fn a_failure_of_the_upstream_is_told_whatever_it_was() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let step = |tel: &str| {
        let (json, text) = explained(&gateway, &call(&gateway, &format!("caller?tel={tel}")));
        (json["call"]["lookup"][0].clone(), text)
    };
    let (ambiguous, text) = step("98880001");
    assert_eq!(ambiguous["result"], "ambiguous");
    assert!(text.contains("several records where there may be only one"), "{text}");
    let (late, text) = step("98880002");
    assert_eq!((&late["result"], &late["failure"]["code"]), (&json!("failed"), &json!("timeout")));
    assert!(
        text.contains("failed: no answer in time") && text.contains("no answer by the end of the call"),
        "{text}"
    );
    let (broken, text) = step("98880003");
    let first = &broken["asked"][0]["requests"][0];
    assert_eq!((&first["status"], &first["failure"]["code"]), (&json!(503), &json!("status")));
    assert!(first["tried_again_after_ms"].is_number() && text.contains("sent once more after"), "{text}");
    for number in 0..12 {
        call(&gateway, &format!("caller?tel=98880003&callid=b{number}"));
    }
    wait("the breaker opens", || {
        let (resting, text) = step("98880003");
        let held = &resting["asked"][0]["requests"][0]["not_sent"];
        held == "breaker" && text.contains("not sent, the breaker was open")
    });
}

#[test]
fn a_table_tells_how_many_rows_it_has() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let (json, text) = explained(&gateway, &call(&gateway, "table?tel=90000000"));
    assert_eq!(
        (&json["call"]["outcome"], &json["call"]["lookup"][0]["asked"][0]["rows"]),
        (&json!("not_found"), &json!(0))
    );
    assert!(text.contains("rows of the table: 0"), "{text}");
}

#[test]
fn what_was_no_call_is_told_too() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let said = gateway.post_json("/nodes/caller", "[1]");
    assert_eq!(said.status, 400);
    let whole = personal(&gateway, &trace(&said));
    assert_eq!(whole["call"]["outcome"], "bad_input");
    assert_eq!(whole["call"]["error"], said.json()["error"]);
}

#[test]
fn a_hit_is_told_by_the_call_that_fetched_for_it() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let traces: Vec<String> =
        (0..4).map(|n| call(&gateway, &format!("kept?tel=9888%200001&callid=x{n}"))).collect();
    let (_, text) = explained(&gateway, &traces[0]);
    assert!(text.contains("several records"), "{text}");
    let ids: Vec<String> =
        (0..4).map(|n| call(&gateway, &format!("kept?tel=9000%200001&callid=k{n}"))).collect();
    let (second, _) = explained(&gateway, &ids[1]);
    assert_eq!(
        (&second["call"]["cache"], &second["call"]["lookup"][0]["answered_from"]),
        (&json!("memory"), &json!(ids[0]))
    );
    assert_eq!(second["before"][0]["trace"], json!(ids[0]));
    let (hit, text) = explained(&gateway, &ids[3]);
    assert_eq!((&hit["call"]["cache"], &hit["call"]["answered_from"]), (&json!("memory"), &json!(ids[1])));
    assert_eq!((&hit["call"]["node"], &hit["call"]["outcome"]), (&json!("kept"), &json!("not_found")));
    assert!(hit["call"].get("inputs").is_none(), "a hit has a record of fixed size: {hit}");
    let before: Vec<_> = hit["before"].as_array().unwrap().iter().map(|call| &call["trace"]).collect();
    assert_eq!(json!(before), json!([ids[1], ids[0]]));
    assert!(text.contains("answered whole from memory") && text.contains("→ 404 after"), "{text}");
}

#[test]
fn a_call_is_found_by_its_own_number_and_by_the_callers_in_any_form() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let first = call(&gateway, "kept?tel=9000%200002&callid=ivr-1");
    let second = call(&gateway, "kept?tel=%2B6590000002&callid=ivr-2");
    call(&gateway, "kept?tel=90000003&callid=ivr-3");
    let third = call(&gateway, "kept?tel=%2B6590000002&callid=ivr-4");
    let asked = |query: &str| {
        let said = gateway.ask("GET", &format!("/api/explain?{query}"), TOKEN, "");
        let calls = said.json()["calls"].as_array().unwrap_or_else(|| panic!("{}", said.text())).clone();
        calls.iter().map(|call| call["trace"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(asked("call=ivr-1"), [&first[..]]);
    assert_eq!(asked("call=ivr-4"), [&third[..]]);
    assert_eq!(asked("call=ivr-9"), Vec::<String>::new());
    for form in [
        "phone=90000002",
        "phone=%2B65%209000-0002",
        "phone=006590000002&region=GB",
        "phone=90000002&node=kept",
    ] {
        assert_eq!(asked(form), [&third[..], &second, &first], "{form}");
    }
    assert_eq!(asked("phone=90000002&most=1"), [&third[..]]);
    assert_eq!(asked("node=kept&outcome=not_found").len(), 4);
    assert_eq!(asked("node=caller").len(), 0);
    let Ended { code, out, .. } = gateway.command(TOKEN, &["explain", "--phone", "9000 0002"]);
    assert_eq!(
        (code, out.matches(&third[..]).count() > 1, out.contains("90000002")),
        (0, true, false),
        "{out}"
    );
    let Ended { code, out, .. } = gateway.command(TOKEN, &["explain", "--call", "nobody"]);
    assert_eq!((code, out.as_str()), (1, "no such call is known\n"));
    for (query, words) in [
        ("node=kep", "did you mean `kept`?"),
        ("outcome=lost", "`lost` is no outcome"),
        ("phone=anonymous", "none that a call could have"),
        ("most=0", "from 1 to 200"),
        ("fone=1", "`fone` is not asked by"),
    ] {
        let said = gateway.ask("GET", &format!("/api/explain?{query}"), TOKEN, "");
        assert!(
            (400..=404).contains(&said.status) && said.text().contains(words),
            "{query}: {}",
            said.text()
        );
    }
}

#[test]
fn nothing_personal_is_in_what_is_masked_and_no_secret_in_anything() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let calls = [
        "caller?tel=91234567&email=adelaide%40lovelace.example&callid=1",
        "caller?tel=sip%3Aadelaide%4091234567.example",
        "caller?tel=98880003&email=adelaide%40lovelace.example",
        "caller?email=adelaide%40lovelace",
        "table?tel=91234567",
    ];
    for target in calls {
        let id = call(&gateway, target);
        let masked = gateway.ask("GET", &format!("/api/explain/{id}"), TOKEN, "").text();
        let text = gateway.command(TOKEN, &["explain", &id]).out;
        for planted in
            ["1234567", "8880003", "delaide", "ovelace", "c-77", "platinum", "unknown yet", "Ada", SECRET]
        {
            assert!(!masked.contains(planted), "{planted} of {target} in {masked}");
            assert!(!text.contains(planted), "{planted} of {target} in {text}");
        }
        let whole = personal(&gateway, &id).to_string();
        assert!(whole.contains("delaide") || whole.contains("91234567"), "{whole}");
        assert!(!whole.contains(SECRET), "{whole}");
    }
    assert!(!gateway.log().contains("91234567") && !gateway.log().contains(NAME), "{}", gateway.log());
}

#[test]
fn what_is_personal_is_for_one_token_and_that_token_is_for_nothing_else() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let id = call(&gateway, "caller?tel=91234567");
    let said = |target: &str, token: &str| gateway.ask("GET", target, token, "").status;
    assert_eq!(said(&format!("/api/explain/{id}?personal=true"), TOKEN), 403);
    assert_eq!(said(&format!("/api/explain/{id}?personal=true"), "another"), 401);
    assert_eq!(said(&format!("/api/explain/{id}"), PERSONAL), 200);
    assert_eq!(said("/api/status", PERSONAL), 401);
    let all = json!({ "all": true }).to_string();
    assert_eq!(gateway.ask("POST", "/api/purge", PERSONAL, &all).status, 401);
    assert_eq!(said("/api/explain/0123456789abcdef", TOKEN), 404);
    assert_eq!(said("/api/explain/91234567", TOKEN), 400);
    assert!(gateway.log().contains("explain.told"), "{}", gateway.log());
}

#[test]
fn a_write_that_its_call_did_not_wait_for_is_told_to_its_end_by_any_replica() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&[]));
        let url = redis.url();
        let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", KEY)];
        let noting =
            KEPT.replace("pick: only", "forms: [national]") + "do: { call: crm.note, wait: false }\n";
        let [first, second] = [(); 2].map(|()| gateway_with(&crm, &noting, &env));
        for gateway in [&first, &second] {
            wait("the link to Redis", || gateway.log().contains("redis.up"));
        }
        for tier in ["miss", "memory"] {
            let said = first.get("/nodes/kept?tel=91234567");
            assert_eq!((said.header("x-datadip-outcome"), said.header("x-datadip-cache")), ("found", tier));
            let result = |told: &Value| told["call"]["do"]["result"].clone();
            let (json, text) = explained(&first, &trace(&said));
            assert_eq!(result(&json), "writing");
            assert!(text.contains("still being written"), "{text}");
            let path = format!("/api/explain/{}", trace(&said));
            wait("the other replica knows", || second.ask("GET", &path, TOKEN, "").status == 200);
            for gateway in [&first, &second] {
                assert_eq!(result(&gateway.ask("GET", &path, TOKEN, "").json()), "done");
            }
        }
    });
}

#[test]
fn any_replica_tells_of_a_call_and_all_forget_a_customer() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&["--rdbcompression", "no"]));
        let url = redis.url();
        let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", KEY)];
        let (first, second) = (gateway(&crm, &env), gateway(&crm, &env));
        for gateway in [&first, &second] {
            wait("the link to Redis", || gateway.log().contains("redis.up"));
        }
        let ada = call(&first, "caller?tel=91234567&callid=ivr-7");
        let late = call(&first, "caller?tel=98880002&callid=ivr-8");
        let other = call(&first, "caller?tel=90000000&callid=ivr-9");
        let status =
            |gateway: &Gateway, id: &str| gateway.ask("GET", &format!("/api/explain/{id}"), TOKEN, "").status;
        for id in [&ada, &other, &late] {
            wait("the other replica knows", || status(&second, id) == 200);
        }
        assert_eq!(personal(&second, &ada), personal(&first, &ada));
        for query in [
            "call=ivr-7",
            "phone=9123%204567",
            "node=caller&outcome=found",
            "email=Adelaide%40lovelace.example",
        ] {
            let found = second.ask("GET", &format!("/api/explain?{query}"), TOKEN, "").json();
            assert_eq!(found["calls"][0]["trace"], json!(ada), "{query}: {found}");
        }
        for (phone, count) in [("91234567", 1), ("90000000", 0)] {
            let found =
                second.ask("GET", &format!("/api/explain?call=ivr-7&phone={phone}"), TOKEN, "").json();
            assert_eq!(found["calls"].as_array().unwrap().len(), count, "{phone}: {found}");
        }
        assert_eq!(redis.cli(&["SAVE"]), "OK");
        let kept = std::fs::read(redis.folder().join("dump.rdb")).unwrap();
        let kept = String::from_utf8_lossy(&kept).to_lowercase();
        for planted in ["91234567", "adelaide", "ivr-7", "caller", "by_phone", "found"] {
            assert!(!kept.contains(planted), "{planted} can be read in Redis");
        }
        // By her address alone, which only her record has.
        let Ended { code, err, .. } = first.command(TOKEN, &["forget", &format!("email={EMAIL}")]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(status(&first, &ada), 200, "a record of fixed size holds nothing of her");
        let left = first.ask("GET", &format!("/api/explain/{ada}?personal=true"), PERSONAL, "").text();
        assert!(!left.contains("91234567") && !left.contains("delaide"), "{left}");
        wait("the other replica has forgotten", || status(&second, &ada) == 404);
        assert_eq!((status(&first, &other), status(&second, &other)), (200, 200));
        let found = second.ask("GET", "/api/explain?phone=91234567", TOKEN, "").json();
        assert_eq!(found, json!({ "calls": [] }));
        let found = second.ask("GET", "/api/explain?call=ivr-9", TOKEN, "").json();
        assert_eq!(found["calls"][0]["call"], "«text of 5 characters»", "{found}");
    });
}

#[test]
fn a_customer_is_forgotten_where_there_is_no_redis() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let ada = call(&gateway, "caller?tel=91234567");
    assert!(personal(&gateway, &ada).to_string().contains(NAME));
    assert_eq!(gateway.command(TOKEN, &["forget", "phone=+6591234567"]).code, 0);
    let left = gateway.ask("GET", &format!("/api/explain/{ada}?personal=true"), PERSONAL, "").text();
    assert!(!left.contains("1234567") && !left.contains("delaide"), "{left}");
}

#[test]
fn a_customer_is_forgotten_by_what_only_the_whole_record_had() {
    undisturbed(|| {
        let (crm, redis) = (crm(), Server::start(&[]));
        let url = redis.url();
        let shared = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", KEY)];
        let node = KEPT.replace(
        "lookup: { by: tel, call: crm.by_phone, pick: only }",
        "lookup: [ { by: tel, call: crm.by_phone, forms: [national] }, { by: email, call: crm.by_email } ]",
    );
        let node = node.replace("callid: text", "callid: text, email: email");
        for env in [&[][..], &shared] {
            let gateway = gateway_with(&crm, &node, env);
            wait("the link to Redis", || env.is_empty() || gateway.log().contains("redis.up"));
            let calls: Vec<String> =
                (0..2).map(|_| call(&gateway, "kept?tel=91234567&callid=ivr-7")).collect();
            wait("it is in Redis", || env.is_empty() || !redis.keys("dd1:").is_empty());
            let found = gateway.ask("GET", &format!("/api/explain?email={EMAIL}"), TOKEN, "").json();
            assert_eq!(found["calls"].as_array().unwrap().len(), 2, "{found}");
            assert_eq!(gateway.command(TOKEN, &["forget", &format!("email={EMAIL}")]).code, 0);
            let told = |gateway: &Gateway, id: &str| {
                gateway.ask("GET", &format!("/api/explain/{id}?personal=true"), PERSONAL, "").text()
            };
            for id in &calls {
                wait("nothing is left", || {
                    let left = told(&gateway, id);
                    !left.contains("1234567") && !left.contains("delaide")
                });
            }
        }
    });
}

#[test]
fn the_ivrs_number_for_a_call_is_masked_like_what_came() {
    let crm = crm();
    let gateway = gateway(&crm, &[]);
    let id = call(&gateway, "kept?tel=90000002&callid=%2B6598765432");
    let (json, text) = explained(&gateway, &id);
    assert_eq!(json["call"]["call"], "«text of 11 characters»");
    assert!(!text.contains("98765432"), "{text}");
    assert_eq!(personal(&gateway, &id)["call"]["call"], "+6598765432");
    let found = gateway.ask("GET", "/api/explain?call=%2B6598765432", TOKEN, "").json();
    assert_eq!(found["calls"][0]["trace"], json!(id), "{found}");
}

#[test]
fn a_dead_redis_delays_no_call_and_what_memory_holds_is_told() {
    let (crm, mut redis) = (crm(), Server::start(&[]));
    let url = redis.url();
    let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", KEY)];
    let gateway = gateway(&crm, &env);
    wait("the link to Redis", || gateway.log().contains("redis.up"));
    redis.kill();
    let ids: Vec<String> = (0..50).map(|n| call(&gateway, &format!("caller?tel=9000{n:04}"))).collect();
    for id in [&ids[0], &ids[49]] {
        let (json, _) = explained(&gateway, id);
        assert_eq!(json["call"]["outcome"], "not_found");
    }
    let list = "/api/explain?node=caller&outcome=not_found&most=100";
    wait("all are told", || {
        gateway.ask("GET", list, TOKEN, "").json()["calls"].as_array().unwrap().len() == 50
    });
}

#[test]
fn what_came_too_late_for_the_caller_is_in_the_story() {
    let crm = Upstream::start(|_| Reaction::json(&json!({ "data": [] })).after(Duration::from_millis(2500)));
    let gateway = gateway(&crm, &[]);
    let id = call(&gateway, "caller?tel=98887777");
    let (json, _) = explained(&gateway, &id);
    assert_eq!(json["call"]["outcome"], "timeout");
    wait("the answer comes", || {
        let (json, text) = explained(&gateway, &id);
        let way = &json["call"]["lookup"][0]["asked"][0];
        way["too_late"] == true
            && way["requests"][0]["status"] == 200
            && text.contains("too late for this call")
    });
}

#[test]
fn who_joined_another_call_is_told_what_that_one_sent() {
    let crm = Upstream::start(|_| Reaction::json(&json!({ "data": [] })).after(Duration::from_millis(1200)));
    let gateway = gateway(&crm, &[]);
    let ids: Vec<String> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..3).map(|_| scope.spawn(|| call(&gateway, "kept?tel=98887777"))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let told: Vec<Value> = ids.iter().map(|id| explained(&gateway, id).0).collect();
    let joined: Vec<&Value> = told.iter().filter(|told| told["call"]["cache"] == "joined").collect();
    assert!(!joined.is_empty(), "{told:?}");
    for told in joined {
        let step = &told["call"]["lookup"][0];
        assert_eq!((&step["cache"], &step["result"]), (&json!("joined"), &json!("not_found")));
        assert_eq!(step["answered_from"], told["before"][0]["trace"]);
        assert_eq!(told["before"][0]["lookup"][0]["asked"][0]["requests"][0]["status"], 200);
    }
}

#[test]
fn what_answers_although_it_is_old_is_told_with_what_failed() {
    let crm = crm();
    let short =
        KEPT.replace("fresh_sec: 300, stale_sec: 600, not_found_sec: 30", "fresh_sec: 1, stale_sec: 600");
    let ada = json!({ "data": [{ "id": "1", "name": NAME }] });
    crm.becomes(move |_| Reaction::json(&ada));
    let gateway = gateway_with(&crm, &short, &[]);
    let first = call(&gateway, "kept?tel=91110000");
    std::thread::sleep(Duration::from_millis(1300));
    crm.becomes(|_| Reaction::Cut);
    let (json, text) = explained(&gateway, &call(&gateway, "kept?tel=91110000"));
    let step = &json["call"]["lookup"][0];
    assert_eq!((&json["call"]["cache"], &step["answered_from"]), (&json!("stale"), &json!(first)));
    assert_eq!(step["stale_because"]["code"], "lost");
    assert!(text.contains("answered from before") && text.contains("because asking anew failed"), "{text}");
}

#[test]
fn a_token_that_was_waited_for_and_one_that_was_refused_are_told() {
    let crm = Upstream::start(|asked: &Asked| match asked.target.as_str() {
        "/token" => Reaction::json(&json!({ "token": SECRET, "life": 3600 })),
        _ => Reaction::status(401, &json!({})),
    });
    let login = "auth: { token: { post: /token, json: { key: '{{ key }}' }, with: { key: '${secret:CRM_TOKEN}' }, token: $.token } }";
    let upstream = CRM.replace("auth: { bearer: '${secret:CRM_TOKEN}' }", login);
    let url = crm.url();
    let env = [("CRM_URL", url.as_str()), ("CRM_TOKEN", SECRET), ("DATADIP_ADMIN_TOKEN", TOKEN)];
    let mappings = [("upstreams/crm.yaml", upstream.as_str()), ("nodes/kept.yaml", KEPT)];
    let gateway = Gateway::start_with(&mappings, &[], &env);
    let (json, text) = explained(&gateway, &call(&gateway, "kept?tel=91110000"));
    let requests = json["call"]["lookup"][0]["asked"][0]["requests"].as_array().unwrap();
    assert!(requests.iter().any(|request| request["token"]["took_ms"].is_number()), "{json}");
    assert!(requests.iter().any(|request| request["token_refused"] == true), "{json}");
    assert!(text.contains("for a token") && text.contains("did not take the token"), "{text}");
    assert!(!json.to_string().contains(SECRET), "{json}");
}
