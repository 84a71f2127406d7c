//! How an operation's answer is read: what counts as success, where it says what went wrong, and where records stand.

use crate::diagnostic::code::Code;
use crate::expr::{Condition, Path};
use crate::mapping::comparison::Compared;
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::Node;
use crate::plan::operation::ArgKind;

/// How it is told whether an answer is a success.
pub(super) struct Judged {
    pub(super) ok: Option<Condition>,
    pub(super) error: Vec<Path>,
    pub(super) not_found: Vec<u16>,
}

impl Judged {
    /// The arguments that the condition reads: indexes.
    pub(super) fn arguments(&self, arguments: &Arguments) -> impl Iterator<Item = usize> {
        let reads = self.ok.as_ref().map(Condition::reads).unwrap_or_default();
        let is_read = move |name: &str| reads.iter().any(|read| read.root == name);
        arguments.names().enumerate().filter(move |(_, name)| is_read(name)).map(|(at, _)| at)
    }
}

impl Compiling<'_> {
    /// Reads `ok`, `error` and `not_found`.
    pub(super) fn judged(
        &mut self,
        fields: &Fields<'_>,
        answered: &Variables,
        arguments: &Arguments,
    ) -> Option<Judged> {
        let ok = self.ok(fields, answered, arguments);
        let error = self.error_paths(fields);
        let not_found = self.not_found(fields);
        Some(Judged { ok: ok?, error: error?, not_found })
    }

    /// `unique: { email: $.email }`
    pub(super) fn unique(&mut self, fields: &Fields<'_>) -> Vec<(String, Path)> {
        let Some(map) = fields.entries(&mut self.reader, "unique") else {
            return Vec::new();
        };
        let mut unique = Vec::new();
        for (key, node) in map.iter() {
            let path = self.path(node, &format!("`{}`", key.text));
            unique.extend(path.map(|path| (key.text.clone(), path)));
        }
        unique
    }

    /// Where the one record stands, or where each of them does.
    pub(super) fn record_or_records(&mut self, fields: &Fields<'_>) -> Option<Path> {
        let Some((key, node)) = fields.entry("record") else {
            return self.records(fields, Path::whole());
        };
        fields.at_most_one(&mut self.reader, &["record", "records"])?;
        let path = self.path(node, "`record`")?;
        if path.is_plural() {
            let message = "`record` is one value, and this path may select several";
            let help = "write the path of the list itself, or `records` if each item is a record";
            self.reader.error(Code::ValueType, key.span, message, help);
            return None;
        }
        Some(path)
    }

    /// Where the records stand, else `default`.
    pub(super) fn records(&mut self, fields: &Fields<'_>, default: Path) -> Option<Path> {
        match fields.get("records") {
            Some(node) => self.path(node, "`records`"),
            None => Some(default),
        }
    }

    /// What counts as success. None is a mistake; no condition is not.
    pub(super) fn ok(
        &mut self,
        fields: &Fields<'_>,
        answered: &Variables,
        arguments: &Arguments,
    ) -> Option<Option<Condition>> {
        let Some(node) = fields.get("ok") else { return Some(None) };
        let condition = self.condition(node, "`ok`", answered)?;
        self.warn_missing(node.as_scalar()?, condition.reads(), arguments);
        self.warn_vain(node, &condition, arguments);
        Some(Some(condition))
    }

    /// Warns where a condition on an answer compares the status, a header or an argument with what it never is.
    pub(super) fn warn_vain(&mut self, node: &Node, condition: &Condition, arguments: &Arguments) {
        let Some(scalar) = node.as_scalar() else { return };
        for read in condition.reads() {
            let kind = match (read.root.as_str(), read.below.as_slice()) {
                ("status", []) => Some("a number"),
                ("headers", [_]) => Some("a text"),
                (name, []) => arguments.get(name).and_then(|arg| kind_of(arg.kind)),
                _ => None,
            };
            if let (Some(compared), Some(kind)) = (Compared::of(condition, read), kind) {
                self.warn_unlike(scalar, read, &compared, kind);
            }
        }
    }

    /// Where the answer says what went wrong. None after a mistake in one of them.
    pub(super) fn error_paths(&mut self, fields: &Fields<'_>) -> Option<Vec<Path>> {
        let written = fields.one_or_many(&self.reader, "error").iter();
        // All are compiled, so that each mistake is told.
        let paths: Vec<Option<Path>> = written.map(|node| self.path(node, "`error`")).collect();
        paths.into_iter().collect()
    }

    fn not_found(&mut self, fields: &Fields<'_>) -> Vec<u16> {
        if fields.get("not_found").is_none() {
            return vec![404];
        }
        let items = fields.one_or_many(&self.reader, "not_found").iter();
        let statuses =
            items.filter_map(|item| self.reader.int(item, "a status of `not_found`", 200..=599, ""));
        statuses.filter_map(|status| u16::try_from(status).ok()).collect()
    }
}

/// What an argument of that type is in words; None: no comparison tells.
fn kind_of(kind: ArgKind) -> Option<&'static str> {
    match kind {
        ArgKind::Text => Some("a text"),
        ArgKind::Int | ArgKind::Number => Some("a number"),
        ArgKind::Bool => Some("a truth value"),
        ArgKind::List | ArgKind::Object => None,
    }
}
