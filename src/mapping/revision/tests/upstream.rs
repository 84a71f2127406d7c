//! The keys of upstreams: what decides which records are found, and what decides only how long that may take.

use super::{Answers, Edit, Ends, Files, NODE, Refused, carry_out, of_step, walk};
use crate::mapping::language::node::TEMPLATE_FILE;
use crate::mapping::language::upstream::{
    ARGUMENT, COLUMN, DATA, HTTP, IDEMPOTENCY, LIMITS, LOOK, OPERATION, PAGES, TABLE,
};

const UPSTREAM: &str = "
upstream: crm
about: The CRM.
base_url: http://crm.example
headers: { Accept: application/json }
auth: none
connect_timeout_ms: 300
timeout_ms: 900
follow_redirects: false
limits: { concurrency: 5, per_second: 9 }
operations:
  op:
    about: Who it is.
    args:
      phone: { type: text, required: true, about: In any form. }
      tenant: { type: text, default: a, one_of: [a, b] }
      page: { type: int }
      size: { type: int, default: 20 }
    post: /c
    query: { phone: '{{ phone }}', in: '{{ tenant }}', page: '{{ page }}', size: '{{ size }}' }
    headers: { X-Site: one }
    records: $.data[*]
    pages: { number: page, size: size, first: 1, count: $.pages, most: 4 }
    idempotency: { header: Idempotency-Key }
    unique: { tel: $.phone }
    ok: body.code == 0
    error: $.message
    not_found: [404]
    effect: read
    timeout_ms: 700
";
const FILES: Files<'_> = Files { upstream: UPSTREAM, node: NODE, revision: of_step };

#[test]
fn how_long_an_upstream_may_take_and_how_much_it_is_asked_end_nothing_that_is_kept() {
    walk(
        &HTTP,
        FILES,
        &[
            ("upstream", "upstream: crm", "upstream: other", Refused),
            ("about", "The CRM.", "Another.", Answers),
            ("base_url", "http://crm.example", "http://new.example", Ends),
            ("headers", "application/json", "text/json", Ends),
            ("auth", "auth: none", "auth: { bearer: '${TOKEN}' }", Ends),
            ("connect_timeout_ms", "connect_timeout_ms: 300", "connect_timeout_ms: 400", Answers),
            ("timeout_ms", "\ntimeout_ms: 900", "\ntimeout_ms: 1200", Answers),
            ("follow_redirects", "redirects: false", "redirects: true", Ends),
            ("limits", "limits: { concurrency: 5, per_second: 9 }\n", "", Answers),
            ("operations", "  op:\n", "  other:\n", Refused),
        ],
    );
    walk(
        &LIMITS,
        FILES,
        &[
            ("concurrency", "concurrency: 5", "concurrency: 6", Answers),
            ("per_second", "per_second: 9", "per_second: 1", Answers),
        ],
    );
}

#[test]
fn what_an_operation_asks_and_how_its_answer_is_read_ends_what_was_kept() {
    walk(
        &OPERATION,
        FILES,
        &[
            ("about", "Who it is.", "Whose it is.", Answers),
            ("args", "phone: { type: text", "more: {}\n      phone: { type: text", Ends),
            ("get", "    post: /c", "    get: /c", Ends),
            ("post", "    post: /c", "    post: /d", Ends),
            ("put", "    post: /c", "    put: /c", Ends),
            ("patch", "    post: /c", "    patch: /c", Ends),
            ("delete", "    post: /c", "    delete: /c", Ends),
            ("base_url", "    post: /c", "    base_url: http://own.example\n    post: /c", Ends),
            ("auth", "    post: /c", "    auth: { bearer: '${TOKEN}' }\n    post: /c", Ends),
            ("query", "in: '{{ tenant }}'", "of: '{{ tenant }}'", Ends),
            ("headers", "X-Site: one", "X-Site: two", Ends),
            ("json", "    post: /c", "    json: { at: '{{ phone }}' }\n    post: /c", Ends),
            ("form", "    post: /c", "    form: { at: '{{ phone }}' }\n    post: /c", Ends),
            ("xml", "    post: /c", "    xml: '<at>{{ phone }}</at>'\n    post: /c", Ends),
            ("text", "    post: /c", "    text: '{{ phone }}'\n    post: /c", Ends),
            ("records", "$.data[*]", "$.list[*]", Ends),
            ("record", "records: $.data[*]", "record: $.data", Ends),
            (
                "pages",
                "    pages: { number: page, size: size, first: 1, count: $.pages, most: 4 }\n",
                "",
                Ends,
            ),
            ("idempotency", "    idempotency: { header: Idempotency-Key }\n", "", Ends),
            ("unique", "tel: $.phone", "tel: $.mobile", Ends),
            ("ok", "body.code == 0", "body.code == 1", Ends),
            ("error", "$.message", "$.reason", Answers),
            ("not_found", "[404]", "[404, 410]", Ends),
            ("effect", "effect: read", "effect: write", Refused),
            ("timeout_ms", "    timeout_ms: 700", "    timeout_ms: 800", Answers),
        ],
    );
}

