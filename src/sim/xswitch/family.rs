//! A family of rows with the verbs list, get, add, set and del, which differ only in what their [`Kind`] says.

use serde_json::{Value, json};

use crate::sim::contract::Contract;
use crate::sim::exchange::{Members, set, text};
use crate::sim::page::{Page, Past};
use crate::sim::token::md5_hex;
use crate::sim::xswitch::Refusal;
use crate::sim::xswitch::ivr;
use crate::sim::xswitch::kind::Kind;
use crate::sim::xswitch::shape::{now, shaped};

/// The rows of one family.
pub(super) struct Family {
    kind: &'static Kind,
    /// A row of the list's sample, and the one of the single read.
    listed: Value,
    single: Value,
    /// What a row must say to be added.
    required: Vec<String>,
    rows: Vec<Value>,
}

impl Family {
    /// The rows of the samples, then the further ones, in the order of their ids.
    pub(super) fn new(kind: &'static Kind, contract: &Contract, more: &Value) -> Self {
        let list = contract.response(&format!("{}_list", kind.name));
        let shown = list.as_array().or_else(|| list.at("data").as_array()).cloned().unwrap_or_default();
        let read = contract.response(&format!("{}_get", kind.name));
        let single = read.as_array().and_then(|tree| tree.first()).unwrap_or(read).clone();
        let listed = shown.first().cloned().unwrap_or_default();
        let required = contract.named(&format!("{}_add", kind.name)).map(|add| add.required.clone());
        let mut family =
            Self { kind, listed, single, required: required.unwrap_or_default(), rows: Vec::new() };
        for row in
            shown.into_iter().chain(ivr::flat(read)).chain(more.as_array().cloned().unwrap_or_default())
        {
            if family.with("id", &row.word("id")).is_none() {
                let row = family.whole(row);
                family.rows.push(row);
            }
        }
        family.rows.sort_by_key(|row| row.word("id").parse::<u64>().unwrap_or_default());
        family
    }

