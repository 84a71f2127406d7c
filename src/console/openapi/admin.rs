//! What stands on the admin listener and beside the nodes, as paths of OpenAPI.

use serde_json::{Map, Value, json};

use crate::console::openapi::error;

/// Each with its method, path, what it does, whether the token opens it, and its body's members.
const PATHS: [(&str, &str, &str, bool, &[&str]); 11] = [
    ("get", "/", "A page for people: which nodes are in force, and why others are not.", false, &[]),
    ("get", "/metrics", "Counters and times, as Prometheus reads them.", false, &[]),
    ("get", "/healthz", "Alive.", false, &[]),
    ("get", "/readyz", "Whether a catalogue is in force.", false, &[]),
    ("get", "/api/status", "What is in force, what is kept, how Redis does.", true, &[]),
    (
        "post",
        "/api/purge",
        "Ends what is kept, so that the upstream is asked again. One of the members is sent.",
        true,
        &["node", "operation", "identifier", "all"],
    ),
    ("post", "/api/forget", "Ends all that is kept about a customer.", true, &["identifiers"]),
    ("post", "/api/reload", "Puts the mapping files in force as they are now.", true, &[]),
    ("post", "/api/warm", "Answers calls before they come; writes nothing.", true, &["node", "calls"]),
    (
        "get",
        "/api/explain",
        "The last calls.",
        true,
        &["call", "phone", "email", "account", "node", "outcome", "region", "most"],
    ),
    ("get", "/api/explain/{trace}", "Why this call found what it found.", true, &[]),
];

/// All of them.
pub(super) fn paths() -> Map<String, Value> {
    PATHS.iter().map(|path| (path.1.to_owned(), told(path))).collect()
}

fn told((method, path, about, is_closed, members): &(&str, &str, &str, bool, &[&str])) -> Value {
    let mut operation = json!({
        "summary": about,
        "tags": [if *is_closed { "admin" } else { "health" }],
        "responses": { "200": { "description": "Done, or told." } },
    });
    if let Value::Object(operation) = &mut operation {
        let parameter = |place: &str, name: &str| json!({ "name": name, "in": place, "required": place == "path", "schema": { "type": "string" } });
        let mut parameters: Vec<Value> =
            path.contains("{trace}").then(|| parameter("path", "trace")).into_iter().collect();
        if *method == "get" {
            parameters.extend(members.iter().map(|name| parameter("query", name)));
        } else if !members.is_empty() {
            let properties: Map<String, Value> =
                members.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
            let schema = json!({ "type": "object", "properties": properties });
            operation.insert(
                "requestBody".to_owned(),
                json!({ "content": { "application/json": { "schema": schema } } }),
            );
        }
        operation.insert("parameters".to_owned(), parameters.into());
        if *is_closed {
            operation.insert("security".to_owned(), json!([{ "admin": [] }]));
            if let Some(Value::Object(responses)) = operation.get_mut("responses") {
                responses.insert("4XX".to_owned(), error("It was not done, and why."));
            }
        }
    }
    // They are where this document is, which is not where the nodes are.
    json!({ "servers": [{ "url": "/" }], *method: operation })
}
