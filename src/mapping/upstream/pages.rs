//! `pages:`, the arguments that turn the pages of an operation and where its answer says how many there are.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::PAGES;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::plan::operation::{Arg, ArgKind, Effect};
use crate::plan::pages::{Count, Pages};

/// So many pages are asked for where nothing is said.
const MOST: i64 = 10;

impl Compiling<'_> {
    /// Reads `pages`. None is a mistake; no pages are not.
    pub(super) fn pages(
        &mut self,
        fields: &Fields<'_>,
        arguments: &Arguments,
        effect: Effect,
    ) -> Option<Option<Pages>> {
        let Some((key, node)) = fields.entry("pages") else { return Some(None) };
        if effect == Effect::Write {
            let help = "leave it out: a write is one request";
            self.reader.error(Code::WrongEffect, key.span, "a write has no pages", help);
            return None;
        }
        let fields = self.reader.map(node, "`pages`", PAGES.names)?;
        fields.required(&mut self.reader, "number")?;
        let number = self.turning(&fields, "number", arguments);
        let size = match fields.get("size") {
            Some(_) => self.turning(&fields, "size", arguments).map(Some),
            None => Some(None),
        };
        let first = fields.int(&mut self.reader, "first", 0..=1, "").unwrap_or(1);
        let most = fields.int(&mut self.reader, "most", 1..=100, "").unwrap_or(MOST);
        let count = self.count(&fields, size.flatten().map(|(_, arg)| arg));
        let (number, size) = (self.counted(&fields, number?)?, size?.map(|(at, _)| at));
        let (first, most) = (first.unsigned_abs(), most.unsigned_abs());
        Some(Some(Pages { number, size, first, count: count?, most }))
    }

    /// The argument, a whole number, that a key names.
    fn turning<'a>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        arguments: &'a Arguments,
    ) -> Option<(usize, &'a Arg)> {
        let scalar = fields.text(&mut self.reader, key)?;
        let Some(found) = arguments.list.iter().enumerate().find(|(_, arg)| *arg.name == *scalar.text) else {
            self.reader.unknown_name(
                Code::UnknownArgument,
                scalar.span,
                "argument",
                &scalar.text,
                arguments.names(),
            );
            return None;
        };
        if found.1.kind != ArgKind::Int {
            let message =
                format!("`{}` is of type {}, and pages are counted", scalar.text, found.1.kind.name());
            let help = format!("declare it so: `{}: int`", scalar.text);
            self.reader.error(Code::ValueType, scalar.span, message, help);
            return None;
        }
        Some(found)
    }

    /// The argument that the walk sets itself.
    fn counted(&mut self, fields: &Fields<'_>, (at, arg): (usize, &Arg)) -> Option<usize> {
        if !arg.required && arg.default.is_none() {
            return Some(at);
        }
        let span = fields.get("number")?.span;
        let message =
            format!("`{}` is counted here, so it can be neither `required` nor have a `default`", arg.name);
        let help = format!("declare it as `{}: int`; who gives it asks for that page only", arg.name);
        self.reader.error(Code::KeysClash, span, message, help);
        None
    }

    /// Where the answer says how much there is.
    fn count(&mut self, fields: &Fields<'_>, size: Option<&Arg>) -> Option<Count> {
        let (key, node) = fields.exactly_one(&mut self.reader, &["count", "total"])?;
        let path = self.path(node, &format!("`{}`", key.text))?;
        if key.text == "count" {
            return Some(Count::Pages(path));
        }
        if size.is_some_and(|arg| arg.required || arg.default.is_some()) {
            return Some(Count::Records(path));
        }
        let message = "how many pages `total` records make is known by the size of a page only";
        let help = "name the argument that says it, with a default: `size: page_size`";
        self.reader.error(Code::MissingKey, key.span, message, help);
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::tests::{Compiled, compiled};
    use crate::plan::pages::Count;

    fn with(pages: &str, effect: &str) -> Compiled {
        compiled(&format!(
            "upstream: crm\nbase_url: http://crm.example\noperations:\n  op:\n    args:\n      page: int\n      \
             size: {{ type: int, default: 20 }}\n      rows: int\n      at: {{ type: int, default: 1 }}\n      word: text\n    \
             post: /x\n    json: [\"{{{{ page }}}}\", \"{{{{ size }}}}\", \"{{{{ rows }}}}\", \"{{{{ at }}}}\", \"{{{{ word }}}}\"]\n    \
             effect: {effect}\n    pages: {pages}\n"
        ))
    }

    #[test]
    fn pages_are_counted_by_themselves_or_by_their_records() {
        let compiled = with("{ number: page, count: $.page_count, most: 20 }", "read");
        let pages = compiled.request().pages.as_ref().unwrap();
        assert_eq!((pages.number, pages.size, pages.first, pages.most), (0, None, 1, 20));
        assert!(matches!(&pages.count, Count::Pages(path) if path.text() == "$.page_count"));
        let compiled = with("{ number: page, size: size, total: $.data.total, first: 0 }", "read");
        let pages = compiled.request().pages.as_ref().unwrap();
        assert_eq!((pages.size, pages.first, pages.most), (Some(1), 0, 10));
        assert!(matches!(&pages.count, Count::Records(path) if path.text() == "$.data.total"));
    }

    #[test]
    fn every_mistake_in_pages_is_told() {
        for (pages, head) in [
            ("{ count: $.n }", "error[missing-key]: `pages` needs the key `number`"),
            ("{ number: pag, count: $.n }", "error[unknown-argument]: there is no argument `pag`"),
            (
                "{ number: word, count: $.n }",
                "error[value-type]: `word` is of type text, and pages are counted",
            ),
            (
                "{ number: at, count: $.n }",
                "error[keys-clash]: `at` is counted here, so it can be neither `required` nor have a `default`",
            ),
            ("{ number: page }", "error[missing-key]: `pages` needs one of the keys `count`, `total`"),
            (
                "{ number: page, total: $.n, size: rows }",
                "error[missing-key]: how many pages `total` records make is known by the size of a page only",
            ),
            ("{ number: page, count: n }", "error[path-root]: a path starts with `$`"),
            (
                "{ number: page, count: $.n, most: 101 }",
                "error[out-of-range]: `most` must be from 1 to 100, not 101",
            ),
        ] {
            assert_eq!(with(pages, "read").heads(), [head], "{pages}");
        }
        let written = with("{ number: page, count: $.n }", "write");
        assert_eq!(written.heads(), ["error[wrong-effect]: a write has no pages"]);
    }
}
