//! Who may see what. What is personal in a story is marked when the story is made; here each mark becomes what these
//! eyes may see. What is not marked is the mapping author's or ours.

use serde_json::{Value, json};

/// The members of a mark. Nothing else in a story has such a name.
const MARK: &str = "\u{a7}personal";
const VALUE: &str = "value";
/// How it is told to those who may not see it, where the value itself was shortened.
const TOLD: &str = "told";
/// Longer texts, and larger lists and objects, are shortened: in characters of JSON.
const LONGEST: usize = 1000;
/// Digits of a phone number that are shown.
const DIGITS: usize = 2;

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// One who may not see what is personal.
    Masked,
    /// One who may.
    Personal,
}

/// What kind of personal value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Phone,
    Email,
    /// An address with values in it.
    Url,
    Other,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Other => "other",
        }
    }
}

/// Marks a value as personal. What is too long is shortened.
pub(super) fn mark(kind: Kind, value: impl Into<Value>) -> Value {
    let value = value.into();
    let text = match &value {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => Some(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    };
    match text.filter(|text| text.len() > LONGEST) {
        Some(text) => {
            let short: String = text.chars().take(LONGEST).collect();
            json!({ MARK: kind.name(), VALUE: format!("{short}…"), TOLD: masked(kind.name(), &value) })
        }
        None => json!({ MARK: kind.name(), VALUE: value }),
    }
}

/// A mark's kind and value, and how it is told where that is settled already.
fn unmarked(value: &Value) -> Option<(&str, &Value, Option<&str>)> {
    let members = value.as_object().filter(|members| members.len() <= 3)?;
    let told = members.get(TOLD).and_then(Value::as_str);
    Some((members.get(MARK)?.as_str()?, members.get(VALUE)?, told))
}

impl Eyes {
    /// A story as these eyes may see it.
    #[must_use]
    pub fn see(self, story: Value) -> Value {
        if let Some((kind, value, told)) = unmarked(&story) {
            return match (self, told) {
                (Self::Personal, _) => value.clone(),
                (Self::Masked, Some(told)) => told.into(),
                (Self::Masked, None) => Value::String(masked(kind, value)),
            };
        }
        match story {
            Value::Array(items) => items.into_iter().map(|item| self.see(item)).collect(),
            Value::Object(members) => {
                let seen = members.into_iter().map(|(name, value)| (name, self.see(value)));
                Value::Object(seen.collect())
            }
            plain => plain,
        }
    }
}

fn masked(kind: &str, value: &Value) -> String {
    match (kind, value) {
        ("phone", Value::String(text)) => phone(text).unwrap_or_else(|| size(value)),
        ("email", Value::String(text)) => email(text).unwrap_or_else(|| size(value)),
        ("url", Value::String(text)) => host(text),
        _ => size(value),
    }
}

/// The number with its last digits, and the way in which it is written.
fn phone(text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = text.chars().all(|c| c.is_ascii_digit() || "+-() ./#".contains(c));
    if !is_number || digits == 0 {
        return None;
    }
    let shown = if digits > 2 * DIGITS { DIGITS } else { 0 };
    let mut left = digits;
    let hidden = text.chars().map(|c| {
        if !c.is_ascii_digit() {
            return c;
        }
        left -= 1;
        if left < shown { c } else { '•' }
    });
    Some(hidden.collect())
}

fn email(text: &str) -> Option<String> {
    let (name, _) = text.split_once('@')?;
    Some(format!("{}…@…", name.trim().chars().next()?))
}

/// The upstream's address is its author's; what comes after it may hold a value.
fn host(text: &str) -> String {
    let end = text.find("://").map(|at| at + 3).and_then(|at| text.get(at..)?.find('/').map(|end| at + end));
    format!("{}/…", end.and_then(|end| text.get(..end)).unwrap_or_default())
}

/// What it is, and how long.
fn size(value: &Value) -> String {
    let count = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "«true or false»".to_owned(),
        Value::Number(number) => {
            let digits = number.as_str().bytes().filter(u8::is_ascii_digit).count();
            format!("«number of {}»", count(digits, "digit", "digits"))
        }
        Value::String(text) => {
            format!("«text of {}»", count(text.chars().count(), "character", "characters"))
        }
        Value::Array(items) => format!("«list of {}»", items.len()),
        Value::Object(members) => format!("«object of {}»", count(members.len(), "member", "members")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Eyes, Kind, mark};

    fn masked(kind: Kind, value: Value) -> String {
        Eyes::Masked.see(mark(kind, value)).as_str().unwrap().to_owned()
    }

    #[test]
    fn a_number_keeps_its_last_digits_and_its_form() {
        for (number, shown) in [
            ("+6591234567", "+••••••••67"),
            ("(516) 123-4567", "(•••) •••-••67"),
            ("9123 4567", "•••• ••67"),
            ("12345", "•••45"),
            ("1234", "••••"),
            ("sip:91234567@pbx.example", "«text of 24 characters»"),
        ] {
            assert_eq!(masked(Kind::Phone, json!(number)), shown);
        }
    }

    #[test]
    fn what_is_personal_is_told_by_type_and_length() {
        for (kind, value, shown) in [
            (Kind::Email, json!("mei@example.sg"), "m…@…"),
            (Kind::Email, json!("mei"), "«text of 3 characters»"),
            (Kind::Url, json!("https://crm.example/v1/customers/7?phone=9123"), "https://crm.example/…"),
            (Kind::Other, json!("Lim Mei Ling"), "«text of 12 characters»"),
            (Kind::Other, json!(-150), "«number of 3 digits»"),
            (Kind::Other, json!({"a": 1}), "«object of 1 member»"),
            (Kind::Other, json!([1, 2]), "«list of 2»"),
            (Kind::Phone, json!(91234567), "«number of 8 digits»"),
        ] {
            assert_eq!(masked(kind, value), shown);
        }
    }

    #[test]
    fn personal_eyes_see_the_value_wherever_it_stands() {
        let story = json!({ "a": [mark(Kind::Phone, "+6591234567")], "b": "plain" });
        assert_eq!(Eyes::Personal.see(story.clone()), json!({ "a": ["+6591234567"], "b": "plain" }));
        assert_eq!(Eyes::Masked.see(story), json!({ "a": ["+••••••••67"], "b": "plain" }));
    }

    #[test]
    fn what_is_long_is_shortened_and_told_by_its_true_length() {
        let long = mark(Kind::Other, "x".repeat(5000));
        assert_eq!(Eyes::Masked.see(long.clone()), "«text of 5000 characters»");
        assert_eq!(Eyes::Personal.see(long).as_str().unwrap().chars().count(), 1001);
        let list: Value = (0..2000).collect();
        assert_eq!(Eyes::Masked.see(mark(Kind::Other, list)), "«list of 2000»");
    }

    #[test]
    fn a_record_that_looks_like_a_mark_stays_hidden() {
        let sly = mark(Kind::Other, mark(Kind::Other, "Ada"));
        assert!(!Eyes::Masked.see(sly).to_string().contains("Ada"));
    }
}
