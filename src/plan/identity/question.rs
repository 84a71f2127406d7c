//! What decides what a question of a node finds, beside the values that it is asked with, and whom that is about. Which
//! node asks is no part of it: what one has found serves the others.

use crate::node::account::Kind;
use crate::node::input::{Input, InputKind};
use crate::plan::identity::{Identify, Identity};
use crate::plan::operation::JsonTemplate;
use crate::plan::output::Dialect;
use crate::plan::{Ask, Keep, Pick, Read, Step};

impl Step {
    /// Its identity among the inputs of its node: with the inputs whose values it is asked with, in their order.
    #[must_use]
    pub fn identity(&self, inputs: &[Input]) -> u64 {
        // What else may answer it, because it finds the same record, is added where all steps are known.
        let Self { by, forms, ask, keep, record: _ } = self;
        let Keep { revision: _, inputs: read, is_steady: _, fields: _, fingerprint: _, reading: _ } = keep;
        let forms: Vec<String> = forms.iter().map(ToString::to_string).collect();
        let known = |at: &usize| Known::at(*at, inputs);
        let read: Vec<_> = read.iter().map(known).collect();
        let by = by.as_ref().map(known);
        Identity::of("step").with(&by).with(&forms).with(ask).with(&read).number()
    }
}

impl Read {
    /// Its identity behind the steps that find the record which it is about. The values of its arguments are what it is
    /// asked with.
    #[must_use]
    pub fn identity(&self, lookup: &[Step]) -> u64 {
        let Self { name: _, ask, after: _, keep: _ } = self;
        let found_by =
            lookup.iter().map(|step| &step.ask.operation.unique).filter(|unique| !unique.is_empty());
        let mut about: Vec<u64> =
            found_by.map(|unique| Identity::of("about").with(unique).number()).collect();
        about.sort_unstable();
        about.dedup();
        Identity::of("read").with(ask).with(&about).number()
    }
}

impl Identify for Ask {
    fn identify(&self, identity: &mut Identity) {
        // Whether it is asked at all is told before anything is looked up.
        let Self { operation, args, pick, when: _ } = self;
        let mut args: Vec<(u64, &JsonTemplate)> =
            args.iter().map(|(at, value)| (*at as u64, value)).collect();
        args.sort_by_key(|(at, _)| *at);
        identity.add(operation).add(&args).add(pick);
    }
}

impl Identify for Pick {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::First => identity.add("first"),
            Self::Newest(path) => identity.add("newest").add(path),
            Self::Only => identity.add("only"),
        };
    }
}

/// An input, among all of its node.
struct Known<'n> {
    input: &'n Input,
    all: &'n [Input],
}

impl<'n> Known<'n> {
    fn at(at: usize, all: &'n [Input]) -> Option<Self> {
        Some(Self { input: all.get(at)?, all })
    }
}

impl Identify for Known<'_> {
    fn identify(&self, identity: &mut Identity) {
        let Input { name, aliases: _, header: _, kind, default, about: _ } = self.input;
        identity.add(name).add(kind.name()).add(default);
        match kind {
            InputKind::Phone { region, region_from } => {
                let from = region_from.and_then(|from| self.all.get(from)).map(|from| &from.name);
                identity.add(&region.to_string()).add(&from);
            }
            InputKind::Account(kinds) => {
                identity.add(kinds);
            }
            InputKind::Email | InputKind::Text | InputKind::Int | InputKind::Number | InputKind::Bool => {}
        }
    }
}

impl Identify for Kind {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.name()).add(&self.shape());
    }
}

impl Identify for Dialect {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Json => identity.add("json"),
            Self::Strings => identity.add("strings"),
            Self::Pairs => identity.add("pairs"),
            Self::Template { template, content_type } => {
                identity.add("template").add(template).add(content_type)
            }
        };
    }
}
