//! STUB, replaced by the real one.
#![allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(String);
impl Account {
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Some(Self(raw.trim().to_owned()))
    }
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }
}
#[derive(Clone, Debug)]
pub struct Kind {
    name: String,
}
impl Kind {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    #[must_use]
    pub fn admits(&self, _id: &str) -> bool {
        true
    }
}