#[test]
fn what_a_key_of_an_operation_holds_ends_what_was_kept() {
    walk(
        &ARGUMENT,
        FILES,
        &[
            ("type", "tenant: { type: text", "tenant: { type: text, required: true", Ends),
            ("type", "page: { type: int }", "page: { type: int, about: Which. }", Answers),
            ("type", "phone: { type: text", "phone: { type: number", Ends),
            ("required", "required: true", "required: false", Ends),
            ("default", "default: a", "default: b", Ends),
            ("one_of", "[a, b]", "[a, b, c]", Ends),
            ("about", "In any form.", "In one form.", Answers),
        ],
    );
    walk(
        &PAGES,
        FILES,
        &[
            ("number", "number: page", "number: size", Refused),
            ("size", "size: size, first", "first", Ends),
            ("first", "first: 1", "first: 0", Ends),
            ("count", "count: $.pages", "count: $.of", Ends),
            ("total", "count: $.pages", "total: $.pages", Ends),
            ("most", "most: 4", "most: 5", Ends),
        ],
    );
    walk(
        &IDEMPOTENCY,
        FILES,
        &[
            ("header", "Idempotency-Key", "X-Key", Ends),
            ("by", "header: Idempotency-Key", "header: Idempotency-Key, by: [phone]", Refused),
        ],
    );
    let of_file = UPSTREAM.replace("    post: /c", "    text: { file: ../data/one.txt }\n    post: /c");
    let edits: &[Edit] = &[("file", "one.txt", "other.txt", Ends)];
    walk(&TEMPLATE_FILE, Files { upstream: &of_file, node: NODE, revision: of_step }, edits);
}

#[test]
fn a_table_is_known_by_its_rows_and_by_how_they_are_found() {
    let upstream = "
upstream: crm
about: The customers.
table:
  file: ../data/one.jsonl
  identifiers: { tel: { type: phone, region: SG, region_from: land }, id: text }
operations:
  op:
    about: Who it is.
    args: { phone: { required: true }, of: { default: id, one_of: [id] } }
    find: { tel: '{{ phone }}' }
    records: $[*]
    effect: read
";
    let files = Files { upstream, node: NODE, revision: of_step };
    walk(
        &TABLE,
        files,
        &[
            ("upstream", "upstream: crm", "upstream: other", Refused),
            ("about", "The customers.", "Other customers.", Answers),
            ("table", "one.jsonl", "other.jsonl", Ends),
            ("operations", "  op:\n", "  other:\n", Refused),
        ],
    );
    walk(
        &DATA,
        files,
        &[("file", "one.jsonl", "other.jsonl", Ends), ("identifiers", "id: text", "id: email", Ends)],
    );
    walk(
        &COLUMN,
        files,
        &[
            ("type", "id: text", "id: { type: text }", Answers),
            ("type", "id: text", "id: email", Ends),
            ("region", "region: SG, region_from", "region: MY, region_from", Ends),
            ("region_from", ", region_from: land", "", Ends),
        ],
    );
    walk(
        &LOOK,
        files,
        &[
            ("about", "Who it is.", "Whose it is.", Answers),
            ("args", "default: id, ", "", Ends),
            ("find", "find: { tel: '{{ phone }}' }", "find: { id: '{{ phone }}' }", Ends),
            ("columns", "find: { tel", "columns: { id: id }\n    find: { '{{ of }}'", Ends),
            ("records", "$[*]", "$[?@.vip]", Ends),
            ("effect", "effect: read", "effect: write", Refused),
        ],
    );
}

#[test]
fn a_variable_of_the_environment_counts_by_its_value() {
    let set = UPSTREAM.replace("http://crm.example", "${URL:-http://crm.example}");
    carry_out(
        Files { upstream: &set, node: NODE, revision: of_step },
        &[("base_url", "${URL:-http://crm.example}", "http://crm.example", Answers)],
    );
}
