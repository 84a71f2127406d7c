//! A value within a text of another language, a GraphQL or SQL query: the place encodes the text as a whole, and a value
//! with a quote in it could end or change the query.

use crate::diagnostic::code::Code;
use crate::expr::{Read, Template};
use crate::mapping::compiling::{Compiling, Detour};
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::operation::ArgKind;

/// Names under which queries are sent.
const QUERIES: [&str; 14] = [
    "query",
    "q",
    "filter",
    "$filter",
    "where",
    "search",
    "expression",
    "condition",
    "criteria",
    "statement",
    "sql",
    "soql",
    "jql",
    "cypher",
];
/// Filters that leave nothing of a query's own signs.
const HARMLESS: [&str; 9] =
    ["replace", "int", "float", "length", "base64", "md5", "sha256", "hmac_sha256", "date"];
/// What stands for a template in the text around it.
const HOLE: char = '\u{1}';

/// A language that queries are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    GraphQl,
    Other,
}

impl Compiling<'_> {
    /// Warns of an argument that is written into a query. `name`: under which the text is sent.
    pub(super) fn warn_within_query(
        &mut self,
        name: Option<&str>,
        scalar: &Scalar,
        template: &Template,
        arguments: &Arguments,
    ) {
        // What a login writes is from the environment, and nobody's choice.
        if template.bare().is_some() || self.detour == Detour::With {
            return;
        }
        let text = scalar.text.as_str();
        let is_free = |read: &&Read| {
            let arg = arguments.get(&read.root);
            arg.is_some_and(|arg| arg.kind == ArgKind::Text && arg.one_of.is_empty())
                && is_written(text, read)
        };
        let Some(read) = template.reads().iter().find(is_free) else { return };
        let Some(language) = language(name, &holed(text)) else { return };
        let message = format!(
            "`{read}` becomes a part of this query: a value with a quote in it could change what is asked"
        );
        let help = match language {
            Language::GraphQl => format!(
                "send it beside the query: `query($value: String!) {{ … }}`, and `variables: {{ value: \"{{{{ {read} }}}}\" }}`"
            ),
            Language::Other => {
                let before = text.get(..read.range.start).unwrap_or_default();
                let is_double =
                    before.trim_end().strip_suffix("{{").is_some_and(|before| before.ends_with('"'));
                let quote = if is_double { "'\"'" } else { "\"'\"" };
                format!("leave no quote in it: `{{{{ {read} | replace(from={quote}, to=\"\") }}}}`")
            }
        };
        self.reader.warning(Code::ValueInQuery, scalar.span_of(read.range.clone()), message, help);
    }
}

/// Whether a variable is written as it is, and not only asked for or made harmless.
fn is_written(text: &str, read: &Read) -> bool {
    let before = text.get(..read.range.start).unwrap_or_default();
    let behind = text.get(read.range.end..).unwrap_or_default();
    let is_value = before.rfind("{{") > before.rfind("{%");
    let filters = behind.split("}}").next().unwrap_or_default();
    let harmless = |filter: &str| HARMLESS.iter().any(|name| filter.trim_start().starts_with(name));
    is_value && !filters.split('|').skip(1).any(harmless)
}

/// The text with a hole for each `{{ … }}`, and without its tags and remarks.
fn holed(text: &str) -> String {
    let (mut holed, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['{']) {
        let (before, tail) = rest.split_at(at);
        holed.push_str(before);
        let part =
            [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(open, _)| tail.starts_with(open));
        let Some((open, close)) = part else {
            holed.push('{');
            rest = tail.get(1..).unwrap_or_default();
            continue;
        };
        if open == "{{" {
            holed.push(HOLE);
        }
        rest = tail.split_once(close).map_or("", |(_, behind)| behind);
    }
    holed + rest
}

/// The language of a text, where it is certain to be one.
fn language(name: Option<&str>, holed: &str) -> Option<Language> {
    let text = holed.trim().to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let first = words.first().copied().unwrap_or_default();
    let has = |word: &str| words.contains(&word);
    let is_operation = matches!(first, "query" | "mutation" | "subscription") && text.starts_with(first);
    if text.ends_with('}') && text.contains('{') && (is_operation || text.starts_with('{')) {
        let is_json = text.trim_start_matches('{').trim_start().starts_with('"');
        return Some(if is_json { Language::Other } else { Language::GraphQl });
    }
    let is_sql = match first {
        "select" => has("from") && has("where"),
        "update" => has("set") && has("where"),
        "delete" => words.get(1) == Some(&"from") && has("where"),
        "insert" => words.get(1) == Some(&"into") && has("values"),
        "match" => text.strip_prefix("match").is_some_and(|rest| rest.trim_start().starts_with('(')),
        _ => false,
    };
    let is_query = name.is_some_and(|name| QUERIES.contains(&name.to_lowercase().as_str()));
    (is_sql || is_query && is_compared(&text)).then_some(Language::Other)
}

/// Whether a hole stands in quotes behind a comparison: `phone:"…"`, `phone = '…'`, `phone eq '…'`.
fn is_compared(text: &str) -> bool {
    let mut holes = text.match_indices(HOLE).map(|(at, _)| text.get(..at).unwrap_or_default());
    holes.any(|before| {
        let Some(quoted) = before.strip_suffix(['\'', '"', '%', '*']) else { return false };
        let quoted = quoted.trim_end_matches(['\'', '"']);
        let left = quoted.trim_end();
        let word = left.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        left.ends_with(['=', '~', '>', '<'])
            || quoted.ends_with(':')
            || matches!(word, "eq" | "ne" | "like" | "contains" | "gt" | "lt" | "ge" | "le")
    })
}

#[cfg(test)]
mod tests {
    use super::{Language, holed, language};

    fn of(name: &str, text: &str) -> Option<Language> {
        language(Some(name), &holed(text))
    }

    #[test]
    fn a_query_is_known_by_how_it_is_written() {
        for text in [
            "{ customer(id: \"{{ acc }}\") { id name } }",
            "query { customer(id: {{ acc }}) { id } }",
            "mutation Add($a: Int) { add(a: $a, b: \"{{ b }}\") }",
        ] {
            assert_eq!(of("body", text), Some(Language::GraphQl), "{text}");
        }
        for text in [
            "SELECT Id FROM Contact WHERE Phone = '{{ phone }}'",
            "delete from t where id = {{ id }}",
            "MATCH (c:Customer {phone: '{{ phone }}'}) RETURN c",
            "{\"id\": \"{{ id }}\"}",
        ] {
            assert_eq!(of("body", text), Some(Language::Other), "{text}");
        }
        for text in [
            "phone:\"{{ phone }}\"",
            "phone = '{{ phone }}'",
            "phone eq '{{ phone }}'",
            "name like '%{{ name }}%'",
        ] {
            assert_eq!((of("q", text), of("text", text)), (Some(Language::Other), None), "{text}");
        }
    }

    #[test]
    fn what_people_say_is_no_query() {
        for text in [
            "Update from {{ name }}: set aside",
            "Select a team from the list for {{ name }}",
            "The customer said: '{{ reason }}'",
            "{{ first }} {{ last }}",
            "tel {{ tel }}",
            "{ {{ name }}",
            "Query of {{ name }}",
            "{% if a %}{{ a }}{% endif %}",
        ] {
            assert_eq!(of("query", text), None, "{text}");
        }
    }
}
