//! A region of the numbering plan: whose national numbers are meant where no country code is written.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::PHONE_NUMBER_UTIL;
use thiserror::Error;

/// A region that the numbering plan knows, such as `SG`: two letters of ISO 3166.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(rlibphonenumber::Region);

/// A text that names no region.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is no region of the numbering plan")]
pub struct RegionError {
    /// The text as written.
    pub text: String,
}

impl Region {
    /// Every region there is, by its letters.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> =
            PHONE_NUMBER_UTIL.get_supported_regions().filter_map(Self::supported).collect();
        all.sort_unstable();
        all
    }

    /// The region in the library's words, if it is one that has national numbers.
    pub(in crate::node::phone) fn supported(code: rlibphonenumber::Region) -> Option<Self> {
        let region = Self(code);
        (code != rlibphonenumber::Region::World && region.country_code().is_some()).then_some(region)
    }

    /// The region in the library's words.
    pub(in crate::node::phone) fn code(self) -> rlibphonenumber::Region {
        self.0
    }

    /// The region's country calling code, such as 65.
    #[must_use]
    pub fn country_code(self) -> Option<i32> {
        PHONE_NUMBER_UTIL.get_country_code_for_region(self.0)
    }
}

impl FromStr for Region {
    type Err = RegionError;

    /// Reads two letters, large or small.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = rlibphonenumber::Region::from_code(text).ok();
        code.and_then(Self::supported).ok_or_else(|| RegionError { text: text.to_owned() })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_region_reads_as_it_is_shown() {
        for region in Region::all() {
            assert_eq!(region.to_string().parse(), Ok(region));
        }
        assert!(Region::all().len() > 200);
    }

    #[test]
    fn small_letters_are_the_same_region() {
        assert_eq!("sg".parse::<Region>().unwrap().to_string(), "SG");
    }

    #[test]
    fn what_has_no_plan_is_no_region() {
        for text in ["", "S", "SGP", "UK", "ZZ", "001", "65", "ßß", " SG"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
        let error = "UK".parse::<Region>().unwrap_err();
        assert_eq!(error.to_string(), "`UK` is no region of the numbering plan");
    }
}
