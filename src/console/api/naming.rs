//! Finds what a request names: a node, an operation, a customer. What is not there is refused with what is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::console::api::asked::{self, Forget};
use crate::console::api::refusal::Refusal;
use crate::diagnostic::suggest::suggest;
use crate::node::customer::{Customer, TYPES};
use crate::node::phone::region::Region;
use crate::plan::{Catalogue, Node, Slot};

/// The node of that name.
pub(super) fn node(catalogue: &Catalogue, name: &str) -> Result<Arc<Node>, Refusal> {
    match catalogue.nodes.get(name) {
        Some(Slot::Ready(node)) => Ok(Arc::clone(node)),
        Some(Slot::Broken(why)) => Err(Refusal::Broken(name.to_owned(), why.clone())),
        None => Err(unknown("node", name, catalogue.nodes.keys())),
    }
}

/// The operation of that name.
pub(super) fn operation(catalogue: &Catalogue, name: &str) -> Result<Arc<str>, Refusal> {
    match catalogue.operations.get_key_value(name) {
        Some((name, _)) => Ok(Arc::clone(name)),
        None => Err(unknown("operation", name, catalogue.operations.keys())),
    }
}

fn unknown<'c>(what: &'static str, name: &str, names: impl Iterator<Item = &'c Arc<str>>) -> Refusal {
    let names: Vec<&str> = names.map(AsRef::as_ref).collect();
    Refusal::Unknown(what, name.to_owned(), suggest(name, &names))
}

/// The operations whose answers a node keeps.
pub(super) fn operations(node: &Node) -> BTreeSet<&str> {
    let steps = node.lookup.iter().map(|step| &step.ask);
    let reads = node.then.iter().map(|read| &read.ask);
    steps.chain(reads).map(|ask| ask.operation.name.as_ref()).collect()
}

/// The customer: read as the inputs of the node that is named; else as types, and as the inputs of every node that
/// has one of that name. Each name must give an identifier, or nothing is done.
pub(super) fn customer(catalogue: &Catalogue, asked: &Forget) -> Result<Customer, Refusal> {
    let named = asked::texts(&asked.identifiers)?;
    let mut customer = Customer::default();
    if let Some(name) = &asked.node {
        customer.join(Customer::read(&node(catalogue, name)?.inputs, &named));
    } else {
        let region = region(asked.region.as_ref())?;
        named.iter().for_each(|(name, text)| customer.join(Customer::of_type(name, text, region)));
        for slot in catalogue.nodes.values() {
            if let Slot::Ready(node) = slot {
                customer.join(Customer::read(&node.inputs, &named));
            }
        }
    }
    let is_read = |name: &String| customer.known.contains(name) || customer.regions.contains(name);
    match named.iter().find(|(name, _)| !is_read(name)) {
        Some((name, _)) => Err(Refusal::Nobody(why(name, &customer, asked))),
        None if customer.identifiers.is_empty() => {
            Err(Refusal::Nobody("nothing in `identifiers` names a customer".to_owned()))
        }
        None => Ok(customer),
    }
}

/// Whether there is such a node, in force or not.
pub(super) fn known_node(catalogue: &Catalogue, name: &str) -> Result<(), Refusal> {
    match catalogue.nodes.contains_key(name) {
        true => Ok(()),
        false => Err(unknown("node", name, catalogue.nodes.keys())),
    }
}

/// The customer whose calls are looked for, in every way in which a call could have named her: a phone number is read
/// in the region that is named, else in those of the node that is named, else in those of all nodes. None: anybody's.
pub(super) fn whom(
    catalogue: &Catalogue,
    asked: &BTreeMap<String, String>,
) -> Result<Option<Vec<String>>, Refusal> {
    let types = TYPES.iter().filter_map(|name| Some((*name, asked.get(*name)?)));
    let mut whom = Customer::default();
    let (mut sought, region) = (false, region(asked.get("region"))?);
    for (name, text) in types {
        sought = true;
        whom.join(Customer::of_type(name, text, region));
        let ready =
            catalogue.nodes.iter().filter(|(node, _)| asked.get("node").is_none_or(|name| ***node == **name));
        for slot in ready.map(|(_, slot)| slot).filter(|_| region.is_none()) {
            if let Slot::Ready(node) = slot {
                whom.join(Customer::of_inputs(&node.inputs, name, text));
            }
        }
        if whom.identifiers.is_empty() {
            return Err(Refusal::Asked(format!("the text of `{name}` is none that a call could have")));
        }
    }
    Ok(sought.then_some(whom.identifiers))
}

fn region(region: Option<&String>) -> Result<Option<Region>, Refusal> {
    let Some(text) = region else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| Refusal::Nobody(format!("`{text}` is no region: write SG, GB or US")))
}

fn why(name: &str, customer: &Customer, asked: &Forget) -> String {
    if customer.invalid.iter().any(|invalid| invalid == name) {
        return format!("the text of `{name}` is no identifier that a call could have");
    }
    match (&asked.node, name) {
        (Some(node), _) => format!("`{name}` is no input of the node `{node}` that names a customer"),
        (None, "phone") => "a phone number without its country code needs a `region`, or a `node`".to_owned(),
        (None, _) => {
            format!("`{name}` is neither a type ({}) nor an input that names a customer", TYPES.join(", "))
        }
    }
}
