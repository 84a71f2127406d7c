//! Findings as SARIF 2.1.0, which code hosts show beside the lines of a change. One run, a rule a code.

use std::collections::HashMap;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Span};

/// What stays as it is in the path of a URI.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The log of one run. `docs_url`: where the page of all findings is read, if it is anywhere.
#[must_use]
pub fn report(findings: &Findings, docs_url: Option<&str>) -> Value {
    let mut codes: Vec<(Code, &'static str)> = Vec::new();
    for finding in findings {
        if !codes.iter().any(|(code, _)| *code == finding.code) {
            codes.push((finding.code, finding.severity.name()));
        }
    }
    let rules: Vec<Value> = codes.iter().map(|(code, level)| rule(*code, level, docs_url)).collect();
    let mut told = HashMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let rule = codes.iter().position(|(code, _)| *code == finding.code);
            result(finding, rule.unwrap_or_default(), &mut told)
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code, level: &str, docs_url: Option<&str>) -> Value {
    let about = json!({ "text": code.about() });
    let mut rule = json!({
        "id": code.code(),
        "shortDescription": about,
        "fullDescription": about,
        "help": { "text": code.section(), "markdown": code.section() },
        "defaultConfiguration": { "level": level },
    });
    if let (Some(url), Some(rule)) = (docs_url, rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), format!("{url}#{}", code.code()).into());
    }
    rule
}

fn result(finding: &Finding, rule: usize, told: &mut HashMap<String, usize>) -> Value {
    let print = fingerprint(finding);
    let count = told.entry(print.clone()).or_default();
    *count += 1;
    let message = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|(span, label)| {
            let mut related = location(&finding.source, Some(*span));
            if let Some(related) = related.as_object_mut() {
                related.insert("message".to_owned(), json!({ "text": label }));
            }
            related
        })
        .collect();
    json!({
        "ruleId": finding.code.code(),
        "ruleIndex": rule,
        "level": finding.severity.name(),
        "message": { "text": message },
        "locations": [location(&finding.source, finding.span)],
        "relatedLocations": related,
        "partialFingerprints": { "primaryLocationLineHash": format!("{print}:{count}") },
    })
}

/// What stays the same of a finding while lines are added above it: its code, its file and the text of its line.
fn fingerprint(finding: &Finding) -> String {
    let line =
        finding.span.map_or("", |span| finding.source.slice(finding.source.line_of(span.start)).trim());
    let said = format!("{}\n{}\n{line}", finding.code.code(), finding.source.path);
    Sha256::digest(said).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A place. What is about a whole file stands at its first line, because code hosts want one.
fn location(source: &Source, span: Option<Span>) -> Value {
    let (start, end) = span.map_or((0, 0), |span| (span.start, span.end));
    let (start, end) = (source.position(start), source.position(end));
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&source.path),
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    } })
}

/// A file: below the folder where the command runs, or by its whole path.
fn artifact(path: &str) -> Value {
    let encoded = |path: &str| utf8_percent_encode(path, KEPT).to_string();
    if Path::new(path).is_absolute() {
        json!({ "uri": format!("file://{}", encoded(path)) })
    } else {
        json!({ "uri": encoded(path.trim_start_matches("./")), "uriBaseId": "%SRCROOT%" })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Code, Finding, Findings, Source, Span, artifact, report};

    fn told(text: &str, spans: &[Span]) -> Value {
        let source = Source::new("a.yaml", text);
        let finding = |span: &Span| Finding::error(Code::UnknownKey, &source, *span, "odd");
        report(&spans.iter().map(finding).collect::<Findings>(), Some("https://docs.example/findings.md"))
    }

    fn prints(log: &Value) -> Vec<&str> {
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        results
            .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn a_finding_keeps_its_fingerprint_while_lines_are_added_above_it() {
        let (before, after) =
            (told("a: 1\n", &[Span::new(0, 1)]), told("b: 2\n  a: 1\n", &[Span::new(7, 8)]));
        assert_eq!(prints(&before), prints(&after));
        let both = told("a: 1\na: 1\n", &[Span::new(0, 1), Span::new(5, 6)]);
        assert!(prints(&both)[0].ends_with(":1") && prints(&both)[1].ends_with(":2"));
    }

    #[test]
    fn each_code_is_one_rule_and_leads_to_its_page() {
        let log = told("a: 1\nb: 2\n", &[Span::new(0, 1), Span::new(5, 6)]);
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["helpUri"], "https://docs.example/findings.md#unknown-key");
    }

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(
            artifact("./maps/客 户.yaml"),
            json!({ "uri": "maps/%E5%AE%A2%20%E6%88%B7.yaml", "uriBaseId": "%SRCROOT%" })
        );
        assert_eq!(artifact("/srv/a.yaml"), json!({ "uri": "file:///srv/a.yaml" }));
    }
}
