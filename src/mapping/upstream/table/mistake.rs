//! What is wrong with a table's data, told in the data file itself: a few of each kind, and never what a cell holds.

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Severity, Span};
use crate::mapping::compiling::Compiling;

/// How many findings of a kind are told one by one.
const TOLD: usize = 5;

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

    /// Cells that are separated by another sign than a comma. Nothing else can be said of the file then.
    pub(super) fn separator(span: Span, sign: &str) -> Self {
        Self {
            severity: Severity::Error,
            code: Code::TableSeparator,
            span,
            message: format!("the cells are separated by {sign}, and must be by commas"),
            help: "save it as CSV with commas; in Excel: Save As, CSV UTF-8 (Comma delimited)",
            kind: "separator".to_owned(),
        }
    }

    /// A column that cannot be used.
    pub(super) fn column(span: Span, message: String, help: &'static str) -> Self {
        let kind = message.clone();
        Self { severity: Severity::Error, code: Code::TableColumn, span, message, help, kind }
    }
}

impl Compiling<'_> {
    /// Makes findings of the mistakes: the first few of each kind, the last of them saying how many more there are.
    pub(super) fn tell(&mut self, shown: &str, text: &str, mistakes: Vec<Mistake>) {
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
    use crate::mapping::upstream::table::tests::with_data;

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
}
