//! Contact plans: made in bulk, one for each number, and never read back.

use serde_json::{Value, json};

use crate::sim::exchange::{Members, text};
use crate::sim::sobot::Done;
use crate::sim::sobot::envelope::Refusal;
use crate::sim::token::unlike_any_before;

/// How many numbers one request may bring.
const MOST: usize = 50;

/// A plan for each number; answers their ids, with the spaces around them that the sample has.
pub(super) fn create(args: &Value) -> Done {
    let numbers = args.at("customerPhoneNumberList").as_array().map(Vec::as_slice).unwrap_or_default();
    if numbers.is_empty() || numbers.len() > MOST {
        return Err(Refusal::bad("`customerPhoneNumberList` has 1 to 50 numbers"));
    }
    if numbers.iter().any(|number| !is_number(&text(number))) {
        return Err(Refusal::bad("a number has 3 to 16 digits"));
    }
    if args.word("name").chars().count() > 20 || args.word("bak").chars().count() > 200 {
        return Err(Refusal::bad("`name` has at most 20 characters, `bak` at most 200"));
    }
    if !ends_after_start(args) {
        return Err(Refusal::bad("`scheduleEndTime` is after `scheduleStartTime`"));
    }
    Ok(numbers.iter().map(|_| json!(format!(" {} ", unlike_any_before()))).collect())
}

/// Whether a schedule ends after it begins.
pub(super) fn ends_after_start(args: &Value) -> bool {
    let time = |name: &str| args.word(name).parse::<i64>().unwrap_or_default();
    time("scheduleEndTime") > time("scheduleStartTime")
}

fn is_number(text: &str) -> bool {
    (3..=16).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
}
