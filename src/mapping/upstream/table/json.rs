//! JSON, to rows: one object a line, or a list of objects. Numbers keep their digits.

use std::collections::HashSet;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::diagnostic::Span;
use crate::expr::kind_of;
use crate::mapping::upstream::table::data::Gathered;
use crate::mapping::upstream::table::mistake::Mistake;

const SYNTAX: &str = "write JSON: names and texts in double quotes, no comma behind the last";
const OBJECT: &str = "write an object: {\"tel\": \"…\", \"name\": \"…\"}";

/// Reads one object a line; empty lines are none.
pub(super) fn read_lines(text: &str) -> Gathered {
    let mut rows = Rows::default();
    if let Some(first) = over_several_lines(text) {
        let message = "this row goes over several lines, and each line is read as a row".to_owned();
        let help =
            "write each object in one line; or write a list of them, `[…]`, in a file that ends with .json";
        rows.gathered.mistakes.push(Mistake::row(first, "lines", message, help));
        return rows.gathered;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let row = line.trim();
        if !row.is_empty() {
            rows.add(text, start + line.len() - line.trim_start().len(), row);
        }
        start += line.len();
    }
    rows.gathered
}

/// The first line of a text that is JSON as a whole, though none line by line.
fn over_several_lines(text: &str) -> Option<Span> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let is_json = |text: &str| {
        serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>().all(|value| value.is_ok())
    };
    let start = text.find(first)?;
    (!is_json(first) && is_json(text)).then(|| Span::new(start, start + first.trim_end().len()))
}

/// Reads a list of objects.
pub(super) fn read_list(text: &str) -> Gathered {
    let mut rows = Rows::default();
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(items) => {
            for item in items {
                // The item is a part of the text: what separates their addresses is its place in it.
                let start = item.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
                rows.add(text, start, item.get());
            }
        }
        Err(error) if error.is_data() => {
            let message = "the file is no list of objects".to_owned();
            let help = "write `[`, the objects with commas between them, and `]`";
            rows.gathered.mistakes.push(Mistake::row(Span::new(0, 0), "list", message, help));
        }
        Err(error) => rows.syntax(text, 0, &error),
    }
    rows.gathered
}

#[derive(Default)]
struct Rows {
    gathered: Gathered,
    seen: HashSet<String>,
}

impl Rows {
    /// Adds the row that begins at that byte of the text.
    fn add(&mut self, text: &str, start: usize, row: &str) {
        let span = Span::new(start, start + row.len());
        let value = match serde_json::from_str::<Value>(row) {
            Ok(value) => value,
            Err(error) => return self.syntax(text, start, &error),
        };
        let Value::Object(members) = &value else {
            let message = format!("a row is {}, and must be an object", kind_of(&value));
            self.gathered.mistakes.push(Mistake::row(span, "object", message, OBJECT));
            return;
        };
        for column in members.keys().filter(|column| !self.seen.contains(column.as_str())).collect::<Vec<_>>()
        {
            self.gathered.columns.push(column.clone());
            self.seen.insert(column.clone());
        }
        self.gathered.rows.push((Arc::new(value), span));
    }

    /// The mistake that a part of the text, from that byte on, is no JSON.
    fn syntax(&mut self, text: &str, start: usize, error: &serde_json::Error) {
        let rest = text.get(start..).unwrap_or_default();
        let line: usize = rest.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = text.floor_char_boundary((start + line + error.column().saturating_sub(1)).min(text.len()));
        let width = text.get(at..).and_then(|tail| tail.chars().next()).map_or(0, char::len_utf8);
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let message = format!("this is no JSON: {said}");
        self.gathered.mistakes.push(Mistake::row(Span::new(at, at + width), "syntax", message, SYNTAX));
    }
}

#[cfg(test)]
mod tests {
    use super::{read_lines, read_list};
    use crate::mapping::upstream::table::data::Gathered;

    fn rows(gathered: &Gathered) -> Vec<String> {
        assert!(gathered.mistakes.is_empty(), "{}", gathered.mistakes[0].message);
        gathered.rows.iter().map(|(row, _)| row.to_string()).collect()
    }

    fn mistakes<'t>(text: &'t str, gathered: &Gathered) -> Vec<(usize, &'t str, String)> {
        let told = gathered.mistakes.iter();
        told.map(|told| (told.span.start, &text[told.span.range()], told.message.clone())).collect()
    }

    #[test]
    fn a_row_is_an_object_and_keeps_its_digits() {
        let lines = read_lines("{\"id\": 12345678901234567890123, \"tel\": [\"1\"]}\r\n\n  {\"name\": null}");
        assert_eq!(rows(&lines), [r#"{"id":12345678901234567890123,"tel":["1"]}"#, r#"{"name":null}"#]);
        assert_eq!(lines.columns, ["id", "tel", "name"]);
        assert_eq!(
            rows(&read_list(" [ {\"id\": 1},\n {\"id\": 1.50} ] ")),
            [r#"{"id":1}"#, r#"{"id":1.50}"#]
        );
        assert!(rows(&read_list("[]")).is_empty());
    }

    #[test]
    fn a_mistake_stands_at_its_own_place() {
        let text = "{\"名\": \"x\"}\n[1]\n{\"a\" 1}\n{\"a\": \"x\n";
        assert_eq!(
            mistakes(text, &read_lines(text)),
            [
                (13, "[1]", "a row is a list, and must be an object".to_owned()),
                (22, "1", "this is no JSON: expected `:`".to_owned()),
                (32, "x", "this is no JSON: EOF while parsing a string".to_owned()),
            ]
        );
        let text = "[{\"a\": 1},\n 7,\n {\"a\": 2}]";
        assert_eq!(
            mistakes(text, &read_list(text)),
            [(12, "7", "a row is a number, and must be an object".to_owned())]
        );
        let text = "{\"a\": 1}";
        assert_eq!(mistakes(text, &read_list(text)), [(0, "", "the file is no list of objects".to_owned())]);
        let text = "[{\"a\": 1},\n {\"b\": }]";
        assert_eq!(
            mistakes(text, &read_list(text)),
            [(18, "}", "this is no JSON: expected value".to_owned())]
        );
    }
}
