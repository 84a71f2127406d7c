//! The text of an input, to the digits that were dialled: addresses and punctuation come off, and what is not written
//! as a number is none. Whose number it is, is not asked here.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The most characters of a whole address: a SIP address may carry a name, a host and parameters.
const LONGEST_ADDRESS: usize = 256;
/// The most characters of the number in it.
const LONGEST_NUMBER: usize = 64;
/// The most digits: 15 of E.164, and a prefix in front of them.
const MOST_DIGITS: usize = 20;
/// So many digits on both sides of a slash are two numbers.
const A_WHOLE_NUMBER: usize = 7;
/// The fewest digits.
const LEAST_DIGITS: usize = 2;

/// What was dialled.
pub(in crate::node::phone) struct Dialled {
    /// 2 to 20 ASCII digits.
    pub digits: String,
    /// Whether a plus sign stood in front of them.
    pub plus: bool,
    /// Whether one space stood there: a plus sign that a form was sent with unescaped.
    pub spaced: bool,
    /// Where a zero in brackets stands among them, as in `+65 (0)9123 4567`: some write one where none is dialled.
    pub bracketed: Option<usize>,
    /// Whether an extension behind the number was dropped.
    pub extended: bool,
}

impl Dialled {
    /// Reads a number, a `tel:`, `sip:` or `sips:` address, or one in angle brackets behind a name. A `#` at the end
    /// is the key that ends an entry; a text with a `*` or another `#` is a feature code and nobody's number.
    pub fn read(raw: &str) -> Option<Self> {
        if is_longer(raw, LONGEST_ADDRESS) {
            return None;
        }
        let number = number_in(bare(raw.trim())?)?;
        let mut parts = number.split(';');
        let mut dialled = Self::of_digits(parts.next()?)?;
        for parameter in parts {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            if name.eq_ignore_ascii_case("ext") {
                dialled.extended = true;
            }
            if name.eq_ignore_ascii_case("phone-context") && value.starts_with('+') && !dialled.plus {
                let context = Self::of_digits(value)?;
                dialled.digits.insert_str(0, &context.digits);
                dialled.plus = true;
            }
        }
        dialled.spaced =
            raw.strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        (LEAST_DIGITS..=MOST_DIGITS).contains(&dialled.digits.len()).then_some(dialled)
    }

    fn of_digits(text: &str) -> Option<Self> {
        if is_longer(text, LONGEST_NUMBER) {
            return None;
        }
        let text = without_fraction(text);
        let mut read = Self {
            digits: String::with_capacity(24),
            plus: false,
            spaced: false,
            bracketed: None,
            extended: false,
        };
        for (at, sign) in text.char_indices() {
            if let Some(digit) = digit(sign) {
                read.digits.push(digit);
                continue;
            }
            match sign {
                '/' if is_second_number(&read.digits, text.get(at..)?) => return None,
                '(' if text.get(at..)?.starts_with("(0)") => read.bracketed = Some(read.digits.len()),
                '+' | '\u{FF0B}' if read.digits.is_empty() => read.plus = true,
                '#' if text.get(at..)? == "#" => break,
                _ if is_separator(sign) => {}
                _ if is_extension(text.get(at..)?) => {
                    read.extended = true;
                    break;
                }
                _ => return None,
            }
        }
        (!read.digits.is_empty()).then_some(read)
    }
}

/// Whether a slash divides two numbers, and not an area from the rest: then it is nobody's.
fn is_second_number(before: &str, behind: &str) -> bool {
    before.len() >= A_WHOLE_NUMBER && behind.chars().filter_map(digit).count() >= A_WHOLE_NUMBER
}

/// What stands in the angle brackets, or the whole text where there are none.
fn bare(text: &str) -> Option<&str> {
    let Some((_, bracketed)) = text.rsplit_once('<') else {
        return Some(text);
    };
    let (address, behind) = bracketed.split_once('>')?;
    (behind.is_empty() || behind.starts_with(';')).then_some(address.trim())
}

/// The number of an address, with the parameters that belong to it.
fn number_in(address: &str) -> Option<Cow<'_, str>> {
    let Some((scheme, rest)) = address.split_once(':') else {
        return Some(Cow::Borrowed(address));
    };
    if scheme.eq_ignore_ascii_case("tel") {
        return percent_decode_str(rest).decode_utf8().ok();
    }
    if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
        return None;
    }
    let user = match rest.split_once('@') {
        Some((user, _)) => user,
        // Without a user part a host stands there; some senders put the number.
        None if rest.starts_with('+') || !rest.contains('.') => rest,
        None => return None,
    };
    let user = user.split_once(':').map_or(user, |(user, _password)| user);
    percent_decode_str(user).decode_utf8().ok()
}

