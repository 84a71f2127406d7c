//! One question as text: how it was asked, what was sent and what came back.

use serde_json::Value;

use crate::explain::text::{Text, list, ms, plain, str};

impl Text {
    pub(super) fn question(&mut self, name: &str, question: &Value) {
        let by = question.get("by").map(plain).filter(|by| !by.is_empty());
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        self.line(2, &format!("{name}  {}{by}: {}", str(question, "operation"), end(question)));
        if let Some(cache) = question.get("cache") {
            self.line(5, &kept(&plain(cache), question));
        }
        for way in list(question, "asked") {
            self.way(way);
        }
        for other in list(question, "not_asked") {
            self.line(5, &format!("as {}: not asked: {}", str(other, "form"), str(other, "why")));
        }
    }

    fn way(&mut self, way: &Value) {
        if way.get("form").is_some() {
            let late = if way.get("too_late").is_some() { ", but too late for this call" } else { "" };
            let form = str(way, "form");
            let form = if form.is_empty() { String::new() } else { format!("{form} ") };
            self.line(5, &format!("as {form}`{}`: {}{late}", str(way, "text"), end(way)));
        }
        if let Some(rows) = way.get("rows") {
            self.line(7, &format!("rows of the table: {}", plain(rows)));
        }
        for request in list(way, "requests") {
            self.request(request);
        }
    }

    fn request(&mut self, request: &Value) {
        if let Some(note) = request.get("note") {
            self.line(7, &plain(note));
        }
        if let Some(token) = request.get("token") {
            let failed = token.get("failure").map(|why| format!(", in vain: {}", failure(why)));
            self.line(
                7,
                &format!("waited {} for a token{}", ms(token, "took_ms"), failed.unwrap_or_default()),
            );
            return;
        }
        if request.get("method").is_some() {
            self.line(7, &format!("{} {}", str(request, "method"), str(request, "url")));
            if str(request, "pattern").contains("{{") {
                self.line(9, &format!("made of {}", str(request, "pattern")));
            }
            for (name, value) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
                self.line(9, &format!("{name}: {}", plain(value)));
            }
            if let Some(body) = request.get("body") {
                self.line(9, &format!("with {}", plain(body)));
            }
        }
        self.answer(request);
    }

    fn answer(&mut self, request: &Value) {
        let why = request.get("failure").map(failure);
        if let Some(held) = request.get("not_sent") {
            let held = held_text(&plain(held));
            self.line(9, &format!("not sent, {held}: {}", why.unwrap_or_default()));
            return;
        }
        if request.get("took_ms").is_none() {
            if request.get("method").is_some() {
                self.line(9, "no answer by the end of the call");
            }
            return;
        }
        let status = str(request, "status");
        let records = request.get("records").map(|count| format!("records: {}", plain(count)));
        let found = records.or(why).unwrap_or_default();
        let (took, bytes) = (ms(request, "took_ms"), str(request, "bytes"));
        self.line(
            9,
            format!("→ {status} after {took}, {bytes} bytes, {found}").replace("→  ", "→ ").as_str(),
        );
        if let Some(message) = request.get("message") {
            self.line(9, &format!("saying: {}", plain(message)));
        }
        if request.get("token_refused").is_some() {
            self.line(9, "the upstream did not take the token; another was fetched");
        }
        if request.get("tried_again_after_ms").is_some() {
            self.line(9, &format!("sent once more after {}", ms(request, "tried_again_after_ms")));
        }
    }
}

fn end(question: &Value) -> String {
    let result = match str(question, "result").as_str() {
        "not_asked" => "not asked".to_owned(),
        "not_found" => "nothing found".to_owned(),
        "ambiguous" => "several records where there may be only one".to_owned(),
        "writing" => "still being written".to_owned(),
        other => other.to_owned(),
    };
    let why = question.get("why").map(plain);
    let why = why.or_else(|| question.get("failure").map(failure));
    why.map_or(result.clone(), |why| format!("{result}: {why}"))
}

fn kept(cache: &str, question: &Value) -> String {
    let from = str(question, "answered_from");
    let by = if from.is_empty() { String::new() } else { format!(", from call {from}") };
    match cache {
        "joined" => format!("another call asked the same at that time{by}: its answer is this one's"),
        "stale" => {
            let why = question.get("stale_because").map(failure).unwrap_or_default();
            format!("answered from before{by}, because asking anew failed: {why}")
        }
        tier => format!("it was in {tier}{by}"),
    }
}

fn failure(why: &Value) -> String {
    let said = why.get("said").map(|said| format!(": {}", plain(said))).unwrap_or_default();
    format!("{}{said}", str(why, "text"))
}

fn held_text(why: &str) -> &'static str {
    match why {
        "breaker" => "the breaker was open",
        "limits" => "the upstream's limits were reached",
        "late" => "no time was left",
        "no_token" => "there was no token",
        _ => "it could not be made",
    }
}
