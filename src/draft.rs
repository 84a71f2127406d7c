//! Drafts a node from a sample answer of a CRM: where the records stand, an output for each field, the inputs that
//! customers are found by, and an example whose people are made up. In: the sample as JSON, and what is wanted. Out: the
//! text of a node file and of an upstream file. Nothing is asked here, and nothing is written.

mod field;
mod made_up;
mod personal;
mod records;
mod upstream;
mod word;
mod yaml;

use serde_json::Value;
use thiserror::Error;

use crate::draft::field::Fields;
use crate::draft::made_up::MadeUp;
use crate::draft::personal::Finder;
use crate::expr::{Path, text_of};
use crate::node::phone::region::Region;

/// What is to be drafted.
#[derive(Debug)]
pub struct Wish {
    /// The node's name.
    pub node: String,
    /// Where the records stand in the sample; none: it is found out.
    pub records: Option<Path>,
    /// What the customer is found by; none: by phone and e-mail, as the sample has them.
    pub by: Option<By>,
    /// The country of numbers without a country code.
    pub region: Region,
    /// Whether the sample's values are kept in the example, and no made-up ones put in their place.
    pub keep_values: bool,
    /// What is asked.
    pub asked: Asked,
}

/// What identifies a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// Any other id.
    Account,
}

/// What the drafted node asks.
#[derive(Debug)]
pub enum Asked {
    /// Operations of an upstream that is drafted too.
    Upstream {
        /// Its name.
        name: String,
        /// The path of the requests; none: one that fits the sample.
        path: Option<String>,
    },
    /// An operation that is there, with these arguments.
    Operation {
        /// Its full name.
        name: String,
        /// Its arguments as they were given, the identifier first among those that it is.
        arguments: Vec<(String, String)>,
    },
}

/// Why nothing can be drafted.
#[derive(Debug, Error)]
pub enum DraftError {
    /// The list of records is there, and nobody is in it.
    #[error("`{0}` is an empty list: ask for a customer who exists, and take that answer")]
    Empty(String),
    /// The path selects nothing.
    #[error("`{0}` selects nothing in the sample")]
    Nothing(String),
    /// There is no object in it.
    #[error("no record was found in the sample: say where they stand, as in `--records '$.data[*]'`")]
    NoRecord,
    /// What stands there has no fields.
    #[error("what stands at `{0}` is no object with fields: say where the records stand with `--records`")]
    NoFields(String),
}

/// A step of the lookup.
struct Step {
    by: Option<By>,
    operation: String,
    args: Vec<(String, Value)>,
}

/// A drafted node.
pub struct Draft {
    wish: Wish,
    records: String,
    fields: Fields,
    steps: Vec<Step>,
    /// Where the records hold what customers are found by.
    held: Vec<(By, String)>,
    send: Vec<(String, String)>,
    body: Value,
}

impl By {
    /// The name of the input that it comes in.
    #[must_use]
    pub fn input(self) -> &'static str {
        match self {
            Self::Phone => "tel",
            Self::Email => "email",
            Self::Account => "id",
        }
    }
}

impl Draft {
    /// Drafts a node from a sample.
    ///
    /// # Errors
    /// A [`DraftError`] that says what the sample lacks.
    pub fn of(sample: &Value, wish: Wish) -> Result<Self, DraftError> {
        let records = match &wish.records {
            Some(path) => path.text().to_owned(),
            None => records::locate(sample)?,
        };
        let path = Path::compile(&records).map_err(|_| DraftError::NoRecord)?;
        let finder = Finder::new(wish.region);
        let mut made_up = MadeUp::new(&finder, sample, &path);
        let masked = if wish.keep_values { sample.clone() } else { made_up.body(sample, &path) };
        let found = records::at(&path, &masked);
        if found.is_empty() {
            return Err(if path.select(sample).is_empty() && wish.records.is_some() {
                DraftError::Nothing(records)
            } else {
                DraftError::Empty(records)
            });
        }
        if !found.iter().all(|record| record.as_object().is_some_and(|record| !record.is_empty())) {
            return Err(DraftError::NoFields(records));
        }
        let originals = records::at(&path, sample);
        let first = originals.first().copied().unwrap_or(&Value::Null);
        let found_by = [(By::Phone, finder.phone_of(first)), (By::Email, finder.email_of(first))];
        let known = found_by.clone().map(|(by, found)| (by, found.map(|(_, text)| text)));
        let held = found_by.into_iter().filter_map(|(by, found)| Some((by, found?.0))).collect();
        let steps = steps(&wish, &known, wish.region);
        let send = sent(&wish, &steps, &known, |by, text| match wish.keep_values {
            true => text.to_owned(),
            false => made_up.text(by, text),
        });
        let fields = Fields::of(&found);
        let body = records::shortened(&masked, &path);
        Ok(Self { fields, steps, held, send, body, records, wish })
    }

