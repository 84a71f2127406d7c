//! The operations of a file as written: their names, their keys and their arguments, before what they do is known.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::upstream::argument::Arguments;

/// The limit of an operation that names none.
pub(super) const TIMEOUT: Duration = Duration::from_secs(1);

/// One operation as written.
pub(super) struct Written<'n> {
    /// Its full name.
    pub(super) name: Arc<str>,
    pub(super) fields: Fields<'n>,
    pub(super) arguments: Arguments,
}

/// The operations below `operations`, each with its full name; none: it is no map of such keys.
pub(super) fn operations<'n>(
    upstream: &str,
    fields: &Fields<'n>,
    keys: &'static [&'static str],
    compiling: &mut Compiling<'_>,
) -> Vec<(Arc<str>, Option<Written<'n>>)> {
    let reader = &mut compiling.reader;
    let Some(node) = fields.required(reader, "operations") else { return Vec::new() };
    let Some(map) = reader.entries(node, "`operations`") else { return Vec::new() };
    if map.is_empty() {
        let help = "write one: `customer_by_phone: { … }`";
        reader.error(Code::EmptyValue, node.span, "`operations` holds no operation", help);
    }
    let mut operations = Vec::new();
    for (key, node) in map.iter() {
        let _ = compiling.reader.name(&key.text, key.span, "an operation", Name::Slug);
        let name: Arc<str> = format!("{upstream}.{}", key.text).into();
        let fields = compiling.reader.map(node, "an operation", keys);
        let written = fields.map(|fields| {
            let arguments = Arguments::read(&fields, compiling);
            let _ = fields.text(&mut compiling.reader, "about");
            Written { name: Arc::clone(&name), fields, arguments }
        });
        operations.push((name, written));
    }
    operations
}

/// What a map says it is for.
pub(super) fn about(fields: &Fields<'_>) -> Option<String> {
    Some(fields.get("about")?.as_scalar()?.text.clone())
}

/// A time in milliseconds, if its key is written and it is within its range.
pub(super) fn millis(
    compiling: &mut Compiling<'_>,
    fields: &Fields<'_>,
    key: &str,
    range: RangeInclusive<i64>,
) -> Option<Duration> {
    let millis = fields.int(&mut compiling.reader, key, range, "ms")?;
    u64::try_from(millis).ok().map(Duration::from_millis)
}
