//! Personal data on its way to where it is written down: what stands in the path of a request is kept in the access
//! logs of every proxy and server that it passes.

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::node::input::InputKind;
use crate::plan::operation::{Call, JsonTemplate};
use crate::plan::{Ask, Step};

impl Meant<'_> {
    pub(super) fn personal_in_path(&self, compiling: &mut Compiling<'_>) {
        let nodes = self.fields.one_or_many(&compiling.reader, "lookup");
        for (step, node) in self.node.lookup.iter().zip(nodes) {
            let Some(what) = self.exposed(step) else { continue };
            let call = node.as_map().and_then(|map| map.get("call"));
            let span = call.map_or(node.span, |(_, call)| call.span);
            let message = format!(
                "`{}` writes {what} into the path of its request, and access logs keep paths",
                step.ask.operation.name
            );
            let help = "where the upstream takes it there, send it under `query`, `form` or `json`";
            let finding = Finding::note(Code::PersonalInPath, compiling.reader.source(), span, message);
            compiling.reader.push(finding.help(help));
        }
    }

    /// What of a customer stands in the path.
    fn exposed(&self, step: &Step) -> Option<&'static str> {
        let input = self.node.inputs.get(step.by?)?;
        let what = match input.kind {
            InputKind::Phone { .. } => "the phone number",
            InputKind::Email => "the e-mail address",
            _ => return None,
        };
        let Call::Http(call) = &step.ask.operation.call else { return None };
        let is_in_path = |name: &str| call.path.reads().iter().any(|read| read.root == name);
        let given = given(&step.ask, &input.name);
        given.into_iter().any(is_in_path).then_some(what)
    }
}

/// The arguments that are given the input.
fn given<'a>(ask: &'a Ask, input: &str) -> Vec<&'a str> {
    let is_read = |template: &JsonTemplate| match template {
        JsonTemplate::Text(template) => template.reads().iter().any(|read| read.to_string().contains(input)),
        _ => false,
    };
    let given = ask.args.iter().filter(|(_, template)| is_read(template));
    given.filter_map(|(at, _)| ask.operation.args.get(*at).map(|arg| arg.name.as_ref())).collect()
}
