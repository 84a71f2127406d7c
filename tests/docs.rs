//! The pages of `docs/` are true: each YAML block that names its file compiles beside the shipped mappings, and what is
//! linked is there, and the table of the log's events is the code's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datadip::diagnostic::Severity;
use datadip::diagnostic::render::{Style, text};

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
        "docs/running.md",
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
