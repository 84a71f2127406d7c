//! What a look into a table compares: columns that are named, or the one that an argument names.

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::list;
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::literal;
use crate::mapping::upstream::table::Known;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Map, Node};
use crate::plan::operation::Column;

/// What is compared.
pub(super) struct Found {
    pub(super) find: Vec<(Column, Template)>,
    /// The arguments that name a column: indexes.
    pub(super) keys: Vec<usize>,
}

impl Compiling<'_> {
    /// Reads `find` and `columns`.
    pub(super) fn find(
        &mut self,
        fields: &Fields<'_>,
        known: &Known<'_>,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Found> {
        let node = fields.required(&mut self.reader, "find")?;
        let map = self.reader.entries(node, "`find`")?;
        let mut found = Some(Found { find: Vec::new(), keys: Vec::new() });
        let mut by_argument = false;
        for (key, node) in map.iter() {
            let is_argument = literal::count_opens(&key.text) > 0;
            by_argument |= is_argument;
            let column = if is_argument {
                self.column_of_argument(key, fields, known, arguments)
            } else {
                self.named_column(key, known)
            };
            let value = self.compared(node, variables, arguments);
            match (&mut found, column, value) {
                (Some(found), Some(column), Some(value)) => found.add(column, value),
                _ => found = None,
            }
        }
        // A column that is not there may have been the one that identifies.
        if !by_argument && found.is_some() {
            self.check_named(node, map, fields, known)?;
        }
        found
    }

    /// Without an argument that names the column, one of those named must be an identifier.
    fn check_named(&mut self, node: &Node, map: &Map, fields: &Fields<'_>, known: &Known<'_>) -> Option<()> {
        if let Some((key, _)) = fields.entry("columns") {
            let message = "`columns` has no effect: no argument names a column";
            let help = "leave it out, or write `find: { \"{{ kind }}\": … }`";
            self.reader.error(Code::NoEffect, key.span, message, help);
        }
        let identifiers: Vec<&str> = known.identifier_names().collect();
        if identifiers.is_empty() || map.iter().any(|(key, _)| known.is_identifier(&key.text)) {
            return Some(());
        }
        let span = self.reader.source().head_of(node.span);
        let help = format!("compare one of {}", list(&identifiers));
        self.reader.error(Code::TableColumn, span, "`find` names no identifier of the table", help);
        None
    }

    fn compared(&mut self, node: &Node, variables: &Variables, arguments: &Arguments) -> Option<Template> {
        let scalar = self.reader.text_or_number(node, "a value of `find`")?;
        self.refuse_expansion(scalar);
        let template = self.template(scalar, Place::Text, variables)?;
        self.warn_missing(scalar, template.reads(), arguments);
        Some(template)
    }

    fn named_column(&mut self, key: &Key, known: &Known<'_>) -> Option<Column> {
        if let Some(columns) = &known.columns
            && !columns.is_empty()
            && !known.is_identifier(&key.text)
            && !self.is_column(&key.text, key.span, columns)
        {
            return None;
        }
        Some(Column::Named(key.text.clone()))
    }
}

impl Found {
    fn add(&mut self, column: Column, value: Template) {
        if let Column::Argument(at, _) = &column {
            self.keys.push(*at);
        }
        self.find.push((column, value));
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::table::tests::with_data;
    use crate::mapping::upstream::tests::Compiled;
    use crate::plan::operation::Column;

    const DATA: &[u8] = b"tel,partner_id,line,city\n91234567,p1,l1,SG\n";
    const IDENTIFIERS: &str = "{ tel: { type: phone, region: SG }, partner_id: text, line: text }";

    fn with(lines: &str) -> Compiled {
        with_data("find", "a.csv", DATA, IDENTIFIERS, lines)
    }

    const BY_KIND: &str = "    args: { kind: { one_of: [partnerId, line], required: true }, id: { required: true } }\n    find: { \"{{ kind }}\": \"{{ id }}\" }\n";

    #[test]
    fn an_argument_may_name_the_column() {
        let compiled = with(&format!("{BY_KIND}    columns: {{ partnerId: partner_id }}\n"));
        let [(Column::Argument(0, columns), value)] = compiled.look().find.as_slice() else {
            panic!("named")
        };
        let columns: Vec<(&str, &str)> = columns.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(columns, [("line", "line"), ("partnerId", "partner_id")]);
        assert_eq!(value.text(), "{{ id }}");
    }

    #[test]
    fn a_further_column_need_not_identify() {
        let lines = "    args: { a: { required: true }, c: { required: true } }\n    find: { tel: \"{{ a }}\", city: \"{{ c }}\" }\n";
        assert_eq!(with(lines).look().find.len(), 2);
    }

    #[test]
    fn every_mistake_in_what_is_compared_is_told() {
        let required = "    args: { a: { required: true } }\n";
        for (lines, heads) in [
            (
                format!("{required}    find: {{ city: \"{{{{ a }}}}\" }}\n"),
                vec!["error[table-column]: `find` names no identifier of the table"],
            ),
            (
                format!("{required}    find: {{ tel: \"{{{{ a }}}}\", cty: x }}\n"),
                vec!["error[table-column]: the table has no column `cty`"],
            ),
            (
                format!("{required}    find: {{ \"x{{{{ a }}}}\": \"{{{{ a }}}}\" }}\n"),
                vec!["error[template-in-name]: a column is named by its name, or by one argument alone"],
            ),
            (
                format!("{required}    find: {{ \"{{{{ b }}}}\": \"{{{{ a }}}}\" }}\n"),
                vec!["error[unknown-variable]: there is no variable `b` here"],
            ),
            (
                format!("{required}    find: {{ \"{{{{ a }}}}\": x }}\n"),
                vec!["error[missing-key]: `a` names a column, and may be anything"],
            ),
            (
                format!("{required}    find: {{ tel: \"{{{{ a }}}}\" }}\n    columns: {{ a: tel }}\n"),
                vec!["error[no-effect]: `columns` has no effect: no argument names a column"],
            ),
            (
                "    args: { a: text }\n    find: { tel: \"{{ a }}\" }\n".to_owned(),
                vec!["warning[maybe-missing]: `a` may not be given, and then this cannot be written"],
            ),
            (BY_KIND.to_owned(), vec!["error[table-column]: `partnerId` is no identifier of the table"]),
            (
                format!("{BY_KIND}    columns: {{ partnerId: city, lin: line }}\n"),
                vec![
                    "error[table-column]: `city` is no identifier of the table",
                    "error[unknown-word]: `lin` is none of the argument's `one_of`",
                ],
            ),
            ("    records: $\n".to_owned(), vec!["error[missing-key]: an operation needs the key `find`"]),
        ] {
            assert_eq!(with(&lines).heads(), heads, "{lines}");
        }
    }
}
