//! Made-up values in the place of personal ones: the same for the same, and of the same shape, so that the example stays
//! true to what the CRM answers and names nobody.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::draft::personal::{About, Finder, is_email, is_international};
use crate::draft::{By, records, text};
use crate::expr::Path;
use crate::node::phone::Phone;

/// The shortest text that is looked for inside other texts.
const SHORTEST: usize = 3;

/// What stands for what.
pub(super) struct MadeUp<'f> {
    finder: &'f Finder,
    /// Personal texts of the sample with what they are, the longest first.
    known: Vec<(String, About)>,
    /// The number of each, by what it is and its canonical writing.
    numbers: BTreeMap<(About, String), usize>,
}

impl<'f> MadeUp<'f> {
    /// Knows all that is personal in a sample.
    pub(super) fn new(finder: &'f Finder, sample: &Value, path: &Path) -> Self {
        let mut known = Vec::new();
        let records = records::at(path, sample);
        collect(sample, &mut Vec::new(), &records, false, finder, &mut known);
        known.retain(|(text, about)| {
            text.chars().count() >= SHORTEST && matches!(about, About::Phone | About::Email | About::Name)
        });
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        known.dedup();
        Self { finder, known, numbers: BTreeMap::new() }
    }

    /// The sample with nobody in it.
    pub(super) fn body(&mut self, sample: &Value, path: &Path) -> Value {
        let records = records::at(path, sample);
        self.value(sample, &mut Vec::new(), &records, false)
    }

    /// What stands for an identifier.
    pub(super) fn text(&mut self, by: By, original: &str) -> String {
        let about = match by {
            By::Phone => About::Phone,
            By::Email => About::Email,
            By::Account => About::Id,
        };
        self.for_text(about, original)
    }

    fn value<'v>(
        &mut self,
        value: &'v Value,
        keys: &mut Vec<&'v str>,
        records: &[&Value],
        is_in: bool,
    ) -> Value {
        let is_in = is_in || records.iter().any(|record| std::ptr::eq(*record, value));
        match value {
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.value(item, keys, records, is_in)).collect())
            }
            Value::Object(members) => {
                let mut made = Map::new();
                for (key, member) in members {
                    keys.push(key);
                    let member = self.value(member, keys, records, is_in);
                    keys.pop();
                    made.insert(self.key(key), member);
                }
                Value::Object(made)
            }
            scalar => match self.finder.about(keys, scalar, is_in) {
                Some(about) => self.scalar(about, scalar),
                None => self.cleaned(scalar),
            },
        }
    }

    fn key(&mut self, key: &str) -> String {
        if is_email(key) {
            self.for_text(About::Email, key)
        } else if is_international(key) {
            self.for_text(About::Phone, key)
        } else {
            key.to_owned()
        }
    }

    fn scalar(&mut self, about: About, scalar: &Value) -> Value {
        let Some(original) = text(scalar) else { return scalar.clone() };
        match scalar {
            Value::Number(number) => {
                let number = self.digits(about, &number.to_string());
                number.parse::<serde_json::Number>().map_or_else(|_| Value::from(0), Value::Number)
            }
            _ => Value::String(self.for_text(about, &original)),
        }
    }

    /// A text in which no personal text of the sample is left.
    fn cleaned(&mut self, scalar: &Value) -> Value {
        let Value::String(original) = scalar else { return scalar.clone() };
        let mut text = original.clone();
        for (personal, about) in self.known.clone() {
            if text.contains(&personal) {
                text = text.replace(&personal, &self.for_text(about, &personal));
            }
        }
        let is_edge = |c: char| c.is_whitespace() || "<>()[]{},;:'\"".contains(c);
        for address in
            original.split(is_edge).map(|word| word.trim_end_matches('.')).filter(|word| is_email(word))
        {
            text = text.replace(address, &self.for_text(About::Email, address));
        }
        let is_date = original.get(..10).is_some_and(|date| {
            date.split('-').count() == 3 && date.chars().all(|c| c.is_ascii_digit() || c == '-')
        });
        let digits = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | '-'));
        let longest = digits.map(|run| run.chars().filter(char::is_ascii_digit).count()).max();
        if !is_date && longest.is_some_and(|longest| longest >= 9) {
            text = self.digits(About::Id, &text);
        }
        Value::String(text)
    }

    fn number(&mut self, about: About, original: &str) -> usize {
        let canonical = match about {
            About::Phone => self.finder.phone(original).map(|phone| phone.canonical().to_owned()),
            About::Email => Some(original.trim().to_lowercase()),
            _ => None,
        };
        let next = self.numbers.keys().filter(|(other, _)| *other == about).count() + 1;
        *self.numbers.entry((about, canonical.unwrap_or_else(|| original.to_owned()))).or_insert(next)
    }

    fn for_text(&mut self, about: About, original: &str) -> String {
        let number = self.number(about, original);
        match about {
            About::Email => format!("person{number}@example.com"),
            About::Name => format!("Person {number}"),
            About::Place => format!("Place {number}"),
            About::Birth => "1970-01-01".to_owned(),
            About::Note => format!("Text {number}"),
            About::Secret => format!("secret {number}"),
            About::Link => format!("https://example.com/{number}"),
            About::Computer => format!("192.0.2.{}", number % 255),
            About::Phone | About::Id => self.digits(about, original),
        }
    }

    /// A text with other digits. Those of a phone number begin as they did, so that it stays one, and the same number
    /// stays the same in every writing.
    fn digits(&mut self, about: About, original: &str) -> String {
        let number = self.number(about, original);
        let count = original.chars().filter(char::is_ascii_digit).count();
        if about != About::Phone {
            let keeps_first = original.starts_with(|c: char| c.is_ascii_digit());
            return with_tail(original, count.saturating_sub(usize::from(keeps_first)), number);
        }
        let known = self.finder.phone(original).filter(Phone::is_known);
        let whole = known.as_ref().map_or(original, Phone::canonical);
        let fits = |tail: &usize| {
            let made = self.finder.phone(&with_tail(whole, *tail, number));
            made.is_some_and(|made| made.is_known() || known.is_none())
        };
        let tail = (4..=6).rev().filter(|tail| tail + 2 <= count).find(fits).unwrap_or(4);
        with_tail(original, tail, number)
    }
}

