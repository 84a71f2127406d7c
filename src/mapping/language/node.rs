//! The node file: what it is called with, who may call it, how long things are kept, its examples.

use crate::mapping::language::lookup::{PICK, READ, STEP, WRITE};
use crate::mapping::language::output::{OUTCOMES, OUTPUT};
use crate::mapping::language::{
    FILE, Follows, HEADER, Key, Kind, NAME, Names, REGION, Rule, Word, page, table,
};

const TYPES: &[Word] = &[
    ("phone", "a phone number; needs `region`"),
    ("email", "an e-mail address"),
    ("account", "a customer's id at a third party"),
    ("text", "any text"),
    ("int", "a whole number"),
    ("number", "a number"),
    ("bool", "`true` or `false`"),
];
/// Those that need nothing more than their name; a phone comes first, and needs more.
const SHORT_TYPES: &[Word] = match TYPES {
    [_, short @ ..] => short,
    [] => TYPES,
};
const METHODS: &[Word] = &[("get", "with query parameters"), ("post", "with a FORM or JSON body")];
const NULL_ON: &[Word] = &[
    ("no_identifier", "none was sent, or none that is valid"),
    ("not_found", "no step found a record"),
    ("ambiguous", "several records where only one may be"),
    ("timeout", "out of time"),
    ("error", "an upstream failed or is not configured"),
];
const DIALECTS: &[Word] = &[
    ("json", "one flat object, each output in its type"),
    ("strings", "the same, every value a text"),
    ("pairs", "`isVip=1&isblack=0`, percent-encoded"),
];
const MOMENT: Kind = Kind::Like(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}",
    "a day, a time and its distance to UTC, such as \"2026-03-02T09:30:00+08:00\"",
);
const FAILURES: &[Word] = &[("timeout", "no answer in time"), ("unreachable", "no connection")];

