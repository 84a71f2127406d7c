//! The list that is warmed from: one value a line, or CSV whose first line names the inputs.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};

use crate::cli::Unusable;

/// One call: inputs and texts.
pub(super) type Call = Map<String, Value>;

/// Reads it. `param`: the input that every line is a value of; without it the list is CSV.
pub(super) fn read(path: &Path, param: Option<&str>) -> Result<Vec<Call>, Unusable> {
    let shown = path.display();
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|error| format!("{shown}: {error}"))?;
    let text = text.trim_start_matches('\u{feff}');
    let calls = match param {
        Some(param) => lines(text, param),
        None => rows(text).map_err(|error| format!("{shown}: {error}"))?,
    };
    if calls.is_empty() {
        return Err(
            format!("{shown}: holds no calls; without --param its first line names the inputs").into()
        );
    }
    Ok(calls)
}

fn lines(text: &str, param: &str) -> Vec<Call> {
    let values = text.lines().map(str::trim).filter(|line| !line.is_empty());
    values.map(|value| Call::from_iter([(param.to_owned(), Value::from(value))])).collect()
}

fn rows(text: &str) -> Result<Vec<Call>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let mut calls = Vec::new();
    for row in reader.records() {
        let row = row?;
        let named =
            names.iter().zip(row.iter()).filter(|(name, value)| !name.is_empty() && !value.is_empty());
        let call: Call = named.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        calls.extend((!call.is_empty()).then_some(call));
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{lines, rows};

    #[test]
    fn a_value_a_line_is_a_call_each() {
        let calls = lines("+6591234567\r\n\n 9123 4568 \n", "tel").into_iter().map(Value::Object);
        assert_eq!(calls.collect::<Vec<_>>(), [json!({"tel": "+6591234567"}), json!({"tel": "9123 4568"})]);
    }

    #[test]
    fn csv_names_its_inputs_and_leaves_empty_cells_out() {
        let calls = rows("tel, email\n\"9123 4567\",a@example.com\n,b@example.com\n,\n").unwrap();
        let calls: Vec<Value> = calls.into_iter().map(Value::Object).collect();
        let first = json!({"tel": "9123 4567", "email": "a@example.com"});
        assert_eq!(calls, [first, json!({"email": "b@example.com"})]);
        assert!(rows("tel,email\n1\n").is_err());
    }
}
