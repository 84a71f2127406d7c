//! Published IVR flows: only to be read, at most 50 at once.

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::Members;
use crate::sim::page::{Page, Past};
use crate::sim::sobot::seeds::Seeds;

/// The flows.
pub(super) struct Flows(Vec<Value>);

impl Flows {
    /// Those of the sample first.
    pub(super) fn new(contract: &Contract, seeds: &Seeds) -> Self {
        let shown = contract.response("ivr_published_search").at("data").at("list").as_array().cloned();
        Self([shown.unwrap_or_default(), seeds.flows.clone()].concat())
    }

    /// A page of them.
    pub(super) fn published(&self, args: &Value) -> Value {
        listed(Page::of(self.0.clone(), args.at("currPage"), args.at("pageSize"), 10, Past::Empty))
    }
}

/// A page as most lists of the API have it.
pub(super) fn listed(page: Page) -> Value {
    json!({ "list": page.rows, "currPage": page.number, "pageSize": page.size, "total": page.total })
}