/// Spreadsheets and scripts that take a number for a quantity write `6591234567.0`. The zero is no digit that anybody
/// dialled, and with it the number would be another's. One that begins with `0` was never a quantity.
fn without_fraction(text: &str) -> &str {
    let whole = text.trim_end().strip_suffix(".0").filter(|whole| {
        !whole.starts_with('0') && !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit())
    });
    whole.unwrap_or(text)
}

/// The ASCII digit that a digit stands for: full-width, Arabic and Persian digits come from people's keyboards.
fn digit(sign: char) -> Option<char> {
    let zero = match sign {
        '0'..='9' => return Some(sign),
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        '\u{0660}'..='\u{0669}' => 0x0660,
        '\u{06F0}'..='\u{06F9}' => 0x06F0,
        _ => return None,
    };
    char::from_digit(u32::from(sign).checked_sub(zero)?, 10)
}

/// Whether a sign only divides digits, or is one that is not seen (marks of direction, which copying leaves behind).
fn is_separator(sign: char) -> bool {
    matches!(
        sign,
        '-' | '.' | '(' | ')' | '/' | '\u{FF08}' | '\u{FF09}' | '\u{FF0D}' | '\u{FF0E}' | '\u{2212}'
    ) || matches!(sign, '\u{2010}'..='\u{2015}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(sign, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\t')
        || (sign.is_whitespace() && !sign.is_control())
}

/// Whether the text is an extension to its end: `ext 12`, `extn. 12`, `x12`, `, ext 12`.
fn is_extension(text: &str) -> bool {
    let text = text.trim_start_matches([',', ' ']).to_ascii_lowercase();
    let label = ["extension", "extn", "ext", "x"].into_iter().find_map(|label| text.strip_prefix(label));
    let Some(number) = label else { return false };
    let number = number.trim_start_matches(['.', ':', ' ']);
    (1..=8).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_longer(text: &str, limit: usize) -> bool {
    text.chars().nth(limit).is_some()
}

#[cfg(test)]
mod tests {
    use super::Dialled;

    fn dialled(raw: &str) -> Option<(String, bool)> {
        Dialled::read(raw).map(|dialled| (dialled.digits, dialled.plus))
    }

    #[test]
    fn an_address_is_the_number_in_it() {
        let long_host = format!("\"Bob\" <sip:+6591234567@{}.example.com;user=phone>;tag=1", "a".repeat(60));
        let addresses = [
            "+65 9123 4567",
            "(+65) 9123.4567",
            "＋６５９１２３４５６７",
            "\u{202A}+65 9123\u{00A0}4567\u{202C}",
            "tel:+65-9123-4567",
            "TEL:+6591234567;npdi",
            "tel:9123-4567;phone-context=+65",
            "sip:+6591234567@10.0.0.1:5060;transport=udp",
            "sips:%2B6591234567:secret@example.com",
            "sip:+6591234567;isub=1@example.com",
            "sip:91234567;phone-context=+65@example.com",
            "sip:+6591234567",
            "<sip:+6591234567@example.com>",
            "\"a <b\" <tel:+6591234567>",
            "Bob <+6591234567>",
            "+6591234567 ext. 12",
            "+6591234567,ext 12",
            "+6591234567x12",
            "+6591234567;ext=12",
            "+6591234567#",
            long_host.as_str(),
        ];
        for address in addresses {
            assert_eq!(dialled(address), Some(("6591234567".to_owned(), true)), "{address}");
        }
    }

    #[test]
    fn what_is_not_written_as_a_number_is_none() {
        let texts = [
            "",
            " ",
            "+",
            "#",
            "7",
            "anonymous",
            "alice",
            "1-800-FLOWERS",
            "sip:alice@example.com",
            "sip:",
            "sip:alice1@example.com",
            "sip:10.0.0.1",
            "sip:10.0.0.1:5060",
            "12345678@qq.com",
            "*100#",
            "*67",
            "65+91234567",
            "tel:",
            "https://example.com/91234567",
            "<+6591234567",
            "\"+6591234567\" <sip:anonymous@a>",
            "91234567 or 98765432",
            "-",
            "()",
            "ext 12",
            "x12",
            "123456789012345678901",
            "%",
            "sip:%FF1@a",
            "9\n1",
        ];
        for text in texts {
            assert_eq!(dialled(text), None, "{text}");
        }
        assert_eq!(dialled(&"1 ".repeat(33)), None);
        assert_eq!(dialled(&format!("sip:91234567@{}", "a".repeat(256))), None);
    }

    #[test]
    fn only_one_space_before_a_digit_was_a_plus() {
        let spaced = |raw| Dialled::read(raw).is_some_and(|dialled| dialled.spaced);
        assert!(spaced(" 6591234567"));
        assert!(!spaced("6591234567 "));
        assert!(!spaced("  6591234567"));
        assert!(!spaced(" +6591234567"));
    }
}
