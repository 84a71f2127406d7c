//! What a node asks: the steps of its lookup, further reads, and its write.

use crate::mapping::language::node::PICKS;
use crate::mapping::language::{CALL, Key, Kind, Names, PATH, VARIABLE, page, table};

/// What an operation is asked with.
const ARGS: Kind = Kind::Entries(Names::Free, &Kind::Any);
const VARIABLE_NAME: Kind = Kind::Like(VARIABLE, "letters a–z, digits and `_`, a letter first");
const FORM: Kind = Kind::Like(
    "^(e164|international|digits|national|subscriber|last:([4-9]|1[0-5])|[^#]*(#[^#]*){4,15})$",
    "`e164`, `international`, `digits`, `national`, `subscriber`, `last:8`, or a mask such as `(###) ###-####`",
);

table! {
    /// A step of `lookup`.
    STEP, "step", "A step of the lookup: one operation, asked by one identifier.", page("lookup"),
    {
        "by": Key::new(Kind::Text, "The input that it finds by. A step without it always runs.").such_as(r#""tel""#),
        "call": Key::new(CALL, "What is asked: an operation that reads.").must().such_as(r#""crm.customer_by_phone""#),
        "args": Key::new(ARGS, "What it is asked with: templates over the inputs, `kind` and `now`. Without it, the identifier.").such_as(r#"{"phone":"{{ tel }}"}"#),
        "forms": Key::new(Kind::OneOrList(&FORM), "Phones only: how the number is written, one question each until one finds somebody. Strict forms first.").or(r#"["e164"]"#).such_as(r#"["e164","(###) ###-####","last:8"]"#),
        "pick": Key::new(PICKS, "Which of several records counts; the node's `pick` where it is not written."),
        "when": Key::new(Kind::Text, "It is asked only if this is true: a condition over the inputs and `now`.").such_as(r#""key == '1'""#),
        "record": Key::new(Kind::Text, "The kind of record it finds: steps of one kind find the same records.").such_as(r#""customer""#),
    },
    []
}

table! {
    /// A read of `then`.
    READ, "read", "A further read about the record.", page("then"),
    {
        "as": Key::new(VARIABLE_NAME, "The name under which outputs and other reads know it.").must().such_as(r#""orders""#),
        "call": Key::new(CALL, "What is asked: an operation that reads.").must().such_as(r#""crm.orders""#),
        "args": Key::new(ARGS, "What it is asked with: templates over the inputs, `record`, other reads and `now`.").such_as(r#"{"customer_id":"{{ record.id }}"}"#),
        "pick": Key::new(PICKS, "Which of several records counts.").or(r#""first""#),
        "when": Key::new(Kind::Text, "It is asked only if this is true.").such_as(r#""record.vip""#),
    },
    []
}

table! {
    /// `do`.
    WRITE, "write", "The one write of a node.", page("do"),
    {
        "as": Key::new(VARIABLE_NAME, "The name under which outputs know its answer.").or(r#""answer""#),
        "once": Key::new(Kind::Map(&ONCE), "By what two calls mean the same write, which is then carried out once.").such_as(r#"{"by":["{{ call_id }}"]}"#),
        "call": Key::new(CALL, "What is written: an operation with `effect: write`.").must().such_as(r#""crm.add_note""#),
        "args": Key::new(ARGS, "What it is written with: templates over the inputs, `record`, the reads, `outcome` and `now`."),
        "wait": Key::new(Kind::Bool, "Whether the call waits for its answer. `false`: the caller is answered while it is written, and no output reads it.").or("true"),
        "when": Key::new(Kind::Text, "It is written only if this is true. Without it: if a record was found; where there is no `lookup`, unless no identifier came.").such_as(r#""outcome == 'found' and key == '1'""#),
    },
    []
}

table! {
    /// `once` of a write.
    ONCE, "once", "By what two calls mean the same write.", page("once"),
    {
        "by": Key::new(Kind::OneOrList(&Kind::Text), "The values that they share: templates over what the write may read.").must().such_as(r#"["{{ call_id }}"]"#),
        "keep_sec": Key::new(Kind::Int(1, 2_592_000), "So long it is not carried out again, in seconds.").or("86400"),
    },
    []
}

table! {
    /// `pick` by a path.
    PICK, "pick", "The record with the latest time or highest number.", page("pick"),
    { "newest": Key::new(PATH, "Where the record holds its time or number.").must().such_as(r#""$.updated_at""#) },
    []
}
