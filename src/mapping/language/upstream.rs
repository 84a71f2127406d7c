//! The upstream file: a system behind HTTP, or a table.

use crate::mapping::language::auth::AUTHS;
use crate::mapping::language::node::TEMPLATE_FILE;
use crate::mapping::language::{
    ADDRESS, FILE, Follows, Key, Kind, NAME, Names, PAIRS, PATH, REGION, Rule, Word, page, table,
};

const TEXT_OR_FILE: Kind = Kind::AnyOf(&[Kind::Text, Kind::Map(&TEMPLATE_FILE)]);
const TARGET: Kind = Kind::Like("^/", "a path that begins with `/`");
const EFFECTS: &[Word] = &[
    ("read", "it changes nothing: it may be repeated, and what it finds may be kept"),
    ("write", "it changes something: never kept, and tried twice only where it carries an idempotency key"),
];
const READ_ONLY: &[Word] = &[("read", "looking into a table changes nothing")];
const ARG_TYPES: &[Word] = &[
    ("text", "a text"),
    ("int", "a whole number"),
    ("number", "a number"),
    ("bool", "`true` or `false`"),
    ("list", "a list"),
    ("object", "an object"),
];
const COLUMN_TYPES: &[Word] = &[
    ("phone", "phone numbers, in any form; needs `region`"),
    ("email", "e-mail addresses"),
    ("text", "any text, compared exactly"),
];
const SHORT_COLUMN_TYPES: &[Word] = &[("email", "e-mail addresses"), ("text", "any text, compared exactly")];
const ARGS: Kind =
    Kind::Entries(Names::Variable, &Kind::AnyOf(&[Kind::Word(ARG_TYPES), Kind::Map(&ARGUMENT)]));
const ANY_INT: Kind = Kind::Int(i64::MIN, i64::MAX);

