//! Stringee: an IVR's key presses. Every answer comes with HTTP 200; `r` is 0 where it went well. Which other numbers
//! there are is not documented: those here are ours.

mod login;

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Answer, Asked, Members, System, set};
use crate::sim::stringee::login::Login;
use crate::sim::token::unlike_any_before;

const CONTRACT: &str = include_str!("../../tests/contracts/stringee.json");
const PATH: &str = "/v1/ivrkeypress";
/// The members of a key press that a request may set.
const FIELDS: [&str; 6] = ["node_key", "action", "next_node", "queue_id", "to_phone_number", "sms"];
/// An action, and the argument that it cannot do without.
const NEEDS: [(i64, &str); 3] = [(2, "queue_id"), (3, "to_phone_number"), (4, "next_node")];

/// Why a request was refused: `r` and `message`.
type Refusal = (i64, &'static str);

const NOT_LOGGED_IN: i64 = 1;
const WRONG: i64 = 2;
const UNKNOWN: i64 = 3;
const TAKEN: i64 = 4;

/// The variables of the mapping files that lead here.
pub fn variables(url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("STRINGEE_URL", url.to_owned()),
        ("STRINGEE_SID", login::SID.to_owned()),
        ("STRINGEE_SECRET", login::SECRET.to_owned()),
    ]
}

/// Stringee as it stands at the beginning.
///
/// # Errors
/// Where its data cannot be read.
pub fn fresh() -> Result<Box<dyn System>, serde_json::Error> {
    let contract = Contract::read(CONTRACT)?;
    let presses = shown(&contract);
    Ok(Box::new(Stringee { contract, presses, login: Login::default() }))
}

/// A key press, under the id and the node that it is asked by. Its row shows both as the sample does: text or number.
struct Press {
    id: String,
    node: String,
    row: Value,
}

struct Stringee {
    contract: Contract,
    presses: Vec<Press>,
    login: Login,
}

impl System for Stringee {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let done = self.login.admit(asked.header("x-stringee-auth")).and_then(|()| self.call(asked));
        Answer::ok(done.unwrap_or_else(|(r, message)| json!({ "r": r, "project": 246, "message": message })))
    }

    fn expire_tokens(&mut self) {
        self.login.expire();
    }
}

impl Stringee {
    fn call(&mut self, asked: &Asked) -> Result<Value, Refusal> {
        let args = asked.args().map_err(|_| (WRONG, "the body is no JSON"))?;
        let id = asked.path.strip_prefix(PATH).map(|rest| rest.trim_start_matches('/'));
        match (asked.method.as_str(), id) {
            ("POST", Some("")) => self.create(&args),
            ("GET", Some("")) => self.list(&args.word("node")),
            ("PUT", Some(id)) if !id.is_empty() => self.update(id, &args),
            ("DELETE", Some(id)) if !id.is_empty() => self.delete(id),
            _ => Err((UNKNOWN, "there is no such path or method")),
        }
    }

    fn create(&mut self, args: &Value) -> Result<Value, Refusal> {
        if ["node", "node_key", "action"].iter().any(|name| args.word(name).is_empty()) {
            return Err((WRONG, "`node`, `node_key` and `action` are required"));
        }
        check(args)?;
        let node = args.word("node");
        let key = args.word("node_key");
        if self.presses.iter().any(|press| press.node == node && press.row.word("node_key") == key) {
            return Err((TAKEN, "this key has an action already"));
        }
        let id = format!("NO_KE_{}", unlike_any_before().to_uppercase().chars().take(16).collect::<String>());
        let mut row =
            self.contract.named("key_press_create").map(|_| blank(&self.contract)).unwrap_or_default();
        set(&mut row, "id", json!(id));
        set(&mut row, "node", json!(node));
        fill(&mut row, args);
        self.presses.push(Press { id: id.clone(), node, row });
        Ok(self.said("key_press_create", Some(&id)))
    }

