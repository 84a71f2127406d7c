//! One question of a call: a step of its lookup, a further read or its write. What was asked, in which forms, what was
//! sent and what came back.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::explain::Past;
use crate::explain::mask::{Kind, mark};
use crate::explain::story::failure::failure;
use crate::explain::story::millis;
use crate::node::input::{Identifier, InputKind};
use crate::plan::operation::Call;
use crate::plan::{Ask, Step};
use crate::record::Tier;
use crate::trace::note::{Answered, End, Hold, Note, Place, Sent, What};

/// What became of the question at this place.
pub(super) fn question(past: &Past, place: Place, ask: &Ask) -> Map<String, Value> {
    let mut told = Telling::new(ask);
    past.trace.read(|notes, left_out| {
        notes.iter().filter(|note| note.place == place).for_each(|note| told.add(note));
        if left_out > 0 && place == Place::Step(0) {
            told.told.insert("left_out".into(), left_out.into());
        }
    });
    let mut told = told.done();
    if !told.contains_key("result") {
        let why = match place {
            Place::Step(_) if past.record.is_some() => "an earlier step found the record",
            Place::Read(_) => "no record was found to read about",
            Place::Step(_) | Place::Write | Place::Call => "the call ended before it",
        };
        told.insert("result".into(), "not_asked".into());
        told.insert("why".into(), why.into());
    }
    told
}

/// A question while its notes are read in their order.
struct Telling<'p> {
    ask: &'p Ask,
    told: Map<String, Value>,
    /// The ways in which it was asked, and the one that is being read.
    asked: Vec<Way>,
    way: Option<Way>,
    is_settled: bool,
}

/// One way of asking, with its requests and the one that is being read.
#[derive(Default)]
struct Way {
    told: Map<String, Value>,
    requests: Vec<Value>,
    request: Option<Map<String, Value>>,
}

impl Way {
    fn begin(&mut self, request: Map<String, Value>) {
        let before = self.request.replace(request).filter(|before| !before.is_empty());
        self.requests.extend(before.map(Value::Object));
    }

    fn current(&mut self) -> &mut Map<String, Value> {
        self.request.get_or_insert_default()
    }

    fn done(mut self) -> Value {
        self.requests.extend(self.request.filter(|last| !last.is_empty()).map(Value::Object));
        self.told.insert("requests".into(), self.requests.into());
        Value::Object(self.told)
    }
}

impl<'p> Telling<'p> {
    fn new(ask: &'p Ask) -> Self {
        let mut told = Map::new();
        told.insert("operation".into(), (*ask.operation.name).into());
        Self { ask, told, asked: Vec::new(), way: None, is_settled: false }
    }

    fn add(&mut self, note: &Note) {
        match &note.what {
            What::NoIdentifier => {
                self.passed_over("its identifier was not given, or not understood".to_owned())
            }
            What::Unwanted(when) => self.passed_over(format!("`{when}` is not true")),
            What::NotLive => {
                self.passed_over("this was no live call, and only a live call writes".to_owned())
            }
            What::Late => self.passed_over("too little of the budget was left".to_owned()),
            What::Unawaited => {
                self.told.insert("result".into(), "writing".into());
            }
            What::Kept(tier, by) => self.kept(*tier, by.map(|by| by.to_string())),
            What::Stale(by, why) => {
                self.kept(Tier::Stale, by.map(|by| by.to_string()));
                self.told.insert("stale_because".into(), failure(why));
            }
            What::Joined(by) => self.kept(Tier::Joined, Some(by.to_string())),
            What::Settled(end) => self.settle(end),
            What::Asking(form, text) => {
                let mut way = Way::default();
                way.told.insert("form".into(), (**form).into());
                way.told.insert("text".into(), mark(self.kind(form), &**text));
                self.asked.extend(self.way.replace(way));
            }
            What::Ended(end) => {
                let late = self.is_settled;
                let way = self.way();
                result(&mut way.told, end);
                if late {
                    way.told.insert("too_late".into(), true.into());
                }
            }
            What::Rows(rows) => {
                self.way().told.insert("rows".into(), (*rows).into());
            }
            other => self.request(note.at, other),
        }
    }

    fn request(&mut self, at: Duration, what: &What) {
        let pattern = matches!(what, What::Sent(_)).then(|| self.pattern()).flatten();
        let way = self.way();
        match what {
            What::Sent(sent) => way.begin(request(at, sent, pattern)),
            What::Answered(answered) => answer(way.current(), answered),
            What::Unsent(why, reason) => {
                way.current().insert("not_sent".into(), held(*why).into());
                way.current().insert("failure".into(), failure(reason));
            }
            What::Again(pause) => {
                way.current().insert("tried_again_after_ms".into(), millis(*pause));
            }
            What::Token(took, made) => {
                let mut token = json!({ "took_ms": millis(*took) });
                if let (Err(why), Some(token)) = (made, token.as_object_mut()) {
                    token.insert("failure".into(), failure(why));
                }
                way.begin([("token".to_owned(), token)].into_iter().collect());
            }
            What::TokenRefused => {
                way.current().insert("token_refused".into(), true.into());
            }
            What::Said(text) => way.begin([("note".to_owned(), text.as_str().into())].into_iter().collect()),
            _ => {}
        }
    }

