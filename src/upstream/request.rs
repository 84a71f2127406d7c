//! An operation with its arguments → the request that is sent, every value encoded for its place, and the same
//! request without its credentials, for the trace. Nothing is sent here.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::expr::{RenderError, Template, kind_of, text_of};
use crate::plan::login::Carry;
use crate::plan::operation::{Auth, HttpCall, Operation, Setting};
use crate::record::Failure;
use crate::trace::note::Sent;
use crate::upstream::args::Args;
use crate::upstream::shown::{self, Secrets};
use crate::upstream::token::Token;
use crate::upstream::transport::Request;
use crate::upstream::{body, idempotency};

/// What is encoded in a query item: everything but RFC 3986's unreserved characters.
const ITEM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Headers that belong to the connection; set by a mapping they would break it.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "content-length", "transfer-encoding", "upgrade"];
/// The address of an upstream that is not configured, in a rehearsal.
const NOWHERE: &str = "http://unset.invalid";
/// A request with what may be said about it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What is sent.
    pub(crate) request: Request,
    /// The same without any credential; none where nobody reads it.
    pub(crate) shown: Option<Arc<Sent>>,
    /// What must never be said.
    pub(crate) secrets: Secrets,
}

/// Prepares the request of an operation. With `is_stand_in` nothing is sent to anybody, so that an upstream that
/// is not configured has an address and needs no credential.
///
/// # Errors
/// [`Failure::Unconfigured`] where the address or the credential is not set, [`Failure::Template`] where a value
/// cannot stand in its place.
pub(crate) fn prepare(
    operation: &Operation,
    call: &HttpCall,
    args: &Args,
    is_stand_in: bool,
    is_shown: bool,
) -> Result<Prepared, Failure> {
    let nowhere = is_stand_in.then_some((NOWHERE, &Auth::None));
    let base = set(&call.base_url)
        .map(String::as_str)
        .or_else(|unset| nowhere.map(|(base, _)| base).ok_or(unset))?;
    let auth = set(&call.auth).or_else(|unset| nowhere.map(|(_, auth)| auth).ok_or(unset))?;
    build(operation, call, args, (base, auth), is_shown)
}

/// Builds the request for this address, with this credential.
///
/// # Errors
/// [`Failure::Template`] where a value cannot stand in its place.
pub(crate) fn build(
    operation: &Operation,
    call: &HttpCall,
    args: &Args,
    (base, auth): (&str, &Auth),
    is_shown: bool,
) -> Result<Prepared, Failure> {
    let fail = |(place, reason): (String, String)| Failure::Template {
        place: format!("{}, {place}", operation.name),
        reason,
    };
    let path = path(&call.path, args).map_err(fail)?;
    let mut items = items(call, args).map_err(fail)?;
    let asked = query(&items);
    let shown_url = is_shown.then(|| [&*without_login(base), &path, &asked].concat());
    let url = match auth {
        Auth::Query(name, value) => {
            items.push(item(name, value.expose()));
            [base, &path, &query(&items)].concat()
        }
        _ => [base, &path, &asked].concat(),
    };
    let body = body::render(&call.body, args).map_err(|(place, error)| fail((place, error.to_string())))?;
    let (media_type, body) = body.unzip();
    let headers = headers(call, args, auth, media_type).map_err(fail)?;
    let headers = with_key(headers, operation, call, args);
    let wants_headers =
        call.ok.as_ref().is_some_and(|ok| ok.reads().iter().any(|read| read.root == "headers"));
    let request = Request { method: call.method, url, headers, body, wants_headers };
    let secrets = if is_shown { Secrets::of(auth) } else { Secrets::default() };
    let shown = shown_url.map(|url| Arc::new(shown::shown(&operation.name, &request, url, auth, &secrets)));
    Ok(Prepared { request, shown, secrets })
}

impl Prepared {
    /// The same request, carrying a token.
    ///
    /// # Errors
    /// [`Failure::Login`] where the token cannot stand in a header.
    pub(crate) fn carrying(
        &self,
        operation: &Operation,
        carry: &Carry,
        token: &Token,
    ) -> Result<Self, Failure> {
        let mut request = self.request.clone();
        match carry {
            Carry::Query(name) => {
                let sign = if request.url.contains('?') { '&' } else { '?' };
                request.url = format!("{}{sign}{}", request.url, item(name, token.value.expose()));
            }
            Carry::Header { name, prefix } => {
                let value = format!("{prefix}{}", token.value.expose());
                check_header(name, &value).map_err(|reason| {
                    let place = format!("{}, auth", operation.name);
                    Failure::Login(Box::new(Failure::Template { place, reason }))
                })?;
                request.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                request.headers.push((name.clone(), value));
            }
        }
        let shown = self.shown.as_ref().map(|sent| Arc::new(shown::carrying(sent, carry)));
        Ok(Self { request, shown, secrets: self.secrets.and(&token.value) })
    }
}

/// What is set.
///
/// # Errors
/// [`Failure::Unconfigured`] where it is not.
pub(crate) fn set<T>(setting: &Setting<T>) -> Result<&T, Failure> {
    match setting {
        Setting::Set(value) => Ok(value),
        Setting::Unset(variable) => Err(Failure::Unconfigured(variable.clone())),
    }
}

