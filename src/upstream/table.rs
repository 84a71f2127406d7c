//! A look into a table in memory → the rows it finds, as the records of an operation.

use std::sync::Arc;

use serde_json::Value;

use crate::expr::text_of;
use crate::plan::operation::{Column, Operation, TableCall};
use crate::record::{Failure, Record};
use crate::upstream::args::Args;
use crate::upstream::request::text;
use crate::upstream::response::records;

/// Looks the rows up and selects the operation's records from their list.
///
/// # Errors
/// [`Failure::Template`] where a value cannot be compared with a cell, [`Failure::Argument`] where the argument
/// that names a column is missing.
pub(crate) fn look_up(operation: &Operation, call: &TableCall, args: &Args) -> Result<Vec<Record>, Failure> {
    let mut wanted = Vec::with_capacity(call.find.len());
    for (column, template) in &call.find {
        let column = name_of(operation, column, args)?;
        let value = text(template, args).map_err(|error| Failure::Template {
            place: format!("{}, find `{column}`", operation.name),
            reason: error.to_string(),
        })?;
        wanted.extend(value.map(|value| (column, value)));
    }
    let wanted: Vec<_> = wanted.iter().map(|(column, value)| (column.as_str(), value.as_str())).collect();
    select(operation, call.table.find(&wanted))
}

/// The records that the operation selects from a list of rows.
///
/// # Errors
/// As [`records`].
pub(crate) fn select(operation: &Operation, rows: Vec<Record>) -> Result<Vec<Record>, Failure> {
    if operation.records.text() == "$[*]" {
        return Ok(rows.into_iter().filter(|row| !row.is_null()).collect());
    }
    records(&operation.records, Value::Array(rows.into_iter().map(Arc::unwrap_or_clone).collect()))
}

fn name_of(operation: &Operation, column: &Column, args: &Args) -> Result<String, Failure> {
    let (index, columns) = match column {
        Column::Named(name) => return Ok(name.clone()),
        Column::Argument(index, columns) => (*index, columns),
    };
    let Some(value) = args.at(index).and_then(text_of) else {
        let name = operation.args.get(index).map(|arg| arg.name.to_string()).unwrap_or_default();
        return Err(Failure::Argument { name, reason: "is required: it names the column".to_owned() });
    };
    Ok(columns.get(value.as_ref()).cloned().unwrap_or_else(|| value.into_owned()))
}
