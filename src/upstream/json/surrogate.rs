//! Halves of characters in a JSON text: `\\ud83d` without its other half, which a system that cuts texts by their UTF-16
//! length leaves at the end.

/// How an escaped half begins, and how long it is.
const ESCAPE: &str = "\\u";
const LENGTH: usize = 6;
/// What stands for a character that is not known.
const UNKNOWN: &str = "\\ufffd";

/// The text with each half that stands alone replaced by U+FFFD; none: there is no such half.
pub(super) fn replaced(text: &str) -> Option<String> {
    let mut replaced = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        let start = at + found;
        let (first, second) = (half(text, start), half(text, start + LENGTH));
        at = start + 2;
        match (first, second) {
            (Some(Half::First), Some(Half::Second)) => at = start + 2 * LENGTH,
            (Some(_), _) => {
                replaced.push_str(text.get(copied..start)?);
                replaced.push_str(UNKNOWN);
                at = start + LENGTH;
                copied = at;
            }
            (None, _) => {}
        }
        // What is escaped may be a letter of several bytes.
        while at < text.len() && !text.is_char_boundary(at) {
            at += 1;
        }
    }
    replaced.push_str(text.get(copied..)?);
    (copied > 0).then_some(replaced)
}

enum Half {
    First,
    Second,
}

/// The half that is escaped at this place.
fn half(text: &str, at: usize) -> Option<Half> {
    let digits = text.get(at..at + LENGTH)?.strip_prefix(ESCAPE)?;
    match u32::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::First),
        0xdc00..=0xdfff => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_a_half_that_stands_alone_is_replaced() {
        for (text, expected) in [
            (r#""a\ud83d""#, Some(r#""a\ufffd""#)),
            (r#""\ude00\ud83d\ude00x""#, Some(r#""\ufffd\ud83d\ude00x""#)),
            (r#""\uD83D\uD83D\uDE00""#, Some(r#""\ufffd\uD83D\uDE00""#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\é\"#, None),
            ("[]", None),
        ] {
            assert_eq!(replaced(text).as_deref(), expected, "{text}");
        }
    }
}
