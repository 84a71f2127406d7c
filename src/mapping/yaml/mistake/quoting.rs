//! Mistakes about quotes: not closed, missing, or followed by more text.

use granit_parser::ErrorKind;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::yaml::mistake::{Mistake, Place};
use crate::mapping::yaml::scalar::quote;
use crate::mapping::yaml::token;

/// A quote that is opened and not closed; told at the opening quote.
pub fn open_quote(place: &Place<'_>) -> Option<Mistake> {
    let start = match place.kind {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => place.scan.quote.unwrap_or(place.at),
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            let quoted = place.scan.quoted?;
            if !place.source.slice(quoted).contains('\n') {
                return None;
            }
            quoted.start
        }
        _ => return None,
    };
    let quote = place.source.text.get(start..)?.chars().next()?;
    let message = "a quote is opened here and not closed in its line";
    let help = format!("close it with `{quote}` at the end of the value");
    let mistake = place.mistake(Code::YamlUnclosed, Span::new(start, start + 1), message, help);
    Some(mistake.passing_over(place.spoiled(start)))
}

/// A template without quotes, which the parser takes for a map and stumbles over later in the line.
pub fn template(place: &Place<'_>) -> Option<Mistake> {
    let span = place.scan.template.filter(|template| place.is_here(template.start))?;
    let help = format!("quote it: {}", quote(place.source.slice(span)));
    let message = "a template stands here without quotes, and YAML reads it as a map";
    Some(place.mistake(Code::TemplateNotQuoted, span, message, help).meant_as_text(span))
}

/// `{ path: $.data[0] }`: within brackets an unquoted value ends at the next bracket.
pub fn inner_bracket(place: &Place<'_>) -> Option<Mistake> {
    let is_separator_missing = matches!(
        place.kind,
        ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::FlowMappingValueAdjacentCollection
    );
    let start = place.scan.inner.filter(|start| place.is_here(*start))?;
    let bracket = place.rest().chars().next().filter(|c| matches!(c, '[' | '{'))?;
    if !is_separator_missing {
        return None;
    }
    let span = Span::new(start, token::value_end(&place.source.text, start, true));
    let message = format!("between brackets a value that holds `{bracket}` has to be quoted");
    let help = format!("quote it: {}", quote(place.source.slice(span)));
    Some(place.mistake(Code::QuoteNeeded, span, message, help).meant_as_text(span))
}

/// A value whose first character means something else to YAML.
pub fn first_character(place: &Place<'_>) -> Option<Mistake> {
    let span = match place.scan.brackets.is_empty() {
        true => place.value(),
        false => Span::new(place.at, token::value_end(&place.source.text, place.at, true)),
    };
    let written = place.source.slice(span);
    let first = written.chars().next().filter(|first| "@`%*&!|>?-#".contains(*first))?;
    let is_at_start = span.start == place.at || matches!(first, '*' | '&' | '!' | '|' | '>');
    let is_key = span.start == place.content().start;
    let is_item = place.scan.brackets.is_empty() && written.starts_with("- ");
    if !place.is_here(span.start) || !is_at_start || is_item || (is_key && !matches!(first, '@' | '`')) {
        return None;
    }
    let message = match first {
        '|' | '>' => format!("`{first}` begins a block of lines, and nothing may follow it in its own line"),
        '`' => "a value that begins with a backtick has to be quoted".to_owned(),
        _ => format!("a value that begins with `{first}` has to be quoted"),
    };
    let help = format!("quote it: {}", quote(written));
    let mistake = place.mistake(Code::QuoteNeeded, span, message, help);
    Some(if is_key { mistake } else { mistake.meant_as_text(span) })
}

/// Something inside of quotes, or after them.
pub fn quoted(place: &Place<'_>) -> Option<Mistake> {
    match place.kind {
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            let is_inner = !place.scan.brackets.is_empty();
            let span = Span::new(place.at, token::value_end(&place.source.text, place.at, is_inner));
            let start = place.scan.quoted.map_or(place.at, |quoted| quoted.start);
            let help = match place.source.slice(Span::new(start, start + 1)) {
                "'" => "put the whole value between the quotes, and write a quote inside of them twice: `''`",
                _ => "put the whole value between the quotes, and write a quote inside of them as `\\\"`",
            };
            let mistake = place.mistake(Code::YamlSyntax, span, "text follows after the closing quote", help);
            Some(mistake.passing_over(place.spoiled(start)))
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            let start = place.scan.quote.unwrap_or(place.at);
            let span = escape(place, start).unwrap_or_else(|| Span::new(start, start + 1));
            let message = format!("`{}` is no escape in double quotes", place.source.slice(span));
            let help = "write `\\\\` for a backslash, or use single quotes, in which a backslash is just a backslash";
            let mistake = place.mistake(Code::YamlSyntax, span, message, help);
            Some(mistake.passing_over(place.spoiled(start)))
        }
        _ => None,
    }
}

/// The first escape that YAML does not know, in the double-quoted text that begins at `start`.
fn escape(place: &Place<'_>, start: usize) -> Option<Span> {
    let text = place.source.text.get(start..token::quoted_end(&place.source.text, start)?)?;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let (_, escaped) = chars.next()?;
        let length = match escaped {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ if "0abtnvfre \"/\\N_LP\t\r\n".contains(escaped) => continue,
            _ => return Some(Span::new(start + at, start + at + 1 + escaped.len_utf8())),
        };
        let digits = text.get(at + 2..).unwrap_or_default().chars().take(length);
        let number: String = digits.take_while(char::is_ascii_hexdigit).collect();
        let is_char = u32::from_str_radix(&number, 16).ok().and_then(char::from_u32).is_some();
        if number.len() < length || !is_char {
            return Some(Span::new(start + at, start + at + 2 + number.len()));
        }
    }
    None
}
