//! What the language of mapping files consists of.

use datadip::mapping::language::{FILES, Kind, Table};

/// Every map of the language.
pub fn tables() -> Vec<&'static Table> {
    fn of_kind(kind: &'static Kind, found: &mut Vec<&'static Table>) {
        match kind {
            Kind::Map(table) => of_table(table, found),
            Kind::Entries(_, kind) | Kind::List(kind) | Kind::OneOrList(kind) => of_kind(kind, found),
            Kind::AnyOf(kinds) => kinds.iter().for_each(|kind| of_kind(kind, found)),
            _ => {}
        }
    }
    fn of_table(table: &'static Table, found: &mut Vec<&'static Table>) {
        if !found.iter().any(|other| other.name == table.name) {
            found.push(table);
            table.keys.iter().for_each(|key| of_kind(&key.kind, found));
        }
    }
    let mut found = Vec::new();
    FILES.iter().flat_map(|(_, tables)| *tables).for_each(|table| of_table(table, &mut found));
    found
}
