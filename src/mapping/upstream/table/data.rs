//! A table's file, to rows. Findings about it point into the file itself, a few of each kind; what its cells hold is
//! never shown.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Severity, Span};
use crate::mapping::compiling::Compiling;
use crate::mapping::upstream::table::identifier::Column;
use crate::mapping::upstream::table::{cell, csv, json};
use crate::mapping::yaml::scalar::Scalar;
use crate::record::Record;

/// The largest file, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;
/// How many findings of a kind are told one by one.
const TOLD: usize = 5;

/// What a file holds.
pub(super) struct Data {
    /// Each row: an object.
    pub(super) rows: Vec<Record>,
    /// Every column that a row may have, in the order of the file.
    pub(super) columns: Vec<String>,
    /// Whether each row could be read.
    pub(super) is_whole: bool,
}

/// What a reader of a format gathers.
#[derive(Default)]
pub(super) struct Gathered {
    /// Each row, and where it stands in the text.
    pub(super) rows: Vec<(Record, Span)>,
    pub(super) columns: Vec<String>,
    pub(super) mistakes: Vec<Mistake>,
    /// Where a cell of a row stands, by the row's span and the column's number; else the whole row is meant.
    pub(super) cell: Option<fn(&str, Span, usize) -> Option<Span>>,
}

/// One thing that is wrong with the data.
pub(super) struct Mistake {
    pub(super) severity: Severity,
    pub(super) code: Code,
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: &'static str,
    /// Mistakes of one kind are told together.
    pub(super) kind: String,
}

impl Mistake {
    /// A row that cannot be read.
    pub(super) fn row(span: Span, kind: &str, message: String, help: &'static str) -> Self {
        Self { severity: Severity::Error, code: Code::TableRow, span, message, help, kind: kind.to_owned() }
    }

    /// A column that cannot be used.
    pub(super) fn column(span: Span, message: String, help: &'static str) -> Self {
        let kind = message.clone();
        Self { severity: Severity::Error, code: Code::TableColumn, span, message, help, kind }
    }
}

impl Compiling<'_> {
    /// Reads the file of a table. None after a finding that leaves nothing to go on with.
    pub(super) fn table_data(&mut self, file: &Scalar, identifiers: &[Column<'_>]) -> Option<Data> {
        let ending = Path::new(&file.text).extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let read: fn(&str) -> Gathered = match ending.as_str() {
            "csv" => csv::read,
            "jsonl" => json::read_lines,
            "json" => json::read_list,
            _ => {
                let message = format!("`{}` is no file of a table", file.text);
                let help = "save it as .csv, .jsonl (one object a line) or .json (a list of objects)";
                self.reader.error(Code::BadAddress, file.span, message, help);
                return None;
            }
        };
        let named = self.named_file(file, LARGEST)?;
        let mut gathered = read(&named.text);
        let is_whole = gathered.mistakes.is_empty();
        if is_whole && gathered.rows.is_empty() {
            let message = format!("{} holds no rows, so nobody is found in it", named.shown);
            self.reader.warning(
                Code::Empty,
                file.span,
                message,
                "write a row below its header, or an object",
            );
        }
        cell::check(&named.text, &mut gathered, identifiers);
        self.tell(&named.shown, &named.text, gathered.mistakes);
        let rows = gathered.rows.into_iter().map(|(row, _)| row).collect();
        Some(Data { rows, columns: gathered.columns, is_whole })
    }

    /// Makes findings of the mistakes: the first few of each kind, the last of them saying how many more there are.
    fn tell(&mut self, shown: &str, text: &str, mistakes: Vec<Mistake>) {
        if mistakes.is_empty() {
            return;
        }
        let source = Source::new(shown, masked(text));
        let mut kinds: Vec<(String, Vec<Mistake>)> = Vec::new();
        for mistake in mistakes {
            match kinds.iter_mut().find(|(kind, _)| *kind == mistake.kind) {
                Some((_, of_kind)) => of_kind.push(mistake),
                None => kinds.push((mistake.kind.clone(), vec![mistake])),
            }
        }
        for (_, of_kind) in kinds {
            let more = of_kind.len().saturating_sub(TOLD);
            for (at, mistake) in of_kind.into_iter().take(TOLD).enumerate() {
                let more = if at + 1 == TOLD { more } else { 0 };
                self.reader.push(finding(mistake, more, &source));
            }
        }
    }
}

fn finding(mistake: Mistake, more: usize, source: &Arc<Source>) -> Finding {
    let span = source.head_of(mistake.span);
    let message = match more {
        0 => mistake.message,
        _ => format!("{}, and {more} more rows like it", mistake.message),
    };
    Finding::at(mistake.severity, mistake.code, source, span, message).help(mistake.help)
}

/// The text with every letter and digit below its first line made an `x` of as many bytes: findings show the shape of
/// a row and never who it is about.
fn masked(text: &str) -> String {
    let header =
        if text.trim_start().starts_with(['{', '[']) { 0 } else { text.find('\n').unwrap_or(text.len()) };
    let (header, rows) = text.split_at_checked(header).unwrap_or(("", text));
    let mask = |c: char| match c {
        c if !c.is_alphanumeric() => c,
        c => match c.len_utf8() {
            1 => 'x',
            2 => '×',
            3 => '※',
            _ => '𝚡',
        },
    };
    header.chars().chain(rows.chars().map(mask)).collect()
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::mapping::upstream::table::tests::{Folder, with_data};
    use crate::mapping::upstream::tests::compiled_in;

    const FIND: &str = "    args: { a: { required: true } }\n    find: { id: \"{{ a }}\" }\n";

    #[test]
    fn a_row_is_shown_by_its_shape_alone() {
        assert_eq!(masked("tel,name\n+65 9123,Zoë 张三 𠀀\n"), "tel,name\n+xx xxxx,xx× ※※ 𝚡\n");
        assert_eq!(masked("{\"a\": 1}"), "{\"x\": x}");
        assert_eq!(masked("a,b\n张é𠀀").len(), "a,b\n张é𠀀".len());
    }

    #[test]
    fn only_a_few_mistakes_of_a_kind_are_told_one_by_one() {
        let data = format!("id,name\n{}", "1,2,3\n".repeat(9));
        let compiled = with_data("few", "a.csv", data.as_bytes(), "{ id: text }", FIND);
        assert_eq!(compiled.findings.len(), 5);
        assert!(compiled.findings[3].starts_with("error[table-row]: a row has 3 cells, and the header 2\n"));
        assert!(
            compiled.findings[4].starts_with(
                "error[table-row]: a row has 3 cells, and the header 2, and 4 more rows like it\n"
            ),
            "{}",
            compiled.findings[4]
        );
        assert!(compiled.operations[0].is_none());
    }

    #[test]
    fn a_file_that_is_no_table_is_told_where_it_is_named() {
        let folder = Folder::new("no-table");
        std::fs::write(folder.0.join("latin.csv"), b"id\nabc\nZo\xEB\n").unwrap();
        std::fs::write(folder.0.join("customers.csv"), b"id\n").unwrap();
        for (file, message, help) in [
            ("a.xlsx", "error[bad-address]: `a.xlsx` is no file of a table", "save it as .csv"),
            ("custmers.csv", "error[file-missing]: there is no file", "did you mean `customers.csv`?"),
            (
                "/etc/a.csv",
                "error[bad-address]: a file is named from this file's own folder on",
                "write it as in",
            ),
            ("latin.csv", "error[unreadable]: ", "save it as UTF-8 text"),
            ("customers.csv", "warning[empty]: ", "write a row below its header"),
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
