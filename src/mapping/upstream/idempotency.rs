//! `idempotency:`, the header by which an upstream knows a write that came before.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::IDEMPOTENCY;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::header::Header;
use crate::plan::operation::{Effect, Idempotency};

impl Compiling<'_> {
    /// Reads `idempotency`. None is a mistake; no key at all is not.
    pub(super) fn idempotency(
        &mut self,
        fields: &Fields<'_>,
        arguments: &Arguments,
        effect: Effect,
        headers: &[Header<'_>],
    ) -> Option<Option<Idempotency>> {
        let Some(node) = fields.get("idempotency") else { return Some(None) };
        let fields = self.reader.map(node, "`idempotency`", IDEMPOTENCY.names)?;
        if let Some((key, _)) = fields.entry("by").filter(|_| effect == Effect::Read) {
            let message = "a read by a key that came before may get the answer of that time";
            let help = "leave `by` out: each request then has a key of its own";
            self.reader.error(Code::WrongEffect, key.span, message, help);
            return None;
        }
        let header = fields.required_text(&mut self.reader, "header");
        let by = self.key_arguments(&fields, arguments);
        let header = header.filter(|scalar| self.header_name(&scalar.text, scalar.span))?;
        if headers.iter().any(|other| other.is(&header.text)) {
            let message = format!("`{}` stands among the `headers` too", header.text);
            self.reader.error(Code::DuplicateHeader, header.span, message, "keep one of them");
            return None;
        }
        Some(Some(Idempotency { header: header.text.clone(), by: by? }))
    }

    /// The arguments that make the key; none are written: each request has its own.
    fn key_arguments(&mut self, fields: &Fields<'_>, arguments: &Arguments) -> Option<Vec<usize>> {
        let Some((key, _)) = fields.entry("by") else { return Some(Vec::new()) };
        let names = fields.texts(&mut self.reader, "by");
        if names.is_empty() {
            let help = "name the arguments that make two requests the same, or leave `by` out for a key of its own each";
            self.reader.error(Code::EmptyValue, key.span, "`by` names no argument", help);
            return None;
        }
        let mut by = Vec::new();
        for scalar in &names {
            match arguments.names().position(|name| name == scalar.text) {
                Some(at) => by.push(at),
                None => {
                    let code = Code::UnknownArgument;
                    self.reader.unknown_name(code, scalar.span, "argument", &scalar.text, arguments.names());
                }
            }
        }
        (by.len() == names.len()).then_some(by)
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::tests::{Compiled, operation};

    fn with(idempotency: &str) -> Compiled {
        operation(&format!(
            "    post: /x\n    effect: write\n    json: \"{{{{ phone }}}}\"\n    headers: {{ X-A: b }}\n    idempotency: {idempotency}\n"
        ))
    }

    #[test]
    fn a_write_has_a_key_of_its_arguments_or_of_its_own() {
        let compiled = with("{ header: Idempotency-Key, by: [phone] }");
        let key = compiled.request().idempotency.as_ref().unwrap();
        assert_eq!((key.header.as_str(), key.by.as_slice()), ("Idempotency-Key", &[0][..]));
        assert!(with("{ header: Idempotency-Key }").request().idempotency.as_ref().unwrap().by.is_empty());
    }

    #[test]
    fn every_mistake_in_a_key_is_told() {
        for (idempotency, head) in [
            ("{ by: [phone] }", "error[missing-key]: `idempotency` needs the key `header`"),
            ("{ header: X-K, by: [fone] }", "error[unknown-argument]: there is no argument `fone`"),
            ("{ header: X-K, by: [] }", "error[empty-value]: `by` names no argument"),
            ("{ header: x-a }", "error[duplicate-header]: `x-a` stands among the `headers` too"),
        ] {
            assert_eq!(with(idempotency).heads(), [head], "{idempotency}");
        }
    }

    #[test]
    fn a_read_has_a_key_of_its_own_or_none() {
        let read = |by: &str| {
            operation(&format!("    get: /{{{{ phone }}}}\n    idempotency: {{ header: X-K{by} }}\n"))
        };
        assert!(read("").request().idempotency.is_some());
        assert_eq!(
            read(", by: [phone]").heads(),
            ["error[wrong-effect]: a read by a key that came before may get the answer of that time"]
        );
    }
}
