//! An upstream that is a table in a file: the file's rows, the columns that name a customer, and the looks into it.

mod cell;
mod choice;
mod csv;
mod data;
mod find;
mod identifier;
mod json;
mod mistake;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::expr::Path;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::{DATA, LOOK};
use crate::mapping::read::fields::Fields;
use crate::mapping::tables::Made;
use crate::mapping::upstream::Named;
use crate::mapping::upstream::table::identifier::Column;
use crate::mapping::upstream::written::{TIMEOUT, Written, about, operations};
use crate::plan::operation::{Call, Effect, Operation, TableCall};
use crate::plan::table;

const EFFECTS: [(&str, Effect); 2] = [("read", Effect::Read), ("write", Effect::Write)];

/// What is known of the table when its operations are compiled.
struct Known<'n> {
    /// The columns that name a customer.
    identifiers: Vec<Column<'n>>,
    /// Every column; none: the data could not be read.
    columns: Option<Vec<String>>,
    /// The table, if all of it could be read.
    table: Option<Arc<table::Table>>,
}

impl Known<'_> {
    fn is_identifier(&self, column: &str) -> bool {
        self.identifiers.iter().any(|identifier| identifier.name == column)
    }

    fn identifier_names(&self) -> impl Iterator<Item = &str> {
        self.identifiers.iter().map(|identifier| identifier.name)
    }
}

/// Compiles the file of a table upstream.
pub(super) fn compile(name: &Arc<str>, fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Vec<Named> {
    let known = table(name, fields, compiling);
    operations(name, fields, LOOK.names, compiling)
        .into_iter()
        .map(|(name, written)| {
            let operation = written.and_then(|written| operation(&written, &known, compiling));
            (name, operation.map(Arc::new))
        })
        .collect()
}

fn table<'n>(name: &Arc<str>, fields: &Fields<'n>, compiling: &mut Compiling<'_>) -> Known<'n> {
    let mut known = Known { identifiers: Vec::new(), columns: None, table: None };
    let Some(fields) = fields.map(&mut compiling.reader, "table", DATA.names) else { return known };
    known.identifiers = compiling.identifiers(&fields);
    let file = fields.required_text(&mut compiling.reader, "file");
    let Some(data) = file.and_then(|file| compiling.table_data(name, file, &known.identifiers)) else {
        return known;
    };
    let are_there = compiling.check_columns(&known.identifiers, &data.columns);
    known.columns = Some(data.columns.clone());
    if let Some(made) = data.made.filter(|_| are_there) {
        known.table = Some(made);
    } else if are_there && data.is_whole {
        let identifiers: BTreeMap<_, _> = known
            .identifiers
            .iter()
            .filter_map(|column| Some((column.name.to_owned(), column.identifier.clone()?)))
            .collect();
        let table = Arc::new(table::Table::new(Arc::clone(name), data.rows, identifiers));
        if let Some(key) = data.key {
            compiling.tables.keep(key, Made { table: Arc::clone(&table), columns: data.columns });
        }
        known.table = Some(table);
    }
    known
}

fn operation(written: &Written<'_>, known: &Known<'_>, compiling: &mut Compiling<'_>) -> Option<Operation> {
    let Written { name, fields, arguments } = written;
    let variables = arguments.variables();
    let found = compiling.find(fields, known, &variables, arguments);
    let records = compiling.records(fields, Path::compile("$[*]").unwrap_or_else(|_| Path::whole()));
    let effect = fields.word(&mut compiling.reader, "effect", &EFFECTS);
    if let (Some(Effect::Write), Some((key, _))) = (effect, fields.entry("effect")) {
        let help = "leave it out: looking into a table changes nothing";
        compiling.reader.error(Code::TableWrite, key.span, "a table cannot be written to", help);
    }
    let (found, records) = (found?, records?);
    arguments.find_unread(&variables, &found.keys, compiling);
    let table = Arc::clone(known.table.as_ref()?);
    Some(Operation {
        name: Arc::clone(name),
        about: about(fields),
        args: arguments.list.clone(),
        call: Call::Table(TableCall { table, find: found.find }),
        records,
        unique: Vec::new(),
        effect: Effect::Read,
        timeout: TIMEOUT,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::mapping::upstream::tests::{Compiled, compiled_in};

    /// A folder that is gone when the test ends.
    pub struct Folder(pub PathBuf);

    /// Tests run side by side, each in folders of its own.
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);

    impl Folder {
        pub fn new(name: &str) -> Self {
            let name =
                format!("datadip-{name}-{}-{}", std::process::id(), FOLDERS.fetch_add(1, Ordering::Relaxed));
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// A table of that data and one operation `op` with these lines below it.
    pub fn with_data(name: &str, file: &str, data: &[u8], identifiers: &str, lines: &str) -> Compiled {
        let folder = Folder::new(name);
        fs::write(folder.0.join(file), data).unwrap();
        let head = format!(
            "upstream: book\ntable:\n  file: {file}\n  identifiers: {identifiers}\noperations:\n  op:\n"
        );
        compiled_in(&folder.0, &format!("{head}{lines}"))
    }

    const DATA: &[u8] = b"tel,name\n9123 4567,Ann\n";
    const TEL: &str = "{ tel: { type: phone, region: SG } }";

    #[test]
    fn a_table_is_found_by_a_phone_in_any_form() {
        let lines = "    args: { phone: { required: true } }\n    find: { tel: \"{{ phone }}\" }\n";
        let compiled = with_data("any-form", "a.csv", DATA, TEL, lines);
        let found = compiled.look().table.find(&[("tel", "+6591234567")]);
        assert_eq!(found[0].to_string(), r#"{"tel":"9123 4567","name":"Ann"}"#);
        assert_eq!(compiled.operation().records.text(), "$[*]");
    }

    #[test]
    fn a_table_is_no_system_to_write_to_or_to_send_requests_to() {
        let lines = "    args: { phone: { required: true } }\n    find: { tel: \"{{ phone }}\" }\n    effect: write\n    get: /x\n";
        assert_eq!(
            with_data("write", "a.csv", DATA, TEL, lines).heads(),
            [
                "error[table-write]: a table cannot be written to",
                "error[unknown-key]: `get` is not a key of an operation",
            ]
        );
    }
}
