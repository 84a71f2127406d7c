//! The company's numbers: those that are forbidden, and the relay numbers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, text};
use crate::sim::sobot::Done;
use crate::sim::sobot::envelope::Refusal;

/// What an entry of the import must say, and what is right there. The third is how the refusal names it.
const RULES: [(&str, &[&str], &str); 3] = [
    ("numberType", &["1"], "1-number"),
    ("callType", &["2", "3"], "2-inbound,3-outbound"),
    ("enabled", &["0", "1"], "0-disable,1-enable"),
];

/// Both kinds of number.
pub(super) struct Numbers {
    /// The entry of each number.
    forbidden: BTreeMap<String, Value>,
    relays: Vec<Value>,
}

impl Numbers {
    /// Nothing is forbidden; the relay numbers are those of the sample.
    pub(super) fn new(contract: &Contract) -> Self {
        let relays = contract.response("relay_number_search").at("data").as_array().cloned();
        Self { forbidden: BTreeMap::new(), relays: relays.unwrap_or_default() }
    }

    /// Takes the entries that are right, and says of each other one why not: with success all the same.
    pub(super) fn forbid(&mut self, args: &Value) -> Done {
        let entries = args.as_array().ok_or_else(|| Refusal::bad("the body is a list"))?;
        let (mut taken, mut details) = (0, Vec::new());
        for (place, entry) in entries.iter().enumerate() {
            if let Some(detail) = wrong(place + 1, entry) {
                details.push(json!(detail));
            } else {
                self.forbidden.insert(entry.word("callNumber"), entry.clone());
                taken += 1;
            }
        }
        Ok(json!({ "successCount": taken, "failedCount": details.len(), "details": details }))
    }

    /// Whether calls to this number are forbidden now.
    pub(super) fn is_forbidden(&self, number: &str) -> bool {
        self.forbidden
            .get(number)
            .is_some_and(|entry| entry.word("enabled") == "1" && entry.word("callType") == "3")
    }

    /// The relay numbers in these states; the enabled ones where none are named.
    pub(super) fn relays(&self, args: &Value) -> Value {
        let states: Vec<String> = args.at("enabled").as_array().into_iter().flatten().map(text).collect();
        let is_asked = |code: &str| {
            if states.is_empty() { code == "1" } else { states.iter().any(|state| state == code) }
        };
        self.relays
            .iter()
            .filter(|relay| is_asked(&relay.at("enabled").word("enabledCode")))
            .cloned()
            .collect()
    }
}

/// What is wrong with an entry, in the form of the sample.
fn wrong(place: usize, entry: &Value) -> Option<String> {
    let number = entry.word("callNumber");
    if number.is_empty() {
        return Some(format!("NO【{place}】,【callNumber】,Content【】,【Reference:phone number】"));
    }
    RULES.iter().find_map(|(name, right, reference)| {
        let said = entry.word(name);
        let is_right = right.contains(&said.as_str());
        (!is_right).then(|| format!("NO【{place}】,【{name}】,Content【{said}】,【Reference:{reference}】"))
    })
}