table! {
    /// The file of an upstream behind HTTP.
    HTTP, "upstream", "A system behind HTTP, and what it can be asked.", page("A system behind HTTP"),
    {
        "upstream": Key::new(NAME, "Its name; operations are called `NAME.OPERATION`.").must().such_as(r#""acme""#),
        "about": Key::new(Kind::Text, "What it is.").such_as(r#""The CRM.""#),
        "base_url": Key::new(ADDRESS, "What every path is added to: http or https, no query; from the environment.").such_as(r#""${CRM_URL}""#),
        "headers": Key::new(Kind::Entries(Names::Free, &Kind::Scalar), "Headers of every request: texts with templates.").such_as(r#"{"Accept":"application/json"}"#),
        "auth": Key::new(AUTHS, "The credential that requests carry.").or(r#""none""#).such_as(r#"{"bearer":"${secret:CRM_TOKEN}"}"#),
        "connect_timeout_ms": Key::new(Kind::Int(10, 5000), "Longest wait for a connection, in milliseconds.").or("500"),
        "timeout_ms": Key::new(Kind::Int(10, 4500), "Longest wait for an answer, in milliseconds, inside the budget.").or("1000"),
        "follow_redirects": Key::new(Kind::Bool, "Go where the upstream sends us, on the same host.").or("false"),
        "limits": Key::new(Kind::Map(&LIMITS), "How much it is asked at most.").such_as(r#"{"concurrency":50,"per_second":20}"#),
        "operations": Key::new(Kind::Entries(Names::Slug, &Kind::Map(&OPERATION)), "What it can be asked, by name.").must(),
    },
    []
}

table! {
    /// `limits`.
    LIMITS, "limits", "How much an upstream is asked at most.", page("A system behind HTTP"),
    {
        "concurrency": Key::new(Kind::Int(1, 10_000), "Requests at once.").such_as("50"),
        "per_second": Key::new(Kind::Int(1, 100_000), "Requests a second.").such_as("20"),
    },
    []
}

table! {
    /// An operation over HTTP.
    OPERATION, "operation", "One request that the upstream understands: exactly one method, and how its answer is read.", page("Operations"),
    {
        "about": Key::new(Kind::Text, "What it is for.").such_as(r#""Orders, newest first.""#),
        "args": Key::new(ARGS, "What it is asked with.").such_as(r#"{"phone":{"type":"text","required":true}}"#),
        "get": Key::new(TARGET, "The path of a GET request.").such_as(r#""/v1/customers/{{ id }}""#),
        "post": Key::new(TARGET, "The path of a POST request.").such_as(r#""/v1/search""#),
        "put": Key::new(TARGET, "The path of a PUT request; needs `effect`.").such_as(r#""/v1/customers/{{ id }}""#),
        "patch": Key::new(TARGET, "The path of a PATCH request; needs `effect`.").such_as(r#""/v1/customers/{{ id }}""#),
        "delete": Key::new(TARGET, "The path of a DELETE request; needs `effect`.").such_as(r#""/v1/customers/{{ id }}""#),
        "base_url": Key::new(ADDRESS, "In place of the upstream's.").such_as(r#""${CRM_URL}""#),
        "auth": Key::new(AUTHS, "In place of the upstream's.").such_as(r#""none""#),
        "query": Key::new(PAIRS, "The query: names and templates.").such_as(r#"{"phone":"{{ phone }}"}"#),
        "headers": Key::new(Kind::Entries(Names::Free, &Kind::Scalar), "More headers: names and templates.").such_as(r#"{"X-Tenant":"{{ tenant }}"}"#),
        "json": Key::new(Kind::Any, "A JSON body: any JSON value with templates in it.").such_as(r#"{"phone":"{{ phone }}"}"#),
        "form": Key::new(PAIRS, "A FORM body: names and templates.").such_as(r#"{"phone":"{{ phone }}"}"#),
        "xml": Key::new(TEXT_OR_FILE, "A body of XML: a template, or the file that holds it.").such_as(r#""<tel>{{ phone }}</tel>""#),
        "text": Key::new(TEXT_OR_FILE, "A body of plain text: a template, or the file that holds it.").such_as(r#""{{ phone }}""#),
        "records": Key::new(PATH, "Where the records stand in the answer; none selected, null or an empty list: there is no such record.").or(r#""$""#).such_as(r#""$.data[*]""#),
        "record": Key::new(PATH, "In place of `records`: where the one record stands, whatever it is, even a list without items.").such_as(r#""$.days""#),
        "pages": Key::new(Kind::Map(&PAGES), "How its pages are walked. Without it, the answer is all there is.").such_as(r#"{"number":"page","count":"$.page_count"}"#),
        "idempotency": Key::new(Kind::Map(&IDEMPOTENCY), "The key by which the upstream knows a request that came before.").such_as(r#"{"header":"Idempotency-Key","by":["phone"]}"#),
        "unique": Key::new(Kind::Entries(Names::Free, &PATH), "What a record that was found also answers to: an input's name, and where the record holds it.").such_as(r#"{"tel":"$.phone"}"#),
        "ok": Key::new(Kind::Text, "What counts as success: a condition over `status`, `body`, `headers` and the arguments. Without it, a 2xx status.").such_as(r#""body.code == 200""#),
        "error": Key::new(Kind::OneOrList(&PATH), "Where the answer says what went wrong; of several, the first that selects a text.").such_as(r#""$.message""#),
        "not_found": Key::new(Kind::OneOrList(&Kind::Int(200, 599)), "Statuses that mean that there is no such record.").or("[404]"),
        "effect": Key::new(Kind::Word(EFFECTS), "Whether it changes anything; must be said of `put`, `patch` and `delete`.").or(r#""read""#),
        "timeout_ms": Key::new(Kind::Int(10, 4500), "In place of the upstream's, in milliseconds.").such_as("700"),
    },
    [
        Rule::ExactlyOne(&["get", "post", "put", "patch", "delete"]),
        Rule::AtMostOne(&["json", "form", "xml", "text"]),
        Rule::AtMostOne(&["record", "records"]),
        Rule::Excludes("get", &["json", "form", "xml", "text"]),
        Rule::Needs("put", "effect"),
        Rule::Needs("patch", "effect"),
        Rule::Needs("delete", "effect"),
    ]
}

table! {
    /// `pages` of an operation.
    PAGES, "pages", "How the pages of a list are walked, by the count that its answer gives.", page("Pages"),
    {
        "number": Key::new(Kind::Text, "The argument of type `int` that holds the page's number; neither required nor with a default.").must().such_as(r#""page""#),
        "size": Key::new(Kind::Text, "The argument of type `int` that says how many records a page holds; `total` needs it.").such_as(r#""page_size""#),
        "first": Key::new(Kind::Int(0, 1), "The number of the first page.").or("1"),
        "count": Key::new(PATH, "Where the answer holds the number of pages.").such_as(r#""$.page_count""#),
        "total": Key::new(PATH, "Where the answer holds the number of records on all pages.").such_as(r#""$.data.total""#),
        "most": Key::new(Kind::Int(1, 100), "How many pages are asked for at most.").or("10"),
    },
    [Rule::ExactlyOne(&["count", "total"]), Rule::Needs("total", "size")]
}

table! {
    /// `idempotency` of an operation.
    IDEMPOTENCY, "idempotency", "The key by which the upstream knows a write that came before.", page("Idempotency keys"),
    {
        "header": Key::new(Kind::Text, "The header that carries it.").must().such_as(r#""Idempotency-Key""#),
        "by": Key::new(Kind::OneOrList(&Kind::Text), "The arguments that make it: equal ones make an equal key. Without it, each request has its own.").such_as(r#"["phone"]"#),
    },
    []
}

table! {
    /// An argument of an operation.
    ARGUMENT, "argument", "What an operation is asked with.", page("Arguments"),
    {
        "type": Key::new(Kind::Word(ARG_TYPES), "The type that it is sent as.").or(r#""text""#),
        "required": Key::new(Kind::Bool, "The operation is not run without it.").or("false"),
        "default": Key::new(Kind::AnyValue, "Its value where none is given.").such_as("20"),
        "one_of": Key::new(Kind::List(&Kind::AnyValue), "The only values that it may have.").such_as("[1,2,3]"),
        "about": Key::new(Kind::Text, "What it means.").such_as(r#""1 is high.""#),
    },
    [
        Rule::Where("type", &["text", ""], typed(&[("default", Kind::Text), ("one_of", Kind::List(&Kind::Text))])),
        Rule::Where("type", &["int"], typed(&[("default", ANY_INT), ("one_of", Kind::List(&ANY_INT))])),
        Rule::Where("type", &["number"], typed(&[("default", Kind::Number), ("one_of", Kind::List(&Kind::Number))])),
        Rule::Where("type", &["bool"], typed(&[("default", Kind::Bool), ("one_of", Kind::List(&Kind::Bool))])),
    ]
}

const fn typed(kinds: &'static [(&'static str, Kind)]) -> Follows {
    Follows { must: &[], never: &[], kinds }
}

table! {
    /// The file of a table upstream.
    TABLE, "table_upstream", "A file of customers, held in memory and found by its identifiers.", page("A table"),
    {
        "upstream": Key::new(NAME, "Its name; operations are called `NAME.OPERATION`.").must().such_as(r#""customers""#),
        "about": Key::new(Kind::Text, "What it is.").such_as(r#""The shop's customers.""#),
        "table": Key::new(Kind::Map(&DATA), "The data.").must().such_as(r#"{"file":"../data/customers.jsonl","identifiers":{"email":"email"}}"#),
        "operations": Key::new(Kind::Entries(Names::Slug, &Kind::Map(&LOOK)), "What it can be asked, by name.").must(),
    },
    []
}

table! {
    /// `table`.
    DATA, "table", "Rows in a file, and the columns that name a customer.", page("A table"),
    {
        "file": Key::new(FILE, "The data, from this file's own folder on: `.csv`, `.jsonl` or `.json`.").must().such_as(r#""../data/customers.jsonl""#),
        "identifiers": Key::new(Kind::Entries(Names::Free, &Kind::AnyOf(&[Kind::Word(SHORT_COLUMN_TYPES), Kind::Map(&COLUMN)])), "The columns that name a customer.").must().such_as(r#"{"tel":{"type":"phone","region":"SG"},"email":"email"}"#),
    },
    []
}

table! {
    /// A column that names a customer.
    COLUMN, "identifier", "What a column that names a customer holds.", page("A table"),
    {
        "type": Key::new(Kind::Word(COLUMN_TYPES), "What it holds.").must(),
        "region": Key::new(REGION, "Phones: the country of numbers without a country code.").such_as(r#""SG""#),
        "region_from": Key::new(Kind::Text, "Phones: the column that names a row's own country.").such_as(r#""country""#),
    },
    [Rule::Where("type", &["phone"], Follows { must: &["region"], never: &[], kinds: &[] })]
}

table! {
    /// An operation of a table.
    LOOK, "look", "One look into the table.", page("A table"),
    {
        "about": Key::new(Kind::Text, "What it is for.").such_as(r#""The customer with this id.""#),
        "args": Key::new(ARGS, "What it is asked with.").such_as(r#"{"phone":{"type":"text","required":true}}"#),
        "find": Key::new(Kind::Entries(Names::Free, &Kind::Scalar), "The columns that must hold these values, all of them; at least one of them an identifier.").must().such_as(r#"{"tel":"{{ phone }}"}"#),
        "columns": Key::new(Kind::Entries(Names::Free, &Kind::Text), "The column for each value of the argument that stands as the key of `find`.").such_as(r#"{"lineId":"lineid"}"#),
        "records": Key::new(PATH, "Which of the rows found are records.").or(r#""$[*]""#),
        "effect": Key::new(Kind::Word(READ_ONLY), "Looking into a table changes nothing.").or(r#""read""#),
    },
    []
}
