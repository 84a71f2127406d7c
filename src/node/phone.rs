//! A phone number as an input gave it, understood once: what identifies it, and how it is written in the form that
//! an upstream expects. Text that is no number is none, and the numbering plan has the last word.

mod dialled;
pub mod form;
mod reading;
pub mod region;

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

use crate::node::phone::dialled::Dialled;
use crate::node::phone::form::Form;
use crate::node::phone::reading::Reading;
use crate::node::phone::region::Region;

/// A phone number as an input gave it, understood.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    canonical: String,
    reading: Reading,
    home: Option<i32>,
}

impl Phone {
    /// Reads what an input gave, as somebody in `region` would. None is no number at all (`anonymous`, a SIP name,
    /// nothing, over 64 characters of number or 256 of address): nobody is asked.
    ///
    /// A number with `+` or `00` is what it says. One without is a national number of the region, and if the plan
    /// knows none, a number whose `+` was lost. What no plan knows stays the 2 to 20 digits that came, with the
    /// `+` if one came: short codes, extensions.
    #[must_use]
    pub fn parse(raw: &str, region: Region) -> Option<Self> {
        let dialled = Dialled::read(raw)?;
        let reading = Reading::of(&dialled, region);
        if dialled.extended && !reading.is_known() {
            return None;
        }
        let canonical = match reading.number() {
            Some(number) => number.format_as(PhoneNumberFormat::E164).into_owned(),
            None if dialled.plus => format!("+{}", dialled.digits),
            None => dialled.digits,
        };
        Some(Self { canonical, reading, home: region.country_code() })
    }

    /// The identity that caches and tables use: `+`, country code, national significant number; digits that the
    /// library does not know as they came.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether the number belongs to the country that it was read in, so that it can be written without a country code.
    #[must_use]
    pub fn is_at_home(&self) -> bool {
        self.reading.number().is_some_and(|number| self.home == Some(number.country_code))
    }

    /// Whether the numbering plan knows this very number.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.reading.is_known()
    }

    /// The region that the number belongs to, for reading another number as somebody there would.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        let number = self.reading.number()?;
        PHONE_NUMBER_UTIL.get_region_for_number(number).and_then(Region::supported)
    }

    /// The number written in that form; digits that the library does not know come as they came, whatever the form,
    /// and are never asked for loosely: many a customer's number ends in a short code by chance.
    ///
    /// None where the form cannot hold the number: a mask with another count of `#`, fewer than N digits for
    /// `last:N`. None too where a form would drop the country code of a foreign number: Hong Kong's 9123 4567 must
    /// not find the customer who has that number in Singapore.
    #[must_use]
    pub fn write(&self, form: &Form) -> Option<String> {
        let Some(number) = self.reading.number() else {
            return (!form.is_loose()).then(|| self.canonical.clone());
        };
        let digits = self.canonical.trim_start_matches('+');
        let subscriber = subscriber(number);
        let at_home = self.is_at_home();
        match form {
            Form::E164 => Some(self.canonical.clone()),
            Form::International => Some(format!("00{digits}")),
            Form::Digits => Some(digits.to_owned()),
            Form::Last(count) if at_home || usize::from(*count) > subscriber.len() => last(digits, *count),
            _ if !at_home => None,
            Form::National => Some(national(number)),
            Form::Subscriber => Some(subscriber),
            Form::Last(_) => None,
            Form::Mask(mask) => fill(mask, &subscriber),
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(«…»)")
    }
}

/// Loads the numbering plans, so that not the first caller waits for them: 8 to 40 ms, 24 MB.
pub fn warm() {
    let Some(region) = Region::all().first().copied() else {
        return;
    };
    if let Some(phone) = Phone::parse("+12125550100", region) {
        let _ = phone.write(&Form::National);
    }
}

/// The national significant number: without a trunk zero, with Italy's own.
fn subscriber(number: &PhoneNumber) -> String {
    number.get_national_significant_number()
}

/// The digits of the number as its own country writes it.
fn national(number: &PhoneNumber) -> String {
    number.format_as(PhoneNumberFormat::National).chars().filter(char::is_ascii_digit).collect()
}

fn last(digits: &str, count: u8) -> Option<String> {
    let start = digits.len().checked_sub(usize::from(count))?;
    digits.get(start..).map(str::to_owned)
}

fn fill(mask: &str, subscriber: &str) -> Option<String> {
    if mask.matches('#').count() != subscriber.len() {
        return None;
    }
    let mut digits = subscriber.chars();
    mask.chars().map(|place| if place == '#' { digits.next() } else { Some(place) }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{Phone, warm};
    use crate::node::phone::form::Form;
    use crate::node::phone::region::Region;

    fn region(code: &str) -> Region {
        code.parse().unwrap()
    }

    #[test]
    fn a_phone_is_never_printed() {
        let phone = Phone::parse("+6591234567", region("SG")).unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(«…»)");
    }

    #[test]
    fn warming_twice_is_harmless() {
        warm();
        warm();
    }

    #[test]
    fn a_number_tells_its_region() {
        let called = Phone::parse("+442071838750", region("SG")).unwrap();
        assert_eq!(called.region(), Some(region("GB")));
        assert_eq!(Phone::parse("1001", region("SG")).unwrap().region(), None);
    }

    #[test]
    fn one_number_has_one_identity_however_it_came() {
        let ways = ["+6591234567", "006591234567", "6591234567", "91234567", "tel:+65-9123-4567"];
        for way in ways {
            assert_eq!(Phone::parse(way, region("SG")), Phone::parse("9123 4567", region("SG")), "{way}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(raw in any::<String>(), near in "[ +0-9*#().x;:@<>%a-z-]{0,70}") {
            let forms = ["e164", "international", "digits", "national", "subscriber", "last:8", "####-####"];
            for text in [raw, near.clone(), format!("tel:{near}"), format!("sip:{near}@a")] {
                for code in ["SG", "CN", "US", "DE", "IT", "AR"] {
                    let Some(phone) = Phone::parse(&text, region(code)) else { continue };
                    prop_assert!(phone.canonical().trim_start_matches('+').bytes().all(|b| b.is_ascii_digit()));
                    for form in forms {
                        let _ = phone.write(&form.parse::<Form>().unwrap());
                    }
                }
            }
        }

        #[test]
        fn a_canonical_number_reads_as_itself(raw in "[+]?[0-9]{2,15}") {
            for code in ["SG", "CN", "US", "DE", "IT"] {
                let Some(phone) = Phone::parse(&raw, region(code)) else { continue };
                if phone.is_known() {
                    let again = Phone::parse(phone.canonical(), region("VN")).unwrap();
                    prop_assert!(again.canonical() == phone.canonical(), "{raw} in {code}");
                }
            }
        }
    }
}
