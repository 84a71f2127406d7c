//! The JSON Schema of the mapping files against the parser, both ways: what is valid to the one is to the other, and of
//! a generated set of wrong files the schema refuses none that the parser takes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test says so by failing")]

#[path = "../harness/language.rs"]
mod language;
mod valid;
mod walk;
mod whole;
mod wrong;

use datadip::mapping::schema;
use jsonschema::Validator;
use serde_json::Value;

/// The schema of one kind of files.
fn validator(kind: &str) -> Validator {
    jsonschema::draft202012::new(&schema::of(kind).unwrap()).unwrap()
}

/// What the schema says against a file, with its place in it.
fn refused(validator: &Validator, file: &Value) -> Vec<String> {
    validator.iter_errors(file).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
