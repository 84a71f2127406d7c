//! Reads a template's text for the variables it uses and where, because Tera tells their names only.

mod argument;
mod lexeme;

use std::fmt;
use std::ops::Range;

pub(crate) use argument::{Argument, Written};
pub(crate) use lexeme::is_name;
use lexeme::{name_length, past_raw, string_length};

/// One step below a variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Key(String),
    /// An item of a list, counted from zero.
    Index(usize),
}

/// One variable that an expression reads, with the members it follows: `record.profile.name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The variable: `record`.
    pub root: String,
    /// The members below it, as far as they are constant: `profile`, `name`.
    pub below: Vec<Segment>,
    /// Where it stands in the expression's own text, in bytes.
    pub range: Range<usize>,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        for segment in &self.below {
            match segment {
                Segment::Key(key) if is_name(key) => write!(f, ".{key}")?,
                Segment::Key(key) => write!(f, "[{key:?}]")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Words of the expression language that are no variables.
const KEYWORDS: [&str; 27] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "set_global",
    "true",
    "false",
    "True",
    "False",
    "none",
    "None",
    "filter",
    "endfilter",
    "raw",
    "endraw",
    "break",
    "continue",
    "loop",
];

/// One `name(…)`, `| name`, `is name` or `{% name` of a template that is no variable, with what is given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) name: String,
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
    pub(crate) arguments: Vec<Argument>,
}

/// What a word of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// `| name`
    Filter,
    /// `is name`
    Test,
    /// `name(…)`
    Function,
    /// `{% name`
    Tag,
}

/// What a template's text holds.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) reads: Vec<Read>,
    pub(crate) words: Vec<Word>,
    /// The text is one `{{ variable }}` and nothing else.
    pub(crate) bare: bool,
}

/// Scans a template: text with `{{ … }}`, `{% … %}` and `{# … #}` in it.
pub(crate) fn template(text: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let mut rest = 0;
    let mut blocks = 0;
    while let Some((open, closing)) = next_open(text, rest) {
        let start = open + 2;
        let end = if closing == "#}" {
            text.get(start..).and_then(|tail| tail.find("#}")).map_or(text.len(), |at| start + at)
        } else {
            let end = expression(text, start, closing, &mut scanned);
            if is_raw(&scanned, start..end) { past_raw(text, end) } else { end }
        };
        blocks += 1;
        rest = (end + 2).min(text.len());
        let alone = text.get(..open).is_some_and(|before| before.trim().is_empty())
            && text.get(rest..).is_some_and(|after| after.trim().is_empty());
        scanned.bare = blocks == 1 && closing == "}}" && alone && is_one_read(text, start..end, &scanned);
    }
    scanned
}

/// Scans an expression that stands without braces, as a condition does.
pub(crate) fn condition(text: &str) -> Scanned {
    let mut scanned = Scanned::default();
    expression(text, 0, "", &mut scanned);
    scanned
}

/// Whether the tag that was just scanned has what follows it stand as it is.
fn is_raw(scanned: &Scanned, tag: Range<usize>) -> bool {
    let last = scanned.words.last().filter(|word| word.role == Role::Tag && tag.contains(&word.range.start));
    last.is_some_and(|word| word.name == "raw")
}

fn is_one_read(text: &str, inside: Range<usize>, scanned: &Scanned) -> bool {
    let [read] = scanned.reads.as_slice() else {
        return false;
    };
    let Some(between) = text.get(inside.clone()) else {
        return false;
    };
    let trimmed = between.trim_start_matches('-').trim_end_matches('-').trim();
    scanned.words.is_empty() && text.get(read.range.clone()) == Some(trimmed)
}

