//! `once:`, by what two calls mean the same write, and for how long.

use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::expr::Place;
use crate::mapping::compiling::Compiling;
use crate::mapping::expression::Variables;
use crate::mapping::language::lookup::ONCE;
use crate::mapping::read::fields::Fields;
use crate::plan::Once;

/// So long a write is not repeated where nothing is said, in seconds: a day.
const KEEP: i64 = 24 * 3600;
/// The longest, in seconds: thirty days.
const LONGEST: i64 = 30 * 24 * 3600;

/// Compiles `once`. None is a mistake; a write that is not limited so is none.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    variables: &Variables,
) -> Option<Option<Once>> {
    let Some((key, node)) = fields.entry("once") else { return Some(None) };
    let fields = compiling.reader.map(node, "`once`", ONCE.names)?;
    let keep = fields.int(&mut compiling.reader, "keep_sec", 1..=LONGEST, "s").unwrap_or(KEEP);
    fields.required(&mut compiling.reader, "by")?;
    let written = fields.one_or_many(&compiling.reader, "by");
    let mut by = Vec::new();
    for node in written {
        let Some(scalar) = compiling.reader.text(node, "an item of `by`") else { continue };
        by.extend(compiling.template(scalar, Place::Text, variables));
        if by.last().is_some_and(|template| template.reads().iter().any(|read| read.root == "now")) {
            let message = "`now` is never the same twice, so every call would write";
            compiling.reader.error(
                Code::ValueType,
                scalar.span,
                message,
                "name the call by what the IVR sends",
            );
        }
    }
    if by.len() == written.len() && by.iter().all(|template| template.reads().is_empty()) {
        let message = "`by` reads nothing of the call: what one caller writes, no other could";
        let help = "name what two calls must share to mean the same: `by: [\"{{ call_id }}\"]`";
        compiling.reader.error(Code::ValueType, key.span, message, help);
        return None;
    }
    (by.len() == written.len()).then(|| Some(Once { by, keep: Duration::from_secs(keep.unsigned_abs()) }))
}