    /// The upstream's file, where one is drafted.
    #[must_use]
    pub fn upstream(&self) -> Option<String> {
        match &self.wish.asked {
            Asked::Upstream { name, path } => Some(upstream::text(self, name, path.as_deref())),
            Asked::Operation { .. } => None,
        }
    }

    /// The node's file; `answer`: what its example is to answer.
    #[must_use]
    pub fn node(&self, answer: Option<&[(String, Value)]>) -> String {
        yaml::node(self, answer)
    }
}

/// What the node asks by: each identifier that the sample has, or that is wished for.
fn steps(wish: &Wish, known: &[(By, Option<String>)], region: Region) -> Vec<Step> {
    match &wish.asked {
        Asked::Operation { name, arguments } => {
            let by =
                arguments.iter().find_map(|(_, text)| wish.by.or_else(|| personal::identified(text, region)));
            let mut left = by;
            let args = arguments.iter().map(|(argument, text)| {
                let is_identifier = left
                    .is_some_and(|by| wish.by == Some(by) || personal::identified(text, region) == Some(by));
                match left.take_if(|_| is_identifier) {
                    Some(by) => (argument.clone(), Value::from(format!("{{{{ {} }}}}", by.input()))),
                    None => (argument.clone(), Value::from(text.as_str())),
                }
            });
            vec![Step { args: args.collect(), by, operation: name.clone() }]
        }
        Asked::Upstream { name, .. } => {
            let has = |by: By| known.iter().any(|(other, value)| *other == by && value.is_some());
            let wanted = |by: By| wish.by.map_or(has(by), |wish| wish == by);
            let mut steps: Vec<Step> = [By::Phone, By::Email]
                .into_iter()
                .filter(|by| wanted(*by))
                .map(|by| Step {
                    by: Some(by),
                    operation: format!("{name}.{}", upstream::operation(by)),
                    args: Vec::new(),
                })
                .collect();
            if steps.is_empty() {
                let by = wish.by.unwrap_or(By::Phone);
                let operation = format!("{name}.{}", upstream::operation(by));
                steps.push(Step { by: Some(by), operation, args: Vec::new() });
            }
            steps
        }
    }
}

/// What the example sends: the identifier of the first step.
fn sent(
    wish: &Wish,
    steps: &[Step],
    known: &[(By, Option<String>)],
    mut made_up: impl FnMut(By, &str) -> String,
) -> Vec<(String, String)> {
    let Some(by) = steps.first().and_then(|step| step.by) else { return Vec::new() };
    let given = match &wish.asked {
        Asked::Operation { arguments, .. } => arguments
            .iter()
            .find(|(_, text)| wish.by == Some(by) || personal::identified(text, wish.region) == Some(by))
            .map(|(_, text)| text.clone()),
        Asked::Upstream { .. } => None,
    };
    let in_sample = || known.iter().find(|(other, _)| *other == by).and_then(|(_, value)| value.clone());
    let text = match given.or_else(in_sample) {
        Some(text) => made_up(by, &text),
        None => match by {
            By::Phone => "+6591234567".to_owned(),
            By::Email => "person@example.com".to_owned(),
            By::Account => "1001".to_owned(),
        },
    };
    vec![(by.input().to_owned(), text)]
}

/// A scalar as text.
fn text(value: &Value) -> Option<String> {
    text_of(value).map(std::borrow::Cow::into_owned)
}
