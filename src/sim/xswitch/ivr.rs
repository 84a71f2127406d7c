//! IVRs stand in trees: kept flat, each with its parent's id, and read as a tree.

use serde_json::{Value, json};

use crate::sim::exchange::{Members, set};
use crate::sim::xswitch::shape::shaped;

/// A row with all below it, each in the form of a sample.
pub(super) fn tree(row: &Value, rows: &[Value], sample: &Value) -> Value {
    let id = row.word("id");
    let below = rows.iter().filter(|other| other.word("parent_id") == id && !id.is_empty());
    let below: Vec<Value> = below.map(|other| tree(other, rows, sample)).collect();
    let mut tree = shaped(row, sample);
    set(&mut tree, "ivrs", json!(below));
    tree
}

/// The rows of a single read: of a tree all of them, else the one.
pub(super) fn flat(read: &Value) -> Vec<Value> {
    match read {
        Value::Array(trees) => trees.iter().flat_map(flat).collect(),
        Value::Object(row) => {
            let below = row.get("ivrs").map(flat).unwrap_or_default();
            [vec![read.clone()], below].concat()
        }
        _ => Vec::new(),
    }
}
