//! The columns of a table that name a customer, and what each of them holds.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, list};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::COLUMN;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Key, Node};
use crate::plan::table::Identifier;

const TYPES: [(&str, Type); 3] = [("phone", Type::Phone), ("email", Type::Email), ("text", Type::Text)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Phone,
    Email,
    Text,
}

/// A column that names a customer.
pub(super) struct Column<'n> {
    pub(super) name: &'n str,
    span: Span,
    /// What it holds; none: there is a mistake in it.
    pub(super) identifier: Option<Identifier>,
    region_from: Option<&'n Scalar>,
}

impl Compiling<'_> {
    /// Reads `identifiers`.
    pub(super) fn identifiers<'n>(&mut self, fields: &Fields<'n>) -> Vec<Column<'n>> {
        let Some(node) = fields.required(&mut self.reader, "identifiers") else { return Vec::new() };
        let Some(map) = self.reader.entries(node, "`identifiers`") else { return Vec::new() };
        if map.is_empty() {
            let help = "name a column: `tel: { type: phone, region: SG }`";
            self.reader.error(Code::EmptyValue, node.span, "`identifiers` names no column", help);
        }
        map.iter().map(|(key, node)| self.identifier(key, node)).collect()
    }

    fn identifier<'n>(&mut self, key: &'n Key, node: &'n Node) -> Column<'n> {
        let column = Column { name: &key.text, span: key.span, identifier: None, region_from: None };
        if node.as_scalar().is_some() {
            let kind = self.reader.word(node, "the type of an identifier", &TYPES);
            let identifier = kind.and_then(|kind| self.of_type(kind, None, key.span));
            return Column { identifier, ..column };
        }
        let Some(fields) = self.reader.map(node, "an identifier", COLUMN.names) else { return column };
        let kind = fields.required(&mut self.reader, "type");
        let kind = kind.and_then(|node| self.reader.word(node, "`type`", &TYPES));
        if let Some(Type::Email | Type::Text) = kind {
            for (key, _) in ["region", "region_from"].into_iter().filter_map(|key| fields.entry(key)) {
                let message = format!("`{}` has no effect on what is no phone number", key.text);
                self.reader.warning(
                    Code::NoEffect,
                    key.span,
                    message,
                    "leave it out, or write `type: phone`",
                );
            }
        }
        let identifier = kind.and_then(|kind| self.of_type(kind, Some(&fields), key.span));
        let region_from = fields.text(&mut self.reader, "region_from").filter(|_| kind == Some(Type::Phone));
        Column { identifier, region_from, ..column }
    }

    fn of_type(&mut self, kind: Type, fields: Option<&Fields<'_>>, span: Span) -> Option<Identifier> {
        match kind {
            Type::Email => return Some(Identifier::Email),
            Type::Text => return Some(Identifier::Text),
            Type::Phone => {}
        }
        let Some(node) = fields.and_then(|fields| fields.get("region")) else {
            let message = "a column of phone numbers needs the key `region`";
            let help =
                "write `{ type: phone, region: SG }`, with the region of numbers without a country code";
            self.reader.error(Code::MissingRegion, span, message, help);
            return None;
        };
        let region = self.region(node)?;
        let from = fields.and_then(|fields| fields.get("region_from")).and_then(Node::as_scalar);
        Some(Identifier::Phone { region, region_from: from.map(|from| from.text.clone()) })
    }

    /// Whether all identifying columns are there; a finding for each that is not. A table without any column has no
    /// rows to find.
    pub(super) fn check_columns(&mut self, identifiers: &[Column<'_>], columns: &[String]) -> bool {
        let mut are_there = true;
        let named = identifiers.iter().map(|column| (column.name, column.span));
        let from = identifiers.iter().filter_map(|column| column.region_from);
        for (name, span) in named.chain(from.map(|from| (from.text.as_str(), from.span))) {
            are_there &= columns.is_empty() || self.is_column(name, span, columns);
        }
        are_there
    }

    /// Whether a column is there; the finding where it is not.
    pub(super) fn is_column(&mut self, name: &str, span: Span, columns: &[String]) -> bool {
        if columns.iter().any(|column| column == name) {
            return true;
        }
        let columns: Vec<&str> = columns.iter().map(String::as_str).take(50).collect();
        let help = match did_you_mean(name, columns.iter().copied()) {
            Some(column) => format!("did you mean `{column}`?"),
            None => format!("the columns are {}", list(&columns)),
        };
        self.reader.error(Code::TableColumn, span, format!("the table has no column `{name}`"), help);
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::table::tests::with_data;

    const DATA: &[u8] = b"tel,email,country\n91234567,a@b.sg,SG\n02071838750,,GB\n";
    const FIND: &str = "    args: { phone: { required: true } }\n    find: { tel: \"{{ phone }}\" }\n";

    #[test]
    fn a_row_may_have_a_region_of_its_own() {
        let identifiers = "{ tel: { type: phone, region: SG, region_from: country }, email: email }";
        let compiled = with_data("region-from", "a.csv", DATA, identifiers, FIND);
        assert_eq!(compiled.look().table.find(&[("tel", "+442071838750")]).len(), 1);
        assert_eq!(compiled.look().table.find(&[("email", "A@B.sg")]).len(), 1);
    }

    #[test]
    fn every_mistake_in_an_identifier_is_told() {
        for (identifiers, head, help) in [
            (
                "{ tel: phone }",
                "error[missing-region]: a column of phone numbers needs the key `region`",
                "region: SG",
            ),
            (
                "{ tel: { type: phone, region: UK } }",
                "error[bad-region]: `UK` is no region of the numbering plan",
                "did you mean `GB`?",
            ),
            ("{ tel: fone }", "error[unknown-word]: the type of an identifier cannot be `fone`", "`phone`"),
            (
                "{ tel: { region: SG } }",
                "error[missing-key]: an identifier needs the key `type`",
                "`type: …`",
            ),
            (
                "{ tel: text, emial: email }",
                "error[table-column]: the table has no column `emial`",
                "did you mean `email`?",
            ),
            (
                "{ tel: { type: phone, region: SG, region_from: land } }",
                "error[table-column]: the table has no column `land`",
                "the columns are `tel`, `email`, `country`",
            ),
            (
                "{ tel: { type: text, region: SG } }",
                "warning[no-effect]: `region` has no effect on what is no phone number",
                "leave it out",
            ),
        ] {
            let compiled = with_data("identifiers", "a.csv", DATA, identifiers, FIND);
            assert_eq!(compiled.heads(), [head]);
            assert!(compiled.findings[0].contains(help), "{}", compiled.findings[0]);
        }
    }
}
