//! The customer look-up: a log-in of the older kind (v5), the internal query with its 31 parameters, and the system API
//! that a data node asks by `tel`. A number is found only as it is written there.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Answer, Asked, Members, set, text};
use crate::sim::token::{Tokens, md5_hex};

/// The application's id.
pub(super) const APP_ID: &str = "1";
/// Its key.
pub(super) const APP_KEY: &str = "2";

const CONTRACT: &str = include_str!("../../../tests/contracts/customers.json");
const CUSTOMERS: &str = include_str!("customers.json");
/// The parameters that hold an id at a third party; the query has one parameter for all of them.
const ACCOUNTS: [&str; 10] = [
    "partner_id",
    "wx_unionid",
    "wx_external_userid",
    "wx_openid",
    "faceBookid",
    "instagramid",
    "whatsappid",
    "lineid",
    "telegramid",
    "discordid",
];

/// The customers, and the tokens that open them.
pub(super) struct Customers {
    contract: Contract,
    customers: Vec<Value>,
    tokens: Tokens<()>,
}

impl Customers {
    /// As they stand at the beginning.
    ///
    /// # Errors
    /// Where the data cannot be read.
    pub(super) fn new() -> Result<Self, serde_json::Error> {
        let customers = serde_json::from_str(CUSTOMERS)?;
        Ok(Self {
            contract: Contract::read(CONTRACT)?,
            customers,
            tokens: Tokens::living(Duration::from_secs(86_400)),
        })
    }

    /// The answer to what is asked here; None where it is not for the look-up.
    pub(super) fn answer(&mut self, asked: &Asked) -> Option<Answer> {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/api/get_token") => Some(self.log_in(asked)),
            ("GET", "/api/customers/query") => Some(self.query(asked)),
            ("GET", "/api/customers/by-tel") => Some(self.by_tel(asked)),
            _ => None,
        }
    }

    /// Ends all tokens.
    pub(super) fn expire(&mut self) {
        self.tokens.expire();
    }

    /// Every log-in gives out another token, and ends the one before: so all who ask must share one.
    fn log_in(&mut self, asked: &Asked) -> Answer {
        let (app, time) = (asked.param("appid"), asked.param("create_time"));
        if app.is_empty() || time.is_empty() || asked.param("sign").is_empty() {
            return refusal("900001", "`appid`, `create_time` or `sign` is empty");
        }
        if app != APP_ID || asked.param("sign") != md5_hex(&format!("{app}{time}{APP_KEY}")) {
            return refusal("900003", "the signature is wrong");
        }
        self.tokens.expire();
        let mut answer = self.contract.response("login").clone();
        if let Some(item) = answer.get_mut("item") {
            set(item, "token", json!(self.tokens.mint(())));
        }
        Answer::ok(answer)
    }

    /// The customer as one flat object; null for nobody, and where nothing is asked.
    fn query(&self, asked: &Asked) -> Answer {
        match asked.header("token") {
            "" => return refusal("900001", "the token is empty"),
            token if self.tokens.known(token).is_none() => return refusal("900002", "the token has expired"),
            _ => {}
        }
        let one = ["id", "tel", "email"].into_iter().map(|name| (vec![name], asked.param(name)));
        let mut wishes = one.chain([(ACCOUNTS.to_vec(), asked.param("thirdAccountId"))]);
        let wish = wishes.find(|(_, value)| !value.is_empty());
        let found = wish.and_then(|(names, value)| self.find(&names, value)).cloned();
        Answer::ok(found.unwrap_or(Value::Null))
    }

    /// Four parameters, of which only those that are set; the two codes as numbers, as in the sample.
    fn by_tel(&self, asked: &Asked) -> Answer {
        let Some(customer) = self.find(&["tel"], asked.param("tel")) else { return Answer::ok(json!({})) };
        let mut answer = Map::new();
        for name in ["isVip", "vipLevel", "userLabel", "isblack"] {
            let Some(value) = customer.get(name) else { continue };
            let is_code = matches!(name, "isVip" | "isblack");
            let number = text(value).parse::<i64>().ok().filter(|_| is_code);
            answer.insert(name.to_owned(), number.map_or_else(|| value.clone(), |number| json!(number)));
        }
        Answer::ok(Value::Object(answer))
    }

    fn find(&self, names: &[&str], value: &str) -> Option<&Value> {
        self.customers.iter().find(|customer| names.iter().any(|name| customer.at(name) == value))
    }
}

fn refusal(code: &str, message: &str) -> Answer {
    Answer::ok(json!({ "ret_code": code, "ret_msg": message, "item": null }))
}
