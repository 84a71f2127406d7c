//! Answer templates that are declared to give JSON and give none: a text without quotes, a comma too many.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::expr::Template;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::mapping::node::meaning::comparison::values_of;
use crate::plan::output::{Answer, Dialect, Kind, Output};
use crate::record::Outcome;

/// How much is shown of what is no JSON, in characters before and behind its mistake.
const SHOWN: usize = 24;

impl Meant<'_> {
    pub(super) fn answer_not_json(&self, compiling: &mut Compiling<'_>) {
        let Dialect::Template { template, content_type } = &self.node.dialect else { return };
        if !is_json(content_type) {
            return;
        }
        let Some(shown) = Outcome::ALL.into_iter().find_map(|outcome| self.shown(template, outcome)) else {
            return;
        };
        let written = self.fields.get("dialect").and_then(|node| node.as_map()?.get("template"));
        let span = written.map_or(self.fields.span(), |(key, _)| key.span);
        let message = format!("this template gives no JSON: `{shown}`");
        let help = "a text stands in quotes, `\"{{ outputs.name }}\"`; what is of type int, number or bool needs none";
        compiling.reader.warning(Code::NotJson, span, message, help);
    }

    /// What is no JSON of the answer to a call that ends so.
    fn shown(&self, template: &Template, outcome: Outcome) -> Option<String> {
        let error = if outcome == Outcome::BadInput { "x" } else { "" };
        let made = self.node.outputs.iter().map(|output| (output.name.to_string(), sample(output, outcome)));
        let sample = Answer::new(made, outcome, error);
        // What cannot be filled in with a sample may be with what is found.
        let text = template.render(&sample).ok()?;
        let mistake = serde_json::from_str::<IgnoredAny>(&text).err()?;
        let line = text.lines().nth(mistake.line().saturating_sub(1)).unwrap_or_default();
        let from = mistake.column().saturating_sub(SHOWN);
        Some(line.chars().skip(from).take(2 * SHOWN).collect::<String>().trim().to_owned())
    }
}

/// Whether a media type is that of one JSON value.
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// A value that an output may have where the call ends so.
fn sample(output: &Output, outcome: Outcome) -> Value {
    let of_kind = || match output.kind {
        Kind::String => Value::from("x"),
        Kind::Int | Kind::Number => Value::from(1),
        Kind::Bool => Value::Bool(true),
    };
    let default = || output.default_for(outcome).cloned();
    let usual = || values_of(output).and_then(|values| values.into_iter().next());
    let default = if outcome == Outcome::Found { None } else { default() };
    default.or_else(usual).unwrap_or_else(of_kind)
}
