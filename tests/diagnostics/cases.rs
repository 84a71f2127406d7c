//! A bad file for each code, and all that `check` says of it. A case is `cases/CODE.yaml`, or `cases/CODE.SITUATION.yaml`
//! for one more of the same code, or a folder of that name with several files; beside it stands what is said, in `.txt`.
//! `BLESS=1 cargo test --test diagnostics` writes what is said now; read the difference before it is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use datadip::diagnostic::code::Code;

use crate::folder::Folder;
use crate::shell::datadip_with;

/// What every case finds set.
const ENVIRONMENT: &[(&str, &str)] = &[("HOOK_SECRET", "s3cr3t"), ("LINES", "a\nb")];

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// Each case by its name, with its file or folder.
pub fn all() -> BTreeMap<String, PathBuf> {
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(here().join("cases")).expect("the cases") {
        let path = entry.expect("a case").path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some(name) = name.strip_suffix(".yaml").or(path.is_dir().then_some(&name)) {
            cases.insert(name.to_owned(), path);
        }
    }
    assert!(cases.len() > 50, "the cases were not found");
    cases
}

/// All files of a case: where each goes, and what is in it.
pub fn files(case: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    if case.is_dir() {
        let mut found = Vec::new();
        gather(case, case, &mut found);
        return found;
    }
    let bytes = fs::read(case).expect("a file");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let is_of = |kind: &str| text.lines().any(|line| line.starts_with(&format!("{kind}:")));
    let folder = ["upstream", "hook"].into_iter().find(|kind| is_of(kind)).unwrap_or("node");
    vec![(Path::new(&format!("mappings/{folder}s/bad.yaml")).to_owned(), bytes)]
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            let place = path.strip_prefix(root).unwrap().to_owned();
            found.push((place, fs::read(&path).expect("a file")));
        }
    }
}

/// What `check` says of a case, and how it ends.
fn said(case: &Path) -> String {
    let folder = Folder::with(&[]);
    for (place, bytes) in files(&here().join("base")).into_iter().chain(files(case)) {
        let place = folder.path().join(place);
        fs::create_dir_all(place.parent().unwrap()).expect("a folder");
        fs::write(place, bytes).expect("a file");
    }
    let ended = datadip_with(folder.path(), &["check"], ENVIRONMENT);
    format!("{}{}exit code {}\n", ended.out, ended.err, ended.code)
}

/// The codes of the findings in what is said.
fn codes(said: &str) -> BTreeSet<&str> {
    let heads = said.lines().filter_map(|line| {
        let rest = ["error[", "warning[", "note["]
            .iter()
            .find_map(|head| line.trim_start_matches("datadip: ").strip_prefix(head))?;
        rest.split_once("]: ").map(|(code, _)| code)
    });
    heads.collect()
}

#[test]
fn each_case_is_told_in_exactly_these_words() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, case) in all() {
        let beside = here().join("cases").join(format!("{name}.txt"));
        let said = said(&case);
        if bless {
            fs::write(&beside, &said).expect("the rendering");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            wrong.push(format!("{name}, expected:\n{expected}\nsaid:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} cases; BLESS=1 writes them anew", wrong.join("\n"), wrong.len());
}

/// What looks like a mistake and is none: a file for each code that it could be told under, in `right/`.
#[test]
fn nothing_is_told_of_what_is_right() {
    let mut files = 0;
    for entry in fs::read_dir(here().join("right")).expect("the right files") {
        let path = entry.expect("a file").path();
        let said = said(&path);
        assert!(codes(&said).is_empty() && said.ends_with("exit code 0\n"), "{}:\n{said}", path.display());
        files += 1;
    }
    assert!(files > 0, "the right files were not found");
}

#[test]
fn a_mistake_is_told_under_its_own_code_and_nothing_follows_from_it() {
    let mut wrong = Vec::new();
    for name in all().keys() {
        let said = fs::read_to_string(here().join("cases").join(format!("{name}.txt"))).expect("a rendering");
        let code = name.split('.').next().unwrap();
        if codes(&said) != BTreeSet::from([code]) {
            wrong.push(format!("{name}: {:?}", codes(&said)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_code_has_a_case_and_every_case_a_code() {
    let cases = all();
    let with: BTreeSet<&str> = cases.keys().map(|name| name.split('.').next().unwrap()).collect();
    let declared: BTreeSet<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(with, declared);
}

#[test]
fn fifty_mistakes_of_a_mapping_author_are_told_apart() {
    // Those of YAML itself, and of files as files, are not counted.
    let bare =
        ["yaml-", "unreadable", "empty", "quote-needed", "template-not-quoted", "too-deep", "key-not-text"];
    let of_meaning = Code::ALL.iter().filter(|code| !bare.iter().any(|bare| code.code().starts_with(bare)));
    assert!(of_meaning.count() >= 50);
}

#[test]
fn no_rendering_stands_without_its_case() {
    let cases = all();
    for entry in fs::read_dir(here().join("cases")).expect("the cases") {
        let name = entry.expect("a case").file_name().to_str().unwrap().to_owned();
        let case = name.strip_suffix(".txt").unwrap_or_else(|| name.strip_suffix(".yaml").unwrap_or(&name));
        assert!(cases.contains_key(case), "{name}");
    }
}
