//! Signs that look like those of YAML and are others: the quotes of text processors, the full-width signs of input
//! methods.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::yaml::build::Patch;
use crate::mapping::yaml::mistake::{Mistake, Place};
use crate::mapping::yaml::token;

/// The quotes that text processors write, each pair's opening one first.
const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];

/// Whether a value stands in curly quotes: it begins with one and ends with one.
pub fn is_curly(value: &str) -> bool {
    let value = value.trim();
    value.chars().count() > 1 && value.starts_with(CURLY) && value.ends_with(CURLY)
}

/// A value in curly quotes that the parser stumbled over.
pub(super) fn curly(place: &Place<'_>) -> Option<Mistake> {
    let starts = place.scan.inner.into_iter().chain([place.scan.value]);
    let start = starts
        .filter(|start| place.is_here(*start))
        .find(|start| place.source.text.get(*start..).is_some_and(|rest| rest.starts_with(CURLY)))?;
    let rest = place.source.text.get(start..place.line.end)?;
    let first = rest.chars().next()?;
    let end = rest.get(first.len_utf8()..)?.find(CURLY);
    let end = end.and_then(|end| {
        let close = start + first.len_utf8() + end;
        place.source.text.get(close..)?.chars().next().map(|quote| close + quote.len_utf8())
    });
    let is_inner = !place.scan.brackets.is_empty();
    let end = end.unwrap_or_else(|| token::value_end(&place.source.text, start, is_inner));
    let span = Span::new(start, start + first.len_utf8());
    let mistake = place.mistake(Code::CurlyQuote, span, message(first), STRAIGHT);
    let span = Span::new(start, end);
    Some(mistake.passing_over(Some(Patch { span, is_text: false })))
}

/// What is said of a curly quote.
pub fn message(quote: char) -> String {
    format!("`{quote}` is a curly quote, as text processors write it")
}

/// What to write instead.
pub const STRAIGHT: &str = "write a straight one: `\"`";

/// A full-width comma within brackets that a key follows: it was read as a part of the value before it.
fn comma(place: &Place<'_>) -> Option<usize> {
    let open = *place.scan.brackets.last()?;
    let inside = place.source.text.get(open..place.line.end)?;
    let mut quote = None;
    inside.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        let rest = inside.get(at..)?.strip_prefix('，').filter(|_| quote.is_none())?.trim_start();
        let (key, _) = rest.split_once(':')?;
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        is_key.then_some(open + at)
    })
}

/// A full-width colon behind a key, or a full-width comma between two values.
pub(super) fn fullwidth(place: &Place<'_>) -> Option<Mistake> {
    let above = place.source.line_of(place.line.start.saturating_sub(1));
    let lines = [place.source.line_of(place.last.start), above, place.line];
    let at = lines.into_iter().find_map(|line| {
        let text = place.source.slice(line);
        let at = text.find('：')?;
        let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '{' | ',');
        text.get(..at)?.chars().all(is_key).then_some((line.start + at, '：', ": "))
    });
    let here = || place.rest().starts_with('，').then_some(place.at);
    let (at, sign, plain) = at.or_else(|| here().or_else(|| comma(place)).map(|at| (at, '，', ",")))?;
    let message = format!("`{sign}` is a full-width sign, and YAML knows the plain one only");
    let help = format!("write `{plain}`, with the input method switched to letters");
    Some(place.mistake(Code::FullwidthSign, Span::new(at, at + sign.len_utf8()), message, help))
}
