//! `docs/platforms.md`, the mapping files and the documents name the same operations, with the same arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use datadip::plan::operation::{Arg, ArgKind, Effect};
use serde_json::Value;

use crate::contract::{Contract, contracts, method_of, operations, path_of};

/// Arguments that are headers, and so stand beside the documented ones.
const HEADERS: [&str; 2] = ["timezoneid", "language"];
/// Arguments that the document's text names nowhere and its sample sends.
const ONLY_IN_A_SAMPLE: [(&str, &str); 2] = [("queue_list", "page"), ("extension_set", "id")];

/// The rows of the tables: method, path, operation.
fn rows() -> Vec<(String, String, String)> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/platforms.md")).unwrap();
    let table = page.split("## Every operation").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.ends_with("` |"));
    rows.map(|row| {
        let cells: Vec<&str> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, method, path, operation] = cells[..] else { panic!("{row}") };
        (method.to_owned(), path.to_owned(), operation.to_owned())
    })
    .collect()
}

#[tokio::test]
async fn the_tables_name_every_operation_of_the_mapping_files_and_no_other() {
    let compiled: BTreeSet<_> = operations()
        .await
        .iter()
        .map(|operation| (method_of(operation).to_owned(), path_of(operation), operation.name.to_string()))
        .collect();
    let rows = rows();
    assert_eq!(rows.len(), compiled.len(), "no row stands twice");
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), compiled);
}

#[tokio::test]
async fn every_documented_operation_is_one_operation_of_a_mapping_file() {
    let (operations, contracts) = (operations().await, contracts());
    let mut asked = BTreeMap::new();
    for contract in &contracts {
        let same: Vec<_> = operations.iter().filter(|operation| contract.is(operation)).collect();
        assert_eq!(same.len(), 1, "{}: {} {}", contract.name, contract.method(), contract.path());
        asked.insert(same[0].name.to_string(), contract.name.as_str());
    }
    let undocumented: Vec<_> =
        operations.iter().filter(|operation| !asked.contains_key(&*operation.name)).collect();
    let names: Vec<&str> = undocumented.iter().map(|operation| operation.name.as_ref()).collect();
    // The System API has no sample of its request, which the IVR makes.
    assert_eq!(names, ["sobot-crm.customer_by_tel"]);
    assert_eq!(asked.len(), 19 + 1 + 4 + 30);
}

#[tokio::test]
async fn an_operation_takes_the_documented_arguments_in_their_types() {
    let operations = operations().await;
    for contract in contracts() {
        let operation = operations.iter().find(|operation| contract.is(operation)).unwrap();
        let declared: BTreeMap<&str, &Arg> =
            operation.args.iter().map(|arg| (arg.name.as_ref(), arg)).collect();
        let mut documented = documented(&contract);
        if contract.path().contains("/timeDef/") {
            documented.remove("type");
        }
        let names: BTreeSet<&str> = declared.keys().copied().filter(|name| !HEADERS.contains(name)).collect();
        assert_eq!(names, documented.keys().map(String::as_str).collect(), "{}", operation.name);
        for (name, (kind, required)) in &documented {
            let arg = declared[name.as_str()];
            // A default is sent where nothing is given, and so is a page's number: neither need be given.
            let may_be_left_out = !required || arg.default.is_some() || name == "currPage";
            assert_eq!(!arg.required, may_be_left_out, "{} {name}", operation.name);
            assert!(kind.is_none_or(|kind| kind == arg.kind), "{} {name}: {:?}", operation.name, arg.kind);
        }
        let optional = contract.said["optional_headers"].as_array().cloned().unwrap_or_default();
        let headers: Vec<Value> =
            HEADERS.into_iter().filter(|name| declared.contains_key(name)).map(Value::from).collect();
        assert_eq!(headers, optional, "{}", operation.name);
    }
}

#[tokio::test]
async fn an_operation_writes_if_its_name_says_so() {
    let reading = ["query", "list", "get", "log", "extension", "customer"];
    for operation in operations().await {
        let verb = operation.name.split('.').nth(1).unwrap().split('_').next().unwrap();
        assert_eq!(operation.effect == Effect::Read, reading.contains(&verb), "{}", operation.name);
    }
}

#[tokio::test]
async fn every_operation_and_every_argument_says_what_it_is_for() {
    for operation in operations().await {
        assert!(operation.about.is_some(), "{}", operation.name);
        let silent: Vec<_> = operation.args.iter().filter(|arg| arg.about.is_none()).collect();
        assert!(silent.is_empty(), "{}: {silent:?}", operation.name);
    }
}

/// The documented arguments: the type where the document says one, and whether it is required.
fn documented(contract: &Contract) -> BTreeMap<String, (Option<ArgKind>, bool)> {
    let mut args = BTreeMap::new();
    match &contract.said["args"] {
        Value::Object(typed) => {
            for (name, arg) in typed {
                // A member of each item of a list: the list is what is given. A bare list has no name.
                let Some(name) = (if name.starts_with("[]") { Some("numbers") } else { top(name) }) else {
                    continue;
                };
                let is_bare = name == "numbers";
                let kind = if is_bare { ArgKind::List } else { kind(arg["type"].as_str().unwrap()) };
                args.insert(name.to_owned(), (Some(kind), is_bare || arg["required"] == true));
            }
        }
        names => {
            let required = contract.said["required"].as_array().unwrap();
            for name in names.as_array().unwrap() {
                args.insert(name.as_str().unwrap().to_owned(), (None, required.contains(name)));
            }
            for (operation, name) in ONLY_IN_A_SAMPLE {
                if contract.name == operation {
                    args.insert(name.to_owned(), (None, required.contains(&name.into())));
                }
            }
        }
    }
    args
}

fn top(name: &str) -> Option<&str> {
    (!name.contains("[]")).then_some(name)
}

fn kind(documented: &str) -> ArgKind {
    match documented {
        "String" => ArgKind::Text,
        "int" | "Int" | "Long" | "long" | "Integer" => ArgKind::Int,
        // `assignAgentAndCount` is "json" in the table and a list in the sample.
        "List" | "List<String>" | "json" | "array json" => ArgKind::List,
        other => panic!("a type {other}"),
    }
}

#[test]
fn the_page_lists_every_shipped_node_on_a_platform_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(root.join("mappings/nodes")).unwrap().map(|file| file.unwrap().path());
    let on_a_platform =
        |name: &String| ["sobot-", "stringee-", "xswitch-"].iter().any(|own| name.starts_with(own));
    let shipped: BTreeSet<String> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(on_a_platform)
        .collect();
    let page = fs::read_to_string(root.join("docs/platforms.md")).unwrap();
    let table = page.split("## Nodes").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), shipped);
}
