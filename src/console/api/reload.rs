//! `/api/reload`: the mapping files as they are now, in force or refused with all that was found.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::{Value, json};

use crate::catalog::reload::Verdict;
use crate::console::State;
use crate::diagnostic::{Findings, json};

/// Has the files put in force, and says how that ended.
pub(super) async fn reload(state: Data<State>) -> HttpResponse {
    let (status, body) = match state.reloader.reload().await {
        Some(verdict) => said(&verdict, state.catalog.standing().revision),
        None => {
            let error = "the thread that reads the mapping files is gone: restart the gateway";
            (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": error }))
        }
    };
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(body)
}

fn said(verdict: &Verdict, in_force: u64) -> (StatusCode, Value) {
    match verdict {
        Verdict::InForce { revision, change, findings } => {
            let body = json!({
                "revision": revision,
                "came": change.came,
                "changed": change.changed,
                "went": change.went,
                "findings": list(findings),
            });
            (StatusCode::OK, body)
        }
        Verdict::Refused(refused) => {
            let error = format!("{}; what was in force before stays", refused.why);
            let body = json!({ "error": error, "revision": in_force, "findings": list(&refused.findings) });
            (StatusCode::UNPROCESSABLE_ENTITY, body)
        }
    }
}

fn list(findings: &Findings) -> Vec<Value> {
    findings.iter().map(json::finding).collect()
}
