//! The table says of each filter, test and function what Tera does, and what is written is held against it.

use serde_json::{Value, json};
use tera::Context;

use super::table::{FILTERS, FUNCTIONS, Parameter, Row, TESTS, Takes};
use crate::expr::engine::base;
use crate::expr::json::{Nulls, prune};
use crate::expr::{Condition, Place, Template};

fn samples() -> Vec<Value> {
    vec![
        json!("abc"),
        json!("7"),
        json!(7),
        json!(["a", "b"]),
        json!({"a": "1"}),
        json!([{"a": "1"}]),
        json!([{"a": "1", "b": "08:00"}]),
        json!([{"a": "03-03 08:00"}]),
    ]
}

fn written(of: &Parameter) -> String {
    let value = match of.takes {
        Takes::Any | Takes::Text => "'a'",
        Takes::Number => "2",
        Takes::Flag => "true",
        Takes::Zone => "'UTC'",
        Takes::Format => "'%H:%M'",
        Takes::Moment => "0",
        Takes::Word(words) => return format!("{}='{}'", of.name, words[0]),
    };
    format!("{}={value}", of.name)
}

fn arguments(row: &Row, keep: impl Fn(&Parameter) -> bool) -> String {
    let given: Vec<String> = row.takes.iter().filter(|of| keep(of)).map(written).collect();
    if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
}

