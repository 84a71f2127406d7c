//! That no two things are one, and that one thing stays what it is.

use std::time::Duration;

use serde_json::json;

use crate::plan::identity::Identity;
use crate::secret::Secret;

#[test]
fn no_two_things_are_taken_in_as_the_same_bytes() {
    let identities = [
        Identity::of("ab").with("c"),
        Identity::of("a").with("bc"),
        Identity::of("a").with("b").with("c"),
        Identity::of("a").with(&vec!["b", "c"]),
        Identity::of("a").with(&vec!["b"]).with(&vec!["c"]),
        Identity::of("a").with(&None::<String>),
        Identity::of("a").with(&Some(String::new())),
        Identity::of("a").with(&json!({"b": 1, "c": 2})),
        Identity::of("a").with(&json!({"c": 2, "b": 1})),
        Identity::of("a").with(&json!(1)),
        Identity::of("a").with(&json!(1.0)),
        Identity::of("a life").with(&Duration::from_millis(1)),
        Identity::of("a life").with(&Duration::from_secs(1)),
    ];
    let mut numbers: Vec<u64> = identities.into_iter().map(Identity::number).collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

#[test]
fn an_identity_is_the_same_in_every_process_and_build() {
    let identity = || Identity::of("step").with("acme.customer").with(&Some(true));
    assert_eq!(identity().number(), 7_446_284_876_219_187_056);
    assert_eq!(identity().name(), "707f688fa4845667bebf6ccddcc4cc66");
}

#[test]
fn an_identity_tells_two_secrets_apart_and_shows_neither() {
    let of = |text: &str| Identity::of("login").with(&Secret::new(text)).name();
    assert_ne!(of("s3cr3t"), of("s3cr3t2"));
    assert!(!of("s3cr3t").contains("s3cr3t"));
}
