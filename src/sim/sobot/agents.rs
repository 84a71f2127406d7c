//! Agents: their settings, and the list of those who may call.

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, set};
use crate::sim::sobot::Done;
use crate::sim::sobot::envelope::Refusal;
use crate::sim::sobot::extensions::Extensions;
use crate::sim::sobot::queues::Queues;
use crate::sim::sobot::seeds::Seeds;

/// The arguments that name who acts, by the `agentType` beside them.
const ACTING: [&str; 2] = ["agentID", "executorId"];

/// One agent, under the names of both answers.
struct Agent {
    /// As one agent's settings are answered.
    setting: Value,
    /// As the list has it.
    listed: Value,
}

/// The agents.
pub(super) struct Agents(Vec<Agent>);

impl Agents {
    /// Those of the samples first.
    pub(super) fn new(contract: &Contract, seeds: &Seeds) -> Self {
        let shown = contract.response("agent_search").at("data").as_array().cloned().unwrap_or_default();
        let first = contract.response("agent_query").at("data");
        let mut agents: Vec<Agent> = shown.iter().map(|listed| Agent::known(listed, first)).collect();
        agents.extend(seeds.agents.iter().map(|seed| Agent::seeded(seed, shown.last())));
        Self(agents)
    }

    /// One agent's settings.
    pub(super) fn query(&self, args: &Value) -> Done {
        self.named(args, "agent").map(|agent| agent.setting.clone()).ok_or_else(unknown)
    }

    /// Changes an agent's settings.
    pub(super) fn modify(&mut self, args: &Value, extensions: &mut Extensions) -> Done {
        if !matches!(args.word("wrapUpType").as_str(), "" | "1" | "2") {
            return Err(Refusal::bad("`wrapUpType` is 1 or 2"));
        }
        let agent = self.named_mut(args)?;
        let ext = args.word("ext");
        if !ext.is_empty() && ext != agent.setting.word("ext") {
            extensions.bind(&ext, agent.setting.at("agentUUID"), agent.setting.at("agentName"))?;
            agent.set("ext", "ext", json!(ext));
        }
        let phone = args.word("phone");
        if !phone.is_empty() && phone != agent.setting.word("phone") {
            agent.set("phone", "agentPhone", json!(phone));
        }
        for name in ["wrapUpTime", "wrapUpType"] {
            if let Ok(number) = args.word(name).parse::<i64>() {
                set(&mut agent.setting, name, json!(number));
            }
        }
        Ok(agent.setting.clone())
    }

    /// Takes away an agent's extension, phone, or both.
    pub(super) fn unbind(&mut self, args: &Value, extensions: &mut Extensions) -> Done {
        let kind = args.word("numberType");
        if !matches!(kind.as_str(), "" | "0" | "1" | "2") {
            return Err(Refusal::bad("`numberType` is 0, 1 or 2"));
        }
        let agent = self.named_mut(args)?;
        if kind != "1" {
            extensions.release(&agent.setting.word("agentUUID"));
            agent.set("ext", "ext", json!(""));
        }
        if kind != "0" {
            agent.set("phone", "agentPhone", json!(""));
        }
        Ok(agent.setting.clone())
    }

    /// The agents that fit: parts of name, work number and extension; a skill group and a status whole.
    pub(super) fn search(&self, args: &Value, queues: &Queues) -> Value {
        let holds = |row: &Value, name: &str| row.word(name).contains(&args.word(name));
        let (queue, status) = (args.word("queue"), args.word("agentStatus"));
        let rows = self.0.iter().map(|agent| &agent.listed).filter(|row| {
            ["agentName", "agentID", "ext"].iter().all(|name| holds(row, name))
                && (status.is_empty() || row.word("loginStatus") == status)
                && (queue.is_empty() || queues.has_member(&queue, &row.word("agentUUID")))
        });
        rows.cloned().collect()
    }

    /// Whether a log-in names one of them, by `agentId` or `agentNo`.
    pub(super) fn is_login(&self, args: &Value) -> bool {
        let (id, number) = (args.word("agentId"), args.word("agentNo"));
        self.find("1", &id).or_else(|| self.find("0", &number)).is_some()
    }

    /// Whether the agents that a request names as acting are there.
    ///
    /// # Errors
    /// Where one is not.
    pub(super) fn check_acting(&self, args: &Value) -> Result<(), Refusal> {
        let ids = ACTING.iter().map(|name| args.word(name)).filter(|id| !id.is_empty());
        let is_known = ids.map(|id| self.find(&kind(args), &id)).all(|agent| agent.is_some());
        if is_known { Ok(()) } else { Err(unknown()) }
    }

    /// The row of an agent as lists have it, by its id (`1`) or its work number (any other kind).
    pub(super) fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        let member = if kind == "1" { "agentUUID" } else { "agentID" };
        let is_asked = |agent: &&Agent| !id.is_empty() && agent.setting.word(member) == id;
        self.0.iter().find(is_asked).map(|agent| &agent.listed)
    }

    fn named(&self, args: &Value, name: &str) -> Option<&Agent> {
        let (kind, id) = (kind(args), args.word(name));
        self.0.iter().find(|agent| agent.is(&kind, &id))
    }

    fn named_mut(&mut self, args: &Value) -> Result<&mut Agent, Refusal> {
        let (kind, id) = (kind(args), args.word("agent"));
        self.0.iter_mut().find(|agent| agent.is(&kind, &id)).ok_or_else(unknown)
    }
}

impl Agent {
    /// One of the list's sample; the first has settings in a sample of its own.
    fn known(listed: &Value, first: &Value) -> Self {
        let is_first = listed.word("agentID") == first.word("agentID");
        let setting = if is_first { first.clone() } else { setting(listed, listed.at("agentPhone")) };
        Self { setting, listed: listed.clone() }
    }

    fn seeded(seed: &Value, pattern: Option<&Value>) -> Self {
        let mut listed = pattern.cloned().unwrap_or_default();
        for name in ["agentUUID", "agentID", "agentName", "ext"] {
            set(&mut listed, name, seed.at(name).clone());
        }
        set(&mut listed, "agentPhone", seed.at("phone").clone());
        Self { setting: setting(seed, seed.at("phone")), listed }
    }

    fn is(&self, kind: &str, id: &str) -> bool {
        self.setting.word(if kind == "1" { "agentUUID" } else { "agentID" }) == id
    }

    /// Sets a member under its two names.
    fn set(&mut self, setting: &str, listed: &str, value: Value) {
        set(&mut self.setting, setting, value.clone());
        set(&mut self.listed, listed, value);
    }
}

fn setting(row: &Value, phone: &Value) -> Value {
    json!({
        "agentUUID": row.at("agentUUID"),
        "agentID": row.at("agentID"),
        "agentName": row.at("agentName"),
        "phone": phone,
        "ext": row.at("ext"),
        "wrapUpType": 1,
        "wrapUpTime": 60,
    })
}

/// How a request names agents: `1` by id, else by work number.
fn kind(args: &Value) -> String {
    args.word("agentType")
}

fn unknown() -> Refusal {
    Refusal::unknown("there is no such agent")
}
