//! The account of a reply: where each output has its value from. It is worked out from the same facts by the same
//! steps as the reply was, when somebody asks, so that a call pays nothing for it.

use serde_json::Value;

use crate::output::scope::Scope;
use crate::output::why::Why;
use crate::output::{Facts, missed, sourced, under};
use crate::plan::Node;
use crate::plan::output::{Output, Source};
use crate::record::Outcome;

/// The most values under a path that are shown.
const SHOWN: usize = 5;

/// Where one output has its value from.
#[derive(Debug)]
pub struct Account<'n> {
    /// The output.
    pub output: &'n Output,
    /// The first values under its path.
    pub matched: Vec<Value>,
    /// How many there are.
    pub count: usize,
    /// Its value; none: it is left out.
    pub value: Option<Value>,
    /// Why that is not from its source but its default; with the outcome by which the default was taken.
    pub default: Option<(Why, Outcome)>,
}

/// The account of each output, in the node's order.
#[must_use]
pub fn account<'n>(node: &'n Node, facts: Facts<'n>) -> Vec<Account<'n>> {
    let mut scope = Scope { node, facts, made: vec![None; node.outputs.len()] };
    let mut accounts: Vec<Option<Account<'n>>> = node.outputs.iter().map(|_| None).collect();
    for at in &node.making {
        let Some(output) = node.outputs.get(*at) else {
            continue;
        };
        let account = one(output, &scope);
        if let (Some(made), Some(place)) = (scope.made.get_mut(*at), accounts.get_mut(*at)) {
            made.clone_from(&account.value);
            *place = Some(account);
        }
    }
    accounts.into_iter().flatten().collect()
}

fn one<'n>(output: &'n Output, scope: &Scope<'n>) -> Account<'n> {
    let matched = match &output.source {
        Source::Path(from, path) => scope.from(*from).map(|record| under(path, record)).unwrap_or_default(),
        Source::Text(_) | Source::Choose(_) | Source::Outcome | Source::Constant(_) => Vec::new(),
    };
    let (count, matched) = (matched.len(), matched.into_iter().take(SHOWN).cloned().collect());
    match sourced(output, scope) {
        Ok(value) => Account { output, matched, count, value: Some(value), default: None },
        Err(why) => {
            let outcome = missed(output, scope);
            let value = output.default_for(outcome).cloned();
            Account { output, matched, count, value, default: Some((why, outcome)) }
        }
    }
}
