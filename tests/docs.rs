//! The pages of `docs/` are true: each YAML block that names its file compiles beside the shipped mappings, what is
//! linked is there, the table of the log's events is the code's, and the tables of keys and the schemas are the
//! language's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

#[path = "harness/language.rs"]
mod language;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datadip::diagnostic::render::{Style, text};
use datadip::diagnostic::source::Source;
use datadip::diagnostic::{Findings, Severity};
use datadip::mapping::language::{FILES, Table};
use datadip::mapping::schema;
use datadip::mapping::yaml::{self, Node};

use crate::language::tables;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The blocks of a page that are whole files: the path in their first line, and the text.
fn files(page: &str) -> Vec<(PathBuf, String)> {
    let page = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let named = blocks.filter_map(|block| {
        let path = block.lines().next()?.strip_prefix("# ")?;
        let path = path.strip_prefix("mappings/").unwrap_or(path);
        Some((PathBuf::from(path), block.to_owned()))
    });
    named.filter(|(path, _)| path.extension().is_some_and(|ending| ending == "yaml")).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn every_file_that_the_pages_show_is_put_in_force_as_it_stands() {
    let place = std::env::temp_dir().join(format!("datadip-docs-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    copy(&root().join("mappings"), &place.join("mappings"));
    copy(&root().join("templates"), &place.join("templates"));
    let shown: Vec<_> = ["mappings.md", "running.md"].into_iter().flat_map(files).collect();
    assert!(shown.len() >= 5, "the pages show whole files: {shown:?}");
    for (path, block) in &shown {
        let path = place.join("mappings").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, block).unwrap();
    }
    let loaded = datadip::app::load(&place.join("mappings"), |_| None).await.unwrap();
    let wrong: Vec<String> = loaded
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| text(finding, Style::Plain))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    fs::remove_dir_all(&place).unwrap();
}

#[test]
fn every_page_that_is_linked_is_there() {
    for page in [
        "README.md",
        "CHANGELOG.md",
        "docs/mappings.md",
        "docs/phones.md",
        "docs/platforms.md",
        "docs/running.md",
        "docs/simulators.md",
        "docs/speed.md",
    ] {
        let folder = root().join(page).parent().unwrap().to_owned();
        let text = fs::read_to_string(root().join(page)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(folder.join(file).exists(), "{page} links {link}");
        }
    }
}

/// A text of a YAML document below these keys.
fn text_at(node: &Node, keys: &[&str]) -> Option<String> {
    let at = keys.iter().try_fold(node, |node, key| Some(&node.as_map()?.get(key)?.1))?;
    Some(at.as_scalar()?.text.clone())
}

#[tokio::test]
async fn the_manifests_parse_and_the_mapping_files_in_them_are_put_in_force() {
    let place = std::env::temp_dir().join(format!("datadip-deploy-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    let manifests = fs::read_to_string(root().join("deploy/kubernetes.yaml")).unwrap();
    let rules = fs::read_to_string(root().join("deploy/alerts.yaml")).unwrap();
    let mut kinds = Vec::new();
    for document in manifests.split("\n---\n").chain([rules.as_str()]) {
        let mut findings = Findings::new();
        let tree = yaml::parse(&Source::new("deploy", document), &mut findings).unwrap();
        let told: Vec<String> = findings.iter().map(|finding| text(finding, Style::Plain)).collect();
        assert!(told.is_empty(), "{}", told.join("\n\n"));
        let name = text_at(&tree, &["metadata", "name"]).unwrap_or_default();
        let Some(folder) = name.strip_prefix("datadip-") else {
            kinds.extend(text_at(&tree, &["kind"]));
            continue;
        };
        fs::create_dir_all(place.join(folder)).unwrap();
        let (_, data) = tree.as_map().unwrap().get("data").unwrap();
        for (key, _) in data.as_map().unwrap().iter() {
            let file = text_at(data, &[&key.text]).unwrap();
            fs::write(place.join(folder).join(&key.text), file).unwrap();
        }
    }
    assert_eq!(kinds, ["Deployment", "Service", "NetworkPolicy", "PodDisruptionBudget"]);
    let loaded = datadip::app::load(&place, |_| None).await.unwrap();
    let told: Vec<String> = loaded
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| text(finding, Style::Plain))
        .collect();
    assert!(told.is_empty() && loaded.catalogue.nodes.len() == 1, "{}", told.join("\n\n"));
    fs::remove_dir_all(&place).unwrap();
}

/// The names that a page's table of that heading has in its first column.
fn first_column(heading: &str) -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/running.md")).unwrap();
    let table = page.split(heading).nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`')).map(str::to_owned).collect()
}

#[test]
fn every_metric_is_in_the_table_and_no_other() {
    let mut shown = BTreeSet::new();
    for file in ["metrics.rs", "metrics/process.rs"] {
        let text = fs::read_to_string(root().join("src/console").join(file)).unwrap();
        let names = text.split("page.family(").skip(1).filter_map(|rest| rest.split('"').nth(1));
        shown.extend(names.map(str::to_owned));
    }
    assert!(shown.len() > 20, "{shown:?}");
    let is_metric = |name: &String| name.starts_with("datadip_") || name.starts_with("process_");
    let told: BTreeSet<String> = first_column("## Metrics").into_iter().filter(is_metric).collect();
    assert_eq!(shown, told);
    let rules = fs::read_to_string(root().join("deploy/alerts.yaml")).unwrap();
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for word in words.filter(|word| word.starts_with("datadip_")) {
        let is_told = ["", "_bucket", "_count", "_sum"]
            .iter()
            .any(|end| word.strip_suffix(end).is_some_and(|name| told.contains(name)));
        assert!(is_told, "deploy/alerts.yaml reads {word}");
    }
}

#[test]
fn every_event_of_the_log_is_in_the_table_and_no_other() {
    fn events(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                events(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let codes = text.split("event = \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(codes.map(str::to_owned));
        }
    }
    let mut said = BTreeSet::new();
    events(&root().join("src"), &mut said);
    let page = fs::read_to_string(root().join("docs/running.md")).unwrap();
    let table = page.split("## The log").nth(1).unwrap();
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let told: BTreeSet<String> = first_cells
        .flat_map(|cell| cell.split('`'))
        .filter(|code| code.contains('.'))
        .map(str::to_owned)
        .collect();
    assert_eq!(said, told);
}

/// What stands under a heading, up to the next one.
fn section((page, heading): (&str, &str)) -> String {
    let page = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let mut lines = page
        .lines()
        .skip_while(|line| !line.starts_with('#') || line.trim_start_matches('#').trim() != heading);
    assert!(lines.next().is_some(), "there is no heading `{heading}`");
    lines.take_while(|line| !line.starts_with('#') || line.starts_with("# ")).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The words that stand in code, in the line or in a block.
fn code(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).flat_map(words).collect()
}

/// The keys that the tables of a section are about: the code in first cells below `key` or `source`.
fn told(section: &str) -> BTreeSet<&str> {
    let mut keys = BTreeSet::new();
    let mut is_of_keys = false;
    for line in section.lines() {
        let cell = line.strip_prefix("| ").and_then(|line| line.split(" |").next());
        match cell {
            None => is_of_keys = false,
            Some("key" | "source") => is_of_keys = true,
            Some(cell) if is_of_keys => {
                keys.extend(cell.split('`').skip(1).step_by(2).filter_map(|code| words(code).last()));
            }
            Some(_) => {}
        }
    }
    keys
}

#[test]
fn every_key_of_the_language_is_documented_and_no_other() {
    let tables = tables();
    let sections: BTreeSet<(&str, &str)> = tables.iter().map(|table| table.section).collect();
    for heading in sections {
        let text = section(heading);
        let (code, told) = (code(&text), told(&text));
        let own: Vec<&Table> = tables.iter().copied().filter(|table| table.section == heading).collect();
        for table in &own {
            for key in table.names {
                assert!(code.contains(key), "`{key}` of `{}` is not told under {heading:?}", table.name);
            }
        }
        for key in told {
            let is_key = own.iter().any(|table| table.names.contains(&key));
            assert!(is_key, "{heading:?} tells of `{key}`, which is no key");
        }
    }
}

#[test]
fn the_schemas_in_the_repository_are_what_the_program_prints() {
    for (kind, _) in FILES {
        let committed = fs::read_to_string(root().join(format!("docs/schema/{kind}.json"))).unwrap();
        let printed = format!("{}\n", serde_json::to_string_pretty(&schema::of(kind).unwrap()).unwrap());
        assert!(committed == printed, "docs/schema/{kind}.json: run `cargo run -- schema --dir docs/schema`");
    }
}

#[test]
fn every_shipped_file_tells_editors_its_schema() {
    for (kind, _) in FILES {
        let line = format!("# yaml-language-server: $schema=../../docs/schema/{kind}.json");
        for entry in fs::read_dir(root().join(format!("mappings/{kind}s"))).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with(&format!("{line}\n")), "{}: begin it with `{line}`", path.display());
        }
    }
}
