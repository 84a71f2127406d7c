//! Mistakes of YAML as they are made, and what is said of each.

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

/// Every finding as it is shown to a person.
fn shown(path: &str, yaml: &str) -> Vec<String> {
    let mut findings = Findings::new();
    let _ = parse(&Source::new(path, yaml), &mut findings);
    findings.iter().map(|finding| text(finding, Style::Plain)).collect()
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
    assert_eq!(
        shown("mappings/upstreams/acme.yaml", "query: { phone: {{ 电话 }}, page: 1 }\n"),
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
    assert_eq!(
        shown("a.yaml", "a: 1\n\"a\": 2\n"),
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