fn next_open(text: &str, from: usize) -> Option<(usize, &'static str)> {
    let tail = text.get(from..)?;
    [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
        .into_iter()
        .filter_map(|(open, close)| tail.find(open).map(|at| (from + at, close)))
        .min_by_key(|(at, _)| *at)
}

/// Walks one expression from `at` to `closing` (or the text's end) and returns where it ended.
fn expression(text: &str, mut at: usize, closing: &str, scanned: &mut Scanned) -> usize {
    let mut before = if closing == "%}" { Before::TagOpen } else { Before::Nothing };
    while let Some(tail) = text.get(at..) {
        let Some(next) = tail.chars().next() else {
            break;
        };
        if !closing.is_empty() && tail.starts_with(closing) {
            return at;
        }
        if matches!(next, '"' | '\'' | '`') {
            at += string_length(tail, next);
            before = Before::Nothing;
        } else if next.is_ascii_alphabetic() || next == '_' {
            at = word(text, at, &mut before, scanned);
        } else if next.is_ascii_digit() {
            at += tail.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(tail.len());
            before = Before::Nothing;
        } else {
            before = match next {
                '|' => Before::Pipe,
                c if c.is_whitespace() || c == '-' => before,
                _ => Before::Nothing,
            };
            at += next.len_utf8();
        }
    }
    text.len()
}

/// What stands before a word and decides what it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Pipe,
    Is,
    TagOpen,
}

fn word(text: &str, at: usize, before: &mut Before, scanned: &mut Scanned) -> usize {
    let name_end = at + name_length(text.get(at..).unwrap_or_default());
    let name = text.get(at..name_end).unwrap_or_default();
    let after = text.get(name_end..).unwrap_or_default().trim_start();
    let role = std::mem::replace(before, Before::Nothing);
    match role {
        Before::Pipe | Before::TagOpen => {
            let role = if role == Before::Pipe { Role::Filter } else { Role::Tag };
            if role == Role::Tag && name == "filter" {
                *before = Before::Pipe;
            }
            scanned.words.push(called(text, at..name_end, role));
            return name_end;
        }
        Before::Is => {
            if name == "not" {
                *before = Before::Is;
            } else {
                scanned.words.push(called(text, at..name_end, Role::Test));
            }
            return name_end;
        }
        Before::Nothing => {}
    }
    if name == "is" {
        *before = Before::Is;
        return name_end;
    }
    let is_keyword_argument = after.starts_with('=') && !after.starts_with("==");
    if KEYWORDS.contains(&name) || is_keyword_argument {
        return name_end;
    }
    if after.starts_with('(') {
        scanned.words.push(called(text, at..name_end, Role::Function));
        return name_end;
    }
    let (below, end) = chain(text, name_end);
    scanned.reads.push(Read { root: name.to_owned(), below, range: at..end });
    end
}

fn called(text: &str, range: Range<usize>, role: Role) -> Word {
    let arguments = if role == Role::Tag { Vec::new() } else { argument::arguments(text, range.end) };
    Word { name: text.get(range.clone()).unwrap_or_default().to_owned(), range, role, arguments }
}

/// The constant members behind a variable: `.name`, `?.name`, `["name"]`, `[0]`.
fn chain(text: &str, mut at: usize) -> (Vec<Segment>, usize) {
    let mut below = Vec::new();
    while let Some(tail) = text.get(at..) {
        let dotted = tail.strip_prefix("?.").or_else(|| tail.strip_prefix('.'));
        if let Some(member) = dotted {
            let length = name_length(member);
            if length == 0 {
                break;
            }
            below.push(Segment::Key(member.get(..length).unwrap_or_default().to_owned()));
            at += tail.len() - member.len() + length;
        } else if let Some((segment, length)) = bracketed(tail) {
            below.push(segment);
            at += length;
        } else {
            break;
        }
    }
    (below, at)
}

fn bracketed(tail: &str) -> Option<(Segment, usize)> {
    let inside = tail.strip_prefix('[')?;
    let close = inside.find(']')?;
    let item = inside.get(..close)?.trim();
    let segment = match item.chars().next()? {
        quote @ ('"' | '\'' | '`') => {
            let key = item.strip_prefix(quote)?.strip_suffix(quote)?;
            if key.contains(['\\', quote]) {
                return None;
            }
            Segment::Key(key.to_owned())
        }
        _ => Segment::Index(item.parse().ok()?),
    };
    Some((segment, close + 2))
}

#[cfg(test)]
mod tests;
