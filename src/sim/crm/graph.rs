//! The CRM's GraphQL: one query, `customers`, by the variables `phone` and `email`. Whatever fields are asked for, all
//! are answered, under GraphQL's kind of names.

use serde_json::{Value, json};

use crate::sim::crm::find;
use crate::sim::exchange::{Answer, Asked, Members};

/// Answers a query. Its mistakes are answered with 200 and `errors`, as GraphQL does.
pub(super) fn answer(customers: &[Value], asked: &Asked) -> Answer {
    let Ok(body) = asked.json() else { return mistake("the body is no JSON") };
    let query = body.word("query");
    if !query.contains("customers") {
        return mistake("the only query is `customers`");
    }
    let (phone, email) = (body.at("variables").word("phone"), body.at("variables").word("email"));
    if phone.is_empty() && email.is_empty() {
        return mistake("give the variable `phone` or `email`");
    }
    let found: Vec<Value> = find(customers, &phone, &email).map(view).collect();
    Answer::ok(json!({ "data": { "customers": found } }))
}

fn view(customer: &Value) -> Value {
    json!({
        "id": customer.word("id"),
        "name": customer.at("name"),
        "phone": customer.at("phone"),
        "email": customer.at("email"),
        "vip": customer.at("vip"),
        "segment": customer.at("segment"),
        "updatedAt": customer.at("updated_at"),
        "orders": { "nodes": customer.at("orders") },
    })
}

fn mistake(message: &str) -> Answer {
    Answer::ok(json!({ "data": null, "errors": [{ "message": message }] }))
}
