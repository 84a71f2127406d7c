//! The inputs of a node: what a call's texts mean. Reading never fails; what is not valid is not given, and
//! noted.

use std::sync::Arc;

use serde_json::{Number, Value};

use crate::node::account::{Account, Kind};
use crate::node::call::Call;
use crate::node::email::Email;
use crate::node::phone::Phone;
use crate::node::phone::region::Region;
use crate::scalar::truth;

/// A parameter that a node is called with.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name.
    pub name: Arc<str>,
    /// Other names under which it may come.
    pub aliases: Vec<String>,
    /// A header that it may come in, in lower case.
    pub header: Option<String>,
    /// What it is.
    pub kind: InputKind,
    /// Its value where none is given, for inputs that name no customer.
    pub default: Option<Value>,
    /// What it means.
    pub about: Option<String>,
}

/// What an input is.
#[derive(Debug, Clone)]
pub enum InputKind {
    /// A phone number.
    Phone {
        /// The region of numbers without a country code.
        region: Region,
        /// The input that names it for each call: a region's two letters, or a phone number such as the called
        /// one. An index into the node's inputs.
        region_from: Option<usize>,
    },
    /// An e-mail address.
    Email,
    /// An account id of one of these kinds, in the order in which they are tried; of one kind without a name
    /// where the list is empty.
    Account(Vec<Kind>),
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// `true` or `false`, also as 1 and 0.
    Bool,
}

impl InputKind {
    /// Whether it names a customer.
    #[must_use]
    pub fn is_identifier(&self) -> bool {
        matches!(self, Self::Phone { .. } | Self::Email | Self::Account(_))
    }

    /// The type's name in a mapping file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Phone { .. } => "phone",
            Self::Email => "email",
            Self::Account(_) => "account",
            Self::Text => "text",
            Self::Int => "int",
            Self::Number => "number",
            Self::Bool => "bool",
        }
    }
}

impl Input {
    /// Whether a parameter of this name is for this input.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        *self.name == *name || self.aliases.iter().any(|alias| alias == name)
    }

    /// The text that came for it.
    #[must_use]
    pub fn came<'c>(&self, call: &'c Call) -> Option<&'c str> {
        call.get(&self.name).or_else(|| self.aliases.iter().find_map(|alias| call.get(alias)))
    }

    /// The region in which a call's number is read; none: it is no phone.
    #[must_use]
    pub fn region(&self, inputs: &[Self], call: &Call) -> Option<Region> {
        let InputKind::Phone { region, region_from } = &self.kind else {
            return None;
        };
        Some(region_from.and_then(|from| region_of(inputs.get(from)?, call)).unwrap_or(*region))
    }

    /// The customer that a text names, by this input's own region and type.
    #[must_use]
    pub fn identify(&self, text: &str) -> Option<Identifier> {
        match &self.kind {
            InputKind::Phone { region, .. } => self.identify_in(Some(*region), text),
            _ => self.identify_in(None, text),
        }
    }

    /// The customer that a text names, by this input's type; a phone number, in this region.
    fn identify_in(&self, region: Option<Region>, text: &str) -> Option<Identifier> {
        match &self.kind {
            InputKind::Phone { .. } => Phone::parse(text, region?).map(Identifier::Phone),
            InputKind::Email => Email::parse(text).map(Identifier::Email),
            InputKind::Account(_) => Account::parse(text).map(Identifier::Account),
            InputKind::Text | InputKind::Int | InputKind::Number | InputKind::Bool => None,
        }
    }
}

/// What names the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A phone number.
    Phone(Phone),
    /// An e-mail address.
    Email(Email),
    /// An account id.
    Account(Account),
}

impl Identifier {
    /// The one way in which this customer is written, whatever form came.
    #[must_use]
    pub fn canonical(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.canonical(),
            Self::Email(email) => email.canonical(),
            Self::Account(account) => account.canonical(),
        }
    }

    /// What two questions about this customer must share to be the same question: the canonical writing and, of a phone
    /// number, whether it may be written without its country code.
    #[must_use]
    pub fn key(&self) -> String {
        let is_abroad = matches!(self, Self::Phone(phone) if !phone.is_at_home());
        if is_abroad { format!("{} abroad", self.canonical()) } else { self.canonical().to_owned() }
    }
}

