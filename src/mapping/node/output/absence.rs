//! What an output is where nothing is found: it needs a default or `optional`, and needs neither where it always has a
//! value.

use std::collections::BTreeSet;

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::expr::{Read, Segment, Template, text_of};
use crate::mapping::compiling::Compiling;
use crate::mapping::node::lookup::Asked;
use crate::mapping::node::output::Made;
use crate::node::input::Input;
use crate::plan::operation::JsonTemplate;
use crate::plan::output::{Choice, Kind, Output, Source};

/// The findings about defaults that are missing, or never used. `names`: those of all outputs, also of such as have
/// errors; of these nothing is known.
pub(in crate::mapping::node) fn check(
    made: &[Made<'_>],
    names: &[String],
    inputs: &[Input],
    asked: &Asked,
    compiling: &mut Compiling<'_>,
) {
    let taken: BTreeSet<&str> = asked
        .names
        .iter()
        .map(String::as_str)
        .chain(["record", "outcome", "now", "inputs", "outputs"])
        .collect();
    let failed = names.iter().filter(|name| !made.iter().any(|made| made.key.text == **name));
    let mut there = There { taken, inputs, outputs: failed.map(String::as_str).collect() };
    // Each pass finds the outputs that are there because those are that they read.
    loop {
        let known = there.outputs.len();
        for Made { key, output, default, .. } in made {
            if default.is_some() || there.gap(output).is_none() {
                there.outputs.insert(&key.text);
            }
        }
        if there.outputs.len() == known {
            break;
        }
    }
    for one in made {
        tell(one, there.gap(&one.output), compiling);
    }
}

fn tell(made: &Made<'_>, gap: Option<Gap>, compiling: &mut Compiling<'_>) {
    let output = &made.output;
    let is_fixed = matches!(output.source, Source::Constant(_) | Source::Outcome);
    match (made.default, gap) {
        (Some(key), None) if is_fixed && output.values.is_none() => {
            let message = "this default can never be used: the output always has a value";
            compiling.reader.warning(Code::UnusedDefault, key.span, message, "leave it out");
        }
        (None, Some(gap)) if !output.optional => {
            let message = format!("the output `{}` has no value where {}", made.key.text, gap.when);
            let source = compiling.reader.source();
            let mut finding = Finding::error(Code::MissingDefault, source, made.key.span, message);
            if let Some(value) = gap.choice.and_then(|at| made.choices.get(at)) {
                finding = finding.related(value.span, "in this choice");
            }
            compiling.reader.push(finding.help(remedy(output.kind)));
        }
        _ => {}
    }
}

fn remedy(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "add `default: \"\"`, or `optional: true` to leave it out then",
        Kind::Int | Kind::Number => "add `default: 0`, or `optional: true` to leave it out then",
        Kind::Bool => "add `default: false`, or `optional: true` to leave it out then",
    }
}

/// Where an output has no value of its own.
struct Gap {
    /// In words, behind "where".
    when: String,
    /// The choice that is taken then.
    choice: Option<usize>,
}

/// What is there in every call.
struct There<'o> {
    /// Names that are no outputs.
    taken: BTreeSet<&'o str>,
    inputs: &'o [Input],
    outputs: BTreeSet<&'o str>,
}

impl There<'_> {
    /// Where an output can be without a value, or with one that is not of its type.
    fn gap(&self, output: &Output) -> Option<Gap> {
        let gap = |when: &str| Some(Gap { when: when.to_owned(), choice: None });
        if output.values.is_some()
            && matches!(output.source, Source::Text(_) | Source::Choose(_) | Source::Outcome)
        {
            return gap("what it reads is not among its `values`");
        }
        match &output.source {
            Source::Constant(_) => None,
            Source::Outcome if output.kind == Kind::String => None,
            Source::Outcome => gap("the outcome is not of its type, and none is"),
            Source::Path(..) => gap("nothing is found"),
            Source::Text(template) => {
                self.gap_of(template, output.kind).map(|when| Gap { when, choice: None })
            }
            Source::Choose(choices) => self.gap_of_choices(choices, output.kind),
        }
    }

    fn gap_of_choices(&self, choices: &[Choice], kind: Kind) -> Option<Gap> {
        for (at, choice) in choices.iter().enumerate() {
            let when = match &choice.value {
                JsonTemplate::Constant(value) if text_of(value).is_some() => None,
                JsonTemplate::Text(template) => self.gap_of(template, kind),
                _ => Some("its choice is no single value".to_owned()),
            };
            if let Some(when) = when {
                return Some(Gap { when, choice: Some(at) });
            }
        }
        let is_last = choices.iter().any(|choice| choice.when.is_none());
        (!is_last).then(|| Gap { when: "none of its choices applies".to_owned(), choice: None })
    }

    /// When a template gives no text, or none that is a value of the type.
    fn gap_of(&self, template: &Template, kind: Kind) -> Option<String> {
        let missing = template.reads().iter().find(|read| !self.is_there(read));
        if let Some(read) = missing {
            let of = |input: &&Input| *input.name == *read.root && input.default.is_some();
            return Some(match self.inputs.iter().find(of) {
                Some(_) => format!("a call cannot be read, and `{read}` with it"),
                None => format!("`{read}` is missing"),
            });
        }
        if kind != Kind::String {
            return Some(format!("its text is no {}", kind.name()));
        }
        let only_outcome = template.reads().iter().all(|read| read.root == "outcome");
        (!only_outcome && !is_plain(template)).then(|| "its template cannot be worked out".to_owned())
    }

    fn is_there(&self, read: &Read) -> bool {
        match (read.root.as_str(), read.below.as_slice()) {
            ("outcome" | "now", []) => true,
            ("outputs", [Segment::Key(name)]) => self.outputs.contains(name.as_str()),
            (name, []) => !self.taken.contains(name) && self.outputs.contains(name),
            _ => false,
        }
    }
}

/// Whether a template is nothing but text and variables, so that it cannot fail where they are there.
fn is_plain(template: &Template) -> bool {
    let (text, reads) = (template.text(), template.reads());
    let stands_alone = |read: &Read| {
        let before = text.get(..read.range.start).unwrap_or_default().trim_end();
        let after = text.get(read.range.end..).unwrap_or_default().trim_start();
        before.trim_end_matches('-').ends_with("{{") && after.trim_start_matches('-').starts_with("}}")
    };
    !text.contains("{%") && text.matches("{{").count() == reads.len() && reads.iter().all(stands_alone)
}
