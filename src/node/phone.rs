//! STUB, replaced by the real one.
#![allow(missing_docs)]
use std::fmt;
use std::str::FromStr;
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);
impl Phone {
    #[must_use]
    pub fn parse(raw: &str, _region: Region) -> Option<Self> {
        let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() { None } else { Some(Self(digits)) }
    }
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }
    #[must_use]
    pub fn is_known(&self) -> bool {
        false
    }
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        None
    }
    #[must_use]
    pub fn write(&self, _form: &Form) -> Option<String> {
        Some(self.0.clone())
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region([u8; 2]);
impl Region {
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let bytes: [u8; 2] = name.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    E164,
    International,
    Digits,
    National,
    Subscriber,
    Last(u8),
    Mask(String),
}
impl Form {
    #[must_use]
    pub fn is_loose(&self) -> bool {
        matches!(self, Self::Last(_))
    }
}
impl FromStr for Form {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "e164" => Ok(Self::E164),
            "national" => Ok(Self::National),
            _ => Err("no".into()),
        }
    }
}
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
