//! Single braces around what is a variable: `{ record.name }` is no template, and is read out as it stands.

use std::ops::Range;

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::scalar::Scalar;

/// What opens and closes a template's own parts.
const PARTS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// Whose single braces a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Braces {
    /// Nobody's: what stands in them was meant for a template.
    OurOwn,
    /// Those of the system that it is sent to, as GraphQL or a template of its own. Only what is nothing but a variable
    /// in braces was meant for a template.
    OfAny,
}

impl Compiling<'_> {
    /// Warns of each pair of single braces with a variable in it; `is_known` says what is one.
    pub(super) fn warn_single_braces(
        &mut self,
        scalar: &Scalar,
        braces: Braces,
        is_known: impl Fn(&str) -> bool,
    ) {
        for found in single(&scalar.text) {
            if braces == Braces::OfAny && scalar.text.trim().len() != found.len() {
                continue;
            }
            let written = scalar.text.get(found.clone()).unwrap_or_default();
            let inside = written.trim_matches(['{', '}']).trim();
            let root = inside.split(['.', '[']).next().unwrap_or_default();
            if !is_known(root) {
                continue;
            }
            let message = format!("`{written}` is no template, and is written as it stands");
            let help = format!("a template has two braces: `{{{{ {inside} }}}}`");
            let span = scalar.span_of(found);
            let finding = Finding::warning(Code::SingleBraces, self.reader.source(), span, message);
            self.reader.push_once(finding.help(help));
        }
    }
}

/// Where a text has `{ name }` or `{name.member}` outside of its templates. `${name}` and `#{name}` are of other languages,
/// and so are braces within braces, as those of GraphQL.
fn single(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at, mut depth) = (Vec::new(), 0, 0_usize);
    while let Some(next) = text.get(at..).and_then(|tail| tail.find(['{', '}'])).map(|next| at + next) {
        let tail = text.get(next..).unwrap_or_default();
        at = next + 1;
        if tail.starts_with('}') {
            depth = depth.saturating_sub(1);
            continue;
        }
        if let Some((_, close)) = PARTS.iter().find(|(start, _)| tail.starts_with(start)) {
            at = next + tail.find(close).map_or(tail.len(), |end| end + close.len());
            continue;
        }
        let before = text.get(..next).and_then(|before| before.chars().next_back());
        let close = tail.find('}').filter(|close| is_chain(tail.get(1..*close).unwrap_or_default().trim()));
        let is_other = depth > 0 || matches!(before, Some('$' | '#' | '%' | '\\'));
        match close.filter(|_| !is_other) {
            Some(close) => {
                found.push(next..next + close + 1);
                at = next + close + 1;
            }
            None => depth += 1,
        }
    }
    found
}

/// Whether it is a name with members: `record.names[0].display`.
fn is_chain(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "_.[]\"'".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::single;

    #[test]
    fn single_braces_around_a_name_are_found_and_others_are_not() {
        let found = |text: &'static str| single(text).into_iter().map(|at| &text[at]).collect::<Vec<_>>();
        assert_eq!(found("Hallo { record.name }, {{ tel }} {tel}"), ["{ record.name }", "{tel}"]);
        assert_eq!(found("/v1/{id}/{tags[0]}"), ["{id}", "{tags[0]}"]);
        for text in [
            "{{ record.name }}",
            "{% set a = b %}{# { c } #}",
            "${name} #{name} %{name}",
            r#"{ "a": 1 } {"a"}"#,
            "{ } {1} {a b} { open",
            "query($id: ID!) { customer(id: $id) { id } }",
            "{{ {a: b} }}",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
