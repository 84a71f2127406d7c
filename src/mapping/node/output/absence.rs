//! What an output is where nothing is found: it needs a default or `optional`, and needs neither where it always has a
//! value.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::source;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::Key;
use crate::plan::output::{Kind, Source};

/// What an output says of its absence.
pub(super) struct Absence<'o> {
    pub(super) key: &'o Key,
    pub(super) fields: &'o Fields<'o>,
    pub(super) source: &'o Source,
    pub(super) kind: Kind,
    /// Whether a table of values decides.
    pub(super) has_values: bool,
    pub(super) optional: bool,
}

impl Absence<'_> {
    /// The findings about a default that is missing, or never used.
    pub(super) fn check(&self, compiling: &mut Compiling<'_>) {
        let default = self.fields.entry("default");
        let may_be_unset = self.has_values || source::may_be_unset(self.source, self.kind);
        let is_fixed = matches!(self.source, Source::Constant(_) | Source::Outcome);
        match default {
            Some((key, _)) if is_fixed && !may_be_unset => {
                let message = "this default can never be used: the output always has a value";
                compiling.reader.warning(Code::UnusedDefault, key.span, message, "leave it out");
            }
            None if !self.optional && may_be_unset => {
                let when = match self.source {
                    Source::Text(_) | Source::Choose(_) => "something that it reads is missing",
                    _ => "nothing is found",
                };
                let message = format!("the output `{}` has no value where {when}", self.key.text);
                compiling.reader.error(Code::MissingDefault, self.key.span, message, self.remedy());
            }
            _ => {}
        }
    }

    fn remedy(&self) -> &'static str {
        match self.kind {
            Kind::String => "add `default: \"\"`, or `optional: true` to leave it out then",
            Kind::Int | Kind::Number => "add `default: 0`, or `optional: true` to leave it out then",
            Kind::Bool => "add `default: false`, or `optional: true` to leave it out then",
        }
    }
}
