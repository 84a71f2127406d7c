//! Names that authors choose: of nodes, inputs, operations, arguments.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::read::Reader;

/// The characters that a name may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Letters, digits and `_`, a letter first: what can stand in a template as a variable.
    Variable,
    /// The same and `-`: what can stand in a URL.
    Slug,
}

impl Name {
    /// The longest name, in characters.
    const LONGEST: usize = 64;

    /// Whether a name may be this.
    pub fn allows(self, name: &str) -> bool {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (self == Self::Slug && c == '-');
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= Self::LONGEST
            && name.chars().all(is_allowed)
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Variable => "use at most 64 letters a–z, digits and `_`, and a letter first",
            Self::Slug => "use at most 64 letters a–z, digits, `_` and `-`, and a letter first",
        }
    }
}

impl Reader<'_> {
    /// A name of the author's choice, written at `span`; `kind` is what it names, such as "an input".
    pub fn name<'n>(&mut self, name: &'n str, span: Span, kind: &str, rule: Name) -> Option<&'n str> {
        if rule.allows(name) {
            return Some(name);
        }
        self.error(Code::BadName, span, format!("`{name}` cannot be the name of {kind}"), rule.rule());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Span};
    use crate::mapping::read::tests::findings_of;

    #[test]
    fn a_name_has_the_characters_of_its_place() {
        let span = Span::new(0, 1);
        let allowed = |name: &str, rule| {
            findings_of("x: 1", |reader, _| reader.name(name, span, "an input", rule).is_some()).0
        };
        for name in ["tel", "thirdAccountId", "a_1"] {
            assert!(allowed(name, Name::Variable), "{name}");
        }
        for name in ["", "2nd", "_a", "a-b", "a.b", "电话", "a b", &"a".repeat(65)] {
            assert!(!allowed(name, Name::Variable), "{name}");
        }
        assert!(allowed("customer-360", Name::Slug));
    }
}