table! {
    /// A node file.
    NODE, "node", "What one data node of the IVR is called with, what it asks, and what it answers.", page("The node"),
    {
        "node": Key::new(NAME, "Its name, as in `/nodes/NAME`.").must().such_as(r#""crm-caller""#),
        "about": Key::new(Kind::Text, "What it is for; shown to people.").such_as(r#""Who is calling?""#),
        "budget_ms": Key::new(Kind::Int(50, 4500), "The time for a whole call, in milliseconds. Keep it below the time that the IVR waits.").or("1800"),
        "least_ms": Key::new(Kind::Int(1, 1000), "An upstream is asked only with at least this much of the budget left, in milliseconds.").or("30"),
        "methods": Key::new(Kind::OneOrList(&Kind::Word(METHODS)), "The HTTP methods that it takes.").or(r#"["get","post"]"#),
        "access": Key::new(Kind::Map(&ACCESS), "Who may call it. Without it, everybody.").such_as(r#"{"networks":["10.0.0.0/8"]}"#),
        "inputs": Key::new(Kind::Entries(Names::Free, &Kind::AnyOf(&[Kind::Word(SHORT_TYPES), Kind::Map(&INPUT)])), "The parameters that it is called with, by the names that the IVR sends.").such_as(r#"{"tel":{"type":"phone","region":"SG"},"email":"email"}"#),
        "call_id": Key::new(Kind::Text, "The input that brings the IVR's own number for the call: `datadip explain --call` finds the call by it.").such_as(r#""callid""#),
        "lookup": Key::new(Kind::OneOrList(&Kind::Map(&STEP)), "The steps that find the record, in order, until one finds it.").such_as(r#"[{"by":"tel","call":"customers.by_tel"}]"#),
        "pick": Key::new(PICKS, "Which of several records counts, for all steps.").or(r#""first""#),
        "then": Key::new(Kind::OneOrList(&Kind::Map(&READ)), "Further reads about the record that was found.").such_as(r#"[{"as":"orders","call":"crm.orders","args":{"customer_id":"{{ record.id }}"}}]"#),
        "do": Key::new(Kind::Map(&WRITE), "The one write, after the lookup and the reads.").such_as(r#"{"call":"crm.add_note","args":{"customer_id":"{{ record.id }}","text":"called"}}"#),
        "outputs": Key::new(Kind::Entries(Names::But("error"), &Kind::AnyOf(&[SHORT_OUTPUT, Kind::Map(&OUTPUT)])), "What is answered, in this order: any names that the IVR uses, but `error`.").must().such_as(r#"{"status":{"outcome":true},"name":{"path":"$.name","default":""}}"#),
        "null_on": Key::new(Kind::OneOrList(&Kind::Word(NULL_ON)), "Outcomes on which `null` is answered in place of the outputs.").such_as(r#"["no_identifier"]"#),
        "dialect": Key::new(Kind::AnyOf(&[Kind::Word(DIALECTS), Kind::Map(&DIALECT)]), "How the answer is written.").or(r#""json""#),
        "cache": Key::new(Kind::Map(&CACHE), "How long records are kept. Without it, they are not.").such_as(r#"{"fresh_sec":300}"#),
        "examples": Key::new(Kind::List(&Kind::Map(&EXAMPLE)), "Calls with their answers, run before the file is put in force."),
    },
    []
}

/// Which of several records counts.
pub(super) const PICKS: Kind = Kind::AnyOf(&[
    Kind::Word(&[
        ("first", "the first, in the upstream's order"),
        ("only", "there may be one only; several give the outcome `ambiguous`"),
    ]),
    Kind::Map(&PICK),
]);
/// A bare text is a constant. One that begins with `$` would be a path without a default.
const SHORT_OUTPUT: Kind = Kind::Unlike(r"^\$", "a text that is always answered");

table! {
    /// An input.
    INPUT, "input", "A parameter that the IVR sends.", page("inputs"),
    {
        "type": Key::new(Kind::Word(TYPES), "What it is. `phone`, `email` and `account` name a customer.").must(),
        "region": Key::new(REGION, "Phones only: the country of numbers without a country code.").such_as(r#""SG""#),
        "region_from": Key::new(Kind::Text, "Phones only: the input that names the country of each call, by two letters or by a number with its country code.").such_as(r#""called""#),
        "kinds": Key::new(Kind::OneOrList(&Kind::AnyOf(&[Kind::Text, Kind::Entries(Names::One, &Kind::Text)])), "Accounts only: the kinds that the id may be of, in the order in which they are tried; as `{ NAME: SHAPE }` with a regular expression for the whole id.").such_as(r#"["partnerId",{"lineId":"[UCR][0-9a-f]{32}"}]"#),
        "aliases": Key::new(Kind::OneOrList(&Kind::Text), "Other names under which it may come.").such_as(r#"["ivr_customer_number"]"#),
        "header": Key::new(HEADER, "An HTTP header that it may come in.").such_as(r#""X-Site""#),
        "default": Key::new(Kind::Scalar, "Its value where none is sent; not for phones, e-mails and accounts.").such_as(r#""0""#),
        "about": Key::new(Kind::Text, "What it means.").such_as(r#""The key that was pressed.""#),
    },
    [
        Rule::Where("type", &["phone"], Follows { must: &["region"], never: &["kinds", "default"], kinds: &[] }),
        Rule::Where("type", &["email"], Follows { must: &[], never: &["region", "region_from", "kinds", "default"], kinds: &[] }),
        Rule::Where("type", &["account"], Follows { must: &[], never: &["region", "region_from", "default"], kinds: &[] }),
        Rule::Where("type", &["text"], Follows { must: &[], never: &["region", "region_from", "kinds"], kinds: &[("default", Kind::Text)] }),
        Rule::Where("type", &["int"], Follows { must: &[], never: &["region", "region_from", "kinds"], kinds: &[("default", Kind::Int(i64::MIN, i64::MAX))] }),
        Rule::Where("type", &["number"], Follows { must: &[], never: &["region", "region_from", "kinds"], kinds: &[("default", Kind::Number)] }),
        Rule::Where("type", &["bool"], Follows { must: &[], never: &["region", "region_from", "kinds"], kinds: &[("default", Kind::Bool)] }),
    ]
}

table! {
    /// `access`.
    ACCESS, "access", "Who may call the node, and how often.", page("access"),
    {
        "header": Key::new(HEADER, "The header in which the key is sent.").or(r#""authorization""#).such_as(r#""X-Node-Key""#),
        "keys": Key::new(Kind::OneOrList(&Kind::Text), "Any of these opens the node. They belong into the environment.").such_as(r#"["${secret:NODE_KEY}"]"#),
        "networks": Key::new(Kind::OneOrList(&Kind::Text), "From where it may be called: addresses and networks.").such_as(r#"["10.0.0.0/8"]"#),
        "per_second": Key::new(Kind::Int(1, 100_000), "Calls a second that one caller (its key, else its address) may make.").such_as("50"),
    },
    [Rule::Needs("header", "keys")]
}

/// Thirty days, in seconds.
const MONTH: i64 = 30 * 24 * 3600;

table! {
    /// `cache`.
    CACHE, "cache", "How long what the node found is kept.", page("cache"),
    {
        "fresh_sec": Key::new(Kind::Int(1, MONTH), "So long a record answers without asking again, in seconds.").must().such_as("300"),
        "stale_sec": Key::new(Kind::Int(0, MONTH), "So long after that it still answers where the upstream fails or is too slow, in seconds.").or("0").such_as("3600"),
        "not_found_sec": Key::new(Kind::Int(0, MONTH), "So long “there is no such record” answers, in seconds.").or("30"),
    },
    []
}

table! {
    /// `dialect` with a template.
    DIALECT, "dialect", "An answer in words of your own.", page("dialects"),
    {
        "template": Key::new(Kind::AnyOf(&[Kind::Text, Kind::Map(&TEMPLATE_FILE)]), "The answer, as a template over `outputs`, `outcome` and `error`.").must(),
        "content_type": Key::new(Kind::Like("^[^/]+/.+", "a media type"), "The answer's media type; it decides how values are escaped.").must().such_as(r#""application/xml""#),
    },
    []
}

table! {
    /// A template in a file of its own.
    TEMPLATE_FILE, "template_file", "A template that stands in a file of its own.", page("dialects"),
    { "file": Key::new(FILE, "The file, from this file's own folder on.").must().such_as(r#""popup.xml""#) },
    []
}

table! {
    /// An example.
    EXAMPLE, "example", "A call with its answer.", page("examples"),
    {
        "name": Key::new(Kind::Text, "What it shows.").must().such_as(r#""a VIP on her mobile""#),
        "now": Key::new(MOMENT, "When it is called, for nodes that read the clock.").such_as(r#""2026-03-02T09:30:00+08:00""#),
        "send": Key::new(Kind::Entries(Names::Free, &Kind::Scalar), "The parameters. Quote numbers.").such_as(r#"{"tel":"9123 4567"}"#),
        "upstream": Key::new(Kind::Entries(Names::Free, &Kind::Any), "What operations answer, with status 200: any JSON body; for a table, its rows.").such_as(r#"{"crm.orders":{"orders":[]}}"#),
        "upstream_status": Key::new(Kind::Entries(Names::Free, &Kind::Int(100, 599)), "Operations that answer with another status.").such_as(r#"{"crm.orders":404}"#),
        "upstream_fails": Key::new(Kind::Entries(Names::Free, &Kind::Word(FAILURES)), "Operations that do not answer.").such_as(r#"{"crm.orders":"timeout"}"#),
        "upstream_when": Key::new(Kind::Entries(Names::Free, &Kind::OneOrList(&Kind::Map(&SAID))), "What operations answer to certain arguments, before what they answer to all others.").such_as(r#"{"crm.customer_by_phone":[{"args":{"phone":"91234567"},"answer":{"data":[{"id":7}]}}]}"#),
        "outcome": Key::new(Kind::Word(OUTCOMES), "The outcome that it must have.").such_as(r#""found""#),
        "answer": Key::new(Kind::AnyOf(&[Kind::Entries(Names::Free, &Kind::Any), Kind::Null]), "The outputs that it must have, value and type. `null` behind one: it is left out. `null` for all: the whole answer is `null`.").such_as(r#"{"isVip":"1"}"#),
    },
    []
}

table! {
    /// What an operation answers to certain arguments.
    SAID, "said", "What an operation answers in an example, where it is asked with these arguments.", page("Answers by argument"),
    {
        "args": Key::new(Kind::Entries(Names::Free, &Kind::Any), "The arguments that it is for; others are not looked at, and `null` stands for one that is not given.").must().such_as(r#"{"phone":"91234567"}"#),
        "answer": Key::new(Kind::Any, "The JSON body; for a table, its rows.").or("null").such_as(r#"{"data":[{"id":7}]}"#),
        "status": Key::new(Kind::Int(100, 599), "The HTTP status.").or("200").such_as("404"),
        "fails": Key::new(Kind::Word(FAILURES), "It does not answer.").such_as(r#""timeout""#),
    },
    [Rule::Excludes("fails", &["answer", "status"])]
}
