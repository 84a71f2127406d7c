//! What a node's file says that would work and is probably not meant: what nothing reads, what is never reached, what
//! contradicts itself. Looked at only where the file has no error, because an error may be the reason.

mod budget;
mod canonical;
mod comparison;
mod exposure;
mod kind;
mod not_json;
mod outcome;
mod shadow;
mod size;
mod unused;

use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::Variables;
use crate::plan::Node;

/// A node without errors, as it is written and as it compiled.
pub(super) struct Meant<'m> {
    pub(super) fields: &'m Fields<'m>,
    pub(super) node: &'m Node,
    /// The inputs that steps find by: indexes.
    pub(super) sought: &'m [usize],
    /// All variables of the node's expressions, with what was read of them.
    pub(super) variables: &'m [Variables],
}

impl Meant<'_> {
    /// Makes the findings.
    pub(super) fn check(&self, compiling: &mut Compiling<'_>) {
        self.unused_inputs(compiling);
        self.unused_reads(compiling);
        self.steps_for_nothing(compiling);
        self.refused_kinds(compiling);
        self.picks_among_one(compiling);
        self.impossible_outcomes(compiling);
        self.needless_optional(compiling);
        self.tight_budget(compiling);
        self.cache_for_nothing(compiling);
        self.long_answer(compiling);
        self.vain_comparisons(compiling);
        self.personal_in_path(compiling);
        self.answer_not_json(compiling);
    }
}
