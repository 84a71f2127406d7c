//! What passes between a caller and a simulated system: what was asked, what is answered. No sockets here.

use serde::Serialize;
use serde::de::Error as _;
use serde_json::{Map, Value, json};

/// A request as it was received.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// In capitals.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The query's parameters, in their order.
    pub query: Vec<(String, String)>,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Asked {
    /// A header; empty where it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        find(&self.headers, name)
    }

    /// A parameter of the query; empty where it was not sent.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        find(&self.query, name)
    }

    /// The body's JSON; null where there is no body.
    ///
    /// # Errors
    /// Where the body is no JSON, or does not say that it is.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.trim().is_empty() {
            return Ok(Value::Null);
        }
        if !self.header("content-type").starts_with("application/json") {
            return Err(serde_json::Error::custom("its content type is not application/json"));
        }
        serde_json::from_str(&self.body)
    }

    /// The arguments: of a GET its query, else the body's JSON.
    ///
    /// # Errors
    /// Where the body is no JSON.
    pub fn args(&self) -> Result<Value, serde_json::Error> {
        if self.method != "GET" {
            return self.json();
        }
        let members = self.query.iter().map(|(name, value)| (name.clone(), json!(value)));
        Ok(Value::Object(members.collect::<Map<_, _>>()))
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> &'a str {
    list.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
}

/// What a system answers: always JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// 200 with this body.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// Another status with this body.
    #[must_use]
    pub fn of(status: u16, body: Value) -> Self {
        Self { status, body }
    }
}

/// A simulated system. It keeps what it was told until it is made anew.
pub trait System: Send {
    /// Answers one request.
    fn answer(&mut self, asked: &Asked) -> Answer;
    /// From now on refuses every token that it has given out or seen.
    fn expire_tokens(&mut self);
}

/// Reading JSON that may lack what is looked for.
pub trait Members {
    /// A member; null where it is not there.
    fn at(&self, name: &str) -> &Value;
    /// The first item of a list; null where there is none.
    fn first(&self) -> &Value;
    /// A member as [`text`].
    fn word(&self, name: &str) -> String {
        text(self.at(name))
    }
}

impl Members for Value {
    fn at(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Self::Null)
    }

    fn first(&self) -> &Value {
        self.get(0).unwrap_or(&Self::Null)
    }
}

/// A scalar as text, without the spaces around it; empty for null, lists and objects.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        other => other.to_string(),
    }
}

/// Sets a member of an object.
pub fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}
