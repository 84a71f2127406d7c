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

            /// The code that is printed so.
            #[must_use]
            pub fn named(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.code() == text)
            }

            /// Whether it is about a file as a text, before anything in it is understood.
            #[must_use]
            pub fn is_about_the_text(self) -> bool {
                self <= Self::FullwidthSign
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
    // File and YAML
    /// The file cannot be read, is no plain file, is not UTF-8, or is larger than 1 MiB.
    Unreadable = "unreadable",
    /// The file holds nothing, or nothing but comments.
    Empty = "empty",
    /// The file is of one kind and stands in the folder of another.
    WrongFolder = "wrong-folder",
    /// A file that looks like a mapping is not read, because of its name or its place.
    IgnoredFile = "ignored-file",
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
    /// A quote of a text processor stands where a straight one is meant.
    CurlyQuote = "curly-quote",
    /// A line is indented with something that looks like a space and is none.
    OddSpace = "odd-space",
    /// A full-width sign of an input method stands where a plain one is meant.
    FullwidthSign = "fullwidth-sign",
    // Keys and values
    /// The key is not known here.
    UnknownKey = "unknown-key",
    /// A key that must be given is not.
    MissingKey = "missing-key",
    /// An operation of a method that usually writes does not say whether it does.
    MissingEffect = "missing-effect",
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
    /// A key has no effect here.
    NoEffect = "no-effect",
    // Names
    /// No upstream has an operation of that name.
    UnknownOperation = "unknown-operation",
    /// The node has no input of that name.
    UnknownInput = "unknown-input",
    /// The node has no output of that name.
    UnknownOutput = "unknown-output",
    /// The node has no further read and no write of that name.
    UnknownRead = "unknown-read",
    /// There is no node of that name.
    UnknownNode = "unknown-node",
    /// No call ends with an outcome of that name.
    UnknownOutcome = "unknown-outcome",
    /// The name holds characters that a name cannot have.
    BadName = "bad-name",
    /// The name means something already.
    ReservedName = "reserved-name",
    /// Two things have the same name.
    DuplicateName = "duplicate-name",
    /// The name is both an input and an output.
    AmbiguousName = "ambiguous-name",
    /// Things need each other in a circle.
    Cycle = "cycle",
    // Templates, conditions and paths
    /// A template or a condition does not parse.
    TemplateSyntax = "template-syntax",
    /// A template, a condition or a path is written with an operator of another language.
    WrongOperator = "wrong-operator",
    /// A template uses a filter, a test or a function that there is not.
    UnknownFilter = "unknown-filter",
    /// A filter is given an argument that it does not take, or not one that it needs.
    FilterArgument = "filter-argument",
    /// A filter is given a value that it cannot use, such as a time zone that there is not.
    FilterValue = "filter-value",
    /// A template or a path uses what a mapping file may not.
    NotAllowed = "not-allowed",
    /// A template stands in a name, and only values are templates.
    TemplateInName = "template-in-name",
    /// A condition reads nothing, so it is the same for every call.
    ConstantCondition = "constant-condition",
    /// A condition compares with a value that is never there.
    NeverEqual = "never-equal",
    /// A constant holds braces, and is answered with them.
    BracesInConstant = "braces-in-constant",
    /// Single braces stand around a variable, and are no template.
    SingleBraces = "single-braces",
    /// A template reads a variable that is not there.
    UnknownVariable = "unknown-variable",
    /// A template reads a variable that may not be given, and does not say what to write then.
    MaybeMissing = "maybe-missing",
    /// A path is not one of RFC 9535.
    PathSyntax = "path-syntax",
    /// A path does not begin with `$`.
    PathRoot = "path-root",
    /// A template or a path is longer than allowed.
    TooLong = "too-long",
    // The environment and secrets
    /// The environment variable is not set, and there is no default: what needs it is not configured.
    UnsetVariable = "unset-variable",
    /// A `${…}` is not well formed, or puts in what cannot stand there.
    BadExpansion = "bad-expansion",
    /// A `${…}` stands where the environment is not read.
    NotExpanded = "not-expanded",
    /// A credential stands in the file instead of in the environment.
    SecretInFile = "secret-in-file",
    /// A secret stands in a header that traces may show.
    SecretInHeader = "secret-in-header",
    /// A credential is sent over http, where everybody on the way can read it.
    Unencrypted = "unencrypted",
    // Inputs and the lookup
    /// Numbers without a country code can be read only where a region is named.
    MissingRegion = "missing-region",
    /// The region is none of the numbering plan.
    BadRegion = "bad-region",
    /// The form of a phone number is none that is known.
    BadForm = "bad-form",
    /// A form of the phone number is asked twice.
    DuplicateForm = "duplicate-form",
    /// A loose form stands before a strict one.
    FormOrder = "form-order",
    /// Forms of a phone number are given where no phone number is asked for.
    FormsWithoutPhone = "forms-without-phone",
    /// The shape of an account id is no regular expression.
    BadShape = "bad-shape",
    /// A kind of account is tried twice.
    DuplicateKind = "duplicate-kind",
    /// A customer is to be found by an input that names none.
    NamesNobody = "names-nobody",
    /// A step of the lookup finds by an identifier that it does not ask with, so it finds the same for everybody.
    UnusedIdentifier = "unused-identifier",
    /// An alias is the name of another input, which would never get its own value.
    ShadowedInput = "shadowed-input",
    /// The input is never read.
    UnusedInput = "unused-input",
    /// The operation needs an argument that is not given.
    MissingArgument = "missing-argument",
    /// The operation has no such argument.
    UnknownArgument = "unknown-argument",
    /// A write stands where only reads may, or the other way round.
    WrongEffect = "wrong-effect",
    /// Nothing reads what a further read finds.
    UnusedRead = "unused-read",
    /// A step of the lookup asks what an earlier one has asked.
    DuplicateStep = "duplicate-step",
    /// A step of the lookup can find nobody whom an earlier one did not find.
    UnreachableStep = "unreachable-step",
    /// A pick is given where one record is found at most.
    PickAmongOne = "pick-among-one",
    /// The budget is so short that no step may begin.
    NoTimeToAsk = "no-time-to-ask",
    /// What is asked one after the other may take longer than the budget.
    TightBudget = "tight-budget",
    /// Nothing goes into the cache of the node.
    CacheForNothing = "cache-for-nothing",
    /// A phone number or an e-mail address becomes a part of a request's path, which access logs keep.
    PersonalInPath = "personal-in-path",
    // Outputs and answers
    /// The output may be unset, and has neither a default nor `optional`.
    MissingDefault = "missing-default",
    /// A default can never be used.
    UnusedDefault = "unused-default",
    /// The value is not of the type that is declared for it.
    ValueType = "value-type",
    /// A joined value is a text, and is declared to be something else.
    JoinType = "join-type",
    /// Two keys of `values` are the same value.
    DuplicateValue = "duplicate-value",
    /// A default is given for an outcome that no call of the node ends with.
    ImpossibleOutcome = "impossible-outcome",
    /// An output is optional and has a default, so it is never left out.
    NeedlessOptional = "needless-optional",
    /// A choice stands below one that is always taken.
    UnreachableChoice = "unreachable-choice",
    /// An output reads the answer of a write that is not waited for.
    UnawaitedAnswer = "unawaited-answer",
    /// A node has more outputs than an answer may hold.
    TooManyOutputs = "too-many-outputs",
    /// The answer is longer than IVRs read, whatever is found.
    AnswerTooLong = "answer-too-long",
    /// The content type of an answer is not well formed.
    BadMediaType = "bad-media-type",
    /// An answer template that is declared to give JSON gives none.
    NotJson = "not-json",
    /// A missing customer is remembered longer than a known one.
    NotFoundLonger = "not-found-longer",
    /// A network is not well formed.
    BadNetwork = "bad-network",
    // Upstreams
    /// The address of an upstream is no URL that requests can be sent to.
    BadUrl = "bad-url",
    /// The path of a request is not well formed.
    BadRequestPath = "bad-request-path",
    /// A header cannot be sent as it is written.
    BadHeader = "bad-header",
    /// Two headers have the same name; headers do not tell large letters from small ones.
    DuplicateHeader = "duplicate-header",
    /// A GET request is given a body.
    BodyWithGet = "body-with-get",
    /// A GET request is declared to write.
    WriteByGet = "write-by-get",
    /// A value is written into a query, which it could end or change.
    ValueInQuery = "value-in-query",
    /// The argument is never read.
    UnusedArgument = "unused-argument",
    /// The file that is named cannot be read.
    FileMissing = "file-missing",
    /// A file is named by its whole path, and not from the mapping file on.
    FilePlace = "file-place",
    /// The address to listen on is not well formed.
    BadAddress = "bad-address",
    // Tables
    /// The file of a table is of a format that is not read.
    TableFormat = "table-format",
    /// The file of a table holds no rows.
    TableEmpty = "table-empty",
    /// The cells of a table are separated by another sign than a comma.
    TableSeparator = "table-separator",
    /// A row of a table's file cannot be read.
    TableRow = "table-row",
    /// A cell of an identifying column names nobody.
    TableCell = "table-cell",
    /// A column of a table is not there, or cannot be used so.
    TableColumn = "table-column",
    /// A table is declared to be written to.
    TableWrite = "table-write",
    // Examples
    /// An example is called at a time that cannot be read.
    BadTime = "bad-time",
    /// An example does not end as its author says.
    ExampleFailed = "example-failed",
    /// An example asks an upstream of which it does not say what that answers.
    ExampleUnanswered = "example-unanswered",
    /// Two examples have the same name.
    DuplicateExample = "duplicate-example",
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
