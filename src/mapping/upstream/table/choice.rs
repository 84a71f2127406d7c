//! The column that an argument names, by its value: each of its choices is an identifier of the table, or stands for
//! one under `columns`.

use std::collections::BTreeMap;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, list, suggest};
use crate::expr::{Place, Template, text_of};
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::table::Known;
use crate::mapping::yaml::Key;
use crate::plan::operation::Column;

/// The column of each choice, and where that is said; none: there is a finding about it.
type Choices = BTreeMap<String, Option<(String, Span)>>;

impl Compiling<'_> {
    /// The column that an argument names: one bare argument, whose choices are identifiers of the table.
    pub(super) fn column_of_argument(
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
            self.reader.error(Code::TemplateInName, key.span, message, "write `\"{{ kind }}\": …`");
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
        let own = |choice: &String| (choice.clone(), Some((choice.clone(), key.span)));
        let mut columns: Choices = choices.iter().map(own).collect();
        let are_known = self.stand_for(&mut columns, choices, fields);
        let identifiers: Vec<&str> = known.identifier_names().collect();
        let mut is_whole = are_known;
        for (column, span) in columns.values().flatten().filter(|(column, _)| !known.is_identifier(column)) {
            let written = fields.entry("columns").filter(|_| *span == key.span).map(|(key, _)| key.span);
            let message = match written {
                Some(_) => {
                    format!("`{column}` is no identifier of the table, and no line here says of which it is")
                }
                None => format!("`{column}` is no identifier of the table"),
            };
            let meant = did_you_mean(column, identifiers.iter().copied());
            let help = match (written, meant) {
                (Some(_), Some(meant)) => format!("add the line `{column}: {meant}`"),
                (Some(_), None) => {
                    format!("add a line such as `{column}: …`, with one of {}", list(&identifiers))
                }
                (None, Some(meant)) if *span == key.span => {
                    format!("say which column that is: `columns: {{ {column}: {meant} }}`")
                }
                (None, _) => suggest(column, &identifiers),
            };
            self.reader.error(Code::TableColumn, written.unwrap_or(*span), message, help);
            is_whole = false;
        }
        let columns = columns.into_iter().map(|(choice, column)| Some((choice, column?.0)));
        columns.collect::<Option<_>>().filter(|_| is_whole)
    }

    /// Reads `columns` over what the choices stand for by themselves. False where it names a choice that is none.
    fn stand_for(&mut self, columns: &mut Choices, choices: &[String], fields: &Fields<'_>) -> bool {
        let mut are_known = true;
        let Some(map) = fields.entries(&mut self.reader, "columns") else {
            return fields.get("columns").is_none();
        };
        for (choice, node) in map.iter() {
            let column = self.reader.text(node, "a column of `columns`");
            if let Some(stands_for) = columns.get_mut(&choice.text) {
                *stands_for = column.map(|column| (column.text.clone(), column.span));
                continue;
            }
            let names: Vec<&str> = choices.iter().map(String::as_str).collect();
            let message = format!("`{}` is none of the argument's `one_of`", choice.text);
            self.reader.error(Code::UnknownWord, choice.span, message, suggest(&choice.text, &names));
            are_known = false;
        }
        are_known
    }
}
