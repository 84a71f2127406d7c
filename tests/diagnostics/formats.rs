//! The formats for machines: the same findings, with the same places, failed examples among them.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::shell::datadip;

const NODE: &str = "\
node: plain
budgetms: 900
inputs: { name: text }
outputs:
  greeting: { text: 'Hello {{ name }}', default: Hello }
";
const REHEARSED: &str = "\
node: rehearsed
inputs: { name: text }
outputs:
  greeting: { text: 'Hello {{ name }}', default: Hello }
examples:
  - { name: wrong, send: { name: Ada }, answer: { greeting: Hello Bob } }
";

fn folder() -> Folder {
    Folder::with(&[("mappings/nodes/plain.yaml", NODE), ("mappings/nodes/rehearsed.yaml", REHEARSED)])
}

fn report(args: &[&str]) -> Value {
    let folder = folder();
    let ended = datadip(folder.path(), &[&["check"], args].concat());
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    serde_json::from_str(&ended.out).expect("JSON")
}

#[test]
fn json_lists_every_finding_with_its_place_and_the_example_that_failed() {
    let report = report(&["--format", "json"]);
    assert_eq!([&report["errors"], &report["warnings"], &report["notes"]], [2, 0, 0]);
    assert_eq!(
        report["findings"],
        json!([
            {
                "code": "unknown-key", "severity": "error", "file": "mappings/nodes/plain.yaml",
                "line": 2, "column": 1, "end_line": 2, "end_column": 9,
                "message": "`budgetms` is not a key of a node", "help": "did you mean `budget_ms`?",
                "example": null, "related": [],
            },
            {
                "code": "example-failed", "severity": "error", "file": "mappings/nodes/rehearsed.yaml",
                "line": 6, "column": 61, "end_line": 6, "end_column": 70,
                "message": "example `wrong`: `greeting` is \"Hello Ada\", not \"Hello Bob\"", "help": null,
                "example": "wrong", "related": [],
            },
        ])
    );
}

/// What SARIF 2.1.0 requires, and what a code host requires beyond it to show a finding beside its line.
#[test]
fn sarif_has_all_that_a_code_host_requires() {
    let log = report(&["--format", "sarif", "--docs-url", "https://docs.example/findings.md"]);
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().expect("a schema").ends_with("sarif-2.1.0.json"));
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "datadip");
    let rules = driver["rules"].as_array().expect("rules");
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
        let id = rule["id"].as_str().expect("an id");
        assert_eq!(rule["helpUri"], format!("https://docs.example/findings.md#{id}"));
        assert!(
            ["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().starts_with("mappings/nodes/"));
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        for member in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][member].as_u64().is_some_and(|number| number > 0), "{place}");
        }
    }
    assert_eq!(results[1]["ruleId"], "example-failed");
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["region"]["startLine"], 6);
}

#[test]
fn a_place_below_no_address_has_no_link() {
    let log = report(&["--format", "sarif"]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules").clone();
    assert!(rules.iter().all(|rule| rule.get("helpUri").is_none()));
}
