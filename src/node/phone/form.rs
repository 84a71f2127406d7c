//! The forms in which an upstream may store or expect a phone number, as a mapping names them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::diagnostic::suggest::{did_you_mean, list};

/// A form of a phone number. The examples are Singapore's 9123 4567 and London's 020 7183 8750.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Form {
    /// `e164`: `+6591234567`, `+442071838750`.
    E164,
    /// `international`: `006591234567`, `00442071838750`.
    International,
    /// `digits`: country code and number, `6591234567`, `442071838750`.
    Digits,
    /// `national`: only digits, as dialled inside the country, `91234567`, `02071838750`.
    National,
    /// `subscriber`: without the trunk zero, `91234567`, `2071838750`; Italy's zero is no trunk zero and stays.
    Subscriber,
    /// `last:N`: the last N digits, N from 4 to 15. The only loose form.
    Last(u8),
    /// Any text with 4 to 15 `#`, which the digits of `subscriber` replace from left to right; all else stands as
    /// it is written, a `+` and digits too.
    Mask(String),
}

/// Why a text is no form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// Neither a name nor a mask.
    #[error("`{0}` is no form of a phone number")]
    Unknown(String),
    /// `last:` without a count that makes sense.
    #[error("`{0}` does not say how many digits to take")]
    Count(String),
    /// A mask with too few or too many places.
    #[error("`{0}` has too few or too many places for a phone number")]
    Places(String),
}

impl FormError {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unknown(text) => match did_you_mean(text, Form::NAMES) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!(
                    "write one of {}, or a mask with a # for each digit such as `(###) ###-####`",
                    list(&Form::NAMES)
                ),
            },
            Self::Count(_) => "write from 4 to 15 of them: `last:8`".to_owned(),
            Self::Places(_) => {
                "a mask has from 4 to 15 #, one for each digit of the number without its trunk zero"
                    .to_owned()
            }
        }
    }
}

impl Form {
    /// What may be written beside a mask; N stands for a count.
    pub const NAMES: [&str; 6] = ["e164", "international", "digits", "national", "subscriber", "last:N"];

    /// Whether numbers of other customers may have the same text, so that what it finds must be the only one.
    #[must_use]
    pub fn is_loose(&self) -> bool {
        matches!(self, Self::Last(_))
    }
}

impl FromStr for Form {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "e164" => return Ok(Self::E164),
            "international" => return Ok(Self::International),
            "digits" => return Ok(Self::Digits),
            "national" => return Ok(Self::National),
            "subscriber" => return Ok(Self::Subscriber),
            _ => {}
        }
        if let Some(count) = text.strip_prefix("last:") {
            return count_of(count).map(Self::Last).ok_or_else(|| FormError::Count(text.to_owned()));
        }
        match text.matches('#').count() {
            0 => Err(FormError::Unknown(text.to_owned())),
            4..=15 => Ok(Self::Mask(text.to_owned())),
            _ => Err(FormError::Places(text.to_owned())),
        }
    }
}

fn count_of(text: &str) -> Option<u8> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|count| is_plain && (4..=15).contains(count))
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::E164 => f.write_str("e164"),
            Self::International => f.write_str("international"),
            Self::Digits => f.write_str("digits"),
            Self::National => f.write_str("national"),
            Self::Subscriber => f.write_str("subscriber"),
            Self::Last(count) => write!(f, "last:{count}"),
            Self::Mask(mask) => f.write_str(mask),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, FormError};

    #[test]
    fn a_form_reads_as_it_is_shown() {
        for name in Form::NAMES {
            let name = name.replace('N', "8");
            assert_eq!(name.parse::<Form>().unwrap().to_string(), name);
        }
        for mask in ["(###) ###-####", "+1 ###.###.####", "####"] {
            assert_eq!(mask.parse::<Form>(), Ok(Form::Mask(mask.to_owned())));
        }
    }

    #[test]
    fn only_the_last_digits_are_loose() {
        let loose: Vec<_> = Form::NAMES
            .into_iter()
            .filter(|name| name.replace('N', "15").parse::<Form>().unwrap().is_loose())
            .collect();
        assert_eq!(loose, ["last:N"]);
    }

    #[test]
    fn what_is_no_form_says_what_is_allowed() {
        for text in ["last:3", "last:16", "last:", "last:+8", "last:08", "last:1000"] {
            assert_eq!(text.parse::<Form>(), Err(FormError::Count(text.to_owned())));
        }
        for text in ["###", "################"] {
            assert_eq!(text.parse::<Form>(), Err(FormError::Places(text.to_owned())));
        }
        for text in ["", "E164", "nationl"] {
            assert_eq!(text.parse::<Form>(), Err(FormError::Unknown(text.to_owned())));
        }
        let error = |text: &str| text.parse::<Form>().unwrap_err();
        assert_eq!(error("nationl").to_string(), "`nationl` is no form of a phone number");
        assert_eq!(error("nationl").help(), "did you mean `national`?");
        assert!(error("xyz").help().starts_with("write one of `e164`, `international`,"));
    }
}
