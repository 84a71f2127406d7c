//! A table's file, to rows: the file is found, its ending says how it is read, and its identifying cells are checked.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::tables::{Made, Tables};
use crate::mapping::upstream::table::identifier::Column;
use crate::mapping::upstream::table::mistake::Mistake;
use crate::mapping::upstream::table::{cell, csv, json};
use crate::mapping::yaml::scalar::Scalar;
use crate::plan::table::Table;
use crate::record::Record;

/// The largest file, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What a file holds.
pub(super) struct Data {
    /// Each row: an object.
    pub(super) rows: Vec<Record>,
    /// Every column that a row may have, in the order of the file.
    pub(super) columns: Vec<String>,
    /// Whether each row could be read.
    pub(super) is_whole: bool,
    /// What the table is made of, where there was nothing to tell of it.
    pub(super) key: Option<u64>,
    /// The table that was made of the same before; then there are no rows.
    pub(super) made: Option<Arc<Table>>,
}

/// Says where the cell of that number stands in a row.
type CellPlace = fn(text: &str, row: Span, at: usize) -> Option<Span>;

/// What a reader of a format gathers.
#[derive(Default)]
pub(super) struct Gathered {
    /// Each row, and where it stands in the text.
    pub(super) rows: Vec<(Record, Span)>,
    pub(super) columns: Vec<String>,
    pub(super) mistakes: Vec<Mistake>,
    /// Where a cell of a row stands, in a format whose cells have no names.
    pub(super) cell: Option<CellPlace>,
}

impl Compiling<'_> {
    /// Reads the file of a table. None after a finding that leaves nothing to go on with.
    pub(super) fn table_data(
        &mut self,
        name: &str,
        file: &Scalar,
        identifiers: &[Column<'_>],
    ) -> Option<Data> {
        let ending = Path::new(&file.text).extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let read: fn(&str) -> Gathered = match ending.as_str() {
            "csv" => csv::read,
            "jsonl" => json::read_lines,
            "json" => json::read_list,
            _ => {
                let message = format!("`{}` is no file of a table", file.text);
                let help = "save it as .csv, .jsonl (one object a line) or .json (a list of objects)";
                self.reader.error(Code::TableFormat, file.span, message, help);
                return None;
            }
        };
        let named = self.named_file(file, LARGEST)?;
        let kinds: Vec<_> = identifiers.iter().map(|column| (column.name, &column.identifier)).collect();
        let key = Tables::key(name, &ending, &named.text, &kinds);
        if let Some(Made { table, columns }) = self.tables.made(key) {
            return Some(Data {
                rows: Vec::new(),
                columns,
                is_whole: true,
                key: Some(key),
                made: Some(table),
            });
        }
        let mut gathered = read(&named.text);
        let is_whole = gathered.mistakes.is_empty();
        if is_whole && gathered.rows.is_empty() {
            let message = format!("{} holds no rows, so nobody is found in it", named.shown);
            self.reader.warning(
                Code::TableEmpty,
                file.span,
                message,
                "write a row below its header, or an object",
            );
        }
        if let Some(separator) =
            gathered.mistakes.iter().position(|mistake| mistake.code == Code::TableSeparator)
        {
            let separator = gathered.mistakes.swap_remove(separator);
            self.tell(&named.shown, &named.text, vec![separator]);
            return None;
        }
        cell::check(&named.text, &mut gathered, identifiers);
        let has_nothing_to_tell = gathered.mistakes.is_empty() && !gathered.rows.is_empty();
        let key = has_nothing_to_tell.then_some(key);
        self.tell(&named.shown, &named.text, gathered.mistakes);
        let rows = gathered.rows.into_iter().map(|(row, _)| row).collect();
        Some(Data { rows, columns: gathered.columns, is_whole, key, made: None })
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::table::tests::Folder;
    use crate::mapping::upstream::tests::compiled_in;

    const FIND: &str = "    args: { a: { required: true } }\n    find: { id: \"{{ a }}\" }\n";

    #[test]
    fn a_file_that_is_no_table_is_told_where_it_is_named() {
        let folder = Folder::new("no-table");
        std::fs::write(folder.0.join("latin.csv"), b"id\nabc\nZo\xEB\n").unwrap();
        std::fs::write(folder.0.join("customers.csv"), b"id\n").unwrap();
        for (file, message, help) in [
            ("a.xlsx", "error[table-format]: `a.xlsx` is no file of a table", "save it as .csv"),
            ("custmers.csv", "error[file-missing]: there is no file", "did you mean `customers.csv`?"),
            (
                "/etc/a.csv",
                "error[file-place]: a file is named from this file's own folder on",
                "write it as in",
            ),
            ("latin.csv", "error[unreadable]: ", "save it as UTF-8 text"),
            ("customers.csv", "warning[table-empty]: ", "write a row below its header"),
        ] {
            let head = format!(
                "upstream: book\ntable: {{ file: {file}, identifiers: {{ id: text }} }}\noperations:\n  op:\n"
            );
            let compiled = compiled_in(&folder.0, &format!("{head}{FIND}"));
            assert_eq!(compiled.findings.len(), 1, "{:?}", compiled.findings);
            let finding = &compiled.findings[0];
            assert!(finding.starts_with(message) && finding.contains(help), "{finding}");
            assert!(file != "latin.csv" || finding.contains("see its line 3"), "{finding}");
        }
    }
}
