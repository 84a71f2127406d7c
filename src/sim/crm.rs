//! A CRM of the usual kind: REST as `mappings/upstreams/crm.yaml` asks it, a search, and GraphQL over the same
//! customers. A phone number is found only as it is written there, as in most CRMs.

mod graph;

use serde_json::{Value, json};

use crate::sim::exchange::{Answer, Asked, Members, System, set};
use crate::sim::page::{Page, Past};

/// The access token.
const TOKEN: &str = "sim-crm-token";
/// The customers, each with orders and notes.
const CUSTOMERS: &str = include_str!("crm/customers.json");

/// The variables of the mapping files that lead here.
pub fn variables(url: &str) -> Vec<(&'static str, String)> {
    vec![("CRM_URL", url.to_owned()), ("CRM_TOKEN", TOKEN.to_owned())]
}

/// The CRM as it stands at the beginning.
///
/// # Errors
/// Where its data cannot be read.
pub fn fresh() -> Result<Box<dyn System>, serde_json::Error> {
    Ok(Box::new(Crm { customers: serde_json::from_str(CUSTOMERS)?, notes: 1000, is_expired: false }))
}

struct Crm {
    customers: Vec<Value>,
    /// The number of the last note.
    notes: u32,
    is_expired: bool,
}

impl System for Crm {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let scheme = asked.header("authorization").split_once(' ');
        let is_known =
            scheme.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token == TOKEN);
        if !is_known || self.is_expired {
            return refusal(401, "the access token is missing, unknown or expired");
        }
        let steps: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
        match (asked.method.as_str(), steps.as_slice()) {
            ("GET", ["v1", "customers"]) => self.list(asked),
            ("GET", ["v1", "customers", id]) => self.with(id, |customer| Answer::ok(head(customer))),
            ("GET", ["v1", "customers", id, "orders"]) => self.with(id, |customer| orders(customer, asked)),
            ("GET", ["v1", "customers", id, "notes"]) => {
                self.with(id, |customer| Answer::ok(json!({ "notes": customer.at("notes") })))
            }
            ("POST", ["v1", "customers", id, "notes"]) => self.add_note(id, asked),
            ("POST", ["v1", "search"]) => self.search(asked),
            ("POST", ["graphql"]) => graph::answer(&self.customers, asked),
            _ => refusal(404, "there is no such resource"),
        }
    }

    fn expire_tokens(&mut self) {
        self.is_expired = true;
    }
}

impl Crm {
    fn list(&self, asked: &Asked) -> Answer {
        let (phone, email) = (asked.param("phone"), asked.param("email"));
        if phone.is_empty() && email.is_empty() {
            return refusal(400, "give `phone` or `email`");
        }
        let found: Vec<Value> = find(&self.customers, phone, email).map(head).collect();
        Answer::ok(json!({ "data": found }))
    }

    /// The same as a search with a body, by pages.
    fn search(&self, asked: &Asked) -> Answer {
        let Ok(body) = asked.json() else { return refusal(400, "the body is no JSON") };
        let (phone, email) = (body.word("phone"), body.word("email"));
        if phone.is_empty() && email.is_empty() {
            return refusal(400, "give `phone` or `email`");
        }
        let found = find(&self.customers, &phone, &email)
            .map(|customer| json!({ "score": 1, "customer": head(customer) }));
        let page = Page::of(found.collect(), body.at("page"), body.at("size"), 20, Past::Empty);
        Answer::ok(
            json!({ "total": page.total, "page": page.number, "pages": page.count, "results": page.rows }),
        )
    }

    fn with(&self, id: &str, then: impl FnOnce(&Value) -> Answer) -> Answer {
        self.customers.iter().find(|customer| customer.word("id") == id).map_or_else(unknown, then)
    }

    fn add_note(&mut self, id: &str, asked: &Asked) -> Answer {
        let Ok(mut note) = asked.json() else { return refusal(400, "the body is no JSON") };
        if note.word("text").is_empty() {
            return refusal(422, "a note has a `text`");
        }
        if !matches!(note.word("priority").as_str(), "" | "1" | "2" | "3") {
            return refusal(422, "`priority` is 1, 2 or 3");
        }
        let Some(customer) = self.customers.iter_mut().find(|customer| customer.word("id") == id) else {
            return unknown();
        };
        self.notes += 1;
        set(&mut note, "id", json!(format!("N-{}", self.notes)));
        if let Some(notes) = customer.get_mut("notes").and_then(Value::as_array_mut) {
            notes.push(note.clone());
        }
        Answer::of(201, note)
    }
}

/// Those with this number, as it is written, and this e-mail address, as far as each is given.
fn find<'a>(customers: &'a [Value], phone: &str, email: &str) -> impl Iterator<Item = &'a Value> {
    customers.iter().filter(move |customer| {
        (phone.is_empty() || customer.word("phone") == phone)
            && (email.is_empty() || customer.word("email").eq_ignore_ascii_case(email))
    })
}

/// A customer without what is read by itself.
fn head(customer: &Value) -> Value {
    let members = customer.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !matches!(name.as_str(), "orders" | "notes"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn orders(customer: &Value, asked: &Asked) -> Answer {
    let mut orders = customer.at("orders").as_array().cloned().unwrap_or_default();
    orders.sort_by_key(|order| order.word("created_at"));
    if asked.param("sort") == "-created_at" {
        orders.reverse();
    }
    orders.truncate(asked.param("limit").parse().unwrap_or(20));
    Answer::ok(json!({ "orders": orders }))
}

fn unknown() -> Answer {
    refusal(404, "there is no customer with this id")
}

fn refusal(status: u16, message: &str) -> Answer {
    Answer::of(status, json!({ "message": message }))
}
