//! A node as a path of OpenAPI.

use serde_json::{Map, Value, json};

use crate::console::openapi::error;
use crate::description::{Description, Input, Need, Output};
use crate::record::{Outcome, Tier};

/// The node's methods; the name of the key's scheme, where one is needed.
pub(super) fn path(node: &Description, scheme: Option<String>) -> Value {
    let security = scheme.map(|scheme| json!([{ scheme: [] }]));
    let mut methods = Map::new();
    for method in &node.methods {
        let mut told = json!({
            "operationId": format!("{}-{}", method.to_ascii_lowercase(), node.node),
            "summary": node.about.as_deref().unwrap_or(&node.node),
            "description": format!("Answers within {} ms, whatever is broken behind it.", node.budget_ms),
            "tags": ["nodes"],
            "parameters": parameters(node, *method == "GET"),
            "responses": responses(node),
        });
        if let Value::Object(told) = &mut told {
            if *method == "POST" {
                told.insert("requestBody".to_owned(), body(node));
            }
            told.extend(security.clone().map(|security| ("security".to_owned(), security)));
        }
        methods.insert(method.to_ascii_lowercase(), told);
    }
    Value::Object(methods)
}

/// The headers of every answer of a node.
pub(super) fn headers() -> Value {
    let words = |words: Vec<&str>, about: &str| json!({ "schema": { "enum": words }, "description": about });
    json!({
        "X-Datadip-Outcome": words(Outcome::ALL.iter().map(|one| one.name()).collect(), "How the call ended."),
        "X-Datadip-Cache": words(Tier::ALL.iter().map(|one| one.name()).collect(), "How far it had to go."),
        "X-Datadip-Trace": { "schema": { "type": "string" }, "description": "By which `explain` finds the call." },
        "X-Datadip-Partial": {
            "schema": { "type": "string" },
            "description": "The steps that failed after the record was found; left out where none did.",
        },
    })
}

/// Inputs in the query, where they come so, and in headers.
fn parameters(node: &Description, is_in_query: bool) -> Vec<Value> {
    let mut parameters = Vec::new();
    for input in &node.inputs {
        let parameter = |place: &str, name: &str| json!({ "name": name, "in": place, "schema": input_schema(input), "description": about(input) });
        parameters.extend(is_in_query.then(|| parameter("query", &input.name)));
        parameters.extend(input.header.as_ref().map(|header| parameter("header", header)));
    }
    parameters
}

fn body(node: &Description) -> Value {
    let properties: Map<String, Value> = node
        .inputs
        .iter()
        .map(|input| {
            let mut schema = input_schema(input);
            if let Value::Object(schema) = &mut schema {
                schema.insert("description".to_owned(), about(input).into());
            }
            (input.name.clone(), schema)
        })
        .collect();
    let content = json!({ "schema": { "type": "object", "properties": properties } });
    json!({ "content": { "application/json": content, "application/x-www-form-urlencoded": content } })
}

fn about(input: &Input) -> String {
    let need = match input.need {
        Need::Needed => "Without it, nobody is looked for.",
        Need::OneOf => "Without any identifier, nobody is looked for.",
        Need::Optional => "May be left out.",
    };
    input.about.iter().map(|about| format!("{about} ")).chain([need.to_owned()]).collect()
}

fn input_schema(input: &Input) -> Value {
    let mut schema = match input.r#type {
        "int" => json!({ "type": "integer" }),
        "number" => json!({ "type": "number" }),
        "bool" => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    };
    if let (Value::Object(schema), Some(default)) = (&mut schema, &input.default) {
        schema.insert("default".to_owned(), default.clone());
    }
    schema
}

fn responses(node: &Description) -> Value {
    let headers: Map<String, Value> = ["Outcome", "Cache", "Trace", "Partial"]
        .iter()
        .map(|name| {
            let name = format!("X-Datadip-{name}");
            let told = json!({ "$ref": format!("#/components/headers/{name}") });
            (name, told)
        })
        .collect();
    let with = |description: &str, is_refused: bool| {
        let content = json!({ &node.answer.content_type: { "schema": answer(node, is_refused) } });
        json!({ "description": description, "headers": headers, "content": content })
    };
    let mut responses = Map::new();
    responses.insert("200".to_owned(), with("The call was answered, whatever happened behind it.", false));
    responses.insert("4XX".to_owned(), with("What came is no call: all outputs, and what is wrong.", true));
    if let Some(access) = &node.access {
        if access.header.is_some() {
            responses.insert("401".to_owned(), error("The key is missing, or another one."));
        }
        if !access.networks.is_empty() {
            responses.insert("403".to_owned(), error("The caller may not call from where it is."));
        }
    }
    Value::Object(responses)
}

/// What is answered: an object of all outputs, beside `error` where the call was refused.
fn answer(node: &Description, is_refused: bool) -> Value {
    if node.answer.dialect == "template" {
        return json!({ "description": "As the node's template writes it." });
    }
    let mut properties: Map<String, Value> =
        node.outputs.iter().map(|output| (output.name.clone(), output_schema(output))).collect();
    let needed = node.outputs.iter().filter(|output| !output.optional).map(|output| output.name.as_str());
    let mut required: Vec<&str> = needed.collect();
    if is_refused {
        properties.insert("error".to_owned(), json!({ "type": "string" }));
        required.push("error");
    }
    let object = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let may_be_null = node.outcomes.iter().any(|ending| ending.is_null);
    if may_be_null && !is_refused { json!({ "anyOf": [object, { "type": "null" }] }) } else { object }
}

fn output_schema(output: &Output) -> Value {
    let kind = match output.r#type {
        "int" => "integer",
        "number" => "number",
        "bool" => "boolean",
        _ => "string",
    };
    let mut schema = json!({ "type": kind });
    if let Value::Object(schema) = &mut schema {
        if !output.values.is_empty() {
            schema.insert("enum".to_owned(), output.values.clone().into());
        }
        schema.extend(output.default.clone().map(|default| ("default".to_owned(), default)));
        schema.extend(output.about.clone().map(|about| ("description".to_owned(), about.into())));
    }
    schema
}
