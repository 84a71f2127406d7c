//! Skill groups and their members.

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, text};
use crate::sim::page::{Page, Past};
use crate::sim::sobot::Done;
use crate::sim::sobot::agents::Agents;
use crate::sim::sobot::envelope::Refusal;
use crate::sim::sobot::flows::listed;
use crate::sim::sobot::seeds::Seeds;

/// One skill group.
struct Queue {
    id: String,
    name: String,
    weight: i64,
    members: Vec<Member>,
}

/// An agent in it, by the agent's id.
struct Member {
    agent: String,
    level: String,
    checkin: bool,
}

/// The skill groups.
pub(super) struct Queues(Vec<Queue>);

impl Queues {
    /// Those of the list's sample first; the members are those of their own sample.
    pub(super) fn new(contract: &Contract, seeds: &Seeds) -> Self {
        let shown = contract.response("queue_search").at("data").at("list").as_array().into_iter().flatten();
        let mut queues = Self(shown.chain(&seeds.queues).map(Queue::from).collect());
        for group in contract.response("queue_members").at("data").as_array().into_iter().flatten() {
            if let Ok(queue) = queues.named(&group.word("queueID")) {
                let agents = group.at("agents").as_array().into_iter().flatten();
                queue.members.extend(agents.map(|agent| Member::from(agent, agent.word("agent"))));
            }
        }
        queues
    }

    /// A page of them.
    pub(super) fn search(&self, args: &Value) -> Value {
        let rows = self.0.iter().map(|queue| json!({ "queueID": queue.id, "queueName": queue.name }));
        listed(Page::of(rows.collect(), args.at("currPage"), args.at("pageSize"), 10, Past::Empty))
    }

    /// A new one; its number and its name are its own.
    pub(super) fn add(&mut self, args: &Value) -> Done {
        let queue = Queue::from(args);
        if self.0.iter().any(|known| known.id == queue.id) {
            return Err(Refusal::conflict("a skill group has this `queueID` already"));
        }
        if self.0.iter().any(|known| known.name == queue.name) {
            return Err(Refusal::conflict("a skill group has this `queueName` already"));
        }
        let data =
            json!({ "queueName": queue.name, "queueID": queue.id, "queueWeight": queue.weight.to_string() });
        self.0.push(queue);
        Ok(data)
    }

    /// Removes one.
    pub(super) fn delete(&mut self, args: &Value) -> Done {
        let id = self.named(&args.word("queueID"))?.id.clone();
        self.0.retain(|queue| queue.id != id);
        Ok(json!({}))
    }

    /// The members of one, or of all where none is named.
    pub(super) fn members(&self, args: &Value, agents: &Agents) -> Done {
        let (id, kind) = (args.word("queueID"), args.word("agentType"));
        let asked: Vec<&Queue> = self.0.iter().filter(|queue| id.is_empty() || queue.id == id).collect();
        if asked.is_empty() {
            return Err(unknown());
        }
        Ok(asked.into_iter().map(|queue| queue.view(&kind, agents)).collect())
    }

    /// Changes several at once: all of them, or none.
    pub(super) fn update(&mut self, args: &Value, agents: &Agents) -> Done {
        let kind = if args.at("agentType").is_null() { "1".to_owned() } else { args.word("agentType") };
        let changes = args.at("list").as_array().map(Vec::as_slice).unwrap_or_default();
        for change in changes {
            self.named(&change.word("queueID"))?;
            for agent in
                change.at("add").as_array().into_iter().chain(change.at("remove").as_array()).flatten()
            {
                agents
                    .find(&kind, &agent.word("agent"))
                    .ok_or_else(|| Refusal::unknown("there is no such agent"))?;
            }
        }
        for change in changes {
            self.named(&change.word("queueID"))?.change(change, &kind, agents);
        }
        Ok(json!({ "agent": null, "agentType": kind, "operator": null, "list": changes }))
    }

    /// Whether an agent, by id, is in this group.
    pub(super) fn has_member(&self, queue: &str, agent: &str) -> bool {
        let members = self.0.iter().filter(|known| known.id == queue).flat_map(|known| &known.members);
        members.into_iter().any(|member| member.agent == agent)
    }

    fn named(&mut self, id: &str) -> Result<&mut Queue, Refusal> {
        self.0.iter_mut().find(|queue| queue.id == id).ok_or_else(unknown)
    }
}

impl Queue {
    fn from(row: &Value) -> Self {
        let members = row.at("members").as_array().into_iter().flatten();
        Self {
            id: row.word("queueID"),
            name: row.word("queueName"),
            weight: row.word("queueWeight").parse().unwrap_or_default(),
            members: members.map(|agent| Member::from(&json!({}), text(agent))).collect(),
        }
    }

    /// As the members' list has it, the agents by id (`1`) or by work number.
    fn view(&self, kind: &str, agents: &Agents) -> Value {
        let members: Vec<Value> = self.members.iter().map(|member| member.view(kind, agents)).collect();
        json!({
            "queueName": self.name,
            "queueID": self.id,
            "queueWeight": self.weight,
            "agentCount": members.len(),
            "agents": members,
        })
    }

    fn change(&mut self, change: &Value, kind: &str, agents: &Agents) {
        let name = change.word("queueName");
        if !name.is_empty() {
            self.name = name;
        }
        if let Ok(weight) = change.word("queueWeight").parse() {
            self.weight = weight;
        }
        let rows = |name: &str| change.at(name).as_array().into_iter().flatten();
        let id = |row: &Value| {
            agents.find(kind, &row.word("agent")).map(|agent| agent.word("agentUUID")).unwrap_or_default()
        };
        for row in rows("add") {
            let added = Member::from(row, id(row));
            self.members.retain(|member| member.agent != added.agent);
            self.members.push(added);
        }
        for row in rows("remove") {
            let removed = id(row);
            self.members.retain(|member| member.agent != removed);
        }
    }
}

impl Member {
    fn from(row: &Value, agent: String) -> Self {
        let level = row.word("level");
        let level = if level.is_empty() { "1".to_owned() } else { level };
        Self { agent, level, checkin: row.at("checkin") == true }
    }

    fn view(&self, kind: &str, agents: &Agents) -> Value {
        let known = agents.find("1", &self.agent);
        let agent = match (kind, known) {
            ("0", Some(row)) => row.at("agentID").clone(),
            _ => json!(self.agent),
        };
        let name = known.map_or(Value::Null, |row| row.at("agentName").clone());
        json!({ "agent": agent, "agentName": name, "level": self.level, "checkin": self.checkin })
    }
}

fn unknown() -> Refusal {
    Refusal::unknown("there is no such skill group")
}
