//! Comparisons of an input with what no call gives it: an input is not what was sent, but what that means.

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::{Condition, Read, Segment};
use crate::mapping::comparison::{Compared, Operator, shown};
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::mapping::yaml::scalar::Scalar;
use crate::node::input::{Input, InputKind};

/// From how many digits on a number is no short code and no extension.
const LONG: usize = 5;

impl Meant<'_> {
    /// The input that a condition reads.
    pub(super) fn input_of(&self, read: &Read) -> Option<&Input> {
        let name = match (read.root.as_str(), read.below.as_slice()) {
            ("inputs", [Segment::Key(name)]) => name.as_str(),
            (name, []) => name,
            _ => return None,
        };
        self.node.inputs.iter().find(|input| *input.name == *name)
    }
}

/// Warns where an input is compared with a text that it never is; whether it is.
pub(super) fn warn_unwritten(
    compiling: &mut Compiling<'_>,
    scalar: &Scalar,
    read: &Read,
    compared: &Compared,
    input: &Input,
) -> bool {
    let Some(text) = compared.constant.as_str().filter(|_| compared.operator == Operator::Equal) else {
        return false;
    };
    let Some(help) = instead(input, text, read) else {
        return false;
    };
    let message = format!("`{read}` is never {}", shown(&compared.constant));
    compiling.reader.warning(Code::NeverEqual, compared.span(read, scalar), message, help);
    true
}

/// What to compare with, where an input is never this text.
fn instead(input: &Input, text: &str, read: &Read) -> Option<String> {
    if text.trim().is_empty() {
        let is_default = input.default.as_ref().and_then(|default| default.as_str()) == Some(text);
        let help =
            format!("what is empty counts as not sent: write `not {read}`, or `{read}` where it was sent");
        return (!is_default).then_some(help);
    }
    let how = match input.kind {
        // In another region, the same digits may be another number.
        InputKind::Phone { region_from: Some(_), .. } => return None,
        InputKind::Phone { .. } => "a phone number stands with `+` and its country code",
        InputKind::Email => "an e-mail address stands in small letters",
        _ => return None,
    };
    match input.identify(text) {
        Some(meant) if meant.canonical() == text => None,
        Some(meant) => Some(format!("{how}: '{}'", meant.canonical())),
        None => Some(format!("what is none counts as not sent, and {how}")),
    }
}

/// Warns where a phone number is said to begin with digits, which it never does: it begins with `+`.
pub(super) fn warn_beginning(
    compiling: &mut Compiling<'_>,
    scalar: &Scalar,
    condition: &Condition,
    read: &Read,
    input: &Input,
) {
    let InputKind::Phone { region, region_from } = &input.kind else { return };
    let Some((pattern, length)) = beginning(condition.text().get(read.range.end..).unwrap_or_default())
    else {
        return;
    };
    let code = region.country_code().map(|code| code.to_string());
    let is_code = |code: String| region_from.is_none() && code.len() > 1 && pattern.starts_with(&code);
    let is_digits = !pattern.is_empty() && pattern.chars().all(|c| c.is_ascii_digit());
    // A short code, or an extension, stands as it came.
    if !is_digits || !(pattern.len() >= LONG || pattern.starts_with("00") || code.is_some_and(is_code)) {
        return;
    }
    let span: Span = scalar.span_of(read.range.start..read.range.end + length);
    let message = format!("`{read}` never begins with '{pattern}'");
    let digits = pattern.strip_prefix("00").unwrap_or(pattern);
    let help = match input.identify(pattern).filter(|_| region_from.is_none()) {
        Some(meant) if meant.canonical().starts_with('+') => meant.canonical().to_owned(),
        _ => format!("+{digits}"),
    };
    let help = format!("a phone number stands with `+` and its country code: '{help}'");
    compiling.reader.warning(Code::NeverEqual, span, message, help);
}

/// The text behind `is starting_with(pat=…)`, and how long all of that is.
fn beginning(rest: &str) -> Option<(&str, usize)> {
    let mut at = rest.trim_start().strip_prefix("is")?.trim_start();
    at = at.strip_prefix("not ").unwrap_or(at).trim_start();
    for part in ["starting_with", "(", "pat", "="] {
        at = at.strip_prefix(part)?.trim_start();
    }
    let quote = at.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (pattern, after) = at.get(1..)?.split_once(quote)?;
    let after = after.trim_start().strip_prefix(')')?;
    Some((pattern, rest.len() - after.len()))
}
