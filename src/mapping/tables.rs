//! Tables of the compilation before: one whose data and columns are the same is not read and indexed again, and is in
//! memory once although two catalogues hold it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::plan::table::Table;

/// The tables, by what they were made of.
#[derive(Debug, Default)]
pub struct Tables {
    before: HashMap<u64, Made>,
    now: HashMap<u64, Made>,
}

/// A table of which there was nothing to tell.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) table: Arc<Table>,
    /// Every column of its file.
    pub(super) columns: Vec<String>,
}

impl Tables {
    /// What a table is made of, as a number.
    pub(super) fn key(name: &str, ending: &str, text: &str, columns: &impl Debug) -> u64 {
        let mut hasher = DefaultHasher::new();
        (name, ending, text, format!("{columns:?}")).hash(&mut hasher);
        hasher.finish()
    }

    /// The table that was made of the same.
    pub(super) fn made(&mut self, key: u64) -> Option<Made> {
        let made = self.now.get(&key).or_else(|| self.before.get(&key))?.clone();
        self.now.insert(key, made.clone());
        Some(made)
    }

    /// Keeps a table for the next time.
    pub(super) fn keep(&mut self, key: u64, made: Made) {
        self.now.insert(key, made);
    }

    /// Lets go of those that this compilation had no use for.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::Tables;
    use crate::mapping::compile_again;
    use crate::plan::operation::Call;
    use crate::plan::table::Table;

    const UPSTREAM: &str = "
upstream: book
table: { file: ../data/book.csv, identifiers: { tel: { type: phone, region: SG } } }
operations: { by_tel: { args: { tel: { required: true } }, find: { tel: '{{ tel }}' } } }
";

    #[test]
    fn a_table_is_read_again_only_when_its_data_or_its_columns_are_others() {
        let folder = std::env::temp_dir().join(format!("datadip-tables-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), text).unwrap();
        };
        let mut tables = Tables::default();
        let mut table = || -> Arc<Table> {
            let compiled = compile_again(&folder, &|_| None, &mut tables).unwrap();
            assert!(!compiled.findings.has_errors(), "{:?}", compiled.findings);
            match &compiled.catalogue.operations["book.by_tel"].call {
                Call::Table(call) => Arc::clone(&call.table),
                Call::Http(_) => panic!("no table"),
            }
        };
        write("data/book.csv", "tel,name\n+6591234567,Ada\n");
        write("upstreams/book.yaml", UPSTREAM);
        let first = table();
        write("upstreams/book.yaml", &UPSTREAM.replace("operations:", "about: People.\noperations:"));
        let second = table();
        assert!(Arc::ptr_eq(&first, &second), "the data and the columns are the same");
        write("upstreams/book.yaml", &UPSTREAM.replace("SG", "MY"));
        let third = table();
        assert!(!Arc::ptr_eq(&second, &third), "a number without its country code is another");
        write("data/book.csv", "tel,name\n+6591234567,Grace\n");
        let fourth = table();
        assert_eq!(fourth.find(&[("tel", "+6591234567")])[0]["name"], "Grace");
        assert!(Arc::ptr_eq(&fourth, &table()));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_there_is_to_tell_of_a_table_is_told_again() {
        let folder = std::env::temp_dir().join(format!("datadip-tables-told-{}", std::process::id()));
        for (path, text) in [("data/book.csv", "tel\nnone\n"), ("upstreams/book.yaml", UPSTREAM)] {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), text).unwrap();
        }
        let mut tables = Tables::default();
        let mut told = || compile_again(&folder, &|_| None, &mut tables).unwrap().findings.counts().warnings;
        let first = told();
        assert!(first > 0 && told() == first);
        fs::remove_dir_all(&folder).unwrap();
    }
}
