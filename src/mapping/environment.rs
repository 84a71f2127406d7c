//! `${NAME}`, `${NAME:-default}` and `${secret:NAME}` in single values, after the file was parsed: what a variable
//! holds can never change a file's structure, and no message shows it.

use crate::diagnostic::Finding;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::{Compiling, Detour};
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::operation::Setting;

/// One `${…}` of a text.
struct Reference<'t> {
    name: &'t str,
    default: Option<&'t str>,
    /// Bytes of the whole `${…}` in the text.
    start: usize,
    end: usize,
}

impl Compiling<'_> {
    /// The text with the environment in it. A variable that is not set and has no default is a note, one for
    /// each file, and the value is unset. `$${` writes `${`.
    pub(super) fn expand(&mut self, scalar: &Scalar) -> Option<Setting<String>> {
        let mut expanded = String::new();
        let mut unset = None;
        let mut rest = 0;
        while let Some(found) = self.next_reference(scalar, rest, &mut expanded) {
            let reference = found?;
            rest = reference.end;
            let given = (self.environment)(reference.name).filter(|value| !value.is_empty());
            match given.as_deref().or(reference.default) {
                Some(value) => expanded.push_str(value),
                None => {
                    self.note_unset(scalar, &reference);
                    unset = unset.or_else(|| Some(reference.name.to_owned()));
                }
            }
        }
        Some(unset.map_or(Setting::Set(expanded), Setting::Unset))
    }

    /// The finding that a text reads the environment where it is not read.
    pub(super) fn refuse_expansion(&mut self, scalar: &Scalar) {
        let Some(at) = scalar.text.find("${") else { return };
        let written = scalar.text.get(at..).unwrap_or_default();
        let written = written.find('}').and_then(|end| written.get(..=end)).unwrap_or("${NAME}");
        let help = match self.detour {
            Detour::None => {
                "it is read in base_url, auth, headers, access keys and the secrets of hooks only".to_owned()
            }
            Detour::With => {
                format!(
                    "name it under `with`: `with: {{ key: \"{written}\" }}`, and write `{{{{ key }}}}` here"
                )
            }
            Detour::Auth => format!(
                "write a credential under `auth`: `{{ query: {{ name: …, value: \"{written}\" }} }}`, or the same as \
                 `header`"
            ),
        };
        let message = "the environment is not read here";
        self.reader.error(Code::NotExpanded, scalar.span_of(at..at + 2), message, help);
    }

    /// The next reference from `rest` on; the text before it is added to `expanded`. `Some(None)`: a malformed one.
    fn next_reference<'t>(
        &mut self,
        scalar: &'t Scalar,
        mut rest: usize,
        expanded: &mut String,
    ) -> Option<Option<Reference<'t>>> {
        let text = scalar.text.as_str();
        loop {
            let tail = text.get(rest..)?;
            let Some(at) = tail.find("${") else {
                expanded.push_str(tail);
                return None;
            };
            if let Some(before) = tail.get(..at).and_then(|before| before.strip_suffix('$')) {
                expanded.push_str(before);
                expanded.push_str("${");
                rest += at + 2;
                continue;
            }
            expanded.push_str(tail.get(..at)?);
            return Some(self.reference(scalar, rest + at));
        }
    }

    fn reference<'t>(&mut self, scalar: &'t Scalar, start: usize) -> Option<Reference<'t>> {
        let inside = scalar.text.get(start + 2..)?;
        let Some(length) = inside.find('}') else {
            let span = scalar.span_of(start..scalar.text.len());
            self.reader.error(Code::BadExpansion, span, "this `${` is not closed", "write `${NAME}`");
            return None;
        };
        let body = inside.get(..length)?;
        let end = start + 2 + length + 1;
        let (name, default) = match body.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (body, None),
        };
        let name = name.strip_prefix("secret:").unwrap_or(name);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) || name.starts_with(|c: char| c.is_ascii_digit()) {
            let message = format!("`{body}` names no environment variable");
            let help = "write `${NAME}`, `${NAME:-default}` or `${secret:NAME}`; `$${` for a plain `${`";
            self.reader.error(Code::BadExpansion, scalar.span_of(start..end), message, help);
            return None;
        }
        Some(Reference { name, default, start, end })
    }

    fn note_unset(&mut self, scalar: &Scalar, reference: &Reference<'_>) {
        let message = format!("the environment variable {} is not set", reference.name);
        let span = scalar.span_of(reference.start..reference.end);
        let finding = Finding::note(Code::UnsetVariable, self.reader.source(), span, message);
        self.reader.push_once(finding.help(self.while_unset));
    }
}
