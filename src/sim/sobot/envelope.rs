//! Sobot's envelope: each operation's own, as its sample has it, around the data or the refusal.

use serde_json::{Value, json};

use crate::sim::contract::Operation;
use crate::sim::exchange::{Answer, Members, set};

/// Why an operation was not done: the envelope's `code` and `message`.
#[derive(Debug)]
pub(super) struct Refusal {
    code: u32,
    message: String,
}

impl Refusal {
    /// With a code of its own.
    pub(super) fn with(code: u32, message: &str) -> Self {
        Self { code, message: message.to_owned() }
    }

    /// An argument is missing or wrong.
    pub(super) fn bad(message: &str) -> Self {
        Self::with(400, message)
    }

    /// What was named is not there.
    pub(super) fn unknown(message: &str) -> Self {
        Self::with(404, message)
    }

    /// What was to be made is there already, or is in use.
    pub(super) fn conflict(message: &str) -> Self {
        Self::with(409, message)
    }
}

/// The operation's envelope around its data.
pub(super) fn succeeded(operation: &Operation, data: Value) -> Value {
    let mut envelope = operation.response.clone();
    set(&mut envelope, "data", data);
    envelope
}

/// The operation's envelope around a refusal; `retCode` and `retMsg` only where the operation has them.
pub(super) fn refused(operation: &Operation, refusal: &Refusal) -> Value {
    let mut envelope = operation.response.clone();
    let has_ret_code = !envelope.at("retCode").is_null();
    set(&mut envelope, "status", json!("Failed"));
    set(&mut envelope, "code", json!(refusal.code));
    set(&mut envelope, "message", json!(refusal.message));
    set(&mut envelope, "reason", json!("Failed"));
    set(&mut envelope, "data", json!({}));
    if has_ret_code {
        set(&mut envelope, "retCode", json!(format!("{:06}", refusal.code)));
        set(&mut envelope, "retMsg", json!(refusal.message));
    }
    envelope
}

/// A log-in that was refused.
pub(super) fn login_refused(status: u16, message: &str) -> Answer {
    Answer::of(status, json!({ "status": "Failed", "code": status, "message": message }))
}

/// A path, or a method on it, that is not documented.
pub(super) fn no_such_path(is_path: bool) -> Answer {
    let (status, message) =
        if is_path { (405, "this path has other methods") } else { (404, "there is no such path") };
    Answer::of(status, json!({ "status": "Failed", "code": status, "message": message }))
}
