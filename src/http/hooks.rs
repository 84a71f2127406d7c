//! The door for events from outside: who sends proves it with the hook's secret; what the event is about is read by
//! the hook's paths. An event is never looked up here: it ends what is kept, or has a call answered behind the reply.

mod event;
mod proof;
mod refused;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cache::Replicas;
use crate::clock::Deadline;
use crate::http::extract::body;
use crate::http::hooks::event::Selected;
use crate::http::hooks::refused::Refused;
use crate::http::{State, name};
use crate::meter::Counter;
use crate::node::call::Call;
use crate::node::customer::Customer;
use crate::plan::hook::{Hook, Reading};
use crate::plan::{Catalogue, Node, Slot};
use crate::trace::Trace;

/// Until when a body may arrive.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes an event at `/hooks/{hook}`.
pub(super) async fn hook(request: HttpRequest, payload: web::Payload, state: Data<State>) -> HttpResponse {
    match taken(&request, payload.into_inner(), &state).await {
        Ok(said) => HttpResponse::Accepted().insert_header(("cache-control", "no-store")).json(said),
        Err(refused) => {
            let (status, code) = (refused.status().as_u16(), refused.code());
            state.meters.events_turned_away.with(code, Counter::add);
            tracing::info!(event = "hook.turned_away", status, code, "turned an event away");
            refused.response()
        }
    }
}

async fn taken(request: &HttpRequest, payload: Payload, state: &State) -> Result<Value, Refused> {
    let catalogue = state.catalog.current();
    let hook = match catalogue.hooks.get(name(request)) {
        Some(Slot::Ready(hook)) => hook,
        Some(Slot::Broken(_)) => return Err(Refused::Broken),
        None => return Err(Refused::Unknown),
    };
    if *request.method() != Method::POST {
        return Err(Refused::Method);
    }
    let sent = proof::sent(&hook.proof, request.headers())?;
    let deadline = Deadline::new(Instant::now(), PATIENCE);
    let body = body::receive(request.headers(), payload, deadline).await?;
    proof::check(&hook.proof, sent, &body, SystemTime::now())?;
    let event = event::read(request.headers(), &body, &hook.part())?;
    let said = carry_out(hook, &event, &catalogue, state).await?;
    state.meters.events.with(&hook.name, Counter::add);
    Ok(said)
}

/// Does what the hook says. Evicting comes first: what is looked up then is new.
async fn carry_out(
    hook: &Hook,
    event: &Value,
    catalogue: &Catalogue,
    state: &State,
) -> Result<Value, Refused> {
    let mut said = serde_json::Map::new();
    if let Some(evict) = &hook.evict {
        let selected = Selected::of(event, evict);
        let mut customer = Customer::read(&node(catalogue, evict)?.inputs, &selected.values);
        customer.join(Customer { invalid: selected.odd, ..Customer::default() });
        said.insert("evicted".to_owned(), evicted(hook, &customer, state).await);
    }
    if let Some(warm) = &hook.warm {
        let node = node(catalogue, warm)?;
        said.insert(
            "warming".to_owned(),
            warming(hook, node, &Selected::of(event, warm).values, state).into(),
        );
    }
    Ok(Value::Object(said))
}

fn node<'c>(catalogue: &'c Catalogue, reading: &Reading) -> Result<&'c Arc<Node>, Refused> {
    match catalogue.nodes.get(&reading.node) {
        Some(Slot::Ready(node)) => Ok(node),
        Some(Slot::Broken(_)) | None => Err(Refused::BrokenNode(reading.node.to_string())),
    }
}

async fn evicted(hook: &Hook, customer: &Customer, state: &State) -> Value {
    let identifiers: Vec<&str> = customer.identifiers.iter().map(String::as_str).collect();
    let count = identifiers.len();
    if identifiers.is_empty() {
        tracing::warn!(event = "hook.names_nobody", hook = %hook.name, "an event named no customer");
        return json!({ "identifiers": 0, "invalid": customer.invalid });
    }
    let receipt = state.engine.cache().evict(&identifiers).await;
    let replicas = match receipt.replicas {
        Replicas::None => "none",
        Replicas::Told => "told",
        Replicas::Later => "later",
    };
    let redis = receipt.redis;
    tracing::info!(event = "hook.evicted", hook = %hook.name, count, redis, replicas, "ended what was kept");
    json!({ "identifiers": count, "invalid": customer.invalid, "redis": redis, "replicas": replicas })
}

/// Begins to answer the call that the event foretells; says whether it does.
fn warming(hook: &Hook, node: &Arc<Node>, params: &[(String, String)], state: &State) -> bool {
    let call: Call = params.iter().map(|(name, value)| (own_name(node, name), value.as_str())).collect();
    let Some(permit) = Arc::clone(&state.warming).try_acquire_owned().ok().filter(|_| !params.is_empty())
    else {
        tracing::warn!(event = "hook.not_warmed", hook = %hook.name, "too many are under way, or nothing to ask by");
        return false;
    };
    let (engine, node, name) = (Arc::clone(&state.reading), Arc::clone(node), Arc::clone(&hook.name));
    actix_web::rt::spawn(async move {
        let trace = Arc::new(Trace::new(Instant::now()));
        let answer = engine.answer(&node, &call, &trace).await;
        let (outcome, cache) = (answer.reply.outcome.name(), answer.tier.name());
        tracing::info!(event = "hook.warmed", hook = %name, outcome, cache, "answered a call before it came");
        drop(permit);
    });
    true
}

/// The name under which calls carry an input, whatever alias the hook uses: replies are kept by it.
fn own_name<'n>(node: &'n Node, name: &'n str) -> &'n str {
    node.inputs.iter().find(|input| input.answers_to(name)).map_or(name, |input| input.name.as_ref())
}
