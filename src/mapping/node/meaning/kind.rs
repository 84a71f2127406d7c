//! Kinds of account ids that an operation does not take: each call that tries one would end as an error.

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::expr::text_of;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::node::input::InputKind;
use crate::plan::operation::{Arg, JsonTemplate};
use crate::plan::{Ask, Step};

impl Meant<'_> {
    pub(super) fn refused_kinds(&self, compiling: &mut Compiling<'_>) {
        for step in &self.node.lookup {
            for arg in given_the_kind(&step.ask) {
                self.refused(step, arg, compiling);
            }
        }
    }

    fn refused(&self, step: &Step, arg: &Arg, compiling: &mut Compiling<'_>) {
        let Some(input) = step.by.and_then(|at| self.node.inputs.get(at)) else { return };
        let InputKind::Account(kinds) = &input.kind else { return };
        let taken: Vec<_> = arg.one_of.iter().filter_map(text_of).collect();
        if taken.is_empty() {
            return;
        }
        let written = self.fields.get("inputs").and_then(|node| {
            let (_, input) = node.as_map()?.get(&input.name)?;
            Some(compiling.reader.one_or_many(&input.as_map()?.get("kinds")?.1))
        });
        for (kind, item) in kinds.iter().zip(written.unwrap_or_default()) {
            if taken.iter().any(|taken| *taken == kind.name()) {
                continue;
            }
            let key = item.as_map().and_then(|map| map.iter().next().map(|(key, _)| key.span));
            let names: Vec<&str> = taken.iter().map(AsRef::as_ref).collect();
            let message =
                format!("`{}` takes no `{}` for `{}`", step.ask.operation.name, kind.name(), arg.name);
            let help = suggest(kind.name(), &names);
            compiling.reader.error(Code::UnknownWord, key.unwrap_or(item.span), message, help);
        }
    }
}

/// The arguments that are nothing but the kind of the account.
fn given_the_kind(ask: &Ask) -> impl Iterator<Item = &Arg> {
    let is_kind = |template: &JsonTemplate| match template {
        JsonTemplate::Text(template) => {
            template.bare().is_some_and(|read| read.root == "kind" && read.below.is_empty())
        }
        _ => false,
    };
    let given = ask.args.iter().filter(move |(_, template)| is_kind(template));
    given.filter_map(|(at, _)| ask.operation.args.get(*at))
}
