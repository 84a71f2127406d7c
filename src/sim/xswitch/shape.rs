//! Rows are kept as text; a sample says how a row looks in an answer: which members, in which order, text or number.

use serde_json::{Value, json};

use crate::sim::exchange::{Members, text};

/// A row with the members and types of a sample. What the row does not have is empty: `""`, or 0.
pub(super) fn shaped(row: &Value, sample: &Value) -> Value {
    let members = sample.as_object().into_iter().flatten();
    members.map(|(name, pattern)| (name.clone(), typed(row.at(name), pattern))).collect()
}

fn typed(value: &Value, pattern: &Value) -> Value {
    if pattern.is_number() {
        json!(text(value).parse::<i64>().unwrap_or_default())
    } else {
        json!(text(value))
    }
}

/// The moment, as XSwitch writes it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}
