//! Inputs and further reads that nothing reads: a misspelt name, or a step that was forgotten.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::mapping::yaml;
use crate::plan::output::{From, Source};

impl Meant<'_> {
    pub(super) fn unused_inputs(&self, compiling: &mut Compiling<'_>) {
        let Some(map) = self.fields.get("inputs").and_then(yaml::Node::as_map) else {
            return;
        };
        for ((key, _), (at, input)) in map.iter().zip(self.node.inputs.iter().enumerate()) {
            let finds = self.sought.contains(&at);
            let locates = map.iter().any(|(_, input)| region_from(input) == Some(key.text.as_str()));
            let names_the_call = self.node.call_id.is_some_and(|call_id| call_id.input == at);
            if !finds && !locates && !names_the_call && !self.is_read("inputs", &input.name) {
                compiling.reader.warning(
                    Code::UnusedInput,
                    key.span,
                    format!("the input `{}` is never read", key.text),
                    "find by it in `lookup`, read it in a template, or leave it out",
                );
            }
        }
    }

    pub(super) fn unused_reads(&self, compiling: &mut Compiling<'_>) {
        let nodes = self.fields.one_or_many(&compiling.reader, "then");
        for ((at, read), node) in self.node.then.iter().enumerate().zip(nodes) {
            let from = From::Then(at);
            let sources = self.node.outputs.iter().map(|output| &output.source);
            let is_source =
                sources.into_iter().any(|source| matches!(source, Source::Path(other, _) if *other == from));
            if is_source || self.is_read("", &read.name) {
                continue;
            }
            let named = node.as_map().and_then(|map| map.get("as"));
            let span = named.map_or(node.span, |(_, name)| name.span);
            let message = format!("nothing reads what `{}` finds, and every call waits for it", read.name);
            let help = format!("read it in an output, `from: {}`, or leave it out", read.name);
            compiling.reader.warning(Code::UnusedRead, span, message, help);
        }
    }

    fn is_read(&self, group: &str, name: &str) -> bool {
        self.variables.iter().any(|variables| variables.was_read(group, name))
    }
}

/// The input that names the region of this one, as it is written.
fn region_from(input: &yaml::Node) -> Option<&str> {
    let (_, from) = input.as_map()?.get("region_from")?;
    from.as_scalar().map(|scalar| scalar.text.as_str())
}
