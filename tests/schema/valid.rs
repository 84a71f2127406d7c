//! What is valid to the parser is valid to the schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datadip::mapping::language::FILES;
use datadip::mapping::schema;
use serde_json::{Value, json};

use crate::language::tables;
use crate::walk::{Of, places};
use crate::whole::{self, Folder};
use crate::{refused, validator};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The kind of files that stand in a folder of that name.
fn kind_of(path: &Path) -> &'static str {
    let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    FILES.iter().map(|(kind, _)| *kind).find(|kind| format!("{kind}s") == folder).unwrap()
}

#[test]
fn the_schemas_are_schemas() {
    for schema in FILES.iter().map(|(kind, _)| schema::of(kind).unwrap()).chain([schema::of_all()]) {
        jsonschema::draft202012::meta::validate(&schema).unwrap();
    }
}

#[test]
fn the_valid_files_are_valid_to_both_and_hold_every_key() {
    let folder = Folder::whole();
    let mut held = BTreeSet::new();
    for (kind, path, text) in whole::FILES {
        let errors = folder.errors(path);
        assert!(errors.is_empty(), "{path}: {errors:#?}");
        let file = whole::json(text);
        assert_eq!(refused(&validator(kind), &file), Vec::<String>::new(), "{path}");
        let (_, tables) = FILES.iter().find(|(name, _)| *name == kind).unwrap();
        for place in places(&file, tables) {
            if let Of::Key(table, key) = place.of {
                held.insert((table.name, key.name));
            }
        }
    }
    for table in tables() {
        for key in table.names {
            assert!(
                held.contains(&(table.name, *key)),
                "no file of whole.rs holds `{key}` of `{}`",
                table.name
            );
        }
    }
}

#[test]
fn every_shipped_file_and_every_file_of_the_pages_is_valid() {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for (kind, _) in FILES {
        for entry in fs::read_dir(root().join(format!("mappings/{kind}s"))).unwrap() {
            let path = entry.unwrap().path();
            files.push((path.clone(), fs::read_to_string(path).unwrap()));
        }
    }
    for page in fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()) {
        if page.extension().is_some_and(|ending| ending == "md") {
            let text = fs::read_to_string(&page).unwrap();
            let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
            for block in blocks {
                let path = block.lines().next().and_then(|line| line.strip_prefix("# ")).map(PathBuf::from);
                let path = path.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
                files.extend(path.map(|path| (path, block.to_owned())));
            }
        }
    }
    assert!(files.len() > 15, "{}", files.len());
    let all = jsonschema::draft202012::new(&schema::of_all()).unwrap();
    for (path, text) in files {
        let file = whole::json(&text);
        for validator in [&validator(kind_of(&path)), &all] {
            assert_eq!(refused(validator, &file), Vec::<String>::new(), "{}", path.display());
        }
    }
}

/// The mapping files that stand as constants in the tests' own sources.
fn constants(text: &str) -> Vec<String> {
    let starts = ["= \"\\\n", "= r#\"\n", "= \"\n"];
    let mut found = Vec::new();
    for start in starts {
        let end = if start.contains('#') { "\"#;" } else { "\";" };
        for rest in text.split(start).skip(1) {
            let Some(constant) = rest.split(end).next() else { continue };
            let constant =
                if start.contains('#') { constant.to_owned() } else { constant.replace("\\\"", "\"") };
            found.push(constant);
        }
    }
    found
}

#[test]
fn what_the_tests_of_the_gateway_serve_is_valid() {
    let mut sources = Vec::new();
    let mut folders = vec![root().join("tests")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push(path);
            }
        }
    }
    let mut count = 0;
    for path in sources {
        let folder = Folder::empty();
        let mut files = Vec::new();
        for (at, text) in constants(&fs::read_to_string(&path).unwrap()).into_iter().enumerate() {
            let Some((kind, _)) = FILES.iter().find(|(kind, _)| text.starts_with(&format!("{kind}: ")))
            else {
                continue;
            };
            let file = format!("{kind}s/{at}.yaml");
            folder.write(&file, &text);
            files.push((kind, file, text));
        }
        for (kind, file, text) in files {
            if folder.errors(&file).is_empty() {
                count += 1;
                assert_eq!(
                    refused(&validator(kind), &whole::json(&text)),
                    Vec::<String>::new(),
                    "{path:?}: {text}"
                );
            }
        }
    }
    assert!(count > 20, "only {count} files were found");
}

#[test]
fn every_example_and_default_of_the_language_is_what_its_key_holds() {
    for (kind, _) in FILES {
        let schema = schema::of(kind).unwrap();
        for (table, definition) in schema["$defs"].as_object().unwrap() {
            for (key, property) in definition["properties"].as_object().unwrap() {
                let pointer = format!("#/$defs/{table}/properties/{key}");
                let own = json!({ "$ref": pointer, "$defs": schema["$defs"] });
                let validator = jsonschema::draft202012::new(&own).unwrap();
                let examples = property["examples"].as_array().into_iter().flatten();
                for value in examples.chain(property.get("default")) {
                    assert_eq!(refused(&validator, value), Vec::<String>::new(), "{pointer}: {value}");
                }
            }
        }
    }
    for table in tables() {
        for key in table.keys {
            for text in [key.default, key.example].into_iter().flatten() {
                assert!(
                    serde_json::from_str::<Value>(text).is_ok(),
                    "`{}` of `{}`: {text}",
                    key.name,
                    table.name
                );
            }
            assert!(!key.about.is_empty() && key.about.ends_with('.'), "`{}` of `{}`", key.name, table.name);
        }
    }
}
