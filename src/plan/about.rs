//! Whom a call is about.

use crate::expr::text_of;
use crate::node::input::{Identifier, Inputs, names_a_region};
use crate::plan::Node;
use crate::record::Record;

impl Node {
    /// Whom a call is about: the identifiers that it came with, and those that the record of this step of the lookup has
    /// for itself alone. A called number names nobody.
    #[must_use]
    pub fn about(&self, given: &Inputs, found: Option<(&Record, usize)>) -> Vec<Identifier> {
        let came = (0..self.inputs.len()).filter(|at| !names_a_region(&self.inputs, *at));
        let came = came.filter_map(|at| given.get(at)?.identifier.clone());
        let found = found.and_then(|(record, step)| Some((record, self.lookup.get(step)?)));
        let unique = found.into_iter().flat_map(|(record, step)| {
            step.ask.operation.unique.iter().filter_map(|(name, path)| {
                let at = self.inputs.iter().position(|input| *input.name == **name)?;
                given.identify(&self.inputs, at, &text_of(path.first(record)?)?)
            })
        });
        came.chain(unique).collect()
    }
}
