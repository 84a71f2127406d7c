//! What in an answer is about a person: told by the value where its look says so, else by the name of its key.

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::draft::records::member;
use crate::draft::word::told;
use crate::draft::{By, text};
use crate::node::email::Email;
use crate::node::phone::Phone;
use crate::node::phone::region::Region;

/// What a value is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum About {
    Phone,
    Email,
    Name,
    Place,
    Birth,
    Note,
    Id,
    Secret,
    Link,
    Computer,
}

/// Finds what is personal; numbers without a country code are read in its region.
pub(super) struct Finder {
    region: Region,
}

impl Finder {
    pub(super) fn new(region: Region) -> Self {
        Self { region }
    }

    /// The number, if a text is one in this region or with a country code.
    pub(super) fn phone(&self, text: &str) -> Option<Phone> {
        Phone::parse(text, self.region)
    }

    /// What a scalar is about; `keys`: its own key, and those above it. `is_in_record`: whether names of keys count.
    pub(super) fn about(&self, keys: &[&str], value: &Value, is_in_record: bool) -> Option<About> {
        let text = text(value).filter(|text| !text.is_empty())?;
        if value.is_string() {
            if is_email(&text) {
                return Some(About::Email);
            }
            if is_international(&text) {
                return Some(About::Phone);
            }
        }
        if !is_in_record || value.is_boolean() {
            return None;
        }
        if let Some(about) = by_look(&text) {
            return Some(about);
        }
        let above = keys.len().checked_sub(2).and_then(|at| keys.get(at)).copied();
        let about = told(keys.last()?, above)?;
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let fits = match about {
            About::Phone => digits >= 5 && self.phone(&text).is_some(),
            About::Name => value.is_string() && !is_date(&text),
            About::Note => value.is_string(),
            _ => true,
        };
        fits.then_some(about)
    }

    /// The first phone number among the fields of a record: its path, and how it is written there.
    pub(super) fn phone_of(&self, record: &Value) -> Option<(String, String)> {
        self.first(record, About::Phone)
    }

    /// The same of e-mail addresses.
    pub(super) fn email_of(&self, record: &Value) -> Option<(String, String)> {
        self.first(record, About::Email)
    }

    fn first(&self, record: &Value, wanted: About) -> Option<(String, String)> {
        let members = record.as_object()?;
        self.among(members, "$", wanted).or_else(|| {
            let below = members.iter().filter_map(|(key, value)| Some((key, value.as_object()?)));
            below.into_iter().find_map(|(key, members)| self.among(members, &member("$", key), wanted))
        })
    }

    fn among(&self, members: &Map<String, Value>, path: &str, wanted: About) -> Option<(String, String)> {
        members.iter().find_map(|(key, value)| {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let found = values.iter().find(|value| self.about(&[key], value, true) == Some(wanted))?;
            let each = if value.is_array() { "[*]" } else { "" };
            Some((format!("{}{each}", member(path, key)), text(found)?))
        })
    }
}

/// Whether a text is a day, or begins with one: nobody is called so.
fn is_date(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn by_look(text: &str) -> Option<About> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Some(About::Link);
    }
    (text.contains(['.', ':']) && text.parse::<IpAddr>().is_ok()).then_some(About::Computer)
}

/// Whether a text is an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    text.contains('@') && Email::parse(text).is_some()
}

/// Whether a text is a phone number with its country code.
pub(super) fn is_international(text: &str) -> bool {
    let region = || "SG".parse::<Region>().ok();
    text.trim_start().starts_with('+')
        && region().and_then(|region| Phone::parse(text, region)).is_some_and(|phone| phone.is_known())
}

/// Whom an argument names.
pub(super) fn identified(text: &str, region: Region) -> Option<By> {
    if is_email(text) {
        return Some(By::Email);
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_phone = digits >= 7 && Phone::parse(text, region).is_some_and(|phone| phone.is_known());
    is_phone.then_some(By::Phone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{About, Finder};

    #[test]
    fn what_is_about_a_person_is_told_by_value_or_key() {
        let finder = Finder::new("SG".parse().unwrap());
        for (keys, value, about) in [
            (&["phone"][..], json!("9123 4567"), Some(About::Phone)),
            (&["mobilePhone"], json!(91234567), Some(About::Phone)),
            (&["x"], json!("+65 9123 4567"), Some(About::Phone)),
            (&["phone"], json!(true), None),
            (&["x"], json!("mei@example.sg"), Some(About::Email)),
            (&["First Name"], json!("Mei"), Some(About::Name)),
            (&["客户姓名"], json!("王小明"), Some(About::Name)),
            (&["productName"], json!("Fibre"), None),
            (&["tags", "name"], json!("Golf"), None),
            (&["customer_id"], json!("C-1001"), Some(About::Id)),
            (&["remark"], json!("likes tea"), Some(About::Note)),
            (&["avatar"], json!("https://cdn.example.com/mei.png"), Some(About::Link)),
            (&["tier"], json!("gold"), None),
            (&["updated_at"], json!("2026-01-31T08:15:00Z"), None),
            (&["lastContact"], json!("2026-01-31"), None),
            (&["lastContact"], json!("31/01/2026 08:15"), None),
            (&["lastContact"], json!("Lim Mei"), Some(About::Name)),
            (&["segment", "name"], json!("Business"), None),
        ] {
            assert_eq!(finder.about(keys, &value, true), about, "{keys:?} {value}");
        }
        assert_eq!(finder.about(&["message"], &json!("success"), false), None);
    }
}
