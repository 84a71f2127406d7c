//! A failure in words that hold nothing personal, and beside them, marked, the words that may.

use serde_json::{Map, Value};

use crate::explain::mask::{Kind, mark};
use crate::record::Failure;

/// The failure's code, sentence and, where there are some, the words of others.
pub(super) fn failure(failure: &Failure) -> Value {
    let mut told = Map::new();
    told.insert("code".into(), failure.code().into());
    told.insert("text".into(), sentence(failure).into());
    if let Some(said) = said(failure) {
        told.insert("said".into(), mark(Kind::Other, said));
    }
    Value::Object(told)
}

fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::Refused(_) => "the upstream refused".to_owned(),
        Failure::Unreadable(why) if !is_ours(why) => "the upstream's answer cannot be read".to_owned(),
        Failure::Argument { name, reason } if !is_by_kind(reason) => {
            format!("argument `{name}` cannot be made of this call's values")
        }
        Failure::Template { place, .. } => format!("{place}: it cannot be filled in with this call's values"),
        Failure::Login(inner) => format!("the login failed: {}", sentence(inner)),
        Failure::Timeout
        | Failure::Unreachable(_)
        | Failure::Lost(_)
        | Failure::Status(_)
        | Failure::Unreadable(_)
        | Failure::Overloaded(_)
        | Failure::Unconfigured(_)
        | Failure::Unfinished(_)
        | Failure::Argument { .. } => failure.to_string(),
    }
}

/// The words of the upstream or of the template engine: they may repeat a value.
fn said(failure: &Failure) -> Option<&str> {
    match failure {
        Failure::Refused(words) => Some(words),
        Failure::Unreadable(why) if !is_ours(why) => Some(why),
        Failure::Argument { reason, .. } if !is_by_kind(reason) => Some(reason),
        Failure::Template { reason, .. } => Some(reason),
        Failure::Login(inner) => said(inner),
        _ => None,
    }
}

/// Whether it only says what the bytes are, and no test of them failed in the template engine's words.
fn is_ours(why: &str) -> bool {
    !why.starts_with("`ok`")
}

/// What is wrong with an argument is said by kind and never by value, unless its template failed.
fn is_by_kind(reason: &str) -> bool {
    reason.starts_with("is required") || reason.starts_with("must be")
}

#[cfg(test)]
mod tests {
    use super::failure;
    use crate::explain::mask::Eyes;
    use crate::record::Failure;

    #[test]
    fn the_words_of_others_are_personal_and_ours_are_not() {
        let refused = Failure::Refused("no customer Ada".into());
        for (case, text) in [
            (refused.clone(), "the upstream refused"),
            (Failure::Login(Box::new(refused)), "the login failed: the upstream refused"),
            (
                Failure::Unreadable("`ok` cannot be told: Ada is odd".into()),
                "the upstream's answer cannot be read",
            ),
            (
                Failure::Template { place: "crm.find, path".into(), reason: "Ada".into() },
                "crm.find, path: it cannot",
            ),
            (
                Failure::Argument { name: "x".into(), reason: "`Ada` is odd".into() },
                "argument `x` cannot be made",
            ),
        ] {
            let told = failure(&case);
            assert!(Eyes::Personal.see(told.clone())["said"].as_str().unwrap().contains("Ada"), "{case:?}");
            let masked = Eyes::Masked.see(told).to_string();
            assert!(masked.contains(text) && !masked.contains("Ada"), "{masked}");
        }
        let plain = failure(&Failure::Argument { name: "x".into(), reason: "is required".into() });
        assert_eq!((plain["text"].as_str(), plain.get("said")), (Some("argument `x`: is required"), None));
    }
}
