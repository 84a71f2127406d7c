//! Mistakes about lines: tabs, indentation, brackets over several lines, colons.

use granit_parser::ErrorKind;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::yaml::mistake::{Mistake, Place, indent};
use crate::mapping::yaml::scalar::quote;

/// A tab that indents a line; the parser notices it anywhere between the line before and the tab.
pub fn tab(place: &Place<'_>) -> Option<Mistake> {
    let is_told = matches!(
        place.kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
    );
    let rest = place.source.text.get(place.line.start..)?;
    let mut start = place.line.start;
    let mut tabs = Vec::new();
    for (number, line) in rest.split_inclusive('\n').enumerate() {
        let white = line.get(..indent(line)).unwrap_or_default();
        let is_near = number < 2 || is_told;
        if let Some(at) = white.find('\t').filter(|_| is_near && !line.trim().is_empty()) {
            tabs.push(Span::new(start + at, start + white.len()));
        }
        start += line.len();
    }
    let first = tabs.first()?;
    let help = match tabs.len() {
        1 => "indent it with spaces".to_owned(),
        lines => format!("indent it with spaces; {lines} lines from here on begin with a tab"),
    };
    Some(place.mistake(
        Code::YamlTab,
        *first,
        "a tab indents this line, and YAML allows only spaces for that",
        help,
    ))
}

/// A bracket that is not closed, or by another one, or that closes nothing.
pub fn bracket(place: &Place<'_>) -> Option<Mistake> {
    if matches!(place.kind, ErrorKind::MisplacedFlowCollectionEnd) {
        let message = format!("this `{}` closes no bracket", place.source.slice(place.here()));
        let help = "delete it, or quote the whole value if it is a text";
        let mistake = place.mistake(Code::YamlUnclosed, place.here(), message, help);
        return Some(mistake.passing_over(place.spoiled(place.scan.value)));
    }
    let open = match place.kind {
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::UnclosedFlowCollection { .. } => place.at,
        _ => *place.scan.brackets.last()?,
    };
    let bracket = place.source.text.get(open..)?.chars().next()?;
    let closing = if bracket == '[' { ']' } else { '}' };
    let here = Span::new(open, open + 1);
    let mistake = match place.kind {
        ErrorKind::MismatchedFlowCollectionEnd { close, .. } => {
            let message = format!("`{bracket}` is opened here and closed by `{close}`");
            place.mistake(Code::YamlUnclosed, here, message, format!("close it with `{closing}`"))
        }
        _ if place.rest().starts_with(',') => {
            let help = "delete the comma, or quote it if it is a text";
            place.mistake(Code::YamlSyntax, place.here(), "nothing stands before this comma", help)
        }
        _ if !place.is_here(open) || matches!(place.kind, ErrorKind::UnclosedFlowCollection { .. }) => {
            let message = format!("`{bracket}` is opened here and not closed");
            let rest_of_line = Span::new(open, place.source.line_of(open).end);
            let help = match place.source.slice(rest_of_line).contains(" #") {
                true => format!("close it with `{closing}`, and quote a text with ` #`: it begins a comment"),
                false => format!("close it with `{closing}`"),
            };
            place.mistake(Code::YamlUnclosed, here, message, help)
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            let message = format!("a comma or `{closing}` is missing here");
            let help = "separate what stands between brackets by commas, and quote a text that holds one of `,[]{}:`";
            place.mistake(Code::YamlSyntax, place.here(), message, help)
        }
        _ => return None,
    };
    Some(mistake.passing_over(place.spoiled(open)))
}

/// A colon too many, or none.
pub fn colon(place: &Place<'_>) -> Option<Mistake> {
    let is_about_keys = matches!(
        place.kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
    );
    if !is_about_keys {
        return None;
    }
    let is_continued = place.last.start < place.line.start && place.last.end > place.line.start;
    if is_continued || matches!(place.kind, ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey) {
        return Some(missing_colon(place, is_continued));
    }
    let value = place.value();
    if !place.is_here(value.start) || value.start == place.content().start {
        return None;
    }
    let help = format!("quote the value: {}", quote(place.source.slice(value)));
    let mistake = place.mistake(
        Code::QuoteNeeded,
        value,
        "this value holds `: `, which YAML reads as a second key",
        help,
    );
    Some(mistake.meant_as_text(value))
}

/// A line that ends up as a part of the value above, or a key without a colon.
fn missing_colon(place: &Place<'_>, is_continued: bool) -> Mistake {
    let help = "write `key: value`, with a space after the colon";
    if !is_continued {
        return place.mistake(Code::YamlSyntax, place.content(), "a colon is missing in this line", help);
    }
    let above = place.source.line_of(place.last.start);
    let is_key = place.last.start == above.start + indent(place.source.slice(above));
    if is_key {
        let head = place.source.head_of(place.last);
        let message = format!("`{}` is a key without a value", place.source.slice(head));
        return place.mistake(Code::YamlSyntax, head, message, help);
    }
    let message = "this line is indented under a value that is already complete";
    let help = "give it the indentation of the keys that it belongs to, or take the value above away";
    let value = place.source.head_of(place.last);
    place.mistake(Code::YamlIndent, place.content(), message, help).related(value, "this value")
}

/// A line that stands where no line can.
pub fn indentation(place: &Place<'_>) -> Option<Mistake> {
    let content = place.content();
    let is_item = place.source.slice(content).starts_with("- ");
    let begins_line = place.at <= content.start + if is_item { 2 } else { 0 };
    match place.kind {
        ErrorKind::BlockSequenceEntryNotAllowed if !begins_line => {
            let message = "a list cannot begin in the line of its key";
            let help = "write each `- item` in a line of its own, or the whole list as `[a, b]`; quote a text that begins with `- `";
            let mistake = place.mistake(Code::YamlSyntax, place.value(), message, help);
            Some(mistake.passing_over(place.spoiled(place.scan.value)))
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::BlockSequenceEntryNotAllowed
            if begins_line && is_item =>
        {
            let message = "a list item stands here, where a key is expected";
            Some(place.mistake(
                Code::YamlIndent,
                content,
                message,
                "indent it under its key, and give that key no other value",
            ))
        }
        ErrorKind::ExpectedBlockMappingKey if begins_line => Some(misplaced(place)),
        ErrorKind::ExpectedBlockMappingKey => {
            let span = Span::new(place.at, place.line.end);
            let mistake = place.mistake(
                Code::YamlSyntax,
                span,
                "text follows after the end of the value",
                "delete it, or quote the whole value",
            );
            Some(mistake.passing_over(place.spoiled(place.scan.value)))
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            let message = "this line stands among list items and does not begin with `- `";
            Some(place.mistake(
                Code::YamlIndent,
                content,
                message,
                "begin it with `- `, or indent it like the key that it stands beside",
            ))
        }
        ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent => Some(misplaced(place)),
        _ => None,
    }
}

fn misplaced(place: &Place<'_>) -> Mistake {
    let message = "the indentation of this line fits no line above it";
    place.mistake(
        Code::YamlIndent,
        place.content(),
        message,
        "indent it exactly like the keys that it stands beside",
    )
}
