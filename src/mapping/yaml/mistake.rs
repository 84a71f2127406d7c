//! Why the parser stumbled, in a sentence for the person who wrote the file: where the mistake began (not where it
//! was noticed), what is wrong, what to write instead, and which part of the line has to be passed over to read on.

mod layout;
mod quoting;
pub mod sign;

use std::sync::Arc;

use granit_parser::ErrorKind;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Span};
use crate::mapping::yaml::build::{BrokenOff, Patch};
use crate::mapping::yaml::token::{self, Scan};

/// One mistake, told.
pub struct Mistake {
    /// What is said of it.
    pub finding: Finding,
    /// What to pass over so that the rest can be read; `None` where nothing after it can be trusted.
    pub patch: Option<Patch>,
}

/// What is known about the place where the parser stumbled.
struct Place<'a> {
    source: &'a Arc<Source>,
    kind: &'a ErrorKind,
    at: usize,
    /// The line of `at`.
    line: Span,
    last: Span,
    scan: Scan,
}

/// Tells the mistake behind a pass that broke off; `text` is what the pass saw, with earlier mistakes written over.
pub fn of(source: &Arc<Source>, text: &str, broken: &BrokenOff) -> Mistake {
    let at = source.within(Span::new(broken.at, broken.at)).start;
    let from = broken.bracket.unwrap_or_else(|| outside(source, broken.last)).min(source.line_of(at).start);
    let place = Place {
        source,
        kind: &broken.kind,
        at,
        line: source.line_of(at),
        last: broken.last,
        scan: token::scan(text, from, at),
    };
    layout::tab(&place)
        .or_else(|| sign::curly(&place))
        .or_else(|| sign::fullwidth(&place))
        .or_else(|| quoting::open_quote(&place))
        .or_else(|| quoting::template(&place))
        .or_else(|| quoting::inner_bracket(&place))
        .or_else(|| layout::bracket(&place))
        .or_else(|| quoting::first_character(&place))
        .or_else(|| quoting::quoted(&place))
        .or_else(|| layout::colon(&place))
        .or_else(|| layout::indentation(&place))
        .unwrap_or_else(|| place.otherwise())
}

/// A byte before the place that is outside of every quoted text: the start of the line of the last thing read.
fn outside(source: &Source, last: Span) -> usize {
    if source.slice(last).ends_with('\n') {
        return last.end;
    }
    source.line_of(last.end).start.min(last.start)
}

impl Place<'_> {
    fn otherwise(&self) -> Mistake {
        let here = self.here();
        match self.kind {
            ErrorKind::RecursionLimitExceeded => {
                self.mistake(Code::TooDeep, here, "maps and lists are nested more than 64 deep here", "flatten it")
            }
            ErrorKind::DirectiveDisallowed => self.mistake(
                Code::YamlFeature,
                self.content(),
                "a line that begins with `%` is a YAML directive, which mapping files do not use",
                "leave it out",
            ),
            ErrorKind::UnexpectedCharacter { character } => {
                let start = self.at + self.rest().find(*character).unwrap_or_default();
                let span = self.source.within(Span::new(start, start + character.len_utf8()));
                let message =
                    format!("the character U+{:04X} cannot stand in a mapping file", u32::from(*character));
                self.mistake(Code::YamlSyntax, span, message, "delete it, or write it as an escape in double quotes")
            }
            _ => self.mistake(
                Code::YamlSyntax,
                here,
                "this cannot be read as YAML",
                "look for a missing quote, bracket or colon, or a wrong indentation, in this line or the one above",
            ),
        }
    }

    fn mistake(
        &self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Mistake {
        Mistake { finding: Finding::error(code, self.source, span, message).help(help), patch: None }
    }

    /// The character at which the parser stumbled.
    fn here(&self) -> Span {
        let next = self.rest().chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        Span::new(self.at, self.at + next)
    }

    /// The text from the place on.
    fn rest(&self) -> &str {
        self.source.text.get(self.at..).unwrap_or_default()
    }

    /// The line without its indentation.
    fn content(&self) -> Span {
        let indent = indent(self.source.slice(self.line));
        Span::new(self.line.start + indent, self.line.end)
    }

    /// The last value that began, as its author probably meant it.
    fn value(&self) -> Span {
        let start = self.scan.value;
        Span::new(start, token::value_end(&self.source.text, start, false).max(start))
    }

    /// Whether a byte stands in the line at which the parser stumbled.
    fn is_here(&self, byte: usize) -> bool {
        (self.line.start..=self.line.end).contains(&byte)
    }

    /// What to pass over for a mistake that begins at a byte: the value in brackets or else the rest of the line.
    /// `None` where lines after this one may belong to it.
    fn spoiled(&self, from: usize) -> Option<Patch> {
        let outermost = self.scan.brackets.first().copied().unwrap_or(from).min(from);
        let line = self.source.line_of(outermost);
        let text = self.source.text.get(line.end..).unwrap_or_default();
        let next = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let is_beside =
            indent(next) <= indent(self.source.slice(line)) && !next.trim_start().starts_with(['}', ']']);
        let span = Span::new(outermost, token::value_end(&self.source.text, outermost, false));
        (is_beside && span.end > span.start).then_some(Patch { span, is_text: false })
    }
}

