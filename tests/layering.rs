//! The layout's rules held against the code: which module may import which, and which dependency has which door.
//! A call falls through the modules from top to bottom; nothing climbs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that every other may import. Of ours they import only those before them.
const GROUND: [&str; 8] =
    ["clock", "diagnostic", "meter", "record", "scalar", "secret", "telemetry", "trace"];

/// Each other module, in the order of its rank, and what it may import beside the ground.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("expr", &[]),
    ("node", &[]),
    ("plan", &["expr", "node"]),
    ("description", &["plan", "expr", "node"]),
    ("draft", &["expr", "node"]),
    ("cache", &[]),
    ("upstream", &["plan", "expr"]),
    ("output", &["plan", "expr", "node"]),
    ("explain", &["output", "cache", "plan", "expr", "node"]),
    ("lookup", &["explain", "output", "upstream", "cache", "plan", "expr", "node"]),
    ("mapping", &["plan", "expr", "node"]),
    ("rehearsal", &["lookup", "upstream", "cache", "plan", "node"]),
    ("catalog", &["plan"]),
    // An event is read as an upstream's answer is: only what its paths read is built.
    ("http", &["lookup", "upstream", "cache", "catalog", "plan", "expr", "node"]),
    // `/metrics` shows what the door and the upstreams count; `/openapi.json` describes the nodes.
    (
        "console",
        &["lookup", "upstream", "cache", "catalog", "explain", "http", "description", "plan", "node"],
    ),
    ("settings", &["mapping", "cache", "catalog"]),
    (
        "app",
        &[
            "settings",
            "description",
            "http",
            "console",
            "catalog",
            "rehearsal",
            "mapping",
            "lookup",
            "explain",
            "upstream",
            "cache",
            "plan",
            "node",
        ],
    ),
    // The other side of the wire: it knows the platforms' documents, and nothing of ours.
    ("sim", &[]),
    // `call` asks an upstream without any node, so there is no lookup between them; `schema` prints the language.
    (
        "cli",
        &[
            "app",
            "settings",
            "description",
            "draft",
            "expr",
            "explain",
            "mapping",
            "upstream",
            "cache",
            "catalog",
            "plan",
            "node",
            "sim",
        ],
    ),
];

/// Dependencies that only these modules may name.
const DOORS: &[(&str, &[&str])] = &[
    ("reqwest", &["upstream", "cli"]),
    ("moka", &["cache"]),
    ("deadpool_redis", &["cache"]),
    ("granit_parser", &["mapping"]),
    ("csv", &["mapping", "cli"]),
    ("tera", &["console", "expr"]),
    ("serde_json_path", &["expr"]),
    ("rlibphonenumber", &["node"]),
    ("annotate_snippets", &["diagnostic"]),
    ("actix_web", &["http", "console", "app", "sim"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("arc_swap", &["catalog", "cache", "meter"]),
    ("notify", &["catalog"]),
    ("moka", &["cache"]),
    ("deadpool", &["cache"]),
    ("deadpool_redis", &["cache"]),
    ("aws_lc_rs", &["cache", "expr", "secret", "upstream", "sim"]),
    ("md5", &["expr", "sim"]),
    ("uuid", &["upstream"]),
    ("tracing_subscriber", &["telemetry"]),
];

struct File {
    path: PathBuf,
    module: String,
    text: String,
}

fn files(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let below = path.strip_prefix(source()).unwrap();
            let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            found.push(File { path, module, text });
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn all_files() -> Vec<File> {
    let mut found = Vec::new();
    files(&source(), &mut found);
    assert!(found.len() > 50, "the sources were not found");
    found
}

/// The code of a file without its comments and without what only its tests use.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map_while(|line| (line.trim() != "#[cfg(test)]").then_some(line))
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// Every `crate::module` that a line names.
fn imported(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default())
}

#[test]
fn a_module_imports_only_what_stands_above_it_in_the_table() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut broken = BTreeSet::new();
    for file in all_files() {
        if matches!(file.module.as_str(), "lib" | "main") {
            continue;
        }
        let is_ground = GROUND.contains(&file.module.as_str());
        let Some(allowed) = rules.get(file.module.as_str()).copied().or(is_ground.then_some(&[])) else {
            panic!("`{}` is not in the table: give it a rank", file.module);
        };
        for name in code(&file.text).flat_map(imported) {
            let is_own = name == file.module;
            let place = |name: &str| GROUND.iter().position(|other| *other == name);
            let is_open = place(name).is_some() && (!is_ground || place(name) <= place(&file.module));
            if !is_own && !is_open && !allowed.contains(&name) {
                broken.insert(format!("{} imports {name}", file.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_table_has_no_circle_and_no_row_too_many() {
    let modules: BTreeSet<String> = all_files().into_iter().map(|file| file.module).collect();
    let mut known: BTreeSet<&str> = GROUND.into_iter().collect();
    for (module, allowed) in MAY_IMPORT {
        for name in *allowed {
            let rank = MAY_IMPORT.iter().position(|(other, _)| other == name).unwrap();
            let own = MAY_IMPORT.iter().position(|(other, _)| other == module).unwrap();
            assert!(rank < own, "`{module}` stands above `{name}`, which it may import");
        }
        known.insert(module);
    }
    for module in &known {
        assert!(modules.contains(*module), "`{module}` is in the table and not in src/");
    }
}

#[test]
fn a_dependency_has_one_door() {
    let mut broken = BTreeSet::new();
    for file in all_files().iter().filter(|file| file.module != "main") {
        for line in code(&file.text) {
            for (dependency, doors) in DOORS {
                let named =
                    line.contains(&format!("{dependency}::")) || line.contains(&format!("use {dependency}"));
                if named && !doors.contains(&file.module.as_str()) {
                    broken.insert(format!("{} names {dependency}", file.path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in all_files() {
        assert!(file.text.starts_with("//! "), "{} does not open with `//!`", file.path.display());
        assert!(!file.text.contains("super::super"), "{} climbs with super::super", file.path.display());
    }
}
