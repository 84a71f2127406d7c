//! Reads a part of a JSON text. What is not in the part has to be JSON, and nothing is built of it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::plan::part::Part;

/// The name under which the parser hands out a number by its digits. No member from outside is called so: the caller
/// has looked the text over.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads one value's part.
pub(super) struct Seed<'p>(pub(super) &'p Part);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Part::Whole => Value::deserialize(deserializer),
            part => deserializer.deserialize_any(Reader(part)),
        }
    }
}

struct Reader<'p>(&'p Part);

impl<'p> Reader<'p> {
    /// The part of an item, or of a member of this name; none: nobody reads it.
    fn below(&self, key: &str) -> Option<&'p Part> {
        match self.0 {
            Part::Whole => Some(self.0),
            Part::Items(part) => Some(part),
            Part::Members(members) => members.iter().find(|(name, _)| name == key).map(|(_, part)| part),
        }
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let part = match self.0 {
            Part::Items(part) => part,
            Part::Whole | Part::Members(_) => &Part::Whole,
        };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed(part))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key_seed(Name(&self))? {
            match key {
                Member::Read(name, part) => {
                    map.insert(name, members.next_value_seed(Seed(part))?);
                }
                Member::Passed => {
                    members.next_value::<IgnoredAny>()?;
                }
                Member::Number => {
                    let digits: String = members.next_value()?;
                    return Number::from_str(&digits).map(Value::Number).map_err(A::Error::custom);
                }
            }
        }
        Ok(Value::Object(map))
    }
}

/// What a member's name says.
enum Member<'p> {
    Read(String, &'p Part),
    Passed,
    /// It is no object, but a number.
    Number,
}

struct Name<'r, 'p>(&'r Reader<'p>);

impl<'de, 'p> DeserializeSeed<'de> for Name<'_, 'p> {
    type Value = Member<'p>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member<'p>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Name<'_, 'p> {
    type Value = Member<'p>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member<'p>, E> {
        if name == NUMBER {
            return Ok(Member::Number);
        }
        Ok(self.0.below(name).map_or(Member::Passed, |part| Member::Read(name.to_owned(), part)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::expr::Path;
    use crate::plan::part::Part;
    use crate::upstream::json::{read, read_part};

    fn members(members: Vec<(&str, Part)>) -> Part {
        Part::Members(members.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
    }

    /// `$.data[*]`, of which id and profile.tier are read.
    fn customers() -> Part {
        let profile = members(vec![("tier", Part::Whole)]);
        let record = members(vec![("id", Part::Whole), ("profile", profile)]);
        members(vec![("data", Part::Items(Box::new(record)))])
    }

    fn cut(text: &str) -> Value {
        read_part(text.as_bytes(), &customers()).unwrap()
    }

    #[test]
    fn nothing_is_built_of_what_nobody_reads() {
        let text = r#"{"page": {"of": [1, 2]}, "data": [
            {"id": 12345678901234567890123.50, "notes": "\ud800", "profile": {"tier": "gold", "since": [1]}},
            {"profile": null, "id": "\u00e9"}
        ]}"#;
        let digits: Value = serde_json::from_str("12345678901234567890123.50").unwrap();
        let first = json!({"id": digits, "profile": {"tier": "gold"}});
        assert_eq!(cut(text), json!({"data": [first, {"profile": null, "id": "é"}]}));
        assert_eq!(cut(r#"{"data": [{"id": 1, "id": 2}]}"#), json!({"data": [{"id": 2}]}));
    }

    #[test]
    fn what_is_of_another_kind_is_read_as_it_is() {
        for text in ["7", "-1.5e3", "true", "null", "\"x\"", "[{\"a\": 1}]"] {
            assert_eq!(cut(text), read(text.as_bytes()).unwrap(), "{text}");
        }
        assert_eq!(cut(r#"{"data": {"a": {"id": 1, "b": 2}}}"#), json!({"data": {"a": {"id": 1}}}));
        assert_eq!(cut(r#"{"data": [[{"id": 1, "b": 2}], 5]}"#), json!({"data": [[{"id": 1, "b": 2}], 5]}));
    }

    #[test]
    fn what_is_passed_over_has_to_be_json_all_the_same() {
        for (text, what) in [
            (r#"{"notes": nope, "data": []}"#, "not JSON at line 1, column 12"),
            (r#"{"data": [], "notes": [1, 2"#, "JSON ends early"),
            (r#"{"data": []} {}"#, "not JSON at line 1, column 14"),
        ] {
            assert_eq!(read_part(text.as_bytes(), &customers()), Err(what.to_owned()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_path_selects_the_same_of_the_part_as_of_the_whole(
            text in r#"\{("data"|"x"): ?(\[\{"(id|profile|tier)": ?(1|"a"|\{"tier": [0-9]\})\}\]|\{"id": 3\}|null|2)\}"#
        ) {
            let whole = read(text.as_bytes()).unwrap();
            for path in ["$.data[*].id", "$.data[*].profile.tier"] {
                let path = Path::compile(path).unwrap();
                assert_eq!(path.select(&cut(&text)), path.select(&whole), "{text}");
            }
        }
    }
}
