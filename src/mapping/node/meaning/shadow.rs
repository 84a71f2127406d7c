//! Steps of the lookup that ask nothing new, and picks where there is nothing to pick from.

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::plan::operation::Call;
use crate::plan::{Ask, Pick, Step};

impl Meant<'_> {
    pub(super) fn steps_for_nothing(&self, compiling: &mut Compiling<'_>) {
        let nodes = self.fields.one_or_many(&compiling.reader, "lookup");
        let steps: Vec<_> = self.node.lookup.iter().zip(nodes).collect();
        for (at, (step, node)) in steps.iter().enumerate() {
            let Some((earlier, first)) = steps.iter().take(at).find(|(earlier, _)| covers(earlier, step))
            else {
                continue;
            };
            let source = compiling.reader.source();
            let (span, first) = (source.head_of(node.span), source.head_of(first.span));
            let (code, message) = if earlier.forms.len() == step.forms.len() {
                (
                    Code::DuplicateStep,
                    "this step asks what an earlier one has asked: nobody new is found by it",
                )
            } else {
                (Code::UnreachableStep, "every form that this step asks was asked by an earlier one")
            };
            let finding = Finding::warning(code, source, span, message)
                .help("leave it out, or give it another `call`, `args` or `forms`")
                .related(first, "asked here");
            compiling.reader.push(finding);
        }
    }

    pub(super) fn picks_among_one(&self, compiling: &mut Compiling<'_>) {
        let asks: Vec<&Ask> = self.node.lookup.iter().map(|step| &step.ask).collect();
        if let Some((key, _)) = self.fields.entry("pick")
            && !asks.is_empty()
            && asks.iter().all(|ask| finds_one(ask))
        {
            let message = "there is nothing to pick from: every step finds one record at most";
            let help = "leave it out, or let `records` of the operation select each item: `$.data[*]`";
            compiling.reader.warning(Code::PickAmongOne, key.span, message, help);
        }
        let further = self.node.then.iter().map(|read| &read.ask);
        for (list, asks) in [("lookup", asks), ("then", further.collect())] {
            for (ask, node) in asks.iter().zip(self.fields.one_or_many(&compiling.reader, list)) {
                let Some((key, _)) = node.as_map().and_then(|map| map.get("pick")) else { continue };
                if finds_one(ask) && !matches!(ask.pick, Pick::First) {
                    let message = format!(
                        "there is nothing to pick from: `{}` finds one record at most",
                        ask.operation.name
                    );
                    let help =
                        "leave it out, or let `records` of the operation select each item: `$.data[*]`";
                    compiling.reader.warning(Code::PickAmongOne, key.span, message, help);
                }
            }
        }
    }
}

/// Whether the later step can find nobody whom the earlier one did not.
fn covers(earlier: &Step, later: &Step) -> bool {
    let said = |ask: &Ask| format!("{:?}", ask.args);
    let when = |step: &Step| step.ask.when.as_ref().map(|when| when.text().to_owned());
    earlier.by == later.by
        && earlier.ask.operation.name == later.ask.operation.name
        && (when(earlier).is_none() || when(earlier) == when(later))
        && later.forms.iter().all(|form| earlier.forms.contains(form))
        && said(&earlier.ask) == said(&later.ask)
}

/// Whether an operation's answer holds one record and never several.
fn finds_one(ask: &Ask) -> bool {
    matches!(&ask.operation.call, Call::Http(_)) && ask.operation.records.is_singular()
}