    fn list(&self, node: &str) -> Result<Value, Refusal> {
        if node.is_empty() {
            return Err((WRONG, "`node` is required"));
        }
        let rows: Vec<&Value> =
            self.presses.iter().filter(|press| press.node == node).map(|press| &press.row).collect();
        let mut answer = self.contract.response("key_press_list").clone();
        if let Some(data) = answer.get_mut("data") {
            set(data, "totalCount", json!(rows.len().to_string()));
            set(data, "ivrNodeKeys", json!(rows));
        }
        Ok(answer)
    }

    fn update(&mut self, id: &str, args: &Value) -> Result<Value, Refusal> {
        let Some(place) = self.presses.iter().position(|press| press.id == id) else { return Err(unknown()) };
        let Some(press) = self.presses.get(place) else { return Err(unknown()) };
        let (node, mut row) = (press.node.clone(), press.row.clone());
        fill(&mut row, args);
        check(&row)?;
        let key = row.word("node_key");
        let is_taken =
            |other: &Press| other.id != id && other.node == node && other.row.word("node_key") == key;
        if self.presses.iter().any(is_taken) {
            return Err((TAKEN, "this key has an action already"));
        }
        if let Some(press) = self.presses.get_mut(place) {
            press.row = row;
        }
        Ok(self.said("key_press_update", Some(id)))
    }

    fn delete(&mut self, id: &str) -> Result<Value, Refusal> {
        let before = self.presses.len();
        self.presses.retain(|press| press.id != id);
        if self.presses.len() == before {
            return Err(unknown());
        }
        Ok(self.said("key_press_delete", None))
    }

    /// An operation's sample answer, about this key press.
    fn said(&self, name: &str, id: Option<&str>) -> Value {
        let mut answer = self.contract.response(name).clone();
        if let Some(id) = id {
            set(&mut answer, "ivrNodeKeyID", json!(id));
        }
        answer
    }
}

/// The key presses that the samples ask for. The list's sample has its ids as numbers, under a node asked by a text.
fn shown(contract: &Contract) -> Vec<Press> {
    let numbered = contract.response("key_press_list").at("data").at("ivrNodeKeys").first().clone();
    let (listed, changed) = (contract.request("key_press_list"), contract.request("key_press_update"));
    let node = "NO_5I4IWGSO7L5CXGR5".to_owned();
    let mut row = blank(contract);
    for (name, value) in [("id", changed.at("id").clone()), ("node", json!(node)), ("node_key", json!("1"))] {
        set(&mut row, name, value);
    }
    let deleted = contract.request("key_press_delete").word("id");
    vec![
        Press { id: deleted, node: listed.word("node"), row: numbered },
        Press { id: changed.word("id"), node, row },
    ]
}

/// A key press with ids that are texts, as the other sample has it.
fn blank(contract: &Contract) -> Value {
    contract
        .named("key_press_list")
        .map_or(Value::Null, |list| list.also.at("data").at("ivrNodeKeys").first().clone())
}

/// Sets what a request says, and leaves the rest.
fn fill(row: &mut Value, args: &Value) {
    for name in FIELDS.into_iter().filter(|name| !args.at(name).is_null()) {
        set(row, name, args.at(name).clone());
    }
}

/// Whether a key press is one that the documents know.
fn check(row: &Value) -> Result<(), Refusal> {
    let key = row.word("node_key");
    let is_key = key.len() == 1 && key.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '#');
    if !is_key && !matches!(key.as_str(), "EMPTY_KEY" | "INVALID_KEY") {
        return Err((WRONG, "`node_key` is 0 to 9, *, #, EMPTY_KEY or INVALID_KEY"));
    }
    let Some(action) = row.at("action").as_i64().filter(|action| (1..=6).contains(action)) else {
        return Err((WRONG, "`action` is a number from 1 to 6"));
    };
    let missing = NEEDS.iter().any(|(of, name)| *of == action && row.word(name).is_empty());
    if missing {
        Err((WRONG, "the action lacks its `queue_id`, `to_phone_number` or `next_node`"))
    } else {
        Ok(())
    }
}

fn unknown() -> Refusal {
    (UNKNOWN, "there is no such key press")
}
