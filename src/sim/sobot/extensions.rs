//! Extension accounts, and the agents that they are bound to.

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, set, text};
use crate::sim::page::{Page, Past};
use crate::sim::sobot::Done;
use crate::sim::sobot::envelope::Refusal;
use crate::sim::sobot::flows::listed;
use crate::sim::sobot::seeds::Seeds;

/// The extensions.
pub(super) struct Extensions(Vec<Value>);

impl Extensions {
    /// Those of the sample first.
    pub(super) fn new(contract: &Contract, seeds: &Seeds) -> Self {
        let shown = contract.response("ext_search").at("data").at("list").as_array().cloned();
        Self([shown.unwrap_or_default(), seeds.exts.clone()].concat())
    }

    /// A page of those that are bound, that are not, or of all.
    pub(super) fn search(&self, args: &Value) -> Value {
        let state = args.word("bindStatus");
        let rows = self.0.iter().filter(|row| state.is_empty() || row.word("bindStatus") == state).cloned();
        listed(Page::of(rows.collect(), args.at("currPage"), args.at("pageSize"), 10, Past::Empty))
    }

    /// A new one, not bound to anybody.
    pub(super) fn add(&mut self, args: &Value) -> Done {
        let (ext, password) = (args.word("ext"), args.word("password"));
        if !is_digits(&ext, 3) {
            return Err(Refusal::bad("`ext` has 3 to 8 digits"));
        }
        if !is_digits(&password, 6) {
            return Err(Refusal::bad("`password` has 6 to 8 digits"));
        }
        if self.0.iter().any(|row| row.word("ext") == ext) {
            return Err(Refusal::conflict("this extension exists already"));
        }
        self.0.push(free(&ext, &password));
        Ok(json!({ "ext": ext, "password": password, "langCodeTxt": "Opus" }))
    }

    /// Binds an extension to an agent, in place of the one that the agent had.
    pub(super) fn bind(&mut self, ext: &str, agent_uuid: &Value, agent_name: &Value) -> Result<(), Refusal> {
        let Some(place) = self.0.iter().position(|row| row.word("ext") == ext) else {
            return Err(Refusal::unknown("there is no such extension"));
        };
        let Some(row) = self.0.get(place) else { return Ok(()) };
        let holder = row.word("agentUUID");
        if !holder.is_empty() && holder != text(agent_uuid) {
            return Err(Refusal::conflict("the extension is bound to another agent"));
        }
        self.release(&text(agent_uuid));
        if let Some(row) = self.0.get_mut(place) {
            set(row, "bindStatus", json!(1));
            set(row, "bindTime", json!(jiff::Timestamp::now().as_millisecond()));
            set(row, "agentUUID", agent_uuid.clone());
            set(row, "agentName", agent_name.clone());
        }
        Ok(())
    }

    /// Unbinds what an agent has.
    pub(super) fn release(&mut self, agent_uuid: &str) {
        for row in self.0.iter_mut().filter(|row| row.word("agentUUID") == agent_uuid) {
            *row = free(&row.word("ext"), &row.word("password"));
        }
    }
}

/// One that nobody has.
fn free(ext: &str, password: &str) -> Value {
    json!({ "ext": ext, "password": password, "bindStatus": 0, "bindTime": null, "agentUUID": "", "agentName": "" })
}

fn is_digits(text: &str, least: usize) -> bool {
    (least..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
}
