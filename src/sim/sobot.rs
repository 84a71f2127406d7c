//! Sobot: the management API v6 with its two kinds of token, the IVR flows, and the customer look-up with the older
//! login. What a business call refuses comes with HTTP 200 and a `code` in the envelope; a token that is not known, with
//! HTTP 401.

mod access;
mod agents;
mod campaigns;
mod customers;
mod envelope;
mod extensions;
mod flows;
mod numbers;
mod plans;
mod queues;
mod seeds;

use serde_json::Value;

use crate::sim::contract::{Contract, Operation};
use crate::sim::exchange::{Answer, Asked, System};
use crate::sim::sobot::access::{Access, Kind};
use crate::sim::sobot::agents::Agents;
use crate::sim::sobot::campaigns::Campaigns;
use crate::sim::sobot::customers::Customers;
use crate::sim::sobot::envelope::{Refusal, refused, succeeded};
use crate::sim::sobot::extensions::Extensions;
use crate::sim::sobot::flows::Flows;
use crate::sim::sobot::numbers::Numbers;
use crate::sim::sobot::queues::Queues;
use crate::sim::sobot::seeds::Seeds;

const CONTRACT: &str = include_str!("../../tests/contracts/sobot.json");

/// What an operation does: its `data`, or why not.
type Done = Result<Value, Refusal>;

/// The variables of the mapping files that lead here.
pub fn variables(url: &str) -> Vec<(&'static str, String)> {
    let address = || url.to_owned();
    vec![
        ("SOBOT_URL", address()),
        ("SOBOT_IVR_URL", address()),
        ("SOBOT_APP_ID", access::APP_ID.to_owned()),
        ("SOBOT_APP_SECRET", access::APP_SECRET.to_owned()),
        ("SOBOT_AGENT_ID", access::AGENT_ID.to_owned()),
        ("SOBOT_CRM_URL", address()),
        ("SOBOT_CRM_APP_ID", customers::APP_ID.to_owned()),
        ("SOBOT_CRM_APP_KEY", customers::APP_KEY.to_owned()),
    ]
}

/// Sobot as it stands at the beginning.
///
/// # Errors
/// Where its data cannot be read.
pub fn fresh() -> Result<Box<dyn System>, serde_json::Error> {
    let contract = Contract::read(CONTRACT)?;
    let seeds = Seeds::read()?;
    Ok(Box::new(Sobot {
        access: Access::new(),
        agents: Agents::new(&contract, &seeds),
        queues: Queues::new(&contract, &seeds),
        extensions: Extensions::new(&contract, &seeds),
        numbers: Numbers::new(&contract),
        campaigns: Campaigns::new(&contract),
        flows: Flows::new(&contract, &seeds),
        customers: Customers::new()?,
        contract,
    }))
}

struct Sobot {
    contract: Contract,
    access: Access,
    agents: Agents,
    queues: Queues,
    extensions: Extensions,
    numbers: Numbers,
    campaigns: Campaigns,
    flows: Flows,
    customers: Customers,
}

impl System for Sobot {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if let Some(answer) = self.customers.answer(asked) {
            return answer;
        }
        let Some(operation) = self.contract.asked(&asked.method, &asked.path).cloned() else {
            return envelope::no_such_path(self.contract.has_path(&asked.path));
        };
        if operation.token.is_empty() {
            return self.log_in(&operation, asked);
        }
        let kind = if operation.token == "agent" { Kind::Agent } else { Kind::Company };
        if let Err((status, message)) = self.access.admit(asked.header("authorization"), kind) {
            return Answer::of(status, refused(&operation, &Refusal::with(u32::from(status), message)));
        }
        match self.call(&operation, asked) {
            Ok(data) => Answer::ok(succeeded(&operation, data)),
            Err(refusal) => Answer::ok(refused(&operation, &refusal)),
        }
    }

    fn expire_tokens(&mut self) {
        self.access.expire();
        self.customers.expire();
    }
}

impl Sobot {
    fn log_in(&mut self, operation: &Operation, asked: &Asked) -> Answer {
        let args = asked.json().map_err(|error| error.to_string());
        let args = args.and_then(|args| operation.check(&args).map(|()| args));
        let args = match args {
            Ok(args) => args,
            Err(message) => return envelope::login_refused(400, &message),
        };
        let kind = if operation.name == "login_agent" { Kind::Agent } else { Kind::Company };
        if kind == Kind::Agent && !self.agents.is_login(&args) {
            return envelope::login_refused(401, "there is no such agent");
        }
        match self.access.log_in(&operation.response, &args, kind) {
            Some(answer) => Answer::ok(answer),
            None => envelope::login_refused(401, "the appId is unknown or the sign is wrong"),
        }
    }

    fn call(&mut self, operation: &Operation, asked: &Asked) -> Done {
        let args = asked.args().map_err(|error| Refusal::bad(&format!("the body is no JSON: {error}")))?;
        operation.check(&args).map_err(|message| Refusal::bad(&message))?;
        let key = asked.header("idempotency-key");
        if operation.needs_header("Idempotency-Key") && !is_uuid(key) {
            return Err(Refusal::bad("the header `Idempotency-Key` is no UUID"));
        }
        if operation.requires("agentID") {
            self.agents.check_acting(&args)?;
        }
        match operation.name.as_str() {
            "agent_query" => self.agents.query(&args),
            "agent_modify" => self.agents.modify(&args, &mut self.extensions),
            "agent_unbind" => self.agents.unbind(&args, &mut self.extensions),
            "agent_search" => Ok(self.agents.search(&args, &self.queues)),
            "queue_search" => Ok(self.queues.search(&args)),
            "queue_add" => self.queues.add(&args),
            "queue_delete" => self.queues.delete(&args),
            "queue_members" => self.queues.members(&args, &self.agents),
            "queue_members_update" => self.queues.update(&args, &self.agents),
            "ext_search" => Ok(self.extensions.search(&args)),
            "ext_add" => self.extensions.add(&args),
            "blacklist_import" => self.numbers.forbid(&args),
            "relay_number_search" => Ok(self.numbers.relays(&args)),
            "campaign_create" => self.campaigns.create(&args, key),
            "campaign_import" => self.campaigns.import(&args, key, &self.numbers),
            "campaign_import_result" => Ok(self.campaigns.results(&args)),
            "campaign_list" => Ok(self.campaigns.list(&args)),
            "contact_plan_create" => plans::create(&args),
            _ => Ok(self.flows.published(&args)),
        }
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    lengths.eq([8, 4, 4, 4, 12]) && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}
