//! The data node's door: who calls which node, the call itself, the engine's answer, and one line in the log.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use crate::clock::Deadline;
use crate::http::guard::rate::Caller;
use crate::http::problem::Problem;
use crate::http::refusal::Refusal;
use crate::http::{State, extract, name, reply};
use crate::meter::Counter;
use crate::node::call::Call;
use crate::node::reply::Answer;
use crate::plan::{Catalogue, Node, Slot};
use crate::record::Outcome;
use crate::trace::Trace;

/// Answers a call of `/nodes/{node}`, by whatever method.
pub async fn webhook(request: HttpRequest, payload: web::Payload, state: Data<State>) -> HttpResponse {
    let trace = Arc::new(Trace::new(Instant::now()));
    let (node, caller) = match entered(&request, &state) {
        Ok(entered) => entered,
        Err(problem) => return turned_away(&problem, &state, &trace),
    };
    let read = read(&node, caller, &request, payload.into_inner(), &state, &trace).await;
    let ignored = read.as_ref().map_or(0, |call| call.ignored);
    let (answer, refusal) = match read {
        Ok(call) => (state.engine.answer(&node, &call, &trace).await, None),
        Err(why) => (state.engine.refuse(&node, why.outcome(), &why.to_string(), &trace), Some(why)),
    };
    state.meters.answered(&node.name, &answer, trace.start().elapsed());
    note(&node, &answer, refusal.as_ref(), ignored, &trace);
    reply::respond(&answer, refusal.as_ref())
}

/// The node that is called, and who calls it.
fn entered(request: &HttpRequest, state: &State) -> Result<(Arc<Node>, Caller), Problem> {
    let node = named(&state.catalog.current(), name(request))?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    let caller = state.guard.admit(&node.access, peer, request.headers())?;
    Ok((node, caller))
}

fn named(catalogue: &Catalogue, encoded: &str) -> Result<Arc<Node>, Problem> {
    let name = percent_decode_str(encoded).decode_utf8().map_err(|_| Problem::UnknownNode)?;
    match catalogue.nodes.get(name.as_ref()) {
        Some(Slot::Ready(node)) => Ok(Arc::clone(node)),
        Some(Slot::Broken(_)) => Err(Problem::BrokenNode),
        None => Err(Problem::UnknownNode),
    }
}

/// Reads the call, cheapest refusal first.
async fn read(
    node: &Node,
    caller: Caller,
    request: &HttpRequest,
    payload: Payload,
    state: &State,
    trace: &Trace,
) -> Result<Call, Refusal> {
    Refusal::check_method(request.method(), node.methods)?;
    if !state.guard.within_rate(node, caller) {
        return Err(Refusal::Rate(node.access.per_second.unwrap_or_default()));
    }
    Ok(extract::call(&node.inputs, request, payload, reading(node, trace)).await?)
}

/// Until when a body may arrive: after that no operation would be begun any more.
fn reading(node: &Node, trace: &Trace) -> Deadline {
    let reserve = node.least.min(node.budget / 2);
    Deadline::new(trace.start(), node.budget.saturating_sub(reserve))
}

fn turned_away(problem: &Problem, state: &State, trace: &Trace) -> HttpResponse {
    state.meters.turned_away.with(problem.code(), Counter::add);
    let ms = trace.start().elapsed().as_secs_f64() * 1000.0;
    let status = problem.status().as_u16();
    tracing::info!(event = "call.turned_away", status, code = problem.code(), ms, "turned a caller away");
    problem.response()
}

/// One line a call. What went well is said at `debug`: at thousands of calls a second it would drown the rest.
fn note(node: &Node, answer: &Answer, refusal: Option<&Refusal>, ignored: usize, trace: &Trace) {
    macro_rules! answered {
        ($level:ident) => {
            tracing::$level!(
                event = "call.answered",
                node = %node.name,
                outcome = answer.reply.outcome.name(),
                status = reply::status(refusal).as_u16(),
                cache = answer.tier.name(),
                trace = %answer.trace,
                refused = refusal.map(Refusal::code),
                ignored,
                ms = trace.start().elapsed().as_secs_f64() * 1000.0,
                "answered a call"
            )
        };
    }
    match answer.reply.outcome {
        Outcome::Timeout | Outcome::Error | Outcome::Overloaded | Outcome::BadInput => answered!(warn),
        Outcome::Found | Outcome::Done | Outcome::NotFound | Outcome::NoIdentifier | Outcome::Ambiguous => {
            answered!(debug);
        }
    }
}
