//! The cells that name a customer: those that name nobody are told, because nobody is ever found by them.

use serde_json::Value;

use crate::diagnostic::code::Code;
use crate::diagnostic::{Severity, Span};
use crate::expr::text_of;
use crate::mapping::upstream::table::data::Gathered;
use crate::mapping::upstream::table::identifier::Column;
use crate::mapping::upstream::table::mistake::Mistake;
use crate::node::account::Account;
use crate::node::email::Email;
use crate::node::phone::Phone;
use crate::node::phone::region::Region;
use crate::plan::table::Identifier;

/// Adds a mistake for each identifying cell that is none.
pub(super) fn check(text: &str, gathered: &mut Gathered, identifiers: &[Column<'_>]) {
    for column in identifiers {
        let Some(identifier) = &column.identifier else { continue };
        let at = gathered.columns.iter().position(|name| name == column.name);
        let wrong: Vec<Span> = gathered
            .rows
            .iter()
            .filter(|(row, _)| row.get(column.name).is_some_and(|cell| !names(identifier, cell, row)))
            .map(|(_, span)| place(text, gathered, *span, at, column.name))
            .collect();
        gathered.mistakes.extend(wrong.into_iter().map(|span| mistake(column.name, identifier, span)));
        if let Identifier::Phone { region, region_from: Some(from) } = identifier {
            check_regions(text, gathered, column.name, from, *region);
        }
    }
}

/// Adds a mistake for each cell that should say in which region a number of its row is read, and does not.
fn check_regions(text: &str, gathered: &mut Gathered, column: &str, from: &str, region: Region) {
    let at = gathered.columns.iter().position(|name| name == from);
    let rows = gathered.rows.iter().filter(|(row, _)| row.get(column).is_some() && is_nowhere(row, from));
    let wrong: Vec<Span> = rows.map(|(_, span)| place(text, gathered, *span, at, from)).collect();
    gathered.mistakes.extend(wrong.into_iter().map(|span| Mistake {
        severity: Severity::Warning,
        code: Code::TableCell,
        span,
        message: format!("`{from}` of this row is no region, and its `{column}` is read as one of {region}"),
        help: "write the two letters of a country, as in ISO 3166: SG, GB, US",
        kind: format!("{from} is no region of {column}"),
    }));
}

/// Whether the cell that should name a row's region names none.
fn is_nowhere(row: &Value, from: &str) -> bool {
    let text = row.get(from).and_then(text_of);
    text.is_some_and(|text| !text.is_empty() && text.parse::<Region>().is_err())
}

fn mistake(column: &str, identifier: &Identifier, span: Span) -> Mistake {
    let (wanted, help) = match identifier {
        Identifier::Phone { .. } => ("phone number", "write 2 to 20 digits, `+` in front of a country code"),
        Identifier::Email => ("e-mail address", "write name@host"),
        Identifier::Text => ("id", "write a text of 1 to 256 characters, or a list of them"),
    };
    Mistake {
        severity: Severity::Warning,
        code: Code::TableCell,
        span,
        message: format!("`{column}` of this row is no {wanted}, and nobody is found by it"),
        help,
        kind: format!("{column} is no {wanted}"),
    }
}

/// Whether the cell, or each item of its list, names somebody. An absent one does not have to.
fn names(identifier: &Identifier, cell: &Value, row: &Value) -> bool {
    let is_one = |value: &Value| text_of(value).is_some_and(|text| is_identifier(identifier, &text, row));
    match cell {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_one),
        value => text_of(value).is_some_and(|text| text.is_empty()) || is_one(value),
    }
}

fn is_identifier(identifier: &Identifier, text: &str, row: &Value) -> bool {
    match identifier {
        // What is read in the wrong region may be no number for that reason alone.
        Identifier::Phone { region_from: Some(from), .. } if is_nowhere(row, from) => true,
        Identifier::Phone { region, region_from } => {
            let own = region_from.as_ref().and_then(|from| row.get(from)?.as_str()?.parse().ok());
            Phone::parse(text, own.unwrap_or(*region)).is_some()
        }
        Identifier::Email => Email::parse(text).is_some(),
        Identifier::Text => Account::parse(text).is_some(),
    }
}

/// Where the cell stands: by its number in CSV, by its name in JSON.
fn place(text: &str, gathered: &Gathered, row: Span, at: Option<usize>, column: &str) -> Span {
    if let Some(cell) = gathered.cell {
        return at.and_then(|at| cell(text, row, at)).unwrap_or(row);
    }
    let name = format!("\"{column}\"");
    let found = text.get(row.range()).and_then(|written| written.find(&name));
    found.map_or(row, |found| Span::new(row.start + found, row.start + found + name.len()))
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::table::tests::with_data;

    const FIND: &str = "    args: { a: { required: true } }\n    find: { tel: \"{{ a }}\" }\n";
    const IDENTIFIERS: &str = "{ tel: { type: phone, region: SG }, mail: email }";

    #[test]
    fn a_cell_that_names_nobody_is_told_at_its_place_and_not_shown() {
        let data = "name,tel,mail\nAnn,9123 4567,ann@a.sg\n\"Tan, Bo\",unknown,bo\nCy,,\n";
        let compiled = with_data("cells", "a.csv", data.as_bytes(), IDENTIFIERS, FIND);
        let shown = compiled.findings.join("\n");
        assert_eq!(
            compiled.heads(),
            [
                "warning[table-cell]: `tel` of this row is no phone number, and nobody is found by it",
                "warning[table-cell]: `mail` of this row is no e-mail address, and nobody is found by it",
            ]
        );
        assert!(shown.contains("a.csv:3:11\n") && shown.contains("a.csv:3:19\n"), "{shown}");
        assert!(shown.contains("3 | \"xxx, xx\",xxxxxxx,xx\n"), "{shown}");
        assert!(compiled.operations[0].is_some());
    }

    #[test]
    fn a_cell_may_hold_a_list_and_a_number() {
        let data = "{\"tel\": [\"91234567\", 6561234567], \"mail\": null}\n{\"tel\": [\"91234567\", {}]}\n{\"mail\": \"\"}\n";
        let compiled = with_data("lists", "a.jsonl", data.as_bytes(), IDENTIFIERS, FIND);
        assert_eq!(compiled.findings.len(), 1, "{:?}", compiled.findings);
        assert!(compiled.findings[0].contains("a.jsonl:2:2\n"), "{}", compiled.findings[0]);
    }
}
