//! The filters, tests and functions that a template may use, and what each of them takes. What is checked, what is
//! suggested and what the page of the language lists all come from these rows.

/// What an argument can be, as far as that is known from what is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Any,
    Text,
    Number,
    Flag,
    /// The name of a time zone.
    Zone,
    /// How a moment is written, as `strftime` has it.
    Format,
    /// Seconds since 1970.
    Moment,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// One argument of a row.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) is_needed: bool,
}

/// One filter, test or function.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static [Parameter],
}

impl Row {
    /// How it is written: its name with every argument that it needs.
    pub(crate) fn usage(&self) -> String {
        let needed: Vec<String> =
            self.takes.iter().filter(|of| of.is_needed).map(|of| format!("{}=…", of.name)).collect();
        if needed.is_empty() { self.name.to_owned() } else { format!("{}({})", self.name, needed.join(", ")) }
    }

    /// The names of its arguments.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.takes.iter().map(|of| of.name).collect()
    }
}

const fn needs(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, is_needed: true }
}

const fn may(name: &'static str, takes: Takes) -> Parameter {
    Parameter { name, takes, is_needed: false }
}

const fn row(name: &'static str, takes: &'static [Parameter]) -> Row {
    Row { name, takes }
}

const PATTERN: &[Parameter] = &[may("pat", Takes::Text)];

/// What stands behind `|`.
pub(crate) const FILTERS: &[Row] = &[
    row("abs", &[]),
    row("base64", &[]),
    row("capitalize", &[]),
    row("date", &[needs("zone", Takes::Zone), needs("format", Takes::Format)]),
    row("default", &[needs("value", Takes::Any), may("boolean", Takes::Flag)]),
    row("first", &[]),
    row("float", &[]),
    row("get", &[needs("key", Takes::Text), may("default", Takes::Any)]),
    row("group_by", &[needs("attribute", Takes::Text)]),
    row("hmac_sha256", &[needs("key", Takes::Any)]),
    row(
        "indent",
        &[
            may("width", Takes::Number),
            may("indentation", Takes::Text),
            may("first", Takes::Flag),
            may("blank", Takes::Flag),
        ],
    ),
    row("int", &[may("base", Takes::Number)]),
    row("join", &[may("sep", Takes::Text)]),
    row("keys", &[]),
    row("last", &[]),
    row("length", &[]),
    row("lower", &[]),
    row("md5", &[]),
    row("newlines_to_br", &[]),
    row("nth", &[needs("n", Takes::Number)]),
    row("pairs", &[]),
    row("pluralize", &[may("singular", Takes::Text), may("plural", Takes::Text)]),
    row("replace", &[needs("from", Takes::Text), needs("to", Takes::Text)]),
    row("reverse", &[]),
    row("round", &[may("method", Takes::Word(&["ceil", "floor"])), may("precision", Takes::Number)]),
    row("sha256", &[]),
    row("sort", &[may("attribute", Takes::Text)]),
    row("split", &[needs("pat", Takes::Text)]),
    row("str", &[]),
    row("title", &[]),
    row("trim", PATTERN),
    row("trim_end", PATTERN),
    row("trim_start", PATTERN),
    row("truncate", &[needs("length", Takes::Number), may("end", Takes::Text)]),
    row("unique", &[]),
    row("upper", &[]),
    row("values", &[]),
    row(
        "weekly",
        &[
            needs("at", Takes::Moment),
            needs("zone", Takes::Zone),
            needs("day", Takes::Any),
            needs("from", Takes::Any),
            needs("to", Takes::Any),
        ],
    ),
    row("wordcount", &[]),
    row(
        "yearly",
        &[
            needs("at", Takes::Moment),
            needs("zone", Takes::Zone),
            needs("from", Takes::Any),
            needs("to", Takes::Any),
        ],
    ),
];

/// What stands behind `is`.
pub(crate) const TESTS: &[Row] = &[
    row("array", &[]),
    row("bool", &[]),
    row("containing", &[needs("pat", Takes::Any)]),
    row("defined", &[]),
    row("divisible_by", &[needs("divisor", Takes::Number)]),
    row("ending_with", &[needs("pat", Takes::Text)]),
    row("even", &[]),
    row("float", &[]),
    row("integer", &[]),
    row("iterable", &[]),
    row("map", &[]),
    row("none", &[]),
    row("number", &[]),
    row("odd", &[]),
    row("starting_with", &[needs("pat", Takes::Text)]),
    row("string", &[]),
    row("undefined", &[]),
];

/// What stands alone, with its arguments in brackets.
pub(crate) const FUNCTIONS: &[Row] = &[
    row("range", &[needs("end", Takes::Number), may("start", Takes::Number), may("step_by", Takes::Number)]),
    row("throw", &[needs("message", Takes::Text)]),
];
