//! An upstream's answer → the records in it, or the failure that it is. Whatever the bytes are, it never panics.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::expr::{Path, Scope, text_of};
use crate::plan::login::Mint;
use crate::plan::operation::{Auth, Effect, HttpCall, Operation, Setting};
use crate::plan::part::Part;
use crate::record::{Failure, Record};
use crate::upstream::args::Args;
use crate::upstream::json;
use crate::upstream::pages::Page;
use crate::upstream::transport::Response;

/// Longest message of an upstream that is kept, in characters.
const MAX_MESSAGE: usize = 200;

/// Reads this part of an answer: its records in their order; none is not found.
///
/// # Errors
/// [`Failure::Overloaded`] for 429, [`Failure::Status`] for another status that is no success,
/// [`Failure::Refused`] for a 2xx that the operation's own test calls no success, [`Failure::Unreadable`] for a
/// success that is no JSON, unless it says enough.
pub(crate) fn read(
    operation: &Operation,
    call: &HttpCall,
    args: &Args,
    response: &Response,
    part: &Part,
) -> Result<Page, Failure> {
    if operation.effect == Effect::Read && call.not_found.contains(&response.status) {
        return Ok(Page::default());
    }
    let body = match response.status {
        204 | 205 => Ok(Value::Null),
        _ if operation.effect == Effect::Read && is_empty_json(response) => {
            Err("empty, although it is said to be JSON".to_owned())
        }
        _ => json::read_part(&response.body, part),
    };
    let body = match succeeded(call, args, response, body)? {
        Ok(body) => body,
        // Whatever reads it finds nothing there.
        Err(_) if says_enough(operation.effect, call, response) => Value::Null,
        Err(what) => return Err(Failure::Unreadable(what)),
    };
    let count = call.pages.as_ref().and_then(|pages| pages.count_in(&body));
    let path = &operation.records;
    let held = call.pages.as_ref().and_then(|_| path.items(&body)).map_or(0, |items| items as u64);
    let records = if call.is_whole { whole(path, body)? } else { records(path, body)? };
    Ok(Page { records, count, held })
}

/// Whether a success that is no JSON is one all the same. Where the operation's own test needs no body to say so,
/// only a page speaks against it.
fn says_enough(effect: Effect, call: &HttpCall, response: &Response) -> bool {
    match (effect, &call.ok) {
        (_, Some(_)) if reads_body(call) => false,
        (Effect::Read, ok) => ok.is_some() && is_empty_json(response),
        (Effect::Write, Some(_)) => !is_page(response),
        (Effect::Write, None) => says_written(response),
    }
}

/// Whether nothing came of the JSON that was announced: "nobody" would be a guess.
fn is_empty_json(response: &Response) -> bool {
    response.body.trim_ascii().is_empty() && is_said_to_be(response, "json")
}

/// Whether there is markup in what is said to be HTML, or may be.
fn is_page(response: &Response) -> bool {
    json::is_html(&response.body) || (is_said_to_be(response, "html") && response.body.contains(&b'<'))
}

/// Whether an answer that is no JSON may be an upstream's word for what it has written: plain text, XML. A page comes from
/// who stands before it (a login, a proxy), and broken JSON was cut on its way.
fn says_written(response: &Response) -> bool {
    !is_said_to_be(response, "json")
        && !is_said_to_be(response, "html")
        && !json::is_html(&response.body)
        && !response.body.trim_ascii().starts_with(b"{")
}

fn is_said_to_be(response: &Response, kind: &str) -> bool {
    response.header("content-type").is_some_and(|said| said.to_ascii_lowercase().contains(kind))
}

/// Whether the operation's own test of success reads what stands in the answer.
fn reads_body(call: &HttpCall) -> bool {
    call.ok.as_ref().is_some_and(|ok| ok.reads().iter().any(|read| read.root == "body"))
}

/// The one record that stands at a path, whatever it is: a list too, even one without items. Null is none.
fn whole(path: &Path, body: Value) -> Result<Vec<Record>, Failure> {
    let found = taken(path, body)?;
    Ok(found.into_iter().filter(|found| !found.is_null()).map(Arc::new).collect())
}

