//! The outputs of a node.

use crate::mapping::language::{Follows, Key, Kind, Names, PATH, Rule, Word, page, table};

/// How a call may end.
pub(super) const OUTCOMES: &[Word] = &[
    ("found", "a record was found"),
    ("done", "and the node's write was carried out"),
    ("not_found", "every step was asked, and none found a record"),
    ("no_identifier", "none was sent, or none that is valid"),
    ("ambiguous", "several records where only one may be"),
    ("timeout", "an upstream or the budget ran out of time"),
    ("error", "an upstream failed, cannot be read, or is not configured"),
    ("overloaded", "an upstream or this caller is over its limits"),
    ("bad_input", "what came is no call"),
];
const TYPES: &[Word] = &[
    ("string", "a text"),
    ("int", "a whole number of any length"),
    ("number", "a number"),
    ("bool", "`true` or `false`"),
];
const TAKES: &[Word] =
    &[("first", "the first value"), ("last", "the last value"), ("count", "how many there are")];
const ANY_INT: Kind = Kind::Int(i64::MIN, i64::MAX);

/// What follows from a type for the constants of an output.
const fn constants(kinds: &'static [(&'static str, Kind)]) -> Follows {
    Follows { must: &[], never: &[], kinds }
}

table! {
    /// An output.
    OUTPUT, "output", "One output parameter: exactly one source (`path`, `text`, `choose`, `outcome`, `value`), and how its value is answered.", page("Outputs, key by key"),
    {
        "path": Key::new(PATH, "What stands there in the record.").such_as(r#""$.profile.tier""#),
        "from": Key::new(Kind::Text, "Paths only: where the path begins: `record`, a name of `then`, or the name of `do`.").or(r#""record""#),
        "text": Key::new(Kind::Text, "A text with values in it.").such_as(r#""Hello {{ record.name }}""#),
        "choose": Key::new(Kind::List(&Kind::Map(&CHOICE)), "The first choice whose `when` is true.").such_as(r#"[{"when":"isVip == '1'","value":"QU_VIP"},{"value":"QU_STANDARD"}]"#),
        "outcome": Key::new(Kind::Bool, "`true`: how the call ended.").such_as("true"),
        "value": Key::new(Kind::Scalar, "Always the same value.").such_as(r#""QU_1""#),
        "type": Key::new(Kind::Word(TYPES), "The type of the answer; `int` with `take: count`.").or(r#""string""#),
        "take": Key::new(Kind::Word(TAKES), "Paths only: which of several values.").or(r#""first""#),
        "join": Key::new(Kind::Text, "Paths only: all values, with this between them.").such_as(r#"", ""#),
        "values": Key::new(Kind::Entries(Names::Free, &Kind::Scalar), "What each value is answered as; values are compared by their text.").such_as(r#"{"true":"1","false":"2"}"#),
        "default": Key::new(Kind::Scalar, "The answer where there is no value, of the output's type.").such_as(r#""""#),
        "default_on": Key::new(Kind::Entries(Names::Words(OUTCOMES), &Kind::Scalar), "The same for single outcomes, before `default`.").such_as(r#"{"timeout":"unknown"}"#),
        "optional": Key::new(Kind::Bool, "The output is left out where it has no value and no default.").or("false"),
        "about": Key::new(Kind::Text, "What it means.").such_as(r#""1 yes, 2 no.""#),
    },
    [
        Rule::ExactlyOne(&["path", "text", "choose", "outcome", "value"]),
        Rule::AtMostOne(&["take", "join"]),
        Rule::Excludes("text", &["from", "take", "join"]),
        Rule::Excludes("choose", &["from", "take", "join"]),
        Rule::Excludes("outcome", &["from", "take", "join"]),
        Rule::Excludes("value", &["from", "take", "join", "values"]),
        Rule::Where("type", &["string"], constants(&[("default", Kind::Text)])),
        Rule::Where("type", &["int"], constants(&[("default", ANY_INT)])),
        Rule::Where("type", &["number"], constants(&[("default", Kind::Number)])),
        Rule::Where("type", &["bool"], constants(&[("default", Kind::Bool)])),
    ]
}

table! {
    /// One of `choose`.
    CHOICE, "choice", "A value, and when it is the one.", page("Outputs, key by key"),
    {
        "when": Key::new(Kind::Text, "A condition over inputs, outputs, the record and the outcome. The last choice, without it, is for all others.").such_as(r#""isVip == '1'""#),
        "value": Key::new(Kind::Scalar, "A constant of the output's type, or a template.").must().such_as(r#""QU_VIP""#),
    },
    []
}
