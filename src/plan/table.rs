//! A table of customers in memory: rows as they were read, indexed by their identifiers in canonical form.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::expr::text_of;
use crate::node::account::Account;
use crate::node::email::Email;
use crate::node::phone::Phone;
use crate::node::phone::region::Region;
use crate::plan::identity::{Identify, Identity};
use crate::record::Record;

/// What a column that identifies a customer holds, which decides when two of its values are the same.
#[derive(Debug, Clone)]
pub enum Identifier {
    /// A phone number in any form, of this region or of the region that another column names.
    Phone {
        /// The region of numbers without a country code.
        region: Region,
        /// The column that names a row's own region, if it has one.
        region_from: Option<String>,
    },
    /// An e-mail address.
    Email,
    /// An id: the same text.
    Text,
}

/// A table with its indexes.
pub struct Table {
    name: Arc<str>,
    rows: Vec<Record>,
    /// Of all that is in it, and of how it is found.
    identity: u64,
    identifiers: BTreeMap<String, Identifier>,
    index: HashMap<String, HashMap<String, Vec<usize>>>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({}, {} rows, {:016x})", self.name, self.rows.len(), self.identity)
    }
}

impl Identify for Identifier {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Phone { region, region_from } => {
                identity.add("phone").add(&region.to_string()).add(region_from)
            }
            Self::Email => identity.add("email"),
            Self::Text => identity.add("text"),
        };
    }
}

impl Table {
    /// Indexes the rows (each an object) by their identifying columns. A cell may hold one value or a list.
    #[must_use]
    pub fn new(name: Arc<str>, rows: Vec<Record>, identifiers: BTreeMap<String, Identifier>) -> Self {
        let mut index: HashMap<String, HashMap<String, Vec<usize>>> = HashMap::new();
        for (column, identifier) in &identifiers {
            let by_value = index.entry(column.clone()).or_default();
            for (at, row) in rows.iter().enumerate() {
                for key in keys(row, column, identifier) {
                    let found = by_value.entry(key).or_default();
                    if found.last() != Some(&at) {
                        found.push(at);
                    }
                }
            }
        }
        let identity = Identity::of("table").with(&rows).with(&identifiers).number();
        Self { name, rows, identity, identifiers, index }
    }

    /// A number that is another as soon as anything in it is, or how it is found.
    #[must_use]
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The identifying columns.
    #[must_use]
    pub fn identifiers(&self) -> &BTreeMap<String, Identifier> {
        &self.identifiers
    }

    /// The rows in which every column holds its value, in the table's order. An identifying column compares
    /// canonically (a phone in any form finds a phone in any form), any other by its text.
    #[must_use]
    pub fn find(&self, wanted: &[(&str, &str)]) -> Vec<Record> {
        let Some((first, identifier, value)) = wanted.iter().find_map(|(column, value)| {
            self.identifiers.get(*column).map(|identifier| (*column, identifier, *value))
        }) else {
            return Vec::new();
        };
        let Some(at) = canonical(identifier, value, None).and_then(|key| self.index.get(first)?.get(&key))
        else {
            return Vec::new();
        };
        at.iter()
            .filter_map(|at| self.rows.get(*at))
            .filter(|row| {
                wanted.iter().all(|(column, value)| *column == first || self.holds(row, column, value))
            })
            .cloned()
            .collect()
    }

    fn holds(&self, row: &Value, column: &str, value: &str) -> bool {
        match self.identifiers.get(column) {
            Some(identifier) => canonical(identifier, value, None)
                .is_some_and(|wanted| keys(row, column, identifier).contains(&wanted)),
            None => cells(row, column).any(|cell| cell == value),
        }
    }
}

/// The canonical values under which a row is found by a column.
fn keys(row: &Value, column: &str, identifier: &Identifier) -> Vec<String> {
    let region = match identifier {
        Identifier::Phone { region_from: Some(from), .. } => {
            cells(row, from).next().and_then(|name| name.parse().ok())
        }
        _ => None,
    };
    cells(row, column).filter_map(|cell| canonical(identifier, &cell, region)).collect()
}

fn canonical(identifier: &Identifier, text: &str, own_region: Option<Region>) -> Option<String> {
    match identifier {
        Identifier::Phone { region, .. } => {
            Phone::parse(text, own_region.unwrap_or(*region)).map(|phone| phone.canonical().to_owned())
        }
        Identifier::Email => Email::parse(text).map(|email| email.canonical().to_owned()),
        Identifier::Text => Account::parse(text).map(|account| account.canonical().to_owned()),
    }
}

/// The texts of a row's cell: one, or each of a list.
fn cells<'a>(row: &'a Value, column: &str) -> impl Iterator<Item = String> + 'a {
    let cell = row.get(column);
    let many = cell.and_then(Value::as_array).map(Vec::as_slice);
    let one = if many.is_some() { None } else { cell };
    one.into_iter().chain(many.unwrap_or_default()).filter_map(text_of).map(|text| text.into_owned())
}
