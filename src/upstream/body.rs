//! The body of a request: what the mapping says and the arguments → bytes with their media type.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::expr::{RenderError, Template};
use crate::plan::operation::{Body, JsonTemplate};
use crate::upstream::args::Args;
use crate::upstream::request::{given, text};

/// Renders a body: its media type and its bytes. None: the request has no body.
///
/// # Errors
/// The place in the body and what is wrong there.
pub(crate) fn render(
    body: &Body,
    args: &Args,
) -> Result<Option<(&'static str, Bytes)>, (String, RenderError)> {
    let (media_type, text) = match body {
        Body::None => return Ok(None),
        Body::Json(template) => {
            match json(template, args).map_err(|(below, error)| (format!("json{below}"), error))? {
                Some(value) => ("application/json", value.to_string()),
                None => return Ok(None),
            }
        }
        Body::Form(fields) => ("application/x-www-form-urlencoded", form(fields, args)?),
        Body::Xml(template) => {
            let text = template.render(args).map_err(|error| ("xml".to_owned(), error))?;
            ("application/xml; charset=utf-8", text)
        }
        Body::Text(template) => {
            let text = template.render(args).map_err(|error| ("text".to_owned(), error))?;
            ("text/plain; charset=utf-8", text)
        }
    };
    Ok(Some((media_type, Bytes::from(text))))
}

fn form(fields: &[(String, Template)], args: &Args) -> Result<String, (String, RenderError)> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, template) in fields {
        let value = text(template, args).map_err(|error| (format!("form `{name}`"), error))?;
        if let Some(value) = value {
            form.append_pair(name, &value);
        }
    }
    Ok(form.finish())
}

/// The value, or the place below this template and what is wrong there.
pub(crate) fn json(template: &JsonTemplate, args: &Args) -> Result<Option<Value>, (String, RenderError)> {
    match template {
        JsonTemplate::Constant(value) => Ok(Some(value.clone())),
        JsonTemplate::Text(template) => given(template, args).map_err(|error| (String::new(), error)),
        JsonTemplate::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                list.extend(json(item, args).map_err(|(below, error)| (format!("[{at}]{below}"), error))?);
            }
            Ok(Some(Value::Array(list)))
        }
        JsonTemplate::Object(members) => {
            let mut object = Map::with_capacity(members.len());
            for (name, member) in members {
                let value =
                    json(member, args).map_err(|(below, error)| (format!(".{name}{below}"), error))?;
                if let Some(value) = value {
                    object.insert(name.clone(), value);
                }
            }
            Ok(Some(Value::Object(object)))
        }
    }
}
