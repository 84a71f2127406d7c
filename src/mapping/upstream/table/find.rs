//! What a look into a table compares: columns that are named, or the one that an argument names.

use std::collections::BTreeMap;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{list, suggest};
use crate::expr::{Place, Template, text_of};
use crate::mapping::compiling::Compiling;
use crate::mapping::expression::Variables;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::literal;
use crate::mapping::upstream::table::Known;
use crate::mapping::yaml::{Key, Node};
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
        if let (false, Some((key, _))) = (by_argument, fields.entry("columns")) {
            let help = "leave it out, or write `find: { \"{{ kind }}\": … }`";
            self.reader.error(
                Code::NoEffect,
                key.span,
                "`columns` has no effect: no argument names a column",
                help,
            );
        }
        if !by_argument
            && !map.iter().any(|(key, _)| known.is_identifier(&key.text))
            && known.columns.is_some()
        {
            let identifiers: Vec<&str> = known.identifier_names().collect();
            let help = format!("compare one of {}", list(&identifiers));
            let span = self.reader.source().head_of(node.span);
            self.reader.error(Code::TableColumn, span, "`find` names no identifier of the table", help);
            return None;
        }
        found
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

    /// The column that an argument names: one bare argument, whose choices are identifiers of the table.
    fn column_of_argument(
        &mut self,
        key: &Key,
        fields: &Fields<'_>,
        known: &Known<'_>,
        arguments: &Arguments,
    ) -> Option<Column> {
        let template = Template::compile(&key.text, Place::Text).ok();
        let read = template.as_ref().and_then(Template::bare).filter(|read| read.below.is_empty());
        let Some(read) = read else {
            let message = "a column is named by its name, or by one argument alone";
            self.reader.error(Code::TemplateSyntax, key.span, message, "write `\"{{ kind }}\": …`");
            return None;
        };
        let Some(at) = arguments.names().position(|name| name == read.root) else {
            let names: Vec<&str> = arguments.names().collect();
            let message = format!("there is no variable `{}` here", read.root);
            self.reader.error(Code::UnknownVariable, key.span, message, suggest(&read.root, &names));
            return None;
        };
        let choices: Vec<String> = arguments
            .get(&read.root)
            .into_iter()
            .flat_map(|arg| &arg.one_of)
            .filter_map(|choice| text_of(choice).map(|text| text.into_owned()))
            .collect();
        if choices.is_empty() {
            let message = format!("`{}` names a column, and may be anything", read.root);
            let help =
                format!("say what it may be: `args: {{ {}: {{ one_of: […], required: true }} }}`", read.root);
            self.reader.error(Code::MissingKey, key.span, message, help);
            return None;
        }
        let columns = self.columns_of(&choices, key, fields, known)?;
        Some(Column::Argument(at, columns))
    }

    /// The column that each choice stands for.
    fn columns_of(
        &mut self,
        choices: &[String],
        key: &Key,
        fields: &Fields<'_>,
        known: &Known<'_>,
    ) -> Option<BTreeMap<String, String>> {
        let mut columns: BTreeMap<String, String> =
            choices.iter().map(|choice| (choice.clone(), choice.clone())).collect();
        let mut spans = BTreeMap::new();
        let mut is_whole = true;
        for (choice, node) in
            fields.entries(&mut self.reader, "columns").into_iter().flat_map(|map| map.iter())
        {
            let Some(column) = self.reader.text(node, "a column of `columns`") else {
                columns.remove(&choice.text);
                is_whole = false;
                continue;
            };
            if let Some(stands_for) = columns.get_mut(&choice.text) {
                stands_for.clone_from(&column.text);
                spans.insert(choice.text.clone(), column.span);
            } else {
                let names: Vec<&str> = choices.iter().map(String::as_str).collect();
                let message = format!("`{}` is none of the argument's `one_of`", choice.text);
                self.reader.error(Code::UnknownName, choice.span, message, suggest(&choice.text, &names));
                is_whole = false;
            }
        }
        let identifiers: Vec<&str> = known.identifier_names().collect();
        for (choice, column) in columns.iter().filter(|(_, column)| !known.is_identifier(column)) {
            let span = spans.get(choice).copied().unwrap_or(key.span);
            let message = format!("`{column}` is no identifier of the table");
            self.reader.error(Code::TableColumn, span, message, suggest(column, &identifiers));
            is_whole = false;
        }
        is_whole.then_some(columns)
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
                vec!["error[template-syntax]: a column is named by its name, or by one argument alone"],
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
                    "error[unknown-name]: `lin` is none of the argument's `one_of`",
                ],
            ),
            ("    records: $\n".to_owned(), vec!["error[missing-key]: an operation needs the key `find`"]),
        ] {
            assert_eq!(with(&lines).heads(), heads, "{lines}");
        }
    }
}
