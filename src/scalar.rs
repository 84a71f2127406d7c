//! What a text means as a value of another type, the same wherever a text comes in: an input, an argument, an output.
//! And which two values are one.

use serde_json::{Number, Value};

/// `true` and `false` in any case, 1 and 0. White space around it does not count.
#[must_use]
pub fn truth(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether two values are one to whoever reads JSON: `2.50` and `2.5`, however they are written.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    let (Value::Number(one), Value::Number(other)) = (one, other) else { return one == other };
    // A long id is not rounded to its neighbour.
    let is_whole = |number: &Number| !number.as_str().contains(['.', 'e', 'E']);
    match is_whole(one) && is_whole(other) {
        true => one == other,
        false => one.as_f64() == other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{is_same, truth};

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_a_long_one_is_not_its_neighbour() {
        let same = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| serde_json::from_str::<Value>(text).unwrap());
            is_same(&one, &other)
        };
        for (one, other) in
            [("1", "1.0"), ("12.50", "12.5"), ("0", "-0.0"), ("1e2", "100"), ("\"a\"", "\"a\"")]
        {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in
            [("12345678901234567890123", "12345678901234567890124"), ("1", "\"1\""), ("2.5", "2.51")]
        {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_truth_is_written_in_four_ways() {
        for (text, meant) in [("true", true), (" TRUE ", true), ("1", true), ("False", false), ("0", false)] {
            assert_eq!(truth(text), Some(meant), "{text}");
        }
        for text in ["yes", "", "2", "10", "truth"] {
            assert_eq!(truth(text), None, "{text}");
        }
    }
}