    /// Whether it has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.kind.name == name
    }

    /// Whether a request to this folder, with this `type`, is for it.
    pub(super) fn answers_to(&self, folder: &str, of_type: &str) -> bool {
        self.kind.folders.contains(&folder)
            && (self.kind.types.is_empty() || self.kind.types.contains(&of_type))
    }

    /// The row whose member has this value.
    pub(super) fn with(&self, member: &str, value: &str) -> Option<&Value> {
        self.rows.iter().find(|row| row.word(member) == value)
    }

    /// A page, or a bare list. Of IVRs only the top ones.
    pub(super) fn list(&self, args: &Value) -> Value {
        let mut rows: Vec<&Value> = self.rows.iter().filter(|row| self.fits(row, args)).collect();
        let order = args.word("sort_order");
        let field = args.word("sort_field");
        if !field.is_empty() {
            rows.sort_by_key(|row| sorting(row.at(&field)));
        }
        if matches!(order.as_str(), "descend" | "desc") {
            rows.reverse();
        }
        let rows: Vec<Value> = rows.into_iter().map(|row| shaped(row, &self.listed)).collect();
        if self.kind.page == 0 {
            return Value::Array(rows);
        }
        let page = Page::of(rows, args.at("page"), args.at("page_size"), self.kind.page, Past::Last);
        json!({ "page": page.number, "data": page.rows, "row_count": page.total, "page_count": page.count })
    }

    /// One row; of an IVR the row and all below it, as a bare list.
    pub(super) fn get(&self, id: &str) -> Result<Value, Refusal> {
        if self.single.is_null() {
            return Err((404, "there is no such path".to_owned()));
        }
        if self.is("ivr") {
            return Ok(self
                .with("id", id)
                .map(|row| ivr::tree(row, &self.rows, &self.single))
                .into_iter()
                .collect());
        }
        self.with("id", id).map(|row| shaped(row, &self.single)).ok_or_else(|| self.unknown())
    }

    /// A new row; answers its id.
    pub(super) fn add(&mut self, args: &Value) -> Result<Value, Refusal> {
        if let Some(name) = self.required.iter().find(|name| args.word(name).is_empty()) {
            return Err((400, format!("the argument `{name}` is missing")));
        }
        self.check(args)?;
        if let Some(id) = self.holder(args, "")? {
            let args = with_id(args, &id);
            self.change(&args)?;
            return Ok(json!({ "id": id }));
        }
        let id = (self.kind.next..).map(|id| id.to_string()).find(|id| self.with("id", id).is_none());
        let id = id.unwrap_or_default();
        let row = self.whole(with_id(args, &id));
        self.rows.push(row);
        Ok(json!({ "id": id }))
    }

    /// Changes what the arguments name of a row.
    pub(super) fn change(&mut self, args: &Value) -> Result<Value, Refusal> {
        let id = args.word("id");
        self.check(args)?;
        if self.holder(args, &id)?.is_some() {
            return Err(self.taken());
        }
        let unknown = self.unknown();
        let Some(row) = self.rows.iter_mut().find(|row| row.word("id") == id) else { return Err(unknown) };
        for (name, value) in args.as_object().into_iter().flatten().filter(|(name, _)| *name != "id") {
            set(row, name, json!(value_text(value)));
        }
        hash(row);
        set(row, "updated_at", json!(now()));
        Ok(if self.kind.is_silent { json!({}) } else { json!({ "id": id }) })
    }

    /// Removes a row; of an IVR all below it too.
    pub(super) fn delete(&mut self, id: &str) -> Result<Value, Refusal> {
        self.with("id", id).ok_or_else(|| self.unknown())?;
        let mut gone = vec![id.to_owned()];
        while let Some(id) = gone.pop() {
            let below = self.rows.iter().filter(|row| self.is("ivr") && row.word("parent_id") == id);
            gone.extend(below.map(|row| row.word("id")));
            self.rows.retain(|row| row.word("id") != id);
        }
        Ok(if self.kind.is_silent { json!({}) } else { json!({ "id": id }) })
    }

    /// The id of another row that has what must be its own, where a new one takes its place.
    fn holder(&self, args: &Value, own: &str) -> Result<Option<String>, Refusal> {
        let wanted = args.word(self.kind.unique);
        let other = self.with(self.kind.unique, &wanted).map(|row| row.word("id"));
        match other.filter(|id| !wanted.is_empty() && id != own) {
            Some(_) if !self.kind.replaces => {
                Err((409, format!("another one has this `{}`", self.kind.unique)))
            }
            other => Ok(other),
        }
    }

    /// Whether what is given has one of the values that the document names.
    fn check(&self, args: &Value) -> Result<(), Refusal> {
        let wrong = self.kind.one_of.iter().find(|(name, values)| {
            let given = args.word(name);
            !given.is_empty() && !values.contains(&given.as_str())
        });
        wrong.map_or(Ok(()), |(name, values)| Err((400, format!("`{name}` is one of {}", values.join(", ")))))
    }

    fn fits(&self, row: &Value, args: &Value) -> bool {
        let holds = |member: &str, part: &str| part.is_empty() || row.word(member).contains(part);
        let is_top = !self.is("ivr") || row.word("level") == "0";
        is_top
            && holds(self.kind.search, &args.word(self.kind.search))
            && holds(&args.word("search_field"), &args.word("search_key"))
    }

    /// A row with all that the samples show; what is not given is empty, or as a new row has it.
    fn whole(&self, given: Value) -> Value {
        let mut row = json!({ "created_at": now(), "updated_at": now() });
        for (name, value) in self.kind.blank {
            set(&mut row, name, json!(value));
        }
        for (name, value) in given.as_object().into_iter().flatten().filter(|(name, _)| *name != "ivrs") {
            set(&mut row, name, json!(value_text(value)));
        }
        if self.is("extension") {
            let login = row.at("extn").clone();
            set(&mut row, "login", login);
        }
        hash(&mut row);
        row
    }

    fn taken(&self) -> Refusal {
        (409, format!("another one has this `{}`", self.kind.unique))
    }

    fn unknown(&self) -> Refusal {
        (404, format!("there is no {} with this id", self.kind.name.replace('_', " ")))
    }
}

/// A password is kept as a SIP server keeps it: in two hashes.
fn hash(row: &mut Value) {
    let password = row.word("password");
    if password.is_empty() {
        return;
    }
    let (extn, domain) = (row.word("extn"), row.word("domain"));
    set(row, "ha1", json!(md5_hex(&format!("{extn}:{domain}:{password}"))));
    set(row, "ha1b", json!(md5_hex(&format!("{extn}@{domain}:{domain}:{password}"))));
    set(row, "password", Value::Null);
}

fn with_id(args: &Value, id: &str) -> Value {
    let mut args = args.clone();
    set(&mut args, "id", json!(id));
    args
}

/// Texts as they are, spaces and all; an action in JSON stays JSON.
fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Numbers by their size, before texts by their letters.
fn sorting(value: &Value) -> (u64, String) {
    let text = text(value);
    (text.parse().unwrap_or(u64::MAX), text)
}
