//! What a person may have meant: the nearest allowed word, or the list of them.

/// The allowed word that is nearest to the one given, if it is near enough to be meant: at most a third of its
/// letters differ (or a single one in a short word), swapped neighbours counting once and case not at all.
#[must_use]
pub fn did_you_mean<'a>(given: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(given);
    let nearest = allowed
        .into_iter()
        .filter(|word| *word != given)
        .map(|word| (strsim::damerau_levenshtein(&folded, &fold(word)), word))
        .min_by_key(|(distance, _)| *distance);
    let (distance, word) = nearest?;
    let limit = (given.chars().count().max(word.chars().count()) / 3).max(1);
    (distance <= limit && given.chars().count() > distance).then_some(word)
}

/// The only allowed word that is the beginning of the one given, or begins with it: `bool` for `boolean`.
fn shorter_or_longer<'a>(given: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let is_part = |longer: &str, shorter: &str| shorter.len() >= 3 && longer.starts_with(shorter);
    let given = fold(given);
    let mut found =
        allowed.iter().filter(|word| is_part(&given, &fold(word)) || is_part(&fold(word), &given));
    found.next().filter(|_| found.next().is_none()).copied()
}

/// What to say is allowed instead: "did you mean `lookup`?", or else every allowed word.
#[must_use]
pub fn suggest(given: &str, allowed: &[&str]) -> String {
    match did_you_mean(given, allowed.iter().copied()).or_else(|| shorter_or_longer(given, allowed)) {
        Some(word) => format!("did you mean `{word}`?"),
        None if allowed.is_empty() => "nothing is allowed here".to_owned(),
        None => format!("allowed here: {}", list(allowed)),
    }
}

/// The words in backticks, separated by commas.
#[must_use]
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// Case, dashes and underscores do not matter for what is meant.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, suggest};

    const KEYS: [&str; 5] = ["node", "lookup", "outputs", "cache", "budget_ms"];

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        for (given, meant) in [
            ("lokup", "lookup"),
            ("Lookup", "lookup"),
            ("output", "outputs"),
            ("budget-ms", "budget_ms"),
            ("ndoe", "node"),
        ] {
            assert_eq!(did_you_mean(given, KEYS), Some(meant), "{given}");
        }
    }

    #[test]
    fn another_word_is_not_bent_into_an_allowed_one() {
        for given in ["mode_of_use", "x", "", "timeout", "電話"] {
            assert_eq!(did_you_mean(given, KEYS), None, "{given}");
        }
    }

    #[test]
    fn a_word_that_is_written_out_or_cut_short_finds_its_own() {
        let types = ["string", "int", "number", "bool"];
        for (given, meant) in [("boolean", "bool"), ("integer", "int"), ("str", "string"), ("num", "number")]
        {
            assert_eq!(suggest(given, &types), format!("did you mean `{meant}`?"));
        }
        assert_eq!(
            suggest("customer", &["customer_by_id", "customer_by_tel"]),
            "allowed here: `customer_by_id`, `customer_by_tel`"
        );
    }

    #[test]
    fn without_a_near_word_all_are_listed() {
        assert_eq!(suggest("lokup", &KEYS), "did you mean `lookup`?");
        assert_eq!(suggest("zzz", &["a", "b"]), "allowed here: `a`, `b`");
        assert_eq!(suggest("zzz", &[]), "nothing is allowed here");
    }
}
