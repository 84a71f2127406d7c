//! One import: which of its numbers are taken, and what its result says.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::sim::exchange::{Members, set};
use crate::sim::sobot::envelope::Refusal;
use crate::sim::sobot::numbers::Numbers;

/// How duplicates are told.
const RULES: [&str; 4] = [
    "NonRemoveDuplicates",
    "RemoveDuplicatesInCallingList",
    "RemoveDuplicatesInCampaign",
    "RemoveDuplicatesInTenant",
];
/// How agents are assigned.
const ASSIGNED: [&str; 3] = ["AssignAverage", "AssignAppoint", "NoAssign"];

/// What was imported under one batch number, at one time.
pub(super) struct Batch {
    /// As the result's list has it.
    row: Value,
    numbers: Vec<String>,
}

/// Whether an import says what it must.
///
/// # Errors
/// What it says wrong.
pub(super) fn check(args: &Value) -> Result<(), Refusal> {
    let list = args.word("callingListCode");
    if list.len() > 20 || !list.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Refusal::bad("`callingListCode` has at most 20 letters and digits"));
    }
    if !RULES.contains(&args.word("removeDuplicatesRule").as_str()) {
        return Err(Refusal::bad("`removeDuplicatesRule` is none of the documented rules"));
    }
    if !ASSIGNED.contains(&args.word("assignRule").as_str()) {
        return Err(Refusal::bad("`assignRule` is none of the documented ones"));
    }
    if args.at("dataDetails").as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::bad("`dataDetails` is empty"));
    }
    Ok(())
}

impl Batch {
    /// The sample's batch; each further one under the next number.
    pub(super) fn shown(sample: &Value, number: u64) -> Self {
        let mut row = sample.clone();
        let first: u64 = sample.word("callingListCode").parse().unwrap_or_default();
        set(&mut row, "callingListCode", json!((first + number).to_string()));
        Self { row, numbers: Vec::new() }
    }

    /// Takes the numbers that are right, not forbidden, and not there yet, as the rules say.
    pub(super) fn imported(
        args: &Value,
        campaign: &str,
        code: &str,
        before: &[Self],
        forbidden: &Numbers,
    ) -> Self {
        let (list, rule) = (args.word("callingListCode"), args.word("removeDuplicatesRule"));
        let is_filtered = args.word("enableFilterDoNotCallListNumber") == "Filter";
        let mut there = there(before, &rule, campaign, &list);
        let (mut numbers, mut repeated, mut wrong) = (Vec::new(), 0, 0);
        for number in args.at("dataDetails").as_array().into_iter().flatten().map(|one| one.word("telephone"))
        {
            let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '+');
            if !is_number || (is_filtered && forbidden.is_forbidden(&number)) {
                wrong += 1;
            } else if !there.insert(number.clone()) && rule != "NonRemoveDuplicates" {
                repeated += 1;
            } else {
                numbers.push(number);
            }
        }
        let row = json!({
            "campaignId": format!(" {campaign} "),
            "code": code,
            "callingListCode": list,
            "removeDuplicatesRule": rule,
            "successCount": numbers.len(),
            "errorCount": wrong,
            "errorReportPath": "",
            "removeDuplicatesCount": repeated,
            "creationTime": jiff::Timestamp::now().as_millisecond(),
        });
        Self { row, numbers }
    }

    /// The task's id.
    pub(super) fn campaign(&self) -> &str {
        self.row.at("campaignId").as_str().unwrap_or_default().trim()
    }

    /// The batch number.
    pub(super) fn code(&self) -> &str {
        self.row.at("callingListCode").as_str().unwrap_or_default()
    }

    /// How many numbers were taken.
    pub(super) fn taken(&self) -> u64 {
        self.row.at("successCount").as_u64().unwrap_or_default()
    }

    /// As the result's list has it.
    pub(super) fn row(&self) -> Value {
        self.row.clone()
    }
}

/// The numbers that a rule counts as there already.
fn there(before: &[Batch], rule: &str, campaign: &str, list: &str) -> HashSet<String> {
    let counts = |batch: &&Batch| match rule {
        "RemoveDuplicatesInCallingList" => batch.campaign() == campaign && batch.code() == list,
        "RemoveDuplicatesInCampaign" => batch.campaign() == campaign,
        "RemoveDuplicatesInTenant" => true,
        _ => false,
    };
    before.iter().filter(counts).flat_map(|batch| batch.numbers.iter().cloned()).collect()
}
