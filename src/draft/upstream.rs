//! The upstream of a drafted node: how such an answer is likely asked for. Its author knows better.

use std::fmt::Write;

use serde_json::Value;

use crate::draft::yaml::line;
use crate::draft::{By, Draft};

/// How the requests are made.
enum Style {
    /// `GET /v1/customers?phone=…`
    Rest,
    /// `POST /graphql` with a query.
    Graph(String),
    /// `POST /…/_search` with a term.
    Search,
}

/// The name of the operation that finds a customer.
pub(super) fn operation(by: By) -> &'static str {
    match by {
        By::Phone => "customer_by_phone",
        By::Email => "customer_by_email",
        By::Account => "customer_by_id",
    }
}

fn argument(by: By) -> &'static str {
    match by {
        By::Phone => "phone",
        By::Email => "email",
        By::Account => "id",
    }
}

/// The text of the file.
pub(super) fn text(draft: &Draft, name: &str, path: Option<&str>) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write(&mut text, draft, name, path);
    text
}

fn write(text: &mut String, draft: &Draft, name: &str, path: Option<&str>) -> std::fmt::Result {
    let variable = name.to_uppercase().replace('-', "_");
    let style = style(draft, path);
    let target = path.unwrap_or(match style {
        Style::Rest => "/v1/customers",
        Style::Graph(_) => "/graphql",
        Style::Search => "/customers/_search",
    });
    writeln!(
        text,
        "# Drafted by `datadip learn` from a sample answer: what the answer looks like is known, how it is asked for is"
    )?;
    writeln!(
        text,
        "# not. Change the paths and parameters to those of your system. Set {variable}_URL and {variable}_TOKEN;"
    )?;
    writeln!(text, "# `auth` knows other credentials too.")?;
    writeln!(text, "upstream: {name}")?;
    writeln!(text, "base_url: ${{{variable}_URL}}")?;
    writeln!(text, "auth: {{ bearer: \"${{secret:{variable}_TOKEN}}\" }}")?;
    writeln!(text, "operations:")?;
    for by in draft.steps.iter().filter_map(|step| step.by) {
        let argument = argument(by);
        writeln!(text, "  {}:", operation(by))?;
        writeln!(text, "    args: {{ {argument}: {{ type: text, required: true }} }}")?;
        let value = format!("{{{{ {argument} }}}}");
        match &style {
            Style::Rest => {
                writeln!(text, "    get: {}", line(target))?;
                writeln!(text, "    query: {{ {argument}: \"{value}\" }}")?;
            }
            Style::Search => {
                writeln!(text, "    post: {}", line(target))?;
                writeln!(text, "    json: {{ query: {{ term: {{ {argument}: \"{value}\" }} }} }}")?;
            }
            Style::Graph(query) => {
                let query = query.replace("ARGUMENT", argument);
                writeln!(text, "    post: {}", line(target))?;
                writeln!(
                    text,
                    "    json: {{ query: {}, variables: {{ {argument}: \"{value}\" }} }}",
                    Value::from(query)
                )?;
                writeln!(text, "    ok: status == 200 and not body.errors")?;
                writeln!(text, "    error: \"$.errors[*].message\"")?;
            }
        }
        writeln!(text, "    records: {}", line(&draft.records))?;
        for (other, path) in others(draft, by) {
            let unique = format!("unique: {{ {}: {} }}", other.input(), inner(path));
            writeln!(text, "    # {unique}   only if no two customers ever share one, see `cache`")?;
        }
    }
    Ok(())
}

/// What else the node finds by, and where the sample's records hold it.
fn others(draft: &Draft, by: By) -> impl Iterator<Item = (By, &str)> {
    let steps = draft.steps.iter().filter_map(|step| step.by).filter(move |other| *other != by);
    steps.filter_map(|other| {
        let (_, path) = draft.held.iter().find(|(held, _)| *held == other)?;
        Some((other, path.as_str()))
    })
}

/// A path within `{ … }`, where one with brackets needs quotes.
fn inner(path: &str) -> String {
    if path.contains(['[', ']', ',']) { Value::from(path).to_string() } else { line(path) }
}

fn style(draft: &Draft, path: Option<&str>) -> Style {
    let is_graph_path = path.is_none_or(|path| path.contains("graphql"));
    let is_graph = draft.body.as_object().is_some_and(|members| {
        members.contains_key("data")
            && members.keys().all(|key| matches!(key.as_str(), "data" | "errors" | "extensions"))
    });
    let below = draft.records.strip_prefix("$.data.").filter(|_| is_graph && is_graph_path);
    if let Some(query) = below.and_then(|below| query(draft, below)) {
        return Style::Graph(query);
    }
    let is_search = draft.records.contains("_source") && path.is_none_or(|path| path.contains("_search"));
    if is_search { Style::Search } else { Style::Rest }
}

/// The query that has such an answer, as far as names of GraphQL go.
fn query(draft: &Draft, below: &str) -> Option<String> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let levels: Vec<&str> = below.split('.').map(|level| level.trim_end_matches("[*]")).collect();
    if !levels.iter().all(|level| is_name(level)) {
        return None;
    }
    let own = draft.fields.outputs.iter().filter_map(|field| field.path.strip_prefix("$."));
    let own: Vec<&str> = own.filter(|name| is_name(name)).collect();
    let fields = if own.is_empty() { "id".to_owned() } else { own.join(" ") };
    let inner = levels.iter().skip(1).rev().fold(fields, |inner, level| format!("{level} {{ {inner} }}"));
    let first = levels.first()?;
    Some(format!("query($ARGUMENT: String!) {{ {first}(ARGUMENT: $ARGUMENT) {{ {inner} }} }}"))
}
