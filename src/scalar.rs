//! What a text means as a value of another type, the same wherever a text comes in: an input, an argument, an output.

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

#[cfg(test)]
mod tests {
    use super::truth;

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
