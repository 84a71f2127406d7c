//! An upstream file, to operations: HTTP requests, or looks into a table. In: the file's tree. Out: every operation
//! by its full name, and all that is wrong with the file at once. No request is made and no table is searched here.

mod address;
mod answer;
mod argument;
mod auth;
mod body;
mod credential;
mod file;
mod foreign;
mod header;
mod http;
mod idempotency;
mod literal;
mod login;
pub(super) mod missing;
mod operation;
mod pages;
mod request;
mod table;
mod unencrypted;
mod written;

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::{HTTP, TABLE};
use crate::mapping::read::name::Name;
use crate::mapping::unique::{self, Unique};
use crate::mapping::yaml::Node;
use crate::plan::operation::Operation;

/// What an upstream file declares.
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) span: Span,
    /// Its operations by full name, `upstream.operation`; none: it has errors.
    pub(super) operations: Vec<Named>,
    /// What they say is the customer's own.
    pub(super) unique: Vec<Unique>,
}

/// An operation by its full name; none: it has errors.
type Named = (Arc<str>, Option<Arc<Operation>>);

/// Compiles one upstream file.
pub(super) fn compile(root: &Node, compiling: &mut Compiling<'_>) -> Option<Declared> {
    if compiling.reader.is_misplaced(root, "upstream", "node", "nodes") {
        return None;
    }
    let is_table = root.as_map().is_some_and(|map| map.get("table").is_some());
    let (what, keys) = if is_table { ("a table upstream", TABLE.names) } else { ("an upstream", HTTP.names) };
    let fields = compiling.reader.map(root, what, keys)?;
    let name = fields.required_text(&mut compiling.reader, "upstream");
    if let Some(name) = name {
        let _ = compiling.reader.name(&name.text, name.span, "an upstream", Name::Slug);
    }
    let _ = fields.text(&mut compiling.reader, "about");
    let called: Arc<str> = name.map_or("", |name| name.text.as_str()).into();
    let operations = if is_table {
        table::compile(&called, &fields, compiling)
    } else {
        http::compile(&called, &fields, compiling)
    };
    let unique = unique::of(&called, root, compiling.reader.source());
    Some(Declared { name: called, span: name?.span, operations, unique })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::compile;
    use crate::diagnostic::Findings;
    use crate::diagnostic::render::{Style, text};
    use crate::diagnostic::source::Source;
    use crate::mapping::compiling::Compiling;
    use crate::mapping::yaml::parse;
    use crate::plan::operation::{Call, HttpCall, Operation, TableCall};

    /// What a file compiles to, and its findings as they are shown.
    pub struct Compiled {
        pub operations: Vec<Option<Arc<Operation>>>,
        pub findings: Vec<String>,
    }

    impl Compiled {
        /// The first line of each finding.
        pub fn heads(&self) -> Vec<&str> {
            self.findings.iter().map(|finding| finding.lines().next().unwrap()).collect()
        }

        /// The one operation of a file without findings.
        pub fn operation(&self) -> &Operation {
            assert!(self.findings.is_empty(), "{}", self.findings.join("\n"));
            self.operations[0].as_ref().unwrap()
        }

        /// The same, of one over HTTP.
        pub fn request(&self) -> &HttpCall {
            let Call::Http(call) = &self.operation().call else { panic!("a table") };
            call
        }

        /// The same, of one into a table.
        pub fn look(&self) -> &TableCall {
            let Call::Table(call) = &self.operation().call else { panic!("a request") };
            call
        }
    }

    /// Compiles a file that stands in `folder`; `SET` is "value", `TOKEN` is "s3cr3t" and `URL` an address.
    pub fn compiled_in(folder: &Path, yaml: &str) -> Compiled {
        let source = Source::new("a.yaml", yaml);
        let mut findings = Findings::new();
        let environment = |name: &str| match name {
            "SET" => Some("value".to_owned()),
            "TOKEN" => Some("s3cr3t".to_owned()),
            "URL" => Some("http://crm.example:9000/api/".to_owned()),
            "BRACES" => Some("{{ phone }}".to_owned()),
            "LINES" => Some("a\nb".to_owned()),
            _ => None,
        };
        let root = parse(&source, &mut findings).unwrap();
        let declared = compile(&root, &mut Compiling::new(&source, &mut findings, &environment, folder));
        findings.sort();
        let operations = declared.map(|declared| declared.operations).unwrap_or_default();
        Compiled {
            operations: operations.into_iter().map(|(_, operation)| operation).collect(),
            findings: findings.iter().map(|finding| text(finding, Style::Plain)).collect(),
        }
    }

    /// Compiles a file that names no other.
    pub fn compiled(yaml: &str) -> Compiled {
        compiled_in(Path::new("."), yaml)
    }

    /// An upstream of one operation `op` with an argument `phone`, these lines below `op`.
    pub fn operation(lines: &str) -> Compiled {
        let head = "upstream: crm\nbase_url: http://crm.example\noperations:\n  op:\n    args: { phone: { required: true } }\n";
        compiled(&format!("{head}{lines}"))
    }

    #[test]
    fn a_file_is_of_one_kind_and_has_a_name_and_operations() {
        let heads = |yaml: &str| compiled(yaml).heads().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            heads("about: x\n"),
            [
                "error[missing-key]: an upstream needs the key `upstream`",
                "error[missing-key]: an upstream needs the key `operations`",
                "error[missing-key]: an upstream needs `base_url`, or `table` if its data is a file",
            ]
        );
        assert_eq!(
            heads("upstream: a b\nbase_url: http://a.example\noperations: {}\n"),
            [
                "error[bad-name]: `a b` cannot be the name of an upstream",
                "error[empty-value]: `operations` holds no operation",
            ]
        );
    }
}