/// The text with its last digits replaced by a number and zeros before it.
fn with_tail(text: &str, tail: usize, number: usize) -> String {
    let count = text.chars().filter(char::is_ascii_digit).count();
    let digits = format!("{number:0tail$}");
    let mut digits = digits.chars().skip(digits.len().saturating_sub(tail));
    let mut seen = 0;
    let replaced = text.chars().map(|c| {
        if !c.is_ascii_digit() {
            return c;
        }
        seen += 1;
        if seen + tail > count { digits.next().unwrap_or('0') } else { c }
    });
    replaced.collect()
}

/// All personal texts of a value.
fn collect<'v>(
    value: &'v Value,
    keys: &mut Vec<&'v str>,
    records: &[&Value],
    is_in: bool,
    finder: &Finder,
    found: &mut Vec<(String, About)>,
) {
    let is_in = is_in || records.iter().any(|record| std::ptr::eq(*record, value));
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| collect(item, keys, records, is_in, finder, found));
        }
        Value::Object(members) => {
            for (key, member) in members {
                keys.push(key);
                collect(member, keys, records, is_in, finder, found);
                keys.pop();
            }
        }
        scalar => {
            if let (Some(about), Some(text)) = (finder.about(keys, scalar, is_in), text(scalar)) {
                found.push((text, about));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Finder, MadeUp};
    use crate::expr::Path;

    #[test]
    fn nobody_is_left_and_the_same_stays_the_same() {
        let finder = Finder::new("SG".parse().unwrap());
        let sample = json!({ "message": "ok", "data": [
            { "id": 4711, "name": "Lim Mei", "phone": "9123 4567", "other": "+6591234567", "us": "+1 212-555-0142",
              "email": "Mei@example.sg", "mail2": "mei@example.sg", "tier": "gold", "at": "2026-01-31 08:15:00",
              "card": "4111 1111 1111 1111", "greeting": "Dear Lim Mei", "zip": 18956, "vip": true, "none": null },
        ] });
        let path = Path::compile("$.data[*]").unwrap();
        let masked = MadeUp::new(&finder, &sample, &path).body(&sample, &path);
        assert_eq!(
            masked,
            json!({ "message": "ok", "data": [
                { "id": 4001, "name": "Person 1", "phone": "9100 0001", "other": "+6591000001", "us": "+1 212-500-0002",
                  "email": "person1@example.com", "mail2": "person1@example.com", "tier": "gold",
                  "at": "2026-01-31 08:15:00", "card": "4000 0000 0000 0002", "greeting": "Dear Person 1", "zip": 10001,
                  "vip": true, "none": null },
            ] })
        );
    }
}
