//! Whom names and texts from outside of a call mean: the canonical identifiers of one customer, read exactly as a
//! call's would be. It finds nobody; what is no identifier it names.

use crate::node::account::Account;
use crate::node::call::Call;
use crate::node::email::Email;
use crate::node::input::{Identifier, Input, InputKind, Inputs, names_a_region};
use crate::node::phone::Phone;
use crate::node::phone::region::Region;

/// The types under which a customer can be named without a node.
pub const TYPES: [&str; 3] = ["phone", "email", "account"];

/// A customer as named from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    /// In canonical form, none twice.
    pub identifiers: Vec<String>,
    /// The names that gave them, none twice.
    pub known: Vec<String>,
    /// Names whose text is no valid identifier.
    pub invalid: Vec<String>,
    /// Names that only said in which region another is read.
    pub regions: Vec<String>,
}

impl Customer {
    /// Reads names and texts as the inputs of a node. An input that only says the region of another names nobody: a
    /// called number is not the customer's.
    #[must_use]
    pub fn read(inputs: &[Input], named: &[(String, String)]) -> Self {
        let locating: Vec<usize> = inputs.iter().filter_map(region_from).collect();
        let regions: Vec<&(String, String)> = named
            .iter()
            .filter(|(name, _)| place(inputs, name).is_some_and(|at| locating.contains(&at)))
            .collect();
        let mut customer = Self::default();
        regions.iter().for_each(|(name, _)| push_once(&mut customer.regions, name.clone()));
        for (name, text) in named {
            let Some(at) = place(inputs, name).filter(|at| !locating.contains(at)) else {
                continue;
            };
            if !inputs.get(at).is_some_and(|input| input.kind.is_identifier()) {
                continue;
            }
            let mut call = Call::from_iter([(name.as_str(), text.as_str())]);
            regions.iter().for_each(|(name, text)| call.push(name.as_str(), text.as_str()));
            let read = Inputs::read(inputs, &call);
            customer.add(name, read.get(at).and_then(|given| given.identifier.as_ref()));
        }
        customer
    }

    /// Reads a text as one of the [`TYPES`]. A phone number without its country code needs a region.
    #[must_use]
    pub fn of_type(name: &str, text: &str, region: Option<Region>) -> Self {
        let mut customer = Self::default();
        let identifier = match name {
            "phone" => {
                let is_whole = text.trim_start().starts_with('+') || text.trim_start().starts_with("00");
                let region = region.or_else(|| Region::all().first().copied().filter(|_| is_whole));
                let Some(region) = region else {
                    return customer;
                };
                Phone::parse(text, region).map(Identifier::Phone)
            }
            "email" => Email::parse(text).map(Identifier::Email),
            "account" => Account::parse(text).map(Identifier::Account),
            _ => return customer,
        };
        customer.add(name, identifier.as_ref());
        customer
    }

    /// Reads a text as each input of this type would.
    #[must_use]
    pub fn of_inputs(inputs: &[Input], name: &str, text: &str) -> Self {
        let mut customer = Self::default();
        for (at, input) in inputs.iter().enumerate() {
            if input.kind.name() == name && !names_a_region(inputs, at) {
                customer.add(name, input.identify(text).as_ref());
            }
        }
        customer
    }

    /// With all that another reading of the same names gave.
    pub fn join(&mut self, other: Self) {
        for (all, more) in [
            (&mut self.identifiers, other.identifiers),
            (&mut self.known, other.known),
            (&mut self.invalid, other.invalid),
            (&mut self.regions, other.regions),
        ] {
            more.into_iter().for_each(|one| push_once(all, one));
        }
    }

    fn add(&mut self, name: &str, identifier: Option<&Identifier>) {
        match identifier {
            Some(identifier) => {
                push_once(&mut self.identifiers, identifier.canonical().to_owned());
                push_once(&mut self.known, name.to_owned());
            }
            None => push_once(&mut self.invalid, name.to_owned()),
        }
    }
}

fn push_once(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

fn place(inputs: &[Input], name: &str) -> Option<usize> {
    inputs.iter().position(|input| input.answers_to(name))
}

fn region_from(input: &Input) -> Option<usize> {
    match input.kind {
        InputKind::Phone { region_from, .. } => region_from,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Customer;
    use crate::node::input::{Input, InputKind};

    fn input(name: &str, kind: InputKind) -> Input {
        Input {
            name: name.into(),
            aliases: vec![format!("{name}_too")],
            header: None,
            kind,
            default: None,
            about: None,
        }
    }

    fn inputs() -> Vec<Input> {
        let region = "SG".parse().unwrap();
        vec![
            input("tel", InputKind::Phone { region, region_from: Some(1) }),
            input("called", InputKind::Phone { region, region_from: None }),
            input("email", InputKind::Email),
            input("key", InputKind::Text),
        ]
    }

    fn read(named: &[(&str, &str)]) -> Customer {
        let named: Vec<_> =
            named.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Customer::read(&inputs(), &named)
    }

    #[test]
    fn a_customer_is_named_as_a_call_would_name_her() {
        let read = read(&[("tel_too", "9123 4567"), ("tel", "+65 9123-4567"), ("email", "A@Example.com")]);
        assert_eq!(read.identifiers, ["+6591234567", "a@example.com"]);
        assert_eq!(read.known, ["tel_too", "tel", "email"]);
    }

    #[test]
    fn the_called_number_is_a_region_and_nobody() {
        let read = read(&[("tel", "020 7946 0123"), ("called", "+44 20 7946 0999"), ("key", "1")]);
        assert_eq!(read.identifiers, ["+442079460123"]);
        assert_eq!(read.known, ["tel"]);
    }

    #[test]
    fn what_is_no_identifier_is_named() {
        let read = read(&[("tel", "anonymous"), ("email", "nobody")]);
        assert_eq!((read.identifiers.len(), read.invalid), (0, vec!["tel".to_owned(), "email".to_owned()]));
    }

    #[test]
    fn a_type_needs_no_node_and_a_number_without_a_country_needs_a_region() {
        let sg = "SG".parse().ok();
        assert_eq!(Customer::of_type("phone", "+65 9123 4567", None).identifiers, ["+6591234567"]);
        assert_eq!(Customer::of_type("phone", "9123 4567", sg).identifiers, ["+6591234567"]);
        assert_eq!(Customer::of_type("phone", "9123 4567", None), Customer::default());
        assert_eq!(Customer::of_type("email", "x", None).invalid, ["email"]);
        assert_eq!(Customer::of_type("tel", "9123 4567", sg), Customer::default());
    }
}
