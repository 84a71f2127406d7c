//! Upstream files as a team would write them, compiled from a folder: what they come to, and every mistake at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says so by failing"
)]

#[allow(dead_code)] // other tests use the rest of the harness
#[path = "harness/folder.rs"]
mod folder;

use datadip::diagnostic::{Findings, Severity};
use datadip::mapping::{Compiled, compile};
use datadip::plan::operation::{Auth, Body, Call, Effect, HttpCall, Setting, TableCall};

use crate::folder::Folder;

/// Compiles a folder in which the token of the CRM is known.
fn compile_with_token(folder: &Folder) -> Compiled {
    compile(folder.path(), &|name| (name == "CRM_TOKEN").then(|| "s3cr3t".to_owned())).unwrap()
}

/// Each finding as `file:line:column severity code`.
fn places(folder: &Folder, findings: &Findings) -> Vec<String> {
    let place = |finding: &datadip::diagnostic::Finding| {
        let path = finding.source.path.strip_prefix(&format!("{}/", folder.path().display())).unwrap();
        let at = finding.source.position(finding.span.unwrap().start);
        let severity = finding.severity.name();
        format!("{path}:{}:{} {severity} {}", at.line, at.column, finding.code.code())
    };
    findings.iter().map(place).collect()
}

fn request<'c>(compiled: &'c Compiled, name: &str) -> &'c HttpCall {
    match &compiled.catalogue.operations[name].call {
        Call::Http(call) => call,
        Call::Table(_) => panic!("{name} is a table's"),
    }
}

fn look<'c>(compiled: &'c Compiled, name: &str) -> &'c TableCall {
    match &compiled.catalogue.operations[name].call {
        Call::Table(call) => call,
        Call::Http(_) => panic!("{name} is a request"),
    }
}

const CRM: &str = r#"
upstream: crm
about: The customer system
base_url: "${CRM_URL:-http://127.0.0.1:9000/}"
auth: { bearer: "${secret:CRM_TOKEN}" }
headers: { Accept-Language: "{{ lang }}" }
timeout_ms: 700
limits: { concurrency: 50, per_second: 20 }
operations:
  customer_by_phone:
    args: { phone: { required: true }, lang: text }
    get: /v1/customers
    query: { phone: "{{ phone }}", limit: 5 }
    records: $.data[*]
    ok: body.code == 200
    error: $.message
  customer:
    args: { id: { required: true } }
    get: /v1/customers/{{ id }}
    not_found: [404, 410]
  add_callback:
    args:
      phone: { required: true }
      priority: { type: int, default: 3 }
      tags: list
    post: /v1/callbacks
    effect: write
    json: { phone: "{{ phone }}", priority: "{{ priority }}", tags: "{{ tags }}", source: ivr }
  close:
    args: { id: { required: true } }
    delete: /v1/callbacks/{{ id }}
    effect: write
    auth: none
    base_url: ${CLOSING_URL}
"#;

#[test]
fn an_upstream_over_http_compiles_to_the_requests_that_are_sent() {
    let folder = Folder::with(&[("upstreams/crm.yaml", CRM)]);
    let compiled = compile_with_token(&folder);
    assert_eq!(places(&folder, &compiled.findings), ["upstreams/crm.yaml:34:15 note unset-variable"]);
    let names: Vec<&str> = compiled.catalogue.operations.keys().map(AsRef::as_ref).collect();
    assert_eq!(names, ["crm.add_callback", "crm.close", "crm.customer", "crm.customer_by_phone"]);

    let by_phone = request(&compiled, "crm.customer_by_phone");
    assert_eq!(by_phone.base_url, Setting::Set("http://127.0.0.1:9000".to_owned()));
    assert!(matches!(&by_phone.auth, Setting::Set(Auth::Bearer(token)) if token.expose() == "s3cr3t"));
    assert_eq!(by_phone.headers.len(), 1);
    assert_eq!(compiled.catalogue.operations["crm.customer_by_phone"].timeout.as_millis(), 700);

    assert!(request(&compiled, "crm.customer").headers.is_empty(), "it has no argument `lang`");
    assert_eq!(request(&compiled, "crm.customer").not_found, [404, 410]);
    assert!(matches!(&request(&compiled, "crm.add_callback").body, Body::Json(_)));
    assert_eq!(compiled.catalogue.operations["crm.add_callback"].effect, Effect::Write);
    assert_eq!(request(&compiled, "crm.close").base_url, Setting::Unset("CLOSING_URL".to_owned()));
    assert!(!format!("{:?}", compiled.catalogue).contains("s3cr3t"));
}

const BOOK: &str = r#"
upstream: book
table:
  file: ../data/customers.csv
  identifiers:
    tel: { type: phone, region: SG, region_from: country }
    email: email
    line_id: text
operations:
  by_tel:
    args: { phone: { required: true } }
    find: { tel: "{{ phone }}" }
  by_account:
    args: { kind: { one_of: [lineId, email], required: true }, id: { required: true } }
    find: { "{{ kind }}": "{{ id }}" }
    columns: { lineId: line_id }
"#;

const CUSTOMERS: &str = "\u{feff}tel,email,line_id,country,name\r\n\
    9123 4567,Ann@Example.com,U1,SG,\"Tan, Ann\"\r\n\
    (516) 123-4567,,,US,Bo\r\n";

