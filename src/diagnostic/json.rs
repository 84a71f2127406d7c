//! Findings for machines: one object with stable member names.

use serde_json::{Map, Value, json};

use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Span};

/// All findings: `findings`, and how many there are as `errors`, `warnings` and `notes`.
#[must_use]
pub fn report(findings: &Findings) -> Value {
    let counts = findings.counts();
    let findings: Vec<Value> = findings.iter().map(finding).collect();
    json!({
        "findings": findings,
        "errors": counts.errors,
        "warnings": counts.warnings,
        "notes": counts.notes,
    })
}

/// One finding: `code`, `severity`, `file`, `line`, `column`, `end_line`, `end_column` (from 1, in characters, the end
/// exclusive, all four null where it is about the whole file), `message`, `help` (text or null), `example` (the name of
/// the example that failed, or null) and `related` (a list of objects with the five place members and a `message`).
#[must_use]
pub fn finding(finding: &Finding) -> Value {
    let related = finding.related.iter().map(|(span, label)| {
        let mut related = place(&finding.source, Some(*span));
        related.insert("message".to_owned(), label.as_str().into());
        Value::Object(related)
    });
    let related: Vec<Value> = related.collect();
    let mut object = Map::new();
    object.insert("code".to_owned(), finding.code.code().into());
    object.insert("severity".to_owned(), finding.severity.name().into());
    object.extend(place(&finding.source, finding.span));
    let rest = [
        ("message", json!(finding.message)),
        ("help", json!(finding.help)),
        ("example", json!(finding.example)),
        ("related", Value::Array(related)),
    ];
    object.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

fn place(source: &Source, span: Option<Span>) -> Map<String, Value> {
    let ends = span.map(|span| (source.position(span.start), source.position(span.end)));
    let members = [
        ("file", json!(source.path)),
        ("line", json!(ends.map(|(start, _)| start.line))),
        ("column", json!(ends.map(|(start, _)| start.column))),
        ("end_line", json!(ends.map(|(_, end)| end.line))),
        ("end_column", json!(ends.map(|(_, end)| end.column))),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Finding, Findings, Source, Span, report};
    use crate::diagnostic::code::Code;

    #[test]
    fn a_finding_has_its_place_its_words_and_its_related_places() {
        let source = Source::new("客户.yaml", "名字: 张三\n名字: 李四\n");
        let mut findings = Findings::new();
        let finding = Finding::error(Code::DuplicateKey, &source, Span::new(15, 21), "`名字` stands twice");
        findings.push(finding.help("keep one").related(Span::new(0, 6), "first here"));
        assert_eq!(
            report(&findings),
            json!({
                "findings": [{
                    "code": "duplicate-key", "severity": "error",
                    "file": "客户.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 3,
                    "message": "`名字` stands twice", "help": "keep one", "example": null,
                    "related": [{ "file": "客户.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 3,
                        "message": "first here" }],
                }],
                "errors": 1, "warnings": 0, "notes": 0,
            })
        );
    }

    #[test]
    fn a_finding_about_a_whole_file_has_no_place_in_it() {
        let mut findings = Findings::new();
        let source = Source::unread("mappings/nodes/caller.yaml");
        findings.push(Finding::whole_file(Code::Unreadable, &source, "the file cannot be read"));
        let report = report(&findings);
        let finding = &report["findings"][0];
        assert_eq!(finding["file"], "mappings/nodes/caller.yaml");
        assert!(
            ["line", "column", "end_line", "end_column", "help"].iter().all(|name| finding[name].is_null())
        );
    }
}
