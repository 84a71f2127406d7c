//! Outbound tasks: made once for each `Idempotency-Key`, filled by imports, listed.

mod import;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, set};
use crate::sim::page::{Page, Past};
use crate::sim::sobot::Done;
use crate::sim::sobot::campaigns::import::{Batch, check};
use crate::sim::sobot::envelope::Refusal;
use crate::sim::sobot::numbers::Numbers;
use crate::sim::sobot::plans::ends_after_start;
use crate::sim::token::unlike_any_before;

/// How many batches the result's sample counts.
const BATCHES: u64 = 13;

/// One outbound task.
struct Campaign {
    id: String,
    /// As the list has it; its `code` is in there.
    row: Value,
}

/// The outbound tasks and what was imported into them.
pub(super) struct Campaigns {
    campaigns: Vec<Campaign>,
    batches: Vec<Batch>,
    /// What was answered under a key.
    done: HashMap<(&'static str, String), Value>,
    /// A row of the list's sample, for new ones.
    pattern: Value,
}

impl Campaigns {
    /// The task of the list's sample, and the one that the import's result belongs to.
    pub(super) fn new(contract: &Contract) -> Self {
        let pattern = contract.response("campaign_list").at("data").at("list").first().clone();
        let result = contract.response("campaign_import_result").at("data").at("list").first();
        let listed = Campaign { id: unlike_any_before(), row: pattern.clone() };
        let mut imported = Campaign { id: result.word("campaignId"), row: pattern.clone() };
        set(&mut imported.row, "code", result.at("code").clone());
        set(&mut imported.row, "name", json!("Imported"));
        let batches = (0..BATCHES).map(|number| Batch::shown(result, number)).collect();
        Self { campaigns: vec![listed, imported], batches, done: HashMap::new(), pattern }
    }

    /// A new task.
    pub(super) fn create(&mut self, args: &Value, key: &str) -> Done {
        if let Some(data) = self.done.get(&("create", key.to_owned())) {
            return Ok(data.clone());
        }
        if !ends_after_start(args) {
            return Err(Refusal::bad("`scheduleEndTime` is after `scheduleStartTime`"));
        }
        if args.word("description").chars().count() > 200 {
            return Err(Refusal::bad("`description` has at most 200 characters"));
        }
        let (id, code): (String, String) =
            (unlike_any_before(), unlike_any_before().chars().take(10).collect());
        let mut row = self.pattern.clone();
        for name in ["name", "description", "scheduleStartTime", "scheduleEndTime", "scheduleTimeZoneId"] {
            if !args.at(name).is_null() {
                set(&mut row, name, args.at(name).clone());
            }
        }
        set(&mut row, "code", json!(code));
        set(&mut row, "creationTime", json!(jiff::Timestamp::now().as_millisecond()));
        self.campaigns.push(Campaign { id: id.clone(), row });
        let data = json!({ "id": format!(" {id} "), "code": code });
        self.done.insert(("create", key.to_owned()), data.clone());
        Ok(data)
    }

    /// Imports a batch. The same key again imports nothing and answers the same.
    pub(super) fn import(&mut self, args: &Value, key: &str, numbers: &Numbers) -> Done {
        if let Some(data) = self.done.get(&("import", key.to_owned())) {
            return Ok(data.clone());
        }
        check(args)?;
        let campaign = self.named(args).ok_or_else(|| Refusal::unknown("there is no such outbound task"))?;
        let (id, code) = (campaign.id.clone(), campaign.row.word("code"));
        let batch = Batch::imported(args, &id, &code, &self.batches, numbers);
        if let Some(campaign) = self.campaigns.iter_mut().find(|campaign| campaign.id == id) {
            let count = campaign.row.at("contactRecordCount").as_u64().unwrap_or_default() + batch.taken();
            set(&mut campaign.row, "contactRecordCount", json!(count));
        }
        self.batches.push(batch);
        let data = json!({ "campaignId": format!(" {id} "), "callingListCode": args.at("callingListCode"), "code": code });
        self.done.insert(("import", key.to_owned()), data.clone());
        Ok(data)
    }

    /// How imports went: of a task, of a batch, or of all.
    pub(super) fn results(&self, args: &Value) -> Value {
        let wants_campaign = !args.word("campaignId").is_empty() || !args.word("code").is_empty();
        let campaign = self.named(args).map(|campaign| campaign.id.as_str());
        let list = args.word("callingListCode");
        let rows = self.batches.iter().filter(|batch| {
            (!wants_campaign || campaign == Some(batch.campaign()))
                && (list.is_empty() || list == batch.code())
        });
        counted(Page::of(
            rows.map(Batch::row).collect(),
            args.at("currPage"),
            args.at("pageSize"),
            50,
            Past::Empty,
        ))
    }

    /// The tasks that fit.
    pub(super) fn list(&self, args: &Value) -> Value {
        let (code, from, to) =
            (args.word("code"), moment(args, "creationTimeStart"), moment(args, "creationTimeEnd"));
        let rows = self.campaigns.iter().map(|campaign| &campaign.row).filter(|row| {
            let made = row.at("creationTime").as_i64().unwrap_or_default();
            (code.is_empty() || row.word("code") == code)
                && from.is_none_or(|from| made >= from)
                && to.is_none_or(|to| made <= to)
        });
        counted(Page::of(rows.cloned().collect(), args.at("currPage"), args.at("pageSize"), 50, Past::Empty))
    }

    /// By `campaignId`; by `code` only where that is not given.
    fn named(&self, args: &Value) -> Option<&Campaign> {
        let (id, code) = (args.word("campaignId"), args.word("code"));
        self.campaigns.iter().find(|campaign| {
            if id.is_empty() { campaign.row.word("code") == code } else { campaign.id == id }
        })
    }
}

fn moment(args: &Value, name: &str) -> Option<i64> {
    args.word(name).parse().ok()
}

/// A page as the campaigns' lists have it.
fn counted(page: Page) -> Value {
    json!({
        "totalCount": page.total,
        "pageSize": page.size,
        "totalPage": page.count,
        "currPage": page.number,
        "list": page.rows,
    })
}
