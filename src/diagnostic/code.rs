//! The table of finding codes. A code is stable: people search for it, suppress it and document it. The enum, its
//! texts and its listing all come from this one table; a new kind of finding is a new row.

/// Builds the enum and its listing from rows of documentation, variant and text.
macro_rules! codes {
    ($($(#[doc = $about:literal])+ $variant:ident = $text:literal,)+) => {
        /// What kind of thing a finding is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $about])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as printed, such as `unknown-key`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// What the code means, in one sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($about),+).trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// The file cannot be read, is not UTF-8, or is larger than 1 MiB.
    Unreadable = "unreadable",
    /// The file holds nothing, or nothing but comments.
    Empty = "empty",
    /// The text is not YAML.
    YamlSyntax = "yaml-syntax",
    /// A tab stands where only spaces may indent.
    YamlTab = "yaml-tab",
    /// The indentation fits nothing above it.
    YamlIndent = "yaml-indent",
    /// A quote or a bracket is opened and not closed.
    YamlUnclosed = "yaml-unclosed",
    /// A value has to be quoted, because YAML reads its characters as something else.
    QuoteNeeded = "quote-needed",
    /// A `{{ … }}` stands unquoted, which YAML reads as a map.
    TemplateNotQuoted = "template-not-quoted",
    /// YAML's anchors, aliases, tags, merge keys, directives and several documents are not used in mapping files.
    YamlFeature = "yaml-feature",
    /// Maps and lists are nested more than 64 deep.
    TooDeep = "too-deep",
    /// A key stands twice in one map.
    DuplicateKey = "duplicate-key",
    /// A key is not a text.
    KeyNotText = "key-not-text",
    /// The key is not known here.
    UnknownKey = "unknown-key",
    /// A key that must be given is not.
    MissingKey = "missing-key",
    /// Two keys stand together of which only one can be.
    KeysClash = "keys-clash",
    /// A map, list, text, number or boolean stands where another of them is needed.
    WrongKind = "wrong-kind",
    /// A key is written without a value.
    EmptyValue = "empty-value",
    /// A text is written so that YAML reads it as a number, a boolean or null.
    NotText = "not-text",
    /// A number is written in a way that people and machines read differently, such as `007` or `0x10`.
    NumberForm = "number-form",
    /// A number is smaller or larger than allowed.
    OutOfRange = "out-of-range",
    /// The word is none of those allowed here.
    UnknownWord = "unknown-word",
    /// The name is not declared anywhere.
    UnknownName = "unknown-name",
    /// The name holds characters that a name cannot have.
    BadName = "bad-name",
    /// A template or a condition does not parse, or uses what a mapping may not.
    TemplateSyntax = "template-syntax",
    /// A path is not one of RFC 9535, or uses what a mapping may not.
    PathSyntax = "path-syntax",
    /// A template reads a variable that is not there.
    UnknownVariable = "unknown-variable",
    /// A template reads a variable that may not be given, and does not say what to write then.
    MaybeMissing = "maybe-missing",
    /// The name means something already.
    ReservedName = "reserved-name",
    /// Two things have the same name.
    DuplicateName = "duplicate-name",
    /// The name is both an input and an output.
    AmbiguousName = "ambiguous-name",
    /// Things need each other in a circle.
    Cycle = "cycle",
    /// The environment variable is not set, and there is no default: what needs it is not configured.
    UnsetVariable = "unset-variable",
    /// A `${…}` is not well formed, or stands where the environment is not read.
    BadExpansion = "bad-expansion",
    /// The value is not of the type that is declared for it.
    ValueType = "value-type",
    /// The output may be unset, and has neither a default nor `optional`.
    MissingDefault = "missing-default",
    /// The output has a default that can never be used.
    UnusedDefault = "unused-default",
    /// The input is never read.
    UnusedInput = "unused-input",
    /// The argument is never read.
    UnusedArgument = "unused-argument",
    /// The operation needs an argument that is not given.
    MissingArgument = "missing-argument",
    /// The operation has no such argument.
    UnknownArgument = "unknown-argument",
    /// A write stands where only reads may, or the other way round.
    WrongEffect = "wrong-effect",
    /// The region is none of the numbering plan.
    BadRegion = "bad-region",
    /// The form of a phone number is none that is known, or stands where it cannot be used.
    BadForm = "bad-form",
    /// A loose form stands before a strict one.
    FormOrder = "form-order",
    /// The shape of an account id is no regular expression.
    BadShape = "bad-shape",
    /// The URL, path, header or address is not well formed.
    BadAddress = "bad-address",
    /// The file that is named cannot be read.
    FileMissing = "file-missing",
    /// A row of a table's file cannot be read.
    TableRow = "table-row",
    /// A column of a table is not there, or cannot be used so.
    TableColumn = "table-column",
    /// A key has no effect here.
    NoEffect = "no-effect",
    /// A credential stands in the file instead of in the environment.
    SecretInFile = "secret-in-file",
    /// An example does not end as its author says.
    ExampleFailed = "example-failed",
    /// An example asks an upstream of which it does not say what that answers.
    ExampleUnanswered = "example-unanswered",
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn every_code_is_unique_lower_case_and_explained() {
        let texts: HashSet<&str> = Code::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.code().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", code.code());
            assert!(code.about().ends_with('.') && !code.about().starts_with(' '), "{}", code.about());
        }
    }
}
