//! The samples, and how an answer is held against one.

use serde_json::Value;

/// The file of a platform.
pub fn contract(file: &str) -> Value {
    let path = format!("{}/tests/contracts/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What in an answer has other members or other types than the sample: paths. A list's items are held against the
/// sample's first; a null in either says nothing of the type.
pub fn unlike(answer: &Value, sample: &Value, path: &str) -> Vec<String> {
    match (answer, sample) {
        (Value::Object(answer), Value::Object(sample)) => {
            let (said, known): (Vec<_>, Vec<_>) = (answer.keys().collect(), sample.keys().collect());
            let other = said
                .iter()
                .filter(|name| !known.contains(name))
                .chain(known.iter().filter(|name| !said.contains(name)));
            let other = other.map(|name| format!("{path}.{name}"));
            let below = answer.iter().filter_map(|(name, value)| Some((name, value, sample.get(name)?)));
            other
                .chain(
                    below.flat_map(|(name, value, sample)| unlike(value, sample, &format!("{path}.{name}"))),
                )
                .collect()
        }
        (Value::Array(answer), Value::Array(sample)) => {
            let Some(sample) = sample.first() else { return Vec::new() };
            answer.iter().flat_map(|item| unlike(item, sample, &format!("{path}[]"))).collect()
        }
        (Value::Null, _) | (_, Value::Null) => Vec::new(),
        _ if std::mem::discriminant(answer) == std::mem::discriminant(sample) => Vec::new(),
        _ => vec![format!("{path}: {answer} instead of {sample}")],
    }
}

/// Fails where an answer does not have the sample's members and types.
pub fn assert_like(answer: &Value, sample: &Value, name: &str) {
    let unlike = unlike(answer, sample, "$");
    assert!(unlike.is_empty(), "{name}: {unlike:#?}\n{answer}");
}

#[test]
fn the_samples_are_all_there() {
    let operations = |file: &str, login: &str| {
        contract(file).as_object().unwrap().keys().filter(|name| !name.starts_with(login)).count()
    };
    assert_eq!(operations("sobot", "login"), 19);
    assert_eq!(operations("stringee", "login"), 4);
    assert_eq!(operations("xswitch", "-"), 30);
    assert_eq!(contract("customers")["customer_query"]["returns"].as_object().unwrap().len(), 31);
    assert_eq!(contract("customers")["customer_query"]["account_kinds"].as_array().unwrap().len(), 10);
}

#[test]
fn an_answer_of_other_types_is_told() {
    let sample = serde_json::json!({ "data": [{ "id": "1", "page": 1 }] });
    let answer = serde_json::json!({ "data": [{ "id": 1, "page": 1 }, { "id": "2" }], "more": null });
    assert_eq!(unlike(&answer, &sample, "$"), ["$.more", "$.data[].id: 1 instead of \"1\"", "$.data[].page"]);
}
