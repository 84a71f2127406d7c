//! The language of mapping files, told once: every map that may stand in them, with its keys, what each key holds, and
//! what it means. The reader takes the names of its keys from here, and the JSON Schema of the files is written from it;
//! what a value means beyond its form is for the compilers to check.

pub mod auth;
pub mod hook;
pub mod lookup;
pub mod node;
pub mod output;
pub mod upstream;

/// A map with a fixed set of keys.
#[derive(Debug)]
pub struct Table {
    /// Its name, unique among all: `node`, `input`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// The page below `docs/` and the heading under which its keys are told.
    pub section: (&'static str, &'static str),
    /// Its keys.
    pub keys: &'static [Key],
    /// The names of its keys, in the same order.
    pub names: &'static [&'static str],
    /// What goes together and what does not.
    pub rules: &'static [Rule],
}

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, to the person who types it.
    pub about: &'static str,
    /// Whether it must be written.
    pub must: bool,
    /// What holds where it is not written, as JSON.
    pub default: Option<&'static str>,
    /// A value that it may have, as JSON.
    pub example: Option<&'static str>,
}

/// What stands under a key.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text; what YAML reads as a number is none.
    Text,
    /// A text of a certain look: a regular expression, and what it is in words.
    Like(&'static str, &'static str),
    /// A text with a look that it must not have.
    Unlike(&'static str, &'static str),
    /// One of these words.
    Word(&'static [Word]),
    /// A whole number within a range.
    Int(i64, i64),
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A text, a number, `true` or `false`.
    Scalar,
    /// Any value at all, null too.
    Any,
    /// Any value but null.
    AnyValue,
    /// Null, written as such.
    Null,
    /// A map with keys of its own.
    Map(&'static Table),
    /// A map whose keys the author chooses.
    Entries(Names, &'static Kind),
    /// A list.
    List(&'static Kind),
    /// A list, or a single item in its place.
    OneOrList(&'static Kind),
    /// Any of several.
    AnyOf(&'static [Kind]),
}

/// A word, and what it stands for.
pub type Word = (&'static str, &'static str);

/// The keys of a map whose author chooses them.
#[derive(Debug, Clone, Copy)]
pub enum Names {
    /// Any text.
    Free,
    /// A name that can stand in a URL.
    Slug,
    /// A name that a template can read.
    Variable,
    /// These words only.
    Words(&'static [Word]),
    /// Any text but this.
    But(&'static str),
    /// Any text, one only.
    One,
}

/// What goes together in a table.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Exactly one of these keys is written.
    ExactlyOne(&'static [&'static str]),
    /// At least one of these keys is written.
    AtLeastOne(&'static [&'static str]),
    /// At most one of these keys is written.
    AtMostOne(&'static [&'static str]),
    /// The first key needs the second.
    Needs(&'static str, &'static str),
    /// Of these keys, none is written beside the first.
    Excludes(&'static str, &'static [&'static str]),
    /// What follows where a key holds one of these words; an empty word stands for a key that is not written.
    Where(&'static str, &'static [&'static str], Follows),
}

/// What follows from a word.
#[derive(Debug, Clone, Copy)]
pub struct Follows {
    /// Keys that must be written then.
    pub must: &'static [&'static str],
    /// Keys that cannot be written then.
    pub never: &'static [&'static str],
    /// Keys that hold something narrower then.
    pub kinds: &'static [(&'static str, Kind)],
}

impl Key {
    const fn new(kind: Kind, about: &'static str) -> Self {
        Self { name: "", kind, about, must: false, default: None, example: None }
    }

    const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    const fn must(self) -> Self {
        Self { must: true, ..self }
    }

    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn such_as(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }
}

/// Declares a table: its name, sentence and section, its keys, and its rules.
macro_rules! table {
    ($(#[$doc:meta])* $static:ident, $name:literal, $about:literal, $section:expr,
     { $($key:literal: $value:expr),* $(,)? }, [$($rule:expr),* $(,)?]) => {
        $(#[$doc])*
        pub static $static: $crate::mapping::language::Table = $crate::mapping::language::Table {
            name: $name,
            about: $about,
            section: $section,
            keys: &[$($value.named($key)),*],
            names: &[$($key),*],
            rules: &[$($rule),*],
        };
    };
}
use table;

/// What a name that can stand in a URL looks like.
pub const SLUG: &str = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";
/// What a name that a template can read looks like.
pub const VARIABLE: &str = "^[A-Za-z][A-Za-z0-9_]{0,63}$";

const NAME: Kind = Kind::Like(SLUG, "letters a–z, digits, `-` and `_`, a letter first");
const PATH: Kind = Kind::Like(r"^\$", "a path that begins with `$`");
const CALL: Kind = Kind::Like(r"^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z][A-Za-z0-9_-]*$", "`UPSTREAM.OPERATION`");
const HEADER: Kind = Kind::Like(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$", "the name of a header");
const ADDRESS: Kind =
    Kind::Like(r"^([hH][tT][tT][pP][sS]?://|.*\$\{)", "`http://…`, `https://…` or `${NAME}`");
const REGION: Kind = Kind::Like("^[A-Za-z]{2}$", "two letters of ISO 3166, such as SG");
const FILE: Kind = Kind::Like("^[^/]", "a path from this file's own folder on");
/// Items of a query, a form or headers: texts with templates.
const PAIRS: Kind = Kind::Entries(Names::Free, &Kind::OneOrList(&Kind::Scalar));

/// The page on mapping files, and a heading in it.
const fn page(heading: &'static str) -> (&'static str, &'static str) {
    ("mappings.md", heading)
}

/// The kinds of mapping files: the word on the command line, the maps that a file of the kind may be.
pub static FILES: [(&str, &[&Table]); 3] =
    [("node", &[&node::NODE]), ("upstream", &[&upstream::HTTP, &upstream::TABLE]), ("hook", &[&hook::HOOK])];
