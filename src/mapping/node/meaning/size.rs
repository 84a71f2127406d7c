//! Answers that are longer than IVRs read, as far as that is known before any call: by what is constant in them.

use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{Output, Source};

/// The longest answer that IVRs are known to read, in bytes.
const LONGEST: usize = 32 * 1024;

impl Meant<'_> {
    pub(super) fn long_answer(&self, compiling: &mut Compiling<'_>) {
        let least: usize = self.node.outputs.iter().map(least).sum();
        if least <= LONGEST {
            return;
        }
        let span = self.fields.entry("outputs").map_or(self.fields.span(), |(key, _)| key.span);
        let message =
            format!("the constants of this answer have {least} bytes, and IVRs read at most {LONGEST}");
        let help = "shorten the texts, or make two nodes of it";
        compiling.reader.warning(Code::AnswerTooLong, span, message, help);
    }
}

/// So many bytes an output has in every call in which it is found.
fn least(output: &Output) -> usize {
    let of = |value: &Value| value.as_str().map_or(0, str::len);
    let value = match &output.source {
        Source::Constant(value) => of(value),
        Source::Text(template) if template.is_literal() => template.text().len(),
        Source::Choose(choices) => {
            let chosen = choices.iter().map(|choice| match &choice.value {
                JsonTemplate::Constant(value) => of(value),
                _ => 0,
            });
            chosen.min().unwrap_or(0)
        }
        Source::Path(..) | Source::Text(_) | Source::Outcome => 0,
    };
    output.name.len() + value
}
