//! A request to a call: the parameters that the node declares, from body, query and headers. It reads names and
//! texts and understands nothing; what it cannot read it names.

pub mod body;
mod form;
mod json;
pub mod media;
mod params;
pub mod unreadable;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;

use crate::clock::Deadline;
use crate::http::extract::media::Format;
use crate::http::extract::params::Params;
use crate::http::extract::unreadable::{Place, Unreadable};
use crate::node::call::Call;
use crate::node::input::Input;

/// Reads a GET or POST. The body counts before the query, and the query before headers; a GET's body is not read.
///
/// # Errors
/// What keeps the request from being a call.
pub async fn call(
    inputs: &[Input],
    request: &HttpRequest,
    payload: Payload,
    deadline: Deadline,
) -> Result<Call, Unreadable> {
    let mut params = Params::new(inputs);
    if request.method() == Method::POST {
        let declared = media::declared(request.headers())?;
        let body = body::receive(request.headers(), payload, deadline).await?;
        read_body(declared, &body, &mut params)?;
    }
    form::read(request.query_string().as_bytes(), Place::Query, &mut params)?;
    read_headers(request.headers(), &mut params)?;
    Ok(params.into_call())
}

fn read_body(declared: Option<Format>, body: &[u8], params: &mut Params<'_>) -> Result<(), Unreadable> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    match media::format(declared, body)? {
        Format::Form => form::read(body, Place::Body, params),
        Format::Json => json::read(body, params),
    }
}

fn read_headers(headers: &HeaderMap, params: &mut Params<'_>) -> Result<(), Unreadable> {
    for input in params.inputs() {
        let Some(name) = &input.header else {
            continue;
        };
        for value in headers.get_all(name.as_str()) {
            let value = std::str::from_utf8(value.as_bytes()).map_err(|error| {
                let at = error.valid_up_to();
                Unreadable::NotUtf8 { name: name.clone(), place: Place::Header, at }
            })?;
            params.take_header(input, value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
