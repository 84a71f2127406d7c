//! Pages of a list.

use serde_json::Value;

use crate::sim::exchange::text;

/// One page.
#[derive(Debug)]
pub struct Page {
    /// Its number, from 1.
    pub number: usize,
    /// How many rows a page has.
    pub size: usize,
    /// How many pages there are; at least 1.
    pub count: usize,
    /// How many rows there are.
    pub total: usize,
    /// The rows of this page.
    pub rows: Vec<Value>,
}

/// What a page past the end holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// Nothing.
    Empty,
    /// The last page again.
    Last,
}

impl Page {
    /// The page with this number and size; each may be a number or a text, or missing.
    #[must_use]
    pub fn of(rows: Vec<Value>, number: &Value, size: &Value, default_size: usize, past: Past) -> Self {
        let size = positive(size).unwrap_or(default_size);
        let total = rows.len();
        let count = total.div_ceil(size).max(1);
        let number = positive(number).unwrap_or(1);
        let number = if past == Past::Last { number.min(count) } else { number };
        let rows = rows.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect();
        Self { number, size, count, total, rows }
    }
}

fn positive(value: &Value) -> Option<usize> {
    text(value).parse().ok().filter(|number| *number > 0)
}
