//! Comparisons that are the same for every call, because what is compared is of another type, or never has that value.

use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::did_you_mean;
use crate::expr::{Condition, Read, Segment};
use crate::mapping::comparison::{Compared, Operator, shown};
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::{Meant, canonical};
use crate::mapping::yaml;
use crate::node::input::InputKind;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{Kind, Output, Source};
use crate::record::Outcome;
use crate::scalar::is_same;

/// What a name may stand for.
struct Known {
    /// What it is in words: "a text".
    kind: &'static str,
    /// Every value that it may have; None: any of its kind.
    values: Option<Vec<Value>>,
}

impl Meant<'_> {
    pub(super) fn vain_comparisons(&self, compiling: &mut Compiling<'_>) {
        for (condition, node) in self.conditions(compiling) {
            for read in condition.reads() {
                self.compare(condition, read, node, compiling);
            }
        }
    }

    /// Each condition of the node, and where it is written.
    fn conditions(&self, compiling: &Compiling<'_>) -> Vec<(&Condition, &yaml::Node)> {
        let when = |node: &'static str| self.fields.one_or_many(&compiling.reader, node);
        let node = self.node;
        let steps = node.lookup.iter().map(|step| &step.ask).zip(when("lookup"));
        let reads = node.then.iter().map(|read| &read.ask).zip(when("then"));
        let write = node.write.iter().map(|write| &write.ask).zip(when("do"));
        let asked = steps.chain(reads).chain(write);
        let mut found: Vec<_> =
            asked.filter_map(|(ask, written)| Some((ask.when.as_ref()?, member(written, "when")?))).collect();
        let outputs = self.fields.get("outputs").and_then(yaml::Node::as_map);
        for (output, (_, written)) in node.outputs.iter().zip(outputs.into_iter().flat_map(yaml::Map::iter)) {
            let (Source::Choose(choices), Some(written)) = (&output.source, member(written, "choose")) else {
                continue;
            };
            let items = compiling.reader.one_or_many(written);
            let choices = choices.iter().zip(items);
            found.extend(
                choices.filter_map(|(choice, item)| Some((choice.when.as_ref()?, member(item, "when")?))),
            );
        }
        found
    }

    fn compare(&self, condition: &Condition, read: &Read, node: &yaml::Node, compiling: &mut Compiling<'_>) {
        let Some(scalar) = node.as_scalar() else { return };
        let input = self.input_of(read);
        if let Some(input) = input {
            canonical::warn_beginning(compiling, scalar, condition, read, input);
        }
        let Some(compared) = Compared::of(condition, read) else { return };
        let Some(known) = self.known(read) else { return };
        if compiling.warn_unlike(scalar, read, &compared, known.kind)
            || input.is_some_and(|input| canonical::warn_unwritten(compiling, scalar, read, &compared, input))
            || compared.operator == Operator::Size
        {
            return;
        }
        let constant = &compared.constant;
        let is_one = |values: &Vec<Value>| values.iter().any(|value| is_same(value, constant));
        let Some(values) = known.values.filter(|values| !values.is_empty() && !is_one(values)) else {
            return;
        };
        let mut texts: Vec<String> = Vec::new();
        for text in values.iter().map(shown) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let help = match did_you_mean(&shown(constant), texts.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("it may be {}", texts.join(", ")),
        };
        let outcome = constant.as_str().and_then(Outcome::named).filter(|_| read.root == "outcome");
        let why = outcome.and_then(|outcome| self.why_never(outcome));
        let why = why.map(|why| format!(" in this node: {why}")).unwrap_or_default();
        let message = format!("`{read}` is never {}{why}", shown(constant));
        compiling.reader.warning(Code::NeverEqual, compared.span(read, scalar), message, help);
    }

    /// What is known of a variable; None: it may be anything.
    fn known(&self, read: &Read) -> Option<Known> {
        let (group, name) = match (read.root.as_str(), read.below.as_slice()) {
            (group @ ("inputs" | "outputs"), [Segment::Key(name)]) => (group, name.as_str()),
            (name, []) => ("", name),
            _ => return None,
        };
        if group.is_empty() && name == "outcome" {
            let all = Outcome::ALL.iter().filter(|outcome| self.why_never(**outcome).is_none());
            let values = all.map(|outcome| Value::from(outcome.name())).collect();
            return Some(Known { kind: "a text", values: Some(values) });
        }
        if let Some(input) = self.input_of(read) {
            let kind = match input.kind {
                InputKind::Int | InputKind::Number => "a number",
                InputKind::Bool => "a truth value",
                _ => "a text",
            };
            return Some(Known { kind, values: None });
        }
        self.node.outputs.iter().find(|output| *output.name == *name).map(of_output)
    }
}

fn of_output(output: &Output) -> Known {
    let kind = match output.kind {
        Kind::String => "a text",
        Kind::Int | Kind::Number => "a number",
        Kind::Bool => "a truth value",
    };
    Known { kind, values: values_of(output) }
}

/// Every value that an output may have, its defaults last; None: any of its type.
pub(super) fn values_of(output: &Output) -> Option<Vec<Value>> {
    let constant = |template: &JsonTemplate| match template {
        JsonTemplate::Constant(value) => Some(value.clone()),
        _ => None,
    };
    let values: Option<Vec<Value>> = match (&output.values, &output.source) {
        (Some(values), _) => Some(values.iter().map(|(_, value)| value.clone()).collect()),
        (None, Source::Constant(value)) => Some(vec![value.clone()]),
        (None, Source::Choose(choices)) => choices.iter().map(|choice| constant(&choice.value)).collect(),
        (None, Source::Path(..) | Source::Text(_) | Source::Outcome) => None,
    };
    let defaults = output.default.iter().chain(output.default_on.iter().map(|(_, value)| value));
    values.map(|values| values.into_iter().chain(defaults.cloned()).collect())
}

fn member<'n>(node: &'n yaml::Node, key: &str) -> Option<&'n yaml::Node> {
    node.as_map().and_then(|map| map.get(key)).map(|(_, node)| node)
}
