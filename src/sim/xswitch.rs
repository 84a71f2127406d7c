//! XSwitch: a log-in by key, and families of rows (extensions, queues, times, IVRs, hotlines) with the same five verbs.
//! What differs between the families is in a table; what a row looks like is in the samples.

mod family;
mod ivr;
mod kind;
mod shape;

use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Answer, Asked, Members, System, set};
use crate::sim::token::{Tokens, grouped};
use crate::sim::xswitch::family::Family;
use crate::sim::xswitch::kind::KINDS;

const CONTRACT: &str = include_str!("../../tests/contracts/xswitch.json");
const SEEDS: &str = include_str!("xswitch/seeds.json");
const DEV_KEY: &str = "4500ffd8-56b4-4faf-a851-9bd561bf1fb2";
const BEFORE: &str = "/api/xcc/";
/// A token does not end by itself: `expires` is 0.
const LIFE: Duration = Duration::from_secs(u32::MAX as u64);

/// Why a request was refused: the status, also `code` in the body, and a sentence.
type Refusal = (u16, String);

/// The variables of the mapping files that lead here.
pub fn variables(url: &str) -> Vec<(&'static str, String)> {
    vec![("XSWITCH_URL", url.to_owned()), ("XSWITCH_DEV_KEY", DEV_KEY.to_owned())]
}

/// XSwitch as it stands at the beginning.
///
/// # Errors
/// Where its data cannot be read.
pub fn fresh() -> Result<Box<dyn System>, serde_json::Error> {
    let contract = Contract::read(CONTRACT)?;
    let seeds: Value = serde_json::from_str(SEEDS)?;
    let families = KINDS.iter().map(|kind| Family::new(kind, &contract, seeds.at(kind.name))).collect();
    Ok(Box::new(XSwitch { contract, families, tokens: Tokens::living(LIFE) }))
}

struct XSwitch {
    contract: Contract,
    families: Vec<Family>,
    tokens: Tokens<()>,
}

impl System for XSwitch {
    fn answer(&mut self, asked: &Asked) -> Answer {
        match self.call(asked) {
            Ok(body) => Answer::ok(body),
            Err((status, message)) => Answer::of(status, json!({ "code": status, "message": message })),
        }
    }

    fn expire_tokens(&mut self) {
        self.tokens.expire();
    }
}

impl XSwitch {
    fn call(&mut self, asked: &Asked) -> Result<Value, Refusal> {
        let path = asked.path.strip_prefix(BEFORE).unwrap_or_default();
        if asked.method != "POST" {
            return Err((405, "every operation is a POST".to_owned()));
        }
        let args = asked.json().map_err(|error| (400, format!("the body is no JSON: {error}")))?;
        if path == "sessions/auth" {
            return self.log_in(&args);
        }
        if self.tokens.known(asked.header("token")).is_none() {
            return Err((401, "the token is missing, unknown or expired".to_owned()));
        }
        match path {
            "sessions/getExtnToken" => self.extension_token(&args),
            "freeswitch/list" => Ok(self.contract.response("switch_list").clone()),
            _ => self.family_call(path, &args),
        }
    }

    /// Every log-in gives out another token; the ones before stay good.
    fn log_in(&mut self, args: &Value) -> Result<Value, Refusal> {
        if args.at("dev_key") != DEV_KEY {
            return Err((401, "the `dev_key` is missing or unknown".to_owned()));
        }
        let mut answer = self.contract.response("login").clone();
        let token = grouped();
        self.tokens.keep(token.clone(), ());
        set(&mut answer, "token", json!(token));
        Ok(answer)
    }

    fn extension_token(&self, args: &Value) -> Result<Value, Refusal> {
        let extn = args.word("extn");
        let row = self
            .families
            .iter()
            .filter(|family| family.is("extension"))
            .find_map(|family| family.with("extn", &extn));
        let row = row.ok_or_else(|| (404, "there is no such extension".to_owned()))?;
        Ok(json!({ "extn_id": row.at("id"), "token": grouped(), "domain": row.at("domain") }))
    }

    fn family_call(&mut self, path: &str, args: &Value) -> Result<Value, Refusal> {
        let Some((folder, verb)) = path.split_once('/') else { return Err(no_such_path()) };
        let of_type = args.word("type");
        let is_asked = |family: &&mut Family| family.answers_to(folder, &of_type);
        let Some(family) = self.families.iter_mut().find(is_asked) else {
            let is_time = folder == "timeDef";
            return Err(if is_time {
                (400, "`type` is `work_time` or `offday`".to_owned())
            } else {
                no_such_path()
            });
        };
        match verb {
            "list" => Ok(family.list(args)),
            "get" => family.get(&args.word("id")),
            "add" => family.add(args),
            "set" => family.change(args),
            "del" => family.delete(&args.word("id")),
            _ => Err(no_such_path()),
        }
    }
}

fn no_such_path() -> Refusal {
    (404, "there is no such path".to_owned())
}
