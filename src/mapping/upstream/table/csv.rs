//! CSV, to rows: a header names the columns, every cell is text, an empty cell is absent.

use std::sync::Arc;

use csv::{Position, ReaderBuilder, StringRecord, Terminator};
use serde_json::{Map, Value};

use crate::diagnostic::Span;
use crate::mapping::upstream::table::data::Gathered;
use crate::mapping::upstream::table::mistake::Mistake;

/// Reads a text of CSV.
pub(super) fn read(text: &str) -> Gathered {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::CRLF)
        .from_reader(text.as_bytes());
    let mut gathered = Gathered { cell: Some(cell), ..Gathered::default() };
    let mut record = StringRecord::new();
    let mut has_header = false;
    let mut last = Span::new(0, 0);
    while let Ok(true) = reader.read_record(&mut record) {
        let end = offset(reader.position());
        let row = row_of(text, record.position().map_or(end, offset), end);
        last = row;
        if !has_header {
            has_header = true;
            header(text, row, &record, &mut gathered);
        } else if record.len() == gathered.columns.len() {
            gathered.rows.push((Arc::new(values(&gathered.columns, &record)), row));
        } else {
            let message =
                format!("a row has {} cells, and the header {}", record.len(), gathered.columns.len());
            let help = "give it as many cells as the header; quote a cell that holds a comma: \"a, b\"";
            gathered.mistakes.push(Mistake::row(row, "length", message, help));
        }
    }
    if let Some(quote) = open_quote(text, last) {
        let message =
            "a quote is opened here and not closed: all that follows in the file is read as one cell";
        let help = "close it, or double the quotes of a cell in quotes: \"a \"\"b\"\" c\"";
        gathered.mistakes.push(Mistake::row(quote, "quote", message.to_owned(), help));
    }
    gathered
}

/// The quote that opens a cell of the row and is closed nowhere.
fn open_quote(text: &str, row: Span) -> Option<Span> {
    let mut before = ',';
    let mut open = None;
    let mut start = row.start;
    for (at, sign) in text.get(row.range())?.char_indices() {
        open = match (open, sign) {
            (Some(_), '"') => None,
            // Behind a quote that closed, a second one was none: `""` is a quote in the cell.
            (None, '"') if before == '"' => Some(start),
            (None, '"') if before == ',' => {
                start = row.start + at;
                Some(start)
            }
            (open, _) => open,
        };
        before = if open == Some(row.start + at) { ' ' } else { sign };
    }
    open.map(|quote| Span::new(quote, quote + 1))
}

fn header(text: &str, row: Span, record: &StringRecord, gathered: &mut Gathered) {
    if let (1, Some(sign)) = (record.len(), record.get(0).and_then(other_separator)) {
        gathered.mistakes.push(Mistake::separator(row, sign));
    }
    for (at, name) in record.iter().enumerate() {
        let name = name.trim();
        let span = cell(text, row, at).unwrap_or(row);
        if name.is_empty() {
            let message = format!("the column {} has no name in the header", at + 1);
            gathered.mistakes.push(Mistake::column(span, message, "name every column in the first line"));
        } else if gathered.columns.iter().any(|column| column == name) {
            let message = format!("two columns are called `{name}`");
            gathered.mistakes.push(Mistake::column(span, message, "give one of them another name"));
        }
        gathered.columns.push(name.to_owned());
    }
}

/// The sign that separates the cells of what looks like a single column.
fn other_separator(only: &str) -> Option<&'static str> {
    let signs = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
    signs.iter().find(|(sign, _)| only.contains(*sign)).map(|(_, name)| *name)
}

fn values(columns: &[String], record: &StringRecord) -> Value {
    let cells = columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
    Value::Object(cells.map(|(column, cell)| (column.clone(), cell.into())).collect::<Map<_, _>>())
}

fn offset(position: &Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

/// The row between two offsets, without the line ends around it.
fn row_of(text: &str, start: usize, end: usize) -> Span {
    let row = text.get(start..end.min(text.len())).unwrap_or_default();
    let begin = start + row.len() - row.trim_start_matches(['\n', '\r']).len();
    Span::new(begin, begin.max(start + row.trim_end_matches(['\n', '\r']).len()))
}

/// Where a cell stands: between commas that are not in quotes.
fn cell(text: &str, row: Span, at: usize) -> Option<Span> {
    let mut in_quotes = false;
    let mut commas = text.get(row.range())?.char_indices().filter(|(_, sign)| {
        in_quotes ^= *sign == '"';
        *sign == ',' && !in_quotes
    });
    let start = match at.checked_sub(1) {
        Some(before) => commas.nth(before)?.0 + 1,
        None => 0,
    };
    let end = commas.next().map_or(row.end, |(comma, _)| row.start + comma);
    Some(Span::new(row.start + start, end))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn rows(text: &str) -> Vec<String> {
        let gathered = read(text);
        assert!(gathered.mistakes.is_empty(), "{}", gathered.mistakes[0].message);
        gathered.rows.iter().map(|(row, _)| row.to_string()).collect()
    }

    fn mistakes(text: &str) -> Vec<(&str, String)> {
        let gathered = read(text);
        gathered
            .mistakes
            .iter()
            .map(|mistake| (&text[mistake.span.range()], mistake.message.clone()))
            .collect()
    }

    #[test]
    fn every_cell_is_text_and_an_empty_one_is_absent() {
        assert_eq!(
            rows("id, name ,note\r\n007,\"Tan, \"\"Ann\"\"\",\r\n\r\n8,,\"two\nlines\"\r\n"),
            [r#"{"id":"007","name":"Tan, \"Ann\""}"#, r#"{"id":"8","note":"two\nlines"}"#]
        );
        assert_eq!(rows("id\n1"), [r#"{"id":"1"}"#]);
        assert_eq!(rows(""), Vec::<String>::new());
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_swallow_the_customers_behind_it_in_silence() {
        for (row, quote) in [("2,\"Ann", 2), ("2,\"\"\"Ann\"\"", 2), ("\"2,Ann", 0), ("2,\"a\"\"", 2)] {
            let text = format!("id,name\n1,\"a \"\"b\"\"\"\n{row}\n3,Bob\n");
            let gathered = read(&text);
            let quotes = gathered.mistakes.iter().find(|mistake| mistake.message.starts_with("a quote"));
            assert_eq!(
                quotes.map(|mistake| mistake.span.start),
                Some(text.find(row).unwrap() + quote),
                "{text}"
            );
        }
        for row in ["2,\"\"", "2,\"\"\"\"", "2,\"a,\"\"b\"", "2,a \"b", "2,5\"", "\"2\",\"a\n\""] {
            assert!(read(&format!("id,name\n{row}\n")).mistakes.is_empty(), "{row}");
        }
    }

    #[test]
    fn a_mistake_stands_at_its_own_place() {
        assert_eq!(
            mistakes("id,name\n\n1,Ann\n2\n3,\"a,b\",c\n"),
            [
                ("2", "a row has 1 cells, and the header 2".to_owned()),
                ("3,\"a,b\",c", "a row has 3 cells, and the header 2".to_owned()),
            ]
        );
        assert_eq!(mistakes("id,tel,id\n")[0], ("id", "two columns are called `id`".to_owned()));
        assert_eq!(mistakes("id,,tel\n")[0], ("", "the column 2 has no name in the header".to_owned()));
        assert_eq!(
            mistakes("id;tel\n1;2\n"),
            [("id;tel", "the cells are separated by semicolons, and must be by commas".to_owned())]
        );
    }
}
