//! `once:`, by what two calls mean the same write, and for how long.

use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::expr::{Place, Segment, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::lookup::ONCE;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::missing::is_guarded;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::Node;
use crate::mapping::yaml::scalar::Scalar;
use crate::node::input::Input;
use crate::plan::write::Once;

/// So long a write is not repeated where nothing is said, in seconds: a day.
const KEEP: i64 = 24 * 3600;
/// The longest, in seconds: thirty days.
const LONGEST: i64 = 30 * 24 * 3600;

/// Compiles `once`. None is a mistake; a write that is not limited so is none.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    variables: &Variables,
    inputs: &[Input],
) -> Option<Option<Once>> {
    let Some((key, node)) = fields.entry("once") else { return Some(None) };
    let when = fields.get("when").and_then(Node::as_scalar).map(|when| when.text.as_str());
    let fields = compiling.reader.map(node, "`once`", ONCE.names)?;
    let keep = fields.int(&mut compiling.reader, "keep_sec", 1..=LONGEST, "s").unwrap_or(KEEP);
    fields.required(&mut compiling.reader, "by")?;
    let written = fields.one_or_many(&compiling.reader, "by");
    let mut by = Vec::new();
    for node in written {
        let Some(scalar) = compiling.reader.text(node, "an item of `by`") else { continue };
        let Some(template) = compiling.template(scalar, Place::Text, variables) else { continue };
        refuse_the_time(compiling, scalar, &template);
        warn_missing(compiling, scalar, &template, inputs, when.unwrap_or_default());
        by.push(template);
    }
    if by.len() == written.len() && by.iter().all(|template| template.reads().is_empty()) {
        let message = "`by` reads nothing of the call: what one caller writes, no other could";
        let help = "name what two calls must share to mean the same: `by: [\"{{ call_id }}\"]`";
        let span = written.first().map_or(key.span, |node| node.span);
        compiling.reader.error(Code::ValueType, span, message, help);
        return None;
    }
    (by.len() == written.len()).then(|| Some(Once { by, keep: Duration::from_secs(keep.unsigned_abs()) }))
}

fn refuse_the_time(compiling: &mut Compiling<'_>, scalar: &Scalar, template: &Template) {
    if template.reads().iter().any(|read| read.root == "now") {
        let message = "`now` is never the same twice, so every call would write";
        let help = "name the call by what the IVR sends";
        compiling.reader.error(Code::ValueType, scalar.span, message, help);
    }
}

/// Warns of inputs that may not be given: without one of them nothing is written.
fn warn_missing(
    compiling: &mut Compiling<'_>,
    scalar: &Scalar,
    template: &Template,
    inputs: &[Input],
    when: &str,
) {
    // The only input that names the customer is given, or there is nothing to write.
    let is_only = inputs.iter().filter(|input| input.kind.is_identifier()).count() == 1;
    for read in template.reads() {
        let name = match (read.root.as_str(), read.below.first()) {
            ("inputs", Some(Segment::Key(name))) => name,
            _ => &read.root,
        };
        let Some(input) = inputs.iter().find(|input| *input.name == **name) else { continue };
        let is_sure = input.default.is_some() || (is_only && input.kind.is_identifier());
        if is_sure || is_guarded(&scalar.text, read) || when.contains(name.as_str()) {
            continue;
        }
        let message =
            format!("`{name}` may not be given, and then the call ends as `error` and writes nothing");
        let help = match input.kind.is_identifier() {
            true => format!("name what every call brings, or write only with it: `when: {name}`"),
            false => format!("give the input a `default`, or write only with it: `when: {name}`"),
        };
        let span = scalar.span_of(read.range.clone());
        compiling.reader.warning(Code::MaybeMissing, span, message, help);
    }
}
