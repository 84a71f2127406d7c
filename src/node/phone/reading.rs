//! Digits that were dialled, to the number that they mean in a region. Every guess is checked against the numbering
//! plan, and where two readings are possible the order here decides: a wrong customer is worse than none.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType};

use crate::node::phone::dialled::Dialled;
use crate::node::phone::region::Region;

/// A national number with fewer digits is only believed as its region writes it: `30123` is an extension, `030123`
/// a number in Berlin.
const SHORTEST_BARE: usize = 7;
/// A lost plus sign is only believed in front of this many digits: local numbers without their area have fewer.
const SHORTEST_PLUSLESS: usize = 9;
/// The country code of North America.
const NORTH_AMERICA: i32 = 1;

/// What digits mean.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::node::phone) enum Reading {
    /// A number that its plan lists.
    Known(PhoneNumber),
    /// A number whose country is beyond doubt and whose length is right, in a range that its plan does not list:
    /// opened since the plan was written, or made up.
    Plausible(PhoneNumber),
    /// No number of any plan.
    Unknown,
}

impl Reading {
    /// Reads the digits as somebody in `region` would.
    pub fn of(dialled: &Dialled, region: Region) -> Self {
        let digits = dialled.digits.as_str();
        // No country code begins with 0: a plus sign in front of one was put there by a machine.
        if dialled.plus && !digits.starts_with('0') {
            return with_country_code(digits, dialled.bracketed);
        }
        // 00 is what platforms write for +, also where people dial something else. In Singapore 006 is a prefix
        // too, and would turn 0065 9742 1234 into a number of Suriname.
        let behind_00 = digits.strip_prefix("00");
        if let Some(number) = behind_00.and_then(exact) {
            return Self::Known(number);
        }
        if dialled.spaced
            && let Some(number) = exact(digits)
        {
            return Self::Known(number);
        }
        let home = PHONE_NUMBER_UTIL.parse(digits, Some(region.code())).ok();
        if let Some(number) = home.as_ref().filter(|number| number.is_valid()) {
            return at_home(digits, number, region);
        }
        if let Some(number) = behind_00.and_then(lenient) {
            return Self::Known(number);
        }
        // In North America ten digits are a number of its own, listed or not, never one of Peru.
        if let Some(number) = home.filter(|number| is_north_american(digits, number)) {
            return Self::Plausible(number);
        }
        if digits.len() < SHORTEST_PLUSLESS {
            return Self::Unknown;
        }
        exact(digits).map_or(Self::Unknown, Self::Known)
    }

    /// Whether a plan lists the number.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The number, where there is one.
    pub fn number(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Known(number) | Self::Plausible(number) => Some(number),
            Self::Unknown => None,
        }
    }
}

/// A number that came with a plus sign is what it says; a trunk zero in it, as in `+44 (0)20`, is dropped.
fn with_country_code(digits: &str, bracketed: Option<usize>) -> Reading {
    let without = || Some([digits.get(..bracketed?)?, digits.get(bracketed? + 1..)?].concat());
    if let Some(number) = lenient(digits).or_else(|| exact(&without()?)) {
        return Reading::Known(number);
    }
    let Ok(number) = PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None) else {
        return Reading::Unknown;
    };
    if !is_possible(&number) || !is_written(&number, digits) {
        return Reading::Unknown;
    }
    Reading::Plausible(number)
}

/// A valid number of the region, or one dialled from there with the prefix that is used there.
fn at_home(digits: &str, number: &PhoneNumber, region: Region) -> Reading {
    // Singapore's plan knows 010 to 039 as prefixes of carriers; a call that shows 0138… is a Chinese mobile, and
    // not what lies behind 013.
    let is_foreign = region.country_code() != Some(number.country_code);
    let is_doubtful =
        digits.starts_with('0') && !["00", "010", "011"].iter().any(|idd| digits.starts_with(idd));
    if is_foreign && is_doubtful {
        return Reading::Unknown;
    }
    // Germany's plan takes nearly any digits: 49151… is the country code and a mobile, no landline in Leer.
    let is_mobile = matches!(number.get_type(), PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile);
    if !is_mobile
        && digits.starts_with(&number.country_code.to_string())
        && let Some(with_code) = exact(digits)
    {
        return Reading::Known(with_code);
    }
    if digits.len() >= SHORTEST_BARE || is_written_nationally(number, digits) {
        return Reading::Known(number.clone());
    }
    Reading::Unknown
}

/// The valid number that these digits are behind a plus sign, each of them counting.
fn exact(digits: &str) -> Option<PhoneNumber> {
    lenient(digits).filter(|number| is_written(number, digits))
}

/// The valid number that these digits are behind a plus sign, perhaps with a trunk prefix too many.
fn lenient(digits: &str) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok().filter(PhoneNumber::is_valid)
}

fn is_written(number: &PhoneNumber, digits: &str) -> bool {
    number.format_as(PhoneNumberFormat::E164).strip_prefix('+') == Some(digits)
}

fn is_written_nationally(number: &PhoneNumber, digits: &str) -> bool {
    let national = number.format_as(PhoneNumberFormat::National);
    national.chars().filter(char::is_ascii_digit).eq(digits.chars())
}

fn is_possible(number: &PhoneNumber) -> bool {
    number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible)
}

fn is_north_american(digits: &str, number: &PhoneNumber) -> bool {
    let area = digits.strip_prefix('1').unwrap_or(digits);
    number.country_code == NORTH_AMERICA
        && area.len() == 10
        && area.starts_with(|first| matches!(first, '2'..='9'))
        && is_possible(number)
}