    /// A phone number is shown by its last digits, whatever the form.
    fn kind(&self, form: &str) -> Kind {
        if form.parse::<crate::node::phone::form::Form>().is_ok() { Kind::Phone } else { Kind::Other }
    }

    fn way(&mut self) -> &mut Way {
        self.way.get_or_insert_default()
    }

    fn passed_over(&mut self, why: String) {
        self.told.insert("result".into(), "not_asked".into());
        self.told.insert("why".into(), why.into());
    }

    fn kept(&mut self, tier: Tier, by: Option<String>) {
        self.told.insert("cache".into(), tier.name().into());
        self.told.insert("answered_from".into(), by.into());
    }

    fn settle(&mut self, end: &End) {
        self.is_settled = true;
        // Why it was not asked says more than that it timed out.
        let is_late = self.told.contains_key("why");
        result(&mut self.told, end);
        if is_late && let Some(result) = self.told.get_mut("result") {
            *result = "not_asked".into();
        }
    }

    /// The request as its author wrote it.
    fn pattern(&self) -> Option<String> {
        let Call::Http(call) = &self.ask.operation.call else {
            return None;
        };
        let items: Vec<String> =
            call.query.iter().map(|(name, value)| format!("{name}={}", value.text())).collect();
        let query = if items.is_empty() { String::new() } else { format!("?{}", items.join("&")) };
        Some(format!("{}{query}", call.path.text()))
    }

    fn done(mut self) -> Map<String, Value> {
        self.asked.extend(self.way);
        self.told.insert("asked".into(), self.asked.into_iter().map(Way::done).collect());
        self.told
    }
}

fn result(told: &mut Map<String, Value>, end: &End) {
    let name = match end {
        End::Found => "found",
        End::Nothing => "not_found",
        End::Several => "ambiguous",
        End::Done => "done",
        End::Failed(_) => "failed",
    };
    told.insert("result".into(), name.into());
    if let End::Failed(why) = end {
        told.insert("failure".into(), failure(why));
    }
}

fn held(why: Hold) -> &'static str {
    match why {
        Hold::Resting => "breaker",
        Hold::Full => "limits",
        Hold::Late => "late",
        Hold::Unmade => "unmade",
        Hold::NoToken => "no_token",
    }
}

fn request(at: Duration, sent: &Sent, pattern: Option<String>) -> Map<String, Value> {
    // What every request carries, and nobody's value.
    let is_plain =
        |name: &str| ["accept", "content-type"].iter().any(|plain| plain.eq_ignore_ascii_case(name));
    let headers = sent.headers.iter().map(|(name, value)| {
        let is_hidden = value.ends_with("«secret»");
        let value = if is_plain(name) || is_hidden {
            value.as_str().into()
        } else {
            mark(Kind::Other, value.as_str())
        };
        (name.clone(), value)
    });
    let mut told = Map::new();
    told.insert("after_ms".into(), millis(at));
    told.insert("method".into(), sent.method.into());
    told.insert("url".into(), mark(Kind::Url, sent.url.as_str()));
    told.insert("pattern".into(), pattern.into());
    told.insert("headers".into(), Value::Object(headers.collect()));
    if let Some(body) = &sent.body {
        told.insert("body".into(), mark(Kind::Other, body.as_str()));
    }
    told
}

fn answer(told: &mut Map<String, Value>, answered: &Answered) {
    told.insert("status".into(), answered.status.into());
    told.insert("bytes".into(), answered.size.into());
    told.insert("took_ms".into(), millis(answered.took));
    match &answered.found {
        Ok(records) => told.insert("records".into(), (*records).into()),
        Err(why) => told.insert("failure".into(), failure(why)),
    };
    if let Some(message) = &answered.message {
        told.insert("message".into(), mark(Kind::Other, message.as_str()));
    }
}

/// The forms and kinds that a step would not ask for, and why.
pub(super) fn left_out(past: &Past, step: &Step) -> Value {
    let Some(by) = step.by else {
        return Value::Array(Vec::new());
    };
    let identifier = past.inputs.get(by).and_then(|given| given.identifier.as_ref());
    let told = |form: String, why: &str| json!({ "form": form, "why": why });
    match identifier {
        Some(Identifier::Phone(phone)) => {
            let unwritable = step.forms.iter().filter(|form| phone.write(form).is_none());
            let why = "this number cannot be written so, or only without the country code that it needs";
            unwritable.map(|form| told(form.to_string(), why)).collect()
        }
        Some(Identifier::Account(account)) => match past.node.inputs.get(by).map(|input| &input.kind) {
            Some(InputKind::Account(kinds)) => {
                let others = kinds.iter().filter(|kind| !kind.admits(account.canonical()));
                others
                    .map(|kind| told(kind.name().to_owned(), "the id does not look like one of these"))
                    .collect()
            }
            _ => Value::Array(Vec::new()),
        },
        Some(Identifier::Email(_)) | None => Value::Array(Vec::new()),
    }
}
