//! `/api/explain`: why a past call found what it found, and which calls there were. Personal values are masked unless
//! they are asked for by one who may see them.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde_json::json;

use crate::console::State;
use crate::console::api::naming;
use crate::console::api::refusal::Refusal;
use crate::console::api::said;
use crate::console::api::token::MaySeePersons;
use crate::explain::{Eyes, Search, Traces};
use crate::record::Outcome;
use crate::trace::TraceId;

/// So many calls are listed where nothing is said, and at most.
const USUAL: usize = 20;
const MOST: usize = 200;
/// What may be asked by.
const KEYS: [&str; 9] =
    ["call", "phone", "email", "account", "region", "node", "outcome", "most", "personal"];

/// One call.
pub(super) async fn one(
    state: Data<State>,
    request: HttpRequest,
    trace: Path<String>,
    asked: Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Refusal> {
    let id: TraceId =
        trace.parse().map_err(|error: crate::trace::id::NoTrace| Refusal::Asked(error.to_string()))?;
    let eyes = eyes(&request, &asked)?;
    let explained = traces(&state)?.explain(id, eyes).await.ok_or(Refusal::NoTrace)?;
    let personal = eyes == Eyes::Personal;
    tracing::info!(event = "explain.told", trace = %id, personal, "told why a call found what it found");
    Ok(said(explained))
}

/// The last calls that are asked for.
pub(super) async fn many(
    state: Data<State>,
    asked: Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Refusal> {
    if let Some(unknown) = asked.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(Refusal::Asked(format!("`{unknown}` is not asked by; there are {}", KEYS.join(", "))));
    }
    let catalogue = state.catalog.current();
    let outcome = match asked.get("outcome") {
        None => None,
        Some(name) => Some(Outcome::named(name).ok_or_else(|| {
            let names: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.name()).collect();
            Refusal::Asked(format!("`{name}` is no outcome; there are {}", names.join(", ")))
        })?),
    };
    let most = match asked.get("most") {
        None => USUAL,
        Some(text) => text
            .parse()
            .ok()
            .filter(|most| (1..=MOST).contains(most))
            .ok_or_else(|| Refusal::Asked(format!("`most` is a number from 1 to {MOST}")))?,
    };
    if let Some(name) = asked.get("node") {
        naming::known_node(&catalogue, name)?;
    }
    let search = Search {
        call: asked.get("call").cloned(),
        about: naming::whom(&catalogue, &asked)?,
        node: asked.get("node").cloned(),
        outcome,
        most,
    };
    let nodes: Vec<&str> = catalogue.nodes.keys().map(AsRef::as_ref).collect();
    let calls = traces(&state)?.find(&search, &nodes).await;
    Ok(said(json!({ "calls": calls })))
}

fn traces(state: &State) -> Result<&Traces, Refusal> {
    state.engine.traces().map(AsRef::as_ref).ok_or(Refusal::NoTrace)
}

fn eyes(request: &HttpRequest, asked: &BTreeMap<String, String>) -> Result<Eyes, Refusal> {
    match asked.get("personal").map(String::as_str) {
        None | Some("false") => Ok(Eyes::Masked),
        Some("true" | "") if request.extensions().get::<MaySeePersons>().is_some() => Ok(Eyes::Personal),
        Some("true" | "") => Err(Refusal::NotPersonal),
        Some(_) => Err(Refusal::Asked("`personal` is true or false".to_owned())),
    }
}