/// The records that a path selects; null is none, and so is an empty list: "nobody" of an upstream whose `records`
/// names the list and not its items.
///
/// # Errors
/// [`Failure::Unreadable`] where they lie in each other.
pub(crate) fn records(path: &Path, body: Value) -> Result<Vec<Record>, Failure> {
    let is_nothing = |found: &Value| found.is_null() || found.as_array().is_some_and(Vec::is_empty);
    Ok(taken(path, body)?.into_iter().filter(|found| !is_nothing(found)).map(Arc::new).collect())
}

fn taken(path: &Path, body: Value) -> Result<Vec<Value>, Failure> {
    let nested = || Failure::Unreadable(format!("the records at {} lie in each other", path.text()));
    path.take(body).ok_or_else(nested)
}

/// Hands the body of a success on (as far as it can be read).
fn succeeded(
    call: &HttpCall,
    args: &Args,
    response: &Response,
    body: Result<Value, String>,
) -> Result<Result<Value, String>, Failure> {
    let status = response.status;
    let is_2xx = (200..300).contains(&status);
    let no_success = || if status == 429 { overloaded() } else { Failure::Status(status) };
    let Some(ok) = &call.ok else {
        return if is_2xx { Ok(body) } else { Err(no_success()) };
    };
    let (body, unreadable) = match body {
        Ok(body) => (body, None),
        Err(what) if is_2xx && reads_body(call) => return Ok(Err(what)),
        Err(what) => (Value::Null, Some(what)),
    };
    let answer = Answer { status: status.into(), headers: headers(response), body, args };
    match ok.test(&answer) {
        Ok(true) => Ok(unreadable.map_or(Ok(answer.body), Err)),
        _ if !is_2xx => Err(no_success()),
        Ok(false) => {
            Err(Failure::Refused(message(call, &answer.body).unwrap_or_else(|| "no message".to_owned())))
        }
        Err(error) => Err(Failure::Unreadable(format!("`ok` cannot be told: {error}"))),
    }
}

/// Whether an answer says that the token which was carried is not taken (any more).
pub(crate) fn is_token_refused(call: &HttpCall, args: &Args, response: &Response) -> bool {
    let Setting::Set(Auth::Login(login)) = &call.auth else {
        return false;
    };
    let Mint::Fetched(fetch) = &login.mint else {
        return false;
    };
    if fetch.expired.contains(&response.status) {
        return true;
    }
    fetch.expired_when.as_ref().is_some_and(|expired| {
        let body = json::read(&response.body).unwrap_or_default();
        let answer = Answer { status: response.status.into(), headers: headers(response), body, args };
        expired.test(&answer).unwrap_or(false)
    })
}

/// The failure that such an answer is.
pub(crate) fn token_refusal(response: &Response) -> Failure {
    match response.status {
        200..300 => Failure::Refused("it does not take the token".to_owned()),
        status => Failure::Status(status),
    }
}

fn overloaded() -> Failure {
    Failure::Overloaded("it answered 429".to_owned())
}

/// What the upstream itself says went wrong, on one line: all that the first path selects which selects any text.
pub(crate) fn message(call: &HttpCall, body: &Value) -> Option<String> {
    call.error.iter().find_map(|path| {
        let said: Vec<_> = path.select(body).into_iter().filter_map(text_of).collect();
        let text = said.join("; ");
        let text: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE).collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    })
}

/// What an operation's `ok` may read.
struct Answer<'a> {
    status: Value,
    headers: Value,
    body: Value,
    args: &'a Args,
}

impl Scope for Answer<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "status" => Some(Cow::Borrowed(&self.status)),
            "headers" => Some(Cow::Borrowed(&self.headers)),
            "body" => Some(Cow::Borrowed(&self.body)),
            _ => self.args.variable(name),
        }
    }
}

/// The headers as an object, names in lower case; one that came several times is joined by commas.
fn headers(response: &Response) -> Value {
    let mut headers = Map::new();
    for (name, value) in &response.headers {
        let joined = match headers.get(name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value.clone(),
        };
        headers.insert(name.clone(), joined.into());
    }
    Value::Object(headers)
}
