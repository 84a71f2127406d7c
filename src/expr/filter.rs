//! Whether filters, tests and functions are given what they take. Tera learns it only on the call, where the output
//! would take its default for ever, without a word.

mod table;

use crate::diagnostic::suggest::{did_you_mean, list, suggest};
use crate::expr::calendar;
use crate::expr::error::{CompileError, Fault};
use crate::expr::filter::table::{FILTERS, FUNCTIONS, Parameter, Row, TESTS, Takes};
use crate::expr::scan::{Argument, Role, Scanned, Word, Written};

/// What to write for a filter, test or function that there is not.
pub(super) fn meant(kind: &str, name: &str) -> String {
    let rows = match kind {
        "test" => TESTS,
        "function" => FUNCTIONS,
        _ => FILTERS,
    };
    suggest(name, &rows.iter().map(|row| row.name).collect::<Vec<_>>())
}

/// The first argument that is unknown, missing, or written out as something that cannot be used.
pub(super) fn check(scanned: &Scanned) -> Result<(), CompileError> {
    for word in &scanned.words {
        let Some(row) = row(word) else {
            continue;
        };
        unknown(word, row)?;
        missing(word, row)?;
        for argument in &word.arguments {
            let parameter = row.takes.iter().find(|of| argument.name.as_deref() == Some(of.name));
            if let Some((message, help)) = parameter.and_then(|parameter| unusable(row, parameter, argument))
            {
                let error = CompileError::new(message, argument.value_range.clone());
                return Err(error.fault(Fault::Value).help(help));
            }
        }
    }
    Ok(())
}

/// The first argument that is given by its place alone, which is why a template does not parse.
pub(super) fn nameless(scanned: &Scanned) -> Option<CompileError> {
    scanned.words.iter().find_map(|word| {
        let row = row(word)?;
        let argument = word.arguments.iter().find(|argument| argument.name.is_none())?;
        let message = match row.takes {
            [] => format!("`{}` takes no arguments", row.name),
            _ => format!("what is given to `{}` needs a name", row.name),
        };
        let error = CompileError::new(message, argument.range.clone()).fault(Fault::Argument);
        Some(error.help(write(row)))
    })
}

fn row(word: &Word) -> Option<&'static Row> {
    let rows = match word.role {
        Role::Filter => FILTERS,
        Role::Test => TESTS,
        Role::Function => FUNCTIONS,
        Role::Tag => return None,
    };
    rows.iter().find(|row| row.name == word.name)
}

fn unknown(word: &Word, row: &Row) -> Result<(), CompileError> {
    let names = row.names();
    let given: Vec<&str> = word.arguments.iter().filter_map(|argument| argument.name.as_deref()).collect();
    for argument in &word.arguments {
        let Some(name) = argument.name.as_deref().filter(|name| !names.contains(name)) else {
            continue;
        };
        let left: Vec<&str> = names.iter().copied().filter(|name| !given.contains(name)).collect();
        let only = if let [only] = left.as_slice() { Some(*only) } else { None };
        let help = match did_you_mean(name, left.iter().copied()).or(only) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => write(row),
        };
        let message = format!("`{}` has no argument `{name}`", row.name);
        return Err(CompileError::new(message, argument.range.clone()).fault(Fault::Argument).help(help));
    }
    Ok(())
}

fn missing(word: &Word, row: &Row) -> Result<(), CompileError> {
    let is_given =
        |of: &Parameter| word.arguments.iter().any(|argument| argument.name.as_deref() == Some(of.name));
    let missing: Vec<&str> =
        row.takes.iter().filter(|of| of.is_needed && !is_given(of)).map(|of| of.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` needs {}", row.name, list(&missing));
    Err(CompileError::new(message, word.range.clone()).fault(Fault::Argument).help(write(row)))
}

fn write(row: &Row) -> String {
    match row.takes {
        [] => format!("write `{}` alone", row.name),
        takes if takes.iter().any(|of| of.is_needed) => format!("write `{}`", row.usage()),
        _ => format!("it may be given {}", list(&row.names())),
    }
}

/// Why a value that is written out cannot be used, and what can be.
fn unusable(row: &Row, parameter: &Parameter, argument: &Argument) -> Option<(String, String)> {
    let of = |kind: &str| format!("`{}` of `{}` is {kind}", parameter.name, row.name);
    match (parameter.takes, &argument.value) {
        (Takes::Zone, Written::Text(zone)) if !calendar::is_zone(zone) => {
            let help = "a zone is written as in the IANA database: Asia/Singapore, Europe/Berlin, UTC";
            Some((format!("there is no time zone `{zone}`"), help.to_owned()))
        }
        (Takes::Format, Written::Text(format)) => calendar::unusable_format(format),
        (Takes::Moment, Written::Text(moment)) if moment.trim().parse::<i64>().is_err() => {
            let help = format!("a variable stands without quotes: `{}=now`", parameter.name);
            Some((of("a moment, in seconds since 1970"), help))
        }
        (Takes::Word(words), Written::Text(word)) if !words.contains(&word.as_str()) => {
            Some((of(&format!("one of {}", list(words))), suggest(word, words)))
        }
        (Takes::Number, Written::Text(_) | Written::Flag) => {
            Some((of("a number"), format!("a number stands without quotes: `{}=20`", parameter.name)))
        }
        (Takes::Flag, Written::Text(_) | Written::Number) => {
            Some((of("true or false"), format!("write `{}=true`", parameter.name)))
        }
        (Takes::Text | Takes::Zone | Takes::Format | Takes::Word(_), Written::Number | Written::Flag) => {
            Some((of("a text"), format!("a text stands in quotes: `{}='…'`", parameter.name)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
