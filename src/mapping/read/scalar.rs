//! Reading single values: texts, numbers, booleans, words. A value is never guessed: `0138` is not the text
//! "0138" and "300" is not the number 300.

use std::ops::RangeInclusive;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::mapping::read::Reader;
use crate::mapping::yaml::scalar::{Kind, Scalar, quote};
use crate::mapping::yaml::{Node, Value};

impl Reader<'_> {
    /// A text. What YAML reads as a number or boolean is a finding: it has to be quoted.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Scalar> {
        let Some(scalar) = node.as_scalar() else {
            return self.wrong_kind(node, what, "a text", format!("write it as {}", quote("…")));
        };
        if scalar.kind() == Kind::Text {
            return Some(scalar);
        }
        let read_as = scalar.kind().name();
        let message = format!("{what} must be a text, and YAML reads {} as {read_as}", scalar.text);
        self.error(Code::NotText, node.span, message, format!("quote it: {}", quote(&scalar.text)));
        None
    }

    /// A text, number or boolean, as written. Numbers that people and machines read differently are findings.
    pub fn text_or_number<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Scalar> {
        let Some(scalar) = node.as_scalar() else {
            return self.wrong_kind(node, what, "a text or a number", "write it in this line");
        };
        self.number_form(scalar)?;
        Some(scalar)
    }

    /// A whole number within a range; `unit` is said after the numbers, such as "ms", and may be empty.
    pub fn int(&mut self, node: &Node, what: &str, range: RangeInclusive<i64>, unit: &str) -> Option<i64> {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let (low, high) = (range.start(), range.end());
        let help = format!("write a whole number from {low} to {high}{unit}");
        let Some(scalar) = node.as_scalar() else {
            return self.wrong_kind(node, what, "a whole number", help);
        };
        match scalar.kind() {
            Kind::Int => self.number_form(scalar)?,
            Kind::Text if scalar.text.parse::<i64>().is_ok() => {
                let help = format!("write it without quotes: {}", scalar.text);
                return self.wrong_kind(node, what, "a whole number", help);
            }
            Kind::Float => {
                let message = format!("{what} must be a whole number, not {}", scalar.text);
                self.error(Code::WrongKind, node.span, message, help);
                return None;
            }
            _ => return self.wrong_kind(node, what, "a whole number", help),
        }
        let number = scalar.text.parse::<i64>().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("{what} must be from {low} to {high}{unit}, not {}", scalar.text);
            self.error(Code::OutOfRange, node.span, message, help);
        }
        number
    }

    /// `true` or `false`.
    pub fn bool(&mut self, node: &Node, what: &str) -> Option<bool> {
        let scalar = node.as_scalar();
        if let Some(Kind::Bool(value)) = scalar.map(Scalar::kind) {
            return Some(value);
        }
        let meant = match scalar.map(|scalar| scalar.text.to_lowercase()).as_deref() {
            Some("yes" | "on" | "true" | "1") => "write `true`",
            Some("no" | "off" | "false" | "0") => "write `false`",
            _ => "write `true` or `false`, without quotes",
        };
        self.wrong_kind(node, what, "`true` or `false`", meant)
    }

    /// One of a fixed set of words, and what it stands for.
    pub fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&'static str, T)]) -> Option<T> {
        self.one_of(node, what, words, None)
    }

    /// The same where a map may stand instead, which is not read here; `map` shows one in the remedy.
    pub fn word_or_map<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[(&'static str, T)],
        map: &'static str,
    ) -> Option<T> {
        self.one_of(node, what, words, Some(map))
    }

    fn one_of<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[(&'static str, T)],
        map: Option<&'static str>,
    ) -> Option<T> {
        let scalar = self.text(node, what)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == scalar.text) {
            return Some(*value);
        }
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).chain(map).collect();
        let message = format!("{what} cannot be `{}`", scalar.text);
        self.error(Code::UnknownWord, node.span, message, suggest(&scalar.text, &allowed));
        None
    }

    /// Finds numbers such as `007`, `0x10`, `+65` or `.inf`, which JSON cannot write; others pass.
    pub(super) fn number_form(&mut self, scalar: &Scalar) -> Option<()> {
        let is_number = matches!(scalar.kind(), Kind::Int | Kind::Float);
        if !is_number || scalar.text.parse::<serde_json::Number>().is_ok() {
            return Some(());
        }
        let plain = scalar.text.trim_start_matches('+').trim_start_matches('0');
        let plain =
            if plain.parse::<serde_json::Number>().is_ok() { plain } else { "a plain decimal number" };
        let message = format!("`{}` can be read as more than one number, or as a text", scalar.text);
        let help = format!("quote it if it is a text: {}; else write {plain}", quote(&scalar.text));
        self.error(Code::NumberForm, scalar.span, message, help);
        None
    }

    /// Whether nothing is written: `null`, `~`, or a key alone.
    #[must_use]
    pub fn is_null(&self, node: &Node) -> bool {
        matches!(node.value, Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::read::Reader;
    use crate::mapping::read::tests::findings_of;
    use crate::mapping::yaml::Node;

    /// Reads the value of `v`.
    fn read<T>(value: &str, read: impl FnOnce(&mut Reader<'_>, &Node) -> T) -> (T, Vec<String>) {
        findings_of(&format!("v: {value}\n"), |reader, root| {
            read(reader, &root.as_map().unwrap().get("v").unwrap().1)
        })
    }

    #[test]
    fn a_number_that_should_have_been_text_is_a_finding_and_not_a_guess() {
        for value in ["0138", "+6591234567", "91234567", "1.5", "true", "0x1F"] {
            let (text, findings) = read(value, |reader, node| reader.text(node, "`v`").is_some());
            assert!(!text && findings[0].contains(&format!("help: quote it: \"{value}\"")), "{findings:?}");
        }
        for value in ["\"0138\"", "yes", "12:30", "2024-01-01", "1_000"] {
            let (text, findings) = read(value, |reader, node| reader.text(node, "`v`").is_some());
            assert!(text && findings.is_empty(), "{value} {findings:?}");
        }
        let (_, findings) = read("0138", |reader, node| reader.text(node, "`v`").is_some());
        assert_eq!(
            findings,
            ["\
error[not-text]: `v` must be a text, and YAML reads 0138 as a number
 --> a.yaml:1:4
  |
1 | v: 0138
  |    ^^^^
  |
  = help: quote it: \"0138\""]
        );
    }

    #[test]
    fn a_whole_number_is_read_within_its_range() {
        let int = |value| read(value, |reader, node| reader.int(node, "`v`", 1..=4500, "ms"));
        assert_eq!(int("1800"), (Some(1800), vec![]));
        for (value, said) in [
            ("0", "`v` must be from 1 to 4500 ms, not 0"),
            ("99999999999999999999", "not 99999999999999999999"),
            ("1.5", "`v` must be a whole number, not 1.5"),
            ("\"300\"", "help: write it without quotes: 300"),
            ("fast", "help: write a whole number from 1 to 4500 ms"),
            ("007", "else write 7"),
            ("0x10", "`0x10` can be read as more than one number"),
            ("[1]", "`v` must be a whole number, not a list"),
            ("", "`v` has no value, and needs a whole number"),
        ] {
            let (number, findings) = int(value);
            assert!(
                number.is_none() && findings.len() == 1 && findings[0].contains(said),
                "{value} {findings:?}"
            );
        }
    }

    #[test]
    fn yes_is_no_boolean_and_the_finding_says_what_is() {
        let bool = |value| read(value, |reader, node| reader.bool(node, "`v`"));
        assert_eq!(bool("true").0, Some(true));
        assert_eq!(bool("False").0, Some(false));
        for (value, said) in [("yes", "write `true`"), ("off", "write `false`"), ("\"true\"", "write `true`")]
        {
            let (read, findings) = bool(value);
            assert!(read.is_none() && findings[0].contains(said), "{value} {findings:?}");
        }
    }

    #[test]
    fn a_word_is_one_of_those_allowed() {
        let words = [("phone", 1), ("email", 2)];
        let word = |value| read(value, |reader, node| reader.word(node, "`v`", &words));
        assert_eq!(word("email"), (Some(2), vec![]));
        let (_, findings) = word("phnoe");
        assert!(findings[0].starts_with("error[unknown-word]: `v` cannot be `phnoe`"));
        assert!(findings[0].ends_with("help: did you mean `phone`?"));
        assert!(word("fax").1[0].ends_with("help: allowed here: `phone`, `email`"));
        let (_, findings) = read("fax", |reader, node| reader.word_or_map(node, "`v`", &words, "{ a: b }"));
        assert!(findings[0].ends_with("help: allowed here: `phone`, `email`, `{ a: b }`"));
    }

    #[test]
    fn a_default_may_be_text_number_or_boolean_but_not_ambiguous() {
        let scalar = |value| {
            read(value, |reader, node| reader.text_or_number(node, "`v`").map(|scalar| scalar.text.clone()))
        };
        for value in ["0", "\"\"", "true", "gold", "1.50"] {
            assert!(scalar(value).0.is_some(), "{value}");
        }
        for value in ["0138", "+1", ".inf", "[a]"] {
            let (read, findings) = scalar(value);
            assert!(read.is_none() && findings.len() == 1, "{value} {findings:?}");
        }
    }
}
