//! What was found by one identifier answers for another, where the operation says that it is one customer's alone.

use serde_json::json;

use crate::caller::eventually;
use crate::company::Company;
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Reaction, Upstream};
use crate::wire::Said;

const CRM: &str = "
operations:
  by_phone:
    args: { phone: { required: true } }
    get: /phone
    query: { q: '{{ phone }}' }
    records: $.data[*]
    unique: { tel: $.phone, email: $.email }
  by_email:
    args: { email: { required: true } }
    get: /email
    query: { q: '{{ email }}' }
    records: $.data[*]
    unique: { tel: $.phone, email: $.email }
";

const NODE: &str = "
cache: { fresh_sec: 300, stale_sec: 600, not_found_sec: 30 }
inputs: { tel: { type: phone, region: SG }, email: email }
lookup:
  - { by: tel, call: crm.by_phone, record: customer }
  - { by: email, call: crm.by_email, record: customer }
outputs:
  name: { path: $.name, default: nobody }
  status: { outcome: true }
";

/// Ada and Beatrice share a number; Cleo has one of her own, and so has Dora, who has no address.
fn crm() -> Upstream {
    Upstream::start(|asked| {
        let people = [
            json!({ "name": "Ada", "phone": "9123 0001", "email": "ada@example.com" }),
            json!({ "name": "Beatrice", "phone": "+65 9123-0001", "email": "beatrice@example.com" }),
            json!({ "name": "Cleo", "phone": "+6591230003", "email": "Cleo@Example.com" }),
            json!({ "name": "Dora", "phone": "91230004" }),
        ];
        let wanted = asked.target.replace("%2B65", "").replace("%40", "@").to_lowercase();
        let found = people.into_iter().filter(|one| {
            let phone = one["phone"].as_str().unwrap().replace("+65", "").replace([' ', '-'], "");
            let email = one["email"].as_str().unwrap_or("-").to_lowercase();
            wanted.ends_with(&format!("q={phone}")) || wanted.ends_with(&format!("q={email}"))
        });
        Reaction::json(&json!({ "data": found.collect::<Vec<_>>() }))
    })
}

fn told(said: &Said) -> (String, String) {
    let name = said.json()["name"].as_str().unwrap().to_owned();
    (name, said.header("x-datadip-cache").to_owned())
}

fn by_phone(gateway: &Gateway, tel: &str) -> (String, String) {
    told(&gateway.get(&format!("/nodes/caller?tel={tel}")))
}

fn by_email(gateway: &Gateway, email: &str) -> (String, String) {
    told(&gateway.get(&format!("/nodes/caller?email={email}")))
}

fn is(name: &str, cache: &str) -> (String, String) {
    (name.to_owned(), cache.to_owned())
}

#[test]
fn who_was_found_by_her_address_is_known_by_her_number_and_the_other_way_round() {
    let (_guard, crm) = (among_others(), crm());
    let gateway = Company::with(CRM, NODE).alone(&crm.url());
    assert_eq!(by_email(&gateway, "cleo@example.com"), is("Cleo", "miss"));
    assert_eq!(by_phone(&gateway, "91230003"), is("Cleo", "memory"));
    assert_eq!(by_phone(&gateway, "%2B65%209123%200003"), is("Cleo", "memory"));
    assert_eq!(crm.asked().len(), 1);
    let gateway = Company::with(CRM, NODE).alone(&crm.url());
    assert_eq!(by_phone(&gateway, "91230003"), is("Cleo", "miss"));
    assert_eq!(by_email(&gateway, "CLEO@example.com"), is("Cleo", "memory"));
    assert_eq!(crm.asked().len(), 2);
    // What a record does not say is no alias.
    assert_eq!(by_phone(&gateway, "91230004"), is("Dora", "miss"));
    assert_eq!(by_email(&gateway, "dora@example.com"), is("nobody", "miss"));
}

#[test]
fn an_alias_is_shared_by_replicas() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let replicas: [Gateway; 2] =
            std::array::from_fn(|_| Company::with(CRM, NODE).replica(&crm.url(), &redis));
        assert_eq!(by_email(&replicas[0], "cleo@example.com"), is("Cleo", "miss"));
        eventually("both are in Redis", || redis.keys("dd1:e:").len() == 2);
        assert_eq!(by_phone(&replicas[1], "91230003"), is("Cleo", "redis"));
        assert_eq!(crm.asked().len(), 1);
    });
}

#[test]
fn without_unique_or_record_nobody_is_known_by_another_identifier() {
    let (_guard, crm) = (among_others(), crm());
    let no_unique = CRM.replace("    unique: { tel: $.phone, email: $.email }\n", "");
    let other_name = NODE.replacen("record: customer", "record: caller", 1);
    let on_one_only = NODE.replacen(", record: customer", "", 1);
    for (operations, node) in [
        (no_unique.as_str(), NODE),
        (CRM, &NODE.replace(", record: customer", "")),
        (CRM, &other_name),
        (CRM, &on_one_only),
    ] {
        let gateway = Company::with(operations, node).alone(&crm.url());
        let before = crm.asked().len();
        assert_eq!(by_email(&gateway, "cleo@example.com"), is("Cleo", "miss"));
        assert_eq!(by_phone(&gateway, "91230003"), is("Cleo", "miss"), "{node}");
        assert_eq!(crm.asked().len() - before, 2);
    }
}