/// An input that was given and is valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Its value in templates; an identifier in canonical form.
    pub value: Value,
    /// Whom it names, if it is an identifier.
    pub identifier: Option<Identifier>,
}

/// One input of a call.
#[derive(Debug, Clone, Default, PartialEq)]
struct Reading {
    given: Option<Given>,
    /// In which region the call's numbers are read; none: it is no phone.
    region: Option<Region>,
}

/// A call's inputs, in the order of the node's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inputs {
    read: Vec<Reading>,
    /// The inputs that came and are not what they should be: indexes.
    pub invalid: Vec<usize>,
}

impl Inputs {
    /// Reads a call.
    #[must_use]
    pub fn read(inputs: &[Input], call: &Call) -> Self {
        let mut read = Self::default();
        for (at, input) in inputs.iter().enumerate() {
            let (raw, region) = (input.came(call), input.region(inputs, call));
            let given = raw.and_then(|text| understand(input, region, text));
            if raw.is_some() && given.is_none() {
                read.invalid.push(at);
            }
            let default = || input.default.clone().map(|value| Given { value, identifier: None });
            read.read.push(Reading { given: given.or_else(default), region });
        }
        read
    }

    /// The input at this index, where it was given.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Given> {
        self.read.get(at)?.given.as_ref()
    }

    /// The customer whom a record names by this text, read as the call's own text for the input at this index would be:
    /// a number without its country code is one of the call's region.
    #[must_use]
    pub fn identify(&self, inputs: &[Input], at: usize, text: &str) -> Option<Identifier> {
        inputs.get(at)?.identify_in(self.read.get(at)?.region, text)
    }
}

/// Whether the input at this index only says in which region another is read: a called number is nobody's.
#[must_use]
pub fn names_a_region(inputs: &[Input], at: usize) -> bool {
    inputs
        .iter()
        .any(|input| matches!(input.kind, InputKind::Phone { region_from: Some(from), .. } if from == at))
}

fn understand(input: &Input, region: Option<Region>, text: &str) -> Option<Given> {
    let value = match &input.kind {
        InputKind::Phone { .. } | InputKind::Email | InputKind::Account(_) => {
            let identifier = input.identify_in(region, text)?;
            let value = Value::String(identifier.canonical().to_owned());
            return Some(Given { value, identifier: Some(identifier) });
        }
        InputKind::Text => Value::String(text.trim().to_owned()),
        InputKind::Int => Value::Number(text.trim().parse::<i64>().ok()?.into()),
        InputKind::Number => Value::Number(number(text.trim())?),
        InputKind::Bool => Value::Bool(truth(text)?),
    };
    Some(Given { value, identifier: None })
}

/// The region that another input names: two letters, or a number that carries its country code.
fn region_of(input: &Input, call: &Call) -> Option<Region> {
    let text = input.came(call)?;
    let own = match &input.kind {
        InputKind::Phone { region, .. } => Some(*region),
        _ => None,
    };
    text.trim().parse().ok().or_else(|| Phone::parse(text, own?)?.region())
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}

/// Inputs as the variables of an expression.
#[derive(Debug, Clone, Copy)]
pub struct Variables<'a> {
    /// The node's inputs.
    pub inputs: &'a [Input],
    /// What was given.
    pub given: &'a Inputs,
}

impl<'a> Variables<'a> {
    /// The input of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let at = self.inputs.iter().position(|input| input.name.as_ref() == name)?;
        self.given.get(at).map(|given| &given.value)
    }

    /// All of them as one object, for `inputs["any name"]`.
    #[must_use]
    pub fn all(&self) -> Value {
        let named = self.inputs.iter().enumerate().filter_map(|(at, input)| {
            let given = self.given.get(at)?;
            Some((input.name.to_string(), given.value.clone()))
        });
        Value::Object(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Identifier, Phone};

    #[test]
    fn a_number_is_one_question_at_home_and_one_abroad_wherever_that_is() {
        let key = |region: &str| {
            Identifier::Phone(Phone::parse("+6591234567", region.parse().unwrap()).unwrap()).key()
        };
        assert_eq!(key("SG"), "+6591234567");
        assert_ne!(key("US"), key("SG"));
        assert_eq!(key("US"), key("MY"));
    }
}