/// Whether Tera itself works it out for any of the samples.
fn works(text: &str) -> bool {
    let mut tera = base(Place::Text).clone();
    tera.add_raw_template("t", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    samples().iter().any(|sample| {
        let mut context = Context::new();
        context.insert_value("x", prune(sample, &[&[]], Nulls::Keep));
        tera.render("t", &context).is_ok()
    })
}

/// How a row is written, by its name and its arguments.
type Written = fn(&str, &str) -> String;

/// How each row is used, with some of its arguments.
fn uses() -> Vec<(&'static Row, Written)> {
    let filter: Written = |name, given| match name {
        // A day of the week is read from the same member as a time here, and is none.
        "weekly" => format!("{{{{ [] | {name}{given} }}}}"),
        "default" => format!("{{{{ y | {name}{given} }}}}"),
        _ => format!("{{{{ x | {name}{given} }}}}"),
    };
    let test: Written = |name, given| format!("{{% if x is {name}{given} %}}{{% endif %}}");
    let function: Written = |name, given| match given {
        "" => format!("{{{{ {name}() }}}}"),
        _ => format!("{{{{ {name}{given} }}}}"),
    };
    let filters = FILTERS.iter().map(|row| (row, filter));
    filters
        .chain(TESTS.iter().map(|row| (row, test)))
        .chain(FUNCTIONS.iter().map(|row| (row, function)))
        .collect()
}

#[test]
fn each_takes_what_the_table_says_and_works_without_what_it_does_not_need() {
    for (row, written) in uses().into_iter().filter(|(row, _)| row.name != "throw") {
        for text in [
            written(row.name, &arguments(row, |_| true)),
            written(row.name, &arguments(row, |of| of.is_needed)),
        ] {
            assert!(works(&text), "{text}");
            assert!(Template::compile(&text, Place::Text).is_ok(), "{text}");
        }
    }
}

#[test]
fn each_fails_on_every_call_without_one_that_it_needs() {
    for (row, written) in uses() {
        for left_out in row.takes.iter().filter(|of| of.is_needed) {
            let text = written(row.name, &arguments(row, |of| of.name != left_out.name));
            assert!(!works(&text), "{text}");
            let error = Template::compile(&text, Place::Text).unwrap_err();
            assert_eq!(error.message, format!("`{}` needs `{}`", row.name, left_out.name));
        }
    }
}

#[test]
fn a_value_of_another_type_is_told_only_where_tera_does_not_take_it() {
    for (row, written) in uses() {
        // A format without any part is told, although Tera writes it.
        for wrong in row.takes.iter().filter(|of| of.takes != Takes::Format) {
            let others = arguments(row, |of| of.is_needed && of.name != wrong.name);
            let others = others.trim_matches(['(', ')']);
            for value in ["'a'", "2", "true"] {
                let text = written(row.name, &format!("({}={value}, {others})", wrong.name));
                if let Err(error) = Template::compile(&text, Place::Text) {
                    assert!(!works(&text), "{text}: {}", error.message);
                }
            }
        }
    }
}

fn said(text: &str) -> (String, String) {
    let error = Template::compile(text, Place::Text).unwrap_err();
    (format!("{} at {}", error.message, &text[error.range]), error.help.unwrap_or_default())
}

#[test]
fn a_wrong_argument_is_told_where_it_stands_with_the_one_that_was_meant() {
    for (text, message, help) in [
        (
            "{{ x | truncate(len=5) }}",
            "`truncate` has no argument `len` at len",
            "write `truncate(length=…)`",
        ),
        (
            "{{ x | truncate(lenght=5) }}",
            "`truncate` has no argument `lenght` at lenght",
            "did you mean `length`?",
        ),
        (
            "{{ now | date(timezone='UTC', format='%H') }}",
            "`date` has no argument `timezone` at timezone",
            "did you mean `zone`?",
        ),
        (
            "{{ x | replace(old='a', new='b') }}",
            "`replace` has no argument `old` at old",
            "write `replace(from=…, to=…)`",
        ),
        ("{{ x | split }}", "`split` needs `pat` at split", "write `split(pat=…)`"),
        ("{{ x | split(',') }}", "what is given to `split` needs a name at ','", "write `split(pat=…)`"),
        ("{{ x | upper(1) }}", "`upper` takes no arguments at 1", "write `upper` alone"),
        ("{{ x | upper(all=true) }}", "`upper` has no argument `all` at all", "write `upper` alone"),
        ("{{ x | join(with='-') }}", "`join` has no argument `with` at with", "did you mean `sep`?"),
        (
            "{{ x | date(zone = 'Europe/Berln', format='%H') }}",
            "there is no time zone `Europe/Berln` at 'Europe/Berln'",
            "a zone is written as in the IANA database: Asia/Singapore, Europe/Berlin, UTC",
        ),
        (
            "{{ now | date(zone='UTC', format='HH:mm') }}",
            "this format holds no part of a moment: `HH:mm` is what it writes at 'HH:mm'",
            "a part begins with `%`: '%H:%M', '%Y-%m-%d'",
        ),
        (
            "{{ x | yearly(at='now', zone='UTC', from='a', to='b') }}",
            "`at` of `yearly` is a moment, in seconds since 1970 at 'now'",
            "a variable stands without quotes: `at=now`",
        ),
        (
            "{% if x is starting_with('+') %}{% endif %}",
            "what is given to `starting_with` needs a name at '+'",
            "write `starting_with(pat=…)`",
        ),
        (
            "{% filter truncate(len=5) %}{{ x }}{% endfilter %}",
            "`truncate` has no argument `len` at len",
            "write `truncate(length=…)`",
        ),
        ("{{ a | default(value=b | split) }}", "`split` needs `pat` at split", "write `split(pat=…)`"),
        (
            "{{ x | round(method='up') }}",
            "`method` of `round` is one of `ceil`, `floor` at 'up'",
            "allowed here: `ceil`, `floor`",
        ),
    ] {
        assert_eq!(said(text), (message.to_owned(), help.to_owned()), "{text}");
    }
}

#[test]
fn a_format_that_cannot_be_written_is_told() {
    let (message, help) = said("{{ now | date(zone='UTC', format='%H:%J') }}");
    assert!(
        message.starts_with("this format cannot be written: ") && message.ends_with("at '%H:%J'"),
        "{message}"
    );
    assert_eq!(help, "a part begins with `%`: '%H:%M', '%Y-%m-%d'");
}

#[test]
fn text_outside_of_braces_is_never_looked_at() {
    for text in [
        "Hallo zone='A' {{ name }}",
        "{# x | split zone='A' #}{{ name }}",
        "{% raw %}{{ x | split }} zone='A'{% endraw %}{{ name }}",
        "{{ 'x | split(zone=1)' ~ name }}",
        "{{ name | replace(from=',', to=') | split') }}",
        "{{ name | default(value=(1 + 2) * 3) }} | split",
        "{{ now | date(zone=zone, format=format ~ ' x') }}",
        "{{ now | date(zone=\"UTC\" , format = '100 %%') }}",
        r"{{ name | split(pat='\'') | join(sep='it\'s') }}",
    ] {
        assert!(
            Template::compile(text, Place::Text).is_ok(),
            "{text}: {:?}",
            Template::compile(text, Place::Text)
        );
    }
}

#[test]
fn a_condition_is_held_against_the_table_too() {
    let text = "{{ name | split == '1' }}";
    let error = Condition::compile(text).unwrap_err();
    assert_eq!((error.message.as_str(), &text[error.range]), ("`split` needs `pat`", "split"));
    let error = Condition::compile("name is starting_with('a')").unwrap_err();
    assert_eq!(error.message, "what is given to `starting_with` needs a name");
}

#[test]
fn the_page_of_the_language_lists_every_filter_with_its_arguments() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mappings.md")).unwrap();
    let (_, table) = page.split_once("| filter | what it gives |").expect("the table");
    let listed: Vec<&str> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| "))
        .flat_map(|line| line.split(" | ").next().unwrap_or_default().split("`, `"))
        .map(|cell| cell.trim_matches('`'))
        .collect();
    let signature = |row: &Row| {
        let argument = |of: &Parameter| match of.is_needed {
            true => format!("{}=…", of.name),
            false => format!("[{}=…]", of.name),
        };
        let given: Vec<String> = row.takes.iter().map(argument).collect();
        if given.is_empty() { row.name.to_owned() } else { format!("{}({})", row.name, given.join(", ")) }
    };
    let known: Vec<String> = FILTERS.iter().map(signature).collect();
    let (mut listed, mut known): (Vec<_>, Vec<_>) = (listed, known.iter().map(String::as_str).collect());
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}