#[test]
fn of_two_customers_on_one_number_the_wrong_one_is_never_told() {
    let (_guard, crm) = (among_others(), crm());
    // Where the number is not said to be one customer's alone, it is asked for.
    let careful = CRM.replace("unique: { tel: $.phone, email: $.email }", "unique: { email: $.email }");
    let node = format!("pick: only\n{NODE}");
    let gateway = Company::with(&careful, &node).alone(&crm.url());
    assert_eq!(by_email(&gateway, "ada@example.com"), is("Ada", "miss"));
    assert_eq!(by_email(&gateway, "beatrice@example.com"), is("Beatrice", "miss"));
    let said = gateway.get("/nodes/caller?tel=91230001");
    assert_eq!(said.header("x-datadip-outcome"), "ambiguous");
    assert_eq!((by_email(&gateway, "ada@example.com").0, crm.asked().len()), ("Ada".to_owned(), 3));
}

#[test]
fn a_number_that_turns_out_to_be_two_customers_is_no_alias_any_more() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let node = format!("pick: only\n{NODE}");
        let replicas: [Gateway; 2] =
            std::array::from_fn(|_| Company::with(CRM, &node).replica(&crm.url(), &redis));
        assert_eq!(by_email(&replicas[0], "ada@example.com"), is("Ada", "miss"));
        assert_eq!(by_phone(&replicas[0], "91230001"), is("Ada", "memory"));
        assert_eq!(by_email(&replicas[0], "beatrice@example.com"), is("Beatrice", "miss"));
        assert_eq!(by_phone(&replicas[0], "91230001").0, "nobody");
        // It is written behind the answer.
        std::thread::sleep(std::time::Duration::from_millis(1000));
        assert_eq!(by_phone(&replicas[1], "91230001").0, "nobody");
    });
}

#[test]
fn of_two_customers_on_one_number_none_is_told_by_a_redis_that_knows_of_one() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let gateway = Company::with(CRM, &format!("pick: only\n{NODE}")).replica(&crm.url(), &redis);
        assert_eq!(by_email(&gateway, "ada@example.com"), is("Ada", "miss"));
        eventually("both are in Redis", || redis.keys("dd1:e:").len() == 2);
        // It is read, and takes nothing new.
        redis.cli(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
        assert_eq!(by_email(&gateway, "beatrice@example.com"), is("Beatrice", "miss"));
        assert_eq!(by_phone(&gateway, "91230001").0, "nobody");
    });
}

#[test]
fn a_later_direct_answer_replaces_an_alias_and_no_alias_replaces_it() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let brief = NODE.replace("fresh_sec: 300, stale_sec: 600, not_found_sec: 30", "fresh_sec: 3");
        let gateway = Company::with(CRM, &brief).alone(&crm.url());
        assert_eq!(by_email(&gateway, "cleo@example.com"), is("Cleo", "miss"));
        assert_eq!(by_phone(&gateway, "91230003"), is("Cleo", "memory"));
        // Her number is another customer's by now.
        crm.becomes(|asked| {
            let name = if asked.target.starts_with("/phone") { "Eve" } else { "Cleo" };
            let email = format!("{}@example.com", name.to_lowercase());
            Reaction::json(&json!({ "data": [{ "name": name, "phone": "91230003", "email": email }] }))
        });
        std::thread::sleep(std::time::Duration::from_millis(3350));
        assert_eq!(by_phone(&gateway, "91230003"), is("Eve", "miss"));
        assert_eq!(by_email(&gateway, "cleo@example.com"), is("Cleo", "miss"));
        assert_eq!(by_phone(&gateway, "91230003"), is("Eve", "memory"));
    });
}

#[test]
fn a_number_without_its_country_code_is_an_alias_in_the_region_of_the_call_that_found_it() {
    let _guard = among_others();
    let crm = Upstream::start(|asked| {
        let huan = json!([{ "name": "Huan", "phone": "91234567", "email": "huan@example.hk" }]);
        let found = if asked.target.starts_with("/email") { huan } else { json!([]) };
        Reaction::json(&json!({ "data": found }))
    });
    let node = NODE.replace(
        "tel: { type: phone, region: SG }",
        "tel: { type: phone, region: SG, region_from: called }, called: { type: phone, region: SG }",
    );
    let gateway = Company::with(CRM, &node).alone(&crm.url());
    let (here, there) = ("called=%2B6561234567", "called=%2B85221234567");
    assert_eq!(
        told(&gateway.get(&format!("/nodes/caller?{there}&email=huan@example.hk"))),
        is("Huan", "miss")
    );
    let from_singapore = gateway.get(&format!("/nodes/caller?{here}&tel=91234567"));
    assert_eq!(told(&from_singapore), is("nobody", "miss"), "that is another number");
    let from_hong_kong = gateway.get(&format!("/nodes/caller?{there}&tel=91234567"));
    assert_eq!(told(&from_hong_kong), is("Huan", "memory"));
}