#[test]
fn a_table_compiles_to_looks_into_its_rows() {
    let files = [("upstreams/book.yml", BOOK), ("data/customers.csv", CUSTOMERS)];
    let folder = Folder::with(&files);
    let compiled = compile_with_token(&folder);
    assert!(compiled.findings.is_empty(), "{:?}", places(&folder, &compiled.findings));
    let table = &look(&compiled, "book.by_tel").table;
    assert_eq!(table.find(&[("tel", "+6591234567")])[0]["name"], "Tan, Ann");
    assert_eq!(table.find(&[("tel", "+15161234567")])[0]["name"], "Bo");
    assert_eq!(look(&compiled, "book.by_account").table.find(&[("email", "ann@example.com")]).len(), 1);
    assert_eq!(compiled.catalogue.operations["book.by_account"].records.text(), "$[*]");
}

const WRONG: &str = r#"upstream: crm
base_url: crm.example
auth: { bearer: abc123 }
headers: { Host: crm.example }
timeout_ms: 90000
limits: { concurency: 5 }
operations:
  customer_by_phone:
    args: { phone: { required: true }, unused: text, title: text }
    get: /v1/{{ phone }}
    query: { q: "Mr {{ title }}" }
  customer:
    args: { status: text, id: txt }
    get: v1/customers?id={{ id }}
    query: { id: "{{ idd }}", n: 007 }
    records: data[*]
    ok: "boddy.code == 200"
  change:
    args: { id: { type: int, default: one } }
    put: /v1/customers/{{ id }}
    json: { id: "{{ id }}", by: "${USER}" }
    form: { a: b }
"#;

const WRONG_BOOK: &str = r#"upstream: book
table:
  file: ../data/custmers.csv
  identifiers: { tel: phone }
operations:
  by_tel:
    args: { phone: { required: true } }
    find: { name: "{{ phone }}" }
"#;

#[test]
fn all_mistakes_of_all_files_are_told_at_once_each_at_its_place() {
    let files = [
        ("upstreams/crm.yaml", WRONG),
        ("upstreams/book.yaml", WRONG_BOOK),
        ("data/customers.csv", "tel\n91234567\n"),
    ];
    let folder = Folder::with(&files);
    let compiled = compile_with_token(&folder);
    assert_eq!(
        places(&folder, &compiled.findings),
        [
            "upstreams/book.yaml:3:9 error file-missing",
            "upstreams/book.yaml:4:18 error missing-region",
            "upstreams/book.yaml:8:11 error table-column",
            "upstreams/crm.yaml:2:11 error bad-url",
            "upstreams/crm.yaml:3:17 warning secret-in-file",
            "upstreams/crm.yaml:4:12 error bad-header",
            "upstreams/crm.yaml:5:13 error out-of-range",
            "upstreams/crm.yaml:6:11 error unknown-key",
            "upstreams/crm.yaml:9:40 warning unused-argument",
            "upstreams/crm.yaml:11:24 warning maybe-missing",
            "upstreams/crm.yaml:13:13 error reserved-name",
            "upstreams/crm.yaml:13:31 error unknown-word",
            "upstreams/crm.yaml:14:10 error bad-request-path",
            "upstreams/crm.yaml:14:29 warning maybe-missing",
            "upstreams/crm.yaml:15:22 error unknown-variable",
            "upstreams/crm.yaml:15:34 error number-form",
            "upstreams/crm.yaml:16:14 error path-root",
            "upstreams/crm.yaml:17:10 error unknown-variable",
            "upstreams/crm.yaml:19:39 error value-type",
            "upstreams/crm.yaml:20:5 error missing-effect",
            "upstreams/crm.yaml:21:34 error not-expanded",
            "upstreams/crm.yaml:22:5 error keys-clash",
        ]
    );
    assert!(compiled.catalogue.operations.is_empty());
    assert!(compiled.findings.iter().all(|finding| finding.help.is_some()));
}

#[test]
fn a_row_that_cannot_be_read_is_told_in_the_data_and_not_shown() {
    let data = "{\"tel\": \"91234567\"}\n{\"tel\": \"9123\n{\"tel\": \"withheld\", \"name\": \"Ann\"}\n";
    let book = "upstream: book\ntable: { file: ../data/c.jsonl, identifiers: { tel: { type: phone, region: SG } } }\n\
                operations: { by_tel: { args: { p: { required: true } }, find: { tel: \"{{ p }}\" } } }\n";
    let folder = Folder::with(&[("upstreams/book.yaml", book), ("data/c.jsonl", data)]);
    let compiled = compile_with_token(&folder);
    assert_eq!(
        places(&folder, &compiled.findings),
        ["data/c.jsonl:2:13 error table-row", "data/c.jsonl:3:2 warning table-cell"]
    );
    assert!(compiled.catalogue.operations.is_empty());
    let worst = compiled.findings.iter().next().unwrap();
    assert_eq!(worst.severity, Severity::Error);
    let shown = datadip::diagnostic::render::text(worst, datadip::diagnostic::render::Style::Plain);
    assert!(!shown.contains("9123") && !shown.contains("Ann"), "{shown}");
}
