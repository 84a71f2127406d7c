//! A customer's id at a third party, and the kinds of such ids that a node declares. Which kinds there are is a
//! mapping's business; nothing here knows a platform.

use std::fmt;

use regex::Regex;
use thiserror::Error;

/// The most characters of an id.
const LONGEST: usize = 256;

/// An id at a third party. Its letters keep their case: platforms count in more than 36 signs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Account(String);

impl Account {
    /// Reads an id of 1 to 256 characters, white space around it taken off. None is no id: nobody is asked.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let id = raw.trim();
        if id.is_empty() || id.chars().nth(LONGEST).is_some() || id.chars().any(char::is_control) {
            return None;
        }
        Some(Self(id.to_owned()))
    }

    /// The identity that caches and tables use: the id as it came.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(«…»)")
    }
}

/// A kind of account ids: what an upstream calls it, and what its ids look like where that is certain.
#[derive(Debug, Clone)]
pub struct Kind {
    name: String,
    shape: Option<Regex>,
}

/// A shape that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the shape of `{kind}` is no regular expression: {reason}")]
pub struct ShapeError {
    /// The kind that was given the shape.
    pub kind: String,
    /// What is wrong with it, and where in it.
    pub reason: String,
}

impl Kind {
    /// A kind of that name. The shape is a regular expression that the whole id must match; none admits any id.
    ///
    /// # Errors
    /// The shape is no regular expression, or too large a one.
    pub fn new(name: impl Into<String>, shape: Option<&str>) -> Result<Self, ShapeError> {
        let name = name.into();
        let shape = match shape.map(whole).transpose() {
            Ok(shape) => shape,
            Err(error) => return Err(ShapeError { kind: name, reason: error.to_string() }),
        };
        Ok(Self { name, shape })
    }

    /// The kind's name, as the upstream calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its ids look like, as a regular expression.
    #[must_use]
    pub fn shape(&self) -> Option<&str> {
        self.shape.as_ref().map(Regex::as_str)
    }

    /// Whether an id may be of this kind.
    #[must_use]
    pub fn admits(&self, id: &str) -> bool {
        self.shape.as_ref().is_none_or(|shape| shape.is_match(id))
    }
}

/// The expression, bound to both ends of the id.
fn whole(shape: &str) -> Result<Regex, regex::Error> {
    // Alone first: the error then shows what was written, and a stray bracket cannot close ours.
    Regex::new(shape)?;
    Regex::new(&format!(r"\A(?:{shape})\z"))
}

#[cfg(test)]
mod tests {
    use super::{Account, Kind};

    #[test]
    fn an_id_keeps_its_case_and_loses_the_space_around_it() {
        assert_eq!(Account::parse(" oXyZ-1_a \n").unwrap().canonical(), "oXyZ-1_a");
    }

    #[test]
    fn nothing_and_too_much_are_no_id() {
        for text in ["", "  ", "a\u{0}b", "a\nb"] {
            assert_eq!(Account::parse(text), None, "{text:?}");
        }
        assert!(Account::parse(&"é".repeat(256)).is_some());
        assert!(Account::parse(&"é".repeat(257)).is_none());
    }

    #[test]
    fn an_id_is_never_printed() {
        assert_eq!(format!("{:?}", Account::parse("u1").unwrap()), "Account(«…»)");
    }

    #[test]
    fn a_shape_must_match_the_whole_id() {
        let kind = Kind::new("chat", Some(r"\d{3}|U[0-9a-f]{4}")).unwrap();
        assert!(kind.admits("123"));
        assert!(kind.admits("U00ff"));
        for id in ["", "1234", "x123", "123\n", "U00ff0", "U00FF"] {
            assert!(!kind.admits(id), "{id:?}");
        }
    }

    #[test]
    fn a_kind_without_a_shape_admits_any_id() {
        let kind = Kind::new("partner", None).unwrap();
        assert!(kind.admits("anything at all"));
        assert_eq!(kind.name(), "partner");
    }

    #[test]
    fn a_broken_shape_names_its_kind() {
        for shape in ["(", "a)|(b", "[", r"\d{1000}{1000}{1000}"] {
            let error = Kind::new("chat", Some(shape)).unwrap_err();
            assert!(
                error.to_string().starts_with("the shape of `chat` is no regular expression: "),
                "{error}"
            );
        }
    }
}