/// What is wrong, and at which place of the request.
type Wrong = (String, String);

fn path(template: &Template, args: &Args) -> Result<String, Wrong> {
    let wrong = |reason: String| ("path".to_owned(), reason);
    let path = template.render(args).map_err(|error| wrong(error.to_string()))?;
    let climbs = |segment: &str| {
        let plain = segment.replace("%2e", ".").replace("%2E", ".");
        matches!(plain.as_str(), "." | "..")
    };
    if !template.is_literal() && path.split('/').any(climbs) {
        return Err(wrong("a value makes a segment of dots, which leads to another path".to_owned()));
    }
    Ok(path)
}

/// The text of a template that stands alone in its place; none where it is left out.
///
/// # Errors
/// As [`given`], and for a value that is no text.
pub(crate) fn text(template: &Template, args: &Args) -> Result<Option<String>, RenderError> {
    let Some(value) = given(template, args)? else {
        return Ok(None);
    };
    match text_of(&value) {
        Some(text) => Ok(Some(text.into_owned())),
        None => Err(RenderError::failed(format!("the value is {}, not a text", kind_of(&value)))),
    }
}

/// The value of a template that stands alone in its place; none where it is only an argument that was not given.
///
/// # Errors
/// As [`Template::value`], and where an argument was given but lacks the member that is read: left out, the
/// member would widen a search without anybody having meant it.
pub(crate) fn given(template: &Template, args: &Args) -> Result<Option<Value>, RenderError> {
    let value = template.value(args)?;
    match template.bare() {
        Some(read) if value.is_none() && !read.below.is_empty() && args.has(&read.root) => {
            Err(RenderError::Missing(read.to_string()))
        }
        _ => Ok(value),
    }
}

fn item(name: &str, value: &str) -> String {
    let mut item: String = utf8_percent_encode(name, ITEM).collect();
    item.push('=');
    item.extend(utf8_percent_encode(value, ITEM));
    item
}

fn query(items: &[String]) -> String {
    let mut query = String::with_capacity(items.iter().map(|item| item.len() + 1).sum());
    for item in items {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(item);
    }
    query
}

fn items(call: &HttpCall, args: &Args) -> Result<Vec<String>, Wrong> {
    let mut items = Vec::with_capacity(call.query.len() + 1);
    for (name, template) in &call.query {
        let value = text(template, args).map_err(|error| (format!("query `{name}`"), error.to_string()))?;
        items.extend(value.map(|value| item(name, &value)));
    }
    Ok(items)
}

/// The mapping's headers, the credential in place of one of the same name, and what the mapping left to us.
fn headers(
    call: &HttpCall,
    args: &Args,
    auth: &Auth,
    media_type: Option<&str>,
) -> Result<Vec<(String, String)>, Wrong> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(call.headers.len() + 3);
    for (name, template) in &call.headers {
        let place = || format!("header `{name}`");
        let value = text(template, args).map_err(|error| (place(), error.to_string()))?;
        let Some(value) = value else {
            continue;
        };
        check_header(name, &value).map_err(|reason| (place(), reason))?;
        headers.push((name.clone(), value));
    }
    if let Some((name, value)) = credential(auth) {
        check_header(&name, &value).map_err(|reason| ("auth".to_owned(), reason))?;
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        headers.push((name, value));
    }
    for (name, value) in [("Accept", Some("application/json")), ("Content-Type", media_type)] {
        let there = headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        headers.extend(value.filter(|_| !there).map(|value| (name.to_owned(), value.to_owned())));
    }
    Ok(headers)
}

/// With the key by which the upstream knows the request, which its second try carries too.
fn with_key(
    mut headers: Vec<(String, String)>,
    operation: &Operation,
    call: &HttpCall,
    args: &Args,
) -> Vec<(String, String)> {
    if let Some(idempotency) = &call.idempotency {
        headers.push((idempotency.header.clone(), idempotency::key(idempotency, operation, args)));
    }
    headers
}

fn check_header(name: &str, value: &str) -> Result<(), String> {
    if OF_THE_CONNECTION.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        return Err("this header belongs to the connection and cannot be set".to_owned());
    }
    if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return Err(
            "the value has characters that a header cannot carry, such as a line break or a letter beyond ASCII"
                .to_owned(),
        );
    }
    Ok(())
}

fn credential(auth: &Auth) -> Option<(String, String)> {
    let authorization = |value: String| Some(("Authorization".to_owned(), value));
    match auth {
        Auth::None | Auth::Query(..) | Auth::Login(_) => None,
        Auth::Header(name, value) => Some((name.clone(), value.expose().to_owned())),
        Auth::Basic(user, password) => {
            let pair = format!("{}:{}", user.expose(), password.expose());
            authorization(format!("Basic {}", STANDARD.encode(pair)))
        }
        Auth::Bearer(token) => authorization(format!("Bearer {}", token.expose())),
    }
}

/// An address without the user and password that may stand in it.
pub(crate) fn without_login(base: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = base.split_once("://") else {
        return Cow::Borrowed(base);
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => Cow::Owned(format!("{scheme}://{host}{path}")),
        None => Cow::Borrowed(base),
    }
}