impl Mistake {
    fn related(mut self, span: Span, label: &str) -> Self {
        self.finding = self.finding.related(span, label);
        self
    }

    /// Passes over a value and takes what is written there for the text that was meant.
    fn meant_as_text(mut self, span: Span) -> Self {
        self.patch = (span.end > span.start).then_some(Patch { span, is_text: true });
        self
    }

    fn passing_over(mut self, patch: Option<Patch>) -> Self {
        self.patch = patch;
        self
    }
}

/// How many bytes of white space a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Findings;
    use crate::diagnostic::render::{Style, text};
    use crate::diagnostic::source::Source;
    use crate::mapping::yaml::parse;

    /// Every finding as "line:column code: message; help", and whether a tree came of it.
    fn told(yaml: &str) -> (Vec<String>, bool) {
        let source = Source::new("a.yaml", yaml);
        let mut findings = Findings::new();
        let is_read = parse(&source, &mut findings).is_some();
        let lines = findings.iter().map(|finding| {
            let at = source.position(finding.span.unwrap().start);
            let help = finding.help.clone().unwrap_or_default();
            format!("{}:{} {}: {}; {help}", at.line, at.column, finding.code.code(), finding.message)
        });
        (lines.collect(), is_read)
    }

    #[track_caller]
    fn assert_told(yaml: &str, expected: &str) {
        assert_eq!(told(yaml).0, [expected], "{yaml}");
    }

    #[test]
    fn all_mistakes_of_a_file_are_told_at_once_and_in_place() {
        let yaml = "\
节点: @caller
phone: {{ phone }}/x # note
list: [1
rest: `x`
out: { path: $.a[*].b, to: {{ x }}! }
note: 1: 2
end: \"x
";
        let (told, is_read) = told(yaml);
        assert!(is_read);
        assert_eq!(
            told,
            [
                "1:5 quote-needed: a value that begins with `@` has to be quoted; quote it: \"@caller\"",
                "2:8 template-not-quoted: a template stands here without quotes, and YAML reads it as a map; \
                 quote it: \"{{ phone }}/x\"",
                "3:7 yaml-unclosed: `[` is opened here and not closed; close it with `]`",
                "4:7 quote-needed: a value that begins with a backtick has to be quoted; quote it: \"`x`\"",
                "5:14 quote-needed: between brackets a value that holds `[` has to be quoted; \
                 quote it: \"$.a[*].b\"",
                "5:28 template-not-quoted: a template stands here without quotes, and YAML reads it as a map; \
                 quote it: \"{{ x }}!\"",
                "6:7 quote-needed: this value holds `: `, which YAML reads as a second key; \
                 quote the value: \"1: 2\"",
                "7:6 yaml-unclosed: a quote is opened here and not closed in its line; \
                 close it with `\"` at the end of the value",
            ]
        );
    }

    #[test]
    fn a_template_without_quotes_is_shown_with_its_quotes() {
        let source = Source::new("mappings/upstreams/acme.yaml", "query: { phone: {{ 电话 }}, page: 1 }\n");
        let mut findings = Findings::new();
        let _ = parse(&source, &mut findings);
        let shown: Vec<String> = findings.iter().map(|finding| text(finding, Style::Plain)).collect();
        assert_eq!(
            shown,
            ["\
error[template-not-quoted]: a template stands here without quotes, and YAML reads it as a map
 --> mappings/upstreams/acme.yaml:1:17
  |
1 | query: { phone: {{ 电话 }}, page: 1 }
  |                 ^^^^^^^^^^
  |
  = help: quote it: \"{{ 电话 }}\""]
        );
    }

    #[test]
    fn an_unclosed_quote_is_told_where_it_was_opened() {
        let help = "close it with `\"` at the end of the value";
        let message = "yaml-unclosed: a quote is opened here and not closed in its line";
        assert_told("a: \"abc\nb: c\n", &format!("1:4 {message}; {help}"));
        assert_told("o:\n  a: \"abc\n  b: \"x\"\n", &format!("2:6 {message}; {help}"));
        assert_told("a: it's\nb: \"x\n\n\n", &format!("2:4 {message}; {help}"));
        assert_told("a: [x, \"y]\nb: c\n", &format!("1:8 {message}; {help}"));
    }

    #[test]
    fn a_tab_is_told_in_the_line_that_it_indents() {
        let message = "yaml-tab: a tab indents this line, and YAML allows only spaces for that";
        assert_told("a:\n\tb: c\n", &format!("2:1 {message}; indent it with spaces"));
        assert_told("a:\n  b: c\n\td: e\n", &format!("3:1 {message}; indent it with spaces"));
        let more = "indent it with spaces; 2 lines from here on begin with a tab";
        assert_told("a:\r\n\t- b\r\n\t- c\r\n", &format!("2:1 {message}; {more}"));
        assert!(told("a: |\n  x\n  \ty\nb: x\ty\n").0.is_empty());
    }

    #[test]
    fn a_wrong_indentation_is_told_with_what_it_collides_with() {
        assert_told(
            "a: b\n  c: d\n",
            "2:3 yaml-indent: this line is indented under a value that is already complete; \
             give it the indentation of the keys that it belongs to, or take the value above away",
        );
        assert_told(
            "a:\n  b: 1\n c: 2\n",
            "3:2 yaml-indent: the indentation of this line fits no line above it; \
             indent it exactly like the keys that it stands beside",
        );
        assert_told(
            "a: b\n- c\n",
            "2:1 yaml-indent: a list item stands here, where a key is expected; \
             indent it under its key, and give that key no other value",
        );
        assert_told(
            "- a\nb: c\n",
            "2:1 yaml-indent: this line stands among list items and does not begin with `- `; \
             begin it with `- `, or indent it like the key that it stands beside",
        );
    }

    #[test]
    fn a_missing_colon_is_told_in_its_own_line() {
        let help = "write `key: value`, with a space after the colon";
        assert_told("a: 1\nb\nc: 2\n", &format!("2:1 yaml-syntax: a colon is missing in this line; {help}"));
        assert_told("a b\nc: d\n", &format!("1:1 yaml-syntax: `a b` is a key without a value; {help}"));
    }

    #[test]
    fn what_yaml_can_and_mapping_files_do_not_use_is_told() {
        let (told, is_read) = told("a: &x 1\nb: *x\nc: !!int 3\n<<: *x\nd: *.e\n---\nf: 1\n");
        assert!(is_read);
        let heads: Vec<&str> = told.iter().map(|told| told.split_once(", ").unwrap().0).collect();
        assert_eq!(
            heads,
            [
                "1:4 yaml-feature: `&x` is a YAML anchor",
                "2:4 yaml-feature: `*x` is a YAML alias",
                "3:4 yaml-feature: `!!int` is a YAML tag",
                "4:1 yaml-feature: `<<` merges maps in YAML",
                "5:4 yaml-feature: `*.e` is a YAML alias",
                "6:1 yaml-feature: a mapping file holds one document",
            ]
        );
        assert!(
            self::told("%YAML 1.2\n---\na: 1\n").0[0]
                .starts_with("1:1 yaml-feature: a line that begins with `%`")
        );
    }

    #[test]
    fn a_key_written_twice_shows_both_places() {
        let source = Source::new("a.yaml", "a: 1\n\"a\": 2\n");
        let mut findings = Findings::new();
        let _ = parse(&source, &mut findings);
        let shown: Vec<String> = findings.iter().map(|finding| text(finding, Style::Plain)).collect();
        assert_eq!(
            shown,
            ["\
error[duplicate-key]: `a` stands twice in this map
 --> a.yaml:2:1
  |
1 | a: 1
  | - it stands here first
2 | \"a\": 2
  | ^^^
  |
  = help: keep one of them; only the first is read"]
        );
    }

    #[test]
    fn smaller_slips_are_told_in_words() {
        for (yaml, expected) in [
            ("a: {x: 1]\n", "1:4 yaml-unclosed: `{` is opened here and closed by `]`; "),
            ("a: [\n  1,\n  2\nb: c\n", "1:4 yaml-unclosed: `[` is opened here and not closed; "),
            ("a: {b: c}}\n", "1:10 yaml-unclosed: this `}` closes no bracket; "),
            ("a: {b: 1 c: 2}\n", "1:11 yaml-syntax: a comma or `}` is missing here; "),
            ("a: [b,, c]\n", "1:7 yaml-syntax: nothing stands before this comma; "),
            ("a: \"x\\d\"\n", "1:6 yaml-syntax: `\\d` is no escape in double quotes; "),
            ("a: 'x' y\n", "1:8 yaml-syntax: text follows after the closing quote; "),
            ("a: - x\n", "1:4 yaml-syntax: a list cannot begin in the line of its key; "),
            ("a: > 3\n", "1:4 quote-needed: `>` begins a block of lines"),
            ("a: *.b[0]\n", "1:4 quote-needed: a value that begins with `*` has to be quoted; "),
            ("a: [#### ####]\n", "1:5 quote-needed: a value that begins with `#` has to be quoted; "),
            (
                "a: [e164, ### ####]\nb: 1\n",
                "1:4 yaml-unclosed: `[` is opened here and not closed; close it with `]`, and quote a text with ` #`",
            ),
            ("a: (###) ###-####\n", "1:10 quote-needed: this is read as a comment"),
            ("[a]: b\n", "1:1 key-not-text: a key has to be a text, not a map or a list; "),
            (": b\n", "1:1 key-not-text: a key is missing before this `:`; "),
            ("a: b\u{1}\n", "1:5 yaml-syntax: the character U+0001 cannot stand in a mapping file; "),
        ] {
            let (told, _) = told(yaml);
            assert!(told.len() == 1 && told[0].starts_with(expected), "{yaml} {told:?}");
        }
    }
}
