//! `cache:`, how long what a node found is kept.

use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::CACHE;
use crate::mapping::read::fields::Fields;
use crate::plan::Lives;

/// The longest life of a record, in seconds: thirty days.
const LONGEST: i64 = 30 * 24 * 3600;

/// Compiles `cache`; without it nothing is kept.
pub(super) fn lives(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Lives> {
    let cache = fields.map(&mut compiling.reader, "cache", CACHE.names)?;
    let fresh = cache.required(&mut compiling.reader, "fresh_sec");
    let fresh = fresh.and_then(|node| compiling.reader.int(node, "`fresh_sec`", 1..=LONGEST, "s"));
    let stale = cache.int(&mut compiling.reader, "stale_sec", 0..=LONGEST, "s").unwrap_or(0);
    let not_found = cache.int(&mut compiling.reader, "not_found_sec", 0..=LONGEST, "s");
    let fresh = fresh?;
    if let (Some(not_found), Some(node)) = (not_found, cache.get("not_found_sec"))
        && not_found > fresh
    {
        let message =
            "`not_found_sec` is longer than `fresh_sec`: a new customer would wait longer than a known one";
        compiling.reader.warning(Code::NotFoundLonger, node.span, message, "make it the shorter of the two");
    }
    let seconds = |value: i64| Duration::from_secs(value.unsigned_abs());
    Some(Lives {
        fresh: seconds(fresh),
        stale: seconds(stale),
        not_found: seconds(not_found.unwrap_or(fresh.min(30))),
    })
}
