//! Defaults for outcomes that no call of the node has, and outputs that are never left out although they may be.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::mapping::yaml;
use crate::node::phone::form::Form;
use crate::plan::Pick;
use crate::record::Outcome;

impl Meant<'_> {
    pub(super) fn impossible_outcomes(&self, compiling: &mut Compiling<'_>) {
        let outputs = self.fields.get("outputs").and_then(yaml::Node::as_map);
        let mut named = Vec::new();
        for (_, output) in outputs.into_iter().flat_map(|map| map.iter()) {
            let on = output.as_map().and_then(|map| map.get("default_on"));
            let on = on.and_then(|(_, on)| on.as_map());
            named.extend(
                on.into_iter().flat_map(|on| on.iter()).map(|(key, _)| (key.text.as_str(), key.span)),
            );
        }
        for item in self.fields.one_or_many(&compiling.reader, "null_on") {
            named.extend(item.as_scalar().map(|scalar| (scalar.text.as_str(), scalar.span)));
        }
        for (name, span) in named {
            let Some(why) = Outcome::named(name).and_then(|outcome| self.why_never(outcome)) else {
                continue;
            };
            let message = format!("no call of this node ends with `{name}`: {why}");
            compiling.reader.warning(Code::ImpossibleOutcome, span, message, "leave it out");
        }
    }

    /// Why no call ends so; None: it may.
    pub(super) fn why_never(&self, outcome: Outcome) -> Option<&'static str> {
        let node = self.node;
        let is_awaited = node.write.iter().any(|write| write.waits);
        let asks_nothing = node.lookup.is_empty() && node.then.is_empty() && !is_awaited;
        let picks =
            node.lookup.iter().map(|step| &step.ask.pick).chain(node.then.iter().map(|read| &read.ask.pick));
        let is_loose = node.lookup.iter().any(|step| step.forms.iter().any(Form::is_loose));
        let is_rated = node.access.per_second.is_some();
        match outcome {
            // Who calls too often is turned away so, whatever the node would have asked.
            Outcome::Overloaded if is_rated => None,
            Outcome::Done if node.write.is_none() => Some("it has no `do`"),
            Outcome::Done if node.write.iter().any(|write| !write.waits) => {
                Some("it does not wait for its write")
            }
            Outcome::Ambiguous if !is_loose && !picks.into_iter().any(|pick| matches!(pick, Pick::Only)) => {
                Some("nothing of it says `pick: only` or asks a loose form")
            }
            Outcome::NotFound | Outcome::Timeout | Outcome::Error | Outcome::Overloaded if asks_nothing => {
                Some("it asks nobody")
            }
            _ => None,
        }
    }

    pub(super) fn needless_optional(&self, compiling: &mut Compiling<'_>) {
        let outputs = self.fields.get("outputs").and_then(yaml::Node::as_map);
        let written = outputs.into_iter().flat_map(|map| map.iter());
        for (output, (_, node)) in self.node.outputs.iter().zip(written) {
            let Some((key, _)) = node.as_map().and_then(|map| map.get("optional")) else { continue };
            if output.optional && output.default.is_some() {
                let message = format!("`{}` has a default, so it is never left out", output.name);
                compiling.reader.warning(
                    Code::NeedlessOptional,
                    key.span,
                    message,
                    "keep one of `optional` and `default`",
                );
            }
        }
    }
}
