//! The CRM: REST as the shipped mapping file asks it, the search, and GraphQL.

use serde_json::{Value, json};

use crate::sim::Sim;
use crate::wire::Said;

fn ask(sim: &Sim, method: &str, target: &str, body: &Value) -> Said {
    let bearer = format!("Bearer {}", sim.value("CRM_TOKEN"));
    sim.ask("CRM_URL", method, target, &[("authorization", &bearer)], body)
}

fn get(sim: &Sim, target: &str) -> Said {
    ask(sim, "GET", target, &Value::Null)
}

fn names(found: &Value) -> Vec<&str> {
    found["data"].as_array().unwrap().iter().map(|customer| customer["name"].as_str().unwrap()).collect()
}

#[test]
fn a_customer_is_found_by_the_number_as_it_is_written_there_and_by_email() {
    let sim = Sim::start();
    for (query, wanted) in [
        ("phone=91234567", vec!["Lim Mei Ling"]),
        ("phone=%2B6591234567", vec![]),
        ("phone=6591234567", vec![]),
        ("phone=%2B6581234567", vec!["Arjun Nair"]),
        ("phone=6561234567", vec!["Siti Rahman", "Daniel Koh"]),
        ("phone=(212)+555-0142", vec!["Grace Miller"]),
        ("email=MEI.LIM@example.sg", vec!["Lim Mei Ling"]),
        ("email=nobody@example.com", vec![]),
    ] {
        let said = get(&sim, &format!("/v1/customers?{query}"));
        assert_eq!((said.status, names(&said.json())), (200, wanted), "{query}");
    }
    assert_eq!(get(&sim, "/v1/customers").status, 400);
    assert_eq!(get(&sim, "/v1/customers/4711").json()["segment"]["name"], "Business");
}

#[test]
fn orders_come_newest_first_and_as_many_as_are_asked_for() {
    let sim = Sim::start();
    let numbers = |target: &str| {
        let said = get(&sim, target).json();
        said["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["number"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        numbers("/v1/customers/4711/orders?limit=20&sort=-created_at"),
        ["A-0093", "A-0088", "A-0041"]
    );
    assert_eq!(numbers("/v1/customers/4711/orders?limit=1&sort=-created_at"), ["A-0093"]);
    assert_eq!(numbers("/v1/customers/4711/orders?sort=created_at"), ["A-0041", "A-0088", "A-0093"]);
    let said = get(&sim, "/v1/customers/1/orders");
    assert_eq!((said.status, said.json()["message"].is_string()), (404, true));
}

#[test]
fn a_note_is_written_into_the_customers_file() {
    let sim = Sim::start();
    let note = json!({ "text": "Call back", "priority": 2, "source": "ivr" });
    let said = ask(&sim, "POST", "/v1/customers/4711/notes", &note);
    assert_eq!((said.status, &said.json()["id"]), (201, &json!("N-1001")));
    let notes = get(&sim, "/v1/customers/4711/notes").json();
    assert_eq!(
        notes["notes"][1],
        json!({ "text": "Call back", "priority": 2, "source": "ivr", "id": "N-1001" })
    );
    for (customer, note, status) in [
        ("4711", json!({ "priority": 1 }), 422),
        ("4711", json!({ "text": "x", "priority": 9 }), 422),
        ("1", json!({ "text": "x" }), 404),
    ] {
        assert_eq!(
            ask(&sim, "POST", &format!("/v1/customers/{customer}/notes"), &note).status,
            status,
            "{note}"
        );
    }
}

#[test]
fn the_search_and_graphql_find_the_same_customer() {
    let sim = Sim::start();
    let found = ask(&sim, "POST", "/v1/search", &json!({ "phone": "91234567" })).json();
    assert_eq!((&found["total"], &found["results"][0]["customer"]["id"]), (&json!(1), &json!(4711)));
    let pages = |page: u32| {
        ask(&sim, "POST", "/v1/search", &json!({ "phone": "6561234567", "size": 1, "page": page })).json()
    };
    assert_eq!(
        (&pages(1)["pages"], &pages(2)["results"][0]["customer"]["name"]),
        (&json!(2), &json!("Daniel Koh"))
    );
    assert_eq!(ask(&sim, "POST", "/v1/search", &json!({})).status, 400);

    let query =
        "query($phone: String, $email: String) { customers(phone: $phone, email: $email) { id name } }";
    let graph = |query: &str, variables: Value| {
        let said = ask(&sim, "POST", "/graphql", &json!({ "query": query, "variables": variables }));
        assert_eq!(said.status, 200);
        said.json()
    };
    let found = graph(query, json!({ "email": "mei.lim@example.sg" }));
    assert_eq!((&found["data"]["customers"][0]["id"], found.get("errors")), (&json!("4711"), None));
    assert_eq!(graph(query, json!({ "phone": "1" })), json!({ "data": { "customers": [] } }));
    for (query, variables) in [("{ orders { id } }", json!({ "phone": "1" })), (query, json!({}))] {
        let said = graph(query, variables);
        assert_eq!((&said["data"], said["errors"][0]["message"].is_string()), (&Value::Null, true));
    }
}

#[test]
fn the_access_token_is_asked_for() {
    let sim = Sim::start();
    for header in ["", "Bearer other", "Basic c2lt", sim.value("CRM_TOKEN")] {
        let said =
            sim.ask("CRM_URL", "GET", "/v1/customers?phone=1", &[("authorization", header)], &Value::Null);
        assert_eq!(said.status, 401, "{header}");
    }
    sim.fault("CRM_URL", &json!({ "expire_tokens": true }));
    assert_eq!(get(&sim, "/v1/customers?phone=1").status, 401);
    sim.reset("CRM_URL");
    assert_eq!(get(&sim, "/v1/customers?phone=1").status, 200);
    assert_eq!(get(&sim, "/v1/nothing").status, 404);
}
