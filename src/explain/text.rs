//! An explanation as text, for a person who runs an IVR: what came, what was asked, what came back, and why each output
//! is what it is. It reads the same JSON that the API gives.

mod question;

use serde_json::Value;

/// The explanation of a call, with the calls before it that fetched what it was answered from.
#[must_use]
pub fn text(explained: &Value) -> String {
    let mut out = Text::default();
    let call = explained.get("call").unwrap_or(&Value::Null);
    out.call(call);
    for before in list(explained, "before") {
        out.line(0, "");
        out.line(0, &format!("before that: call {}", str(before, "trace")));
        out.call(before);
    }
    if !str(call, "answered_from").is_empty() && list(explained, "before").is_empty() {
        out.line(0, "");
        out.line(0, "What it was answered from was fetched by a call that is not known any more.");
    }
    out.0
}

/// A line for each of a list of calls.
#[must_use]
pub fn table(calls: &[Value]) -> String {
    let mut out = Text::default();
    for call in calls {
        let (at, trace, node) = (str(call, "at"), str(call, "trace"), str(call, "node"));
        let (outcome, cache) = (str(call, "outcome"), str(call, "cache"));
        let took = ms(call, "took_ms");
        out.line(0, &format!("{at}  {trace}  {node:<20}  {outcome:<13}  {cache:<6}  {took:>9}"));
    }
    out.0
}

/// Lines, as they are put together.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, indent: usize, text: &str) {
        self.0.push_str(format!("{}{text}", " ".repeat(indent)).trim_end());
        self.0.push('\n');
    }

    fn call(&mut self, call: &Value) {
        let partial: Vec<String> = list(call, "partial").iter().map(plain).collect();
        let partial =
            if partial.is_empty() { String::new() } else { format!(", partial: {}", partial.join(", ")) };
        let (node, at, cache) = (str(call, "node"), str(call, "at"), str(call, "cache"));
        self.line(0, &format!("{node}, {at}, trace {}", str(call, "trace")));
        self.line(0, &format!("{}{partial}, cache {cache}, {}", str(call, "outcome"), ms(call, "took_ms")));
        if let Some(id) = call.get("call") {
            self.line(0, &format!("the IVR's call {}", plain(id)));
        }
        if call.get("live") == Some(&Value::Bool(false)) {
            self.line(0, "not called by an IVR");
        }
        if let Some(error) = call.get("error") {
            self.line(0, &format!("refused: {}", plain(error)));
        }
        if call.get("inputs").is_none() {
            let from = str(call, "answered_from");
            self.line(0, &format!("answered whole from memory, with the answer of call {from}"));
            return;
        }
        self.inputs(call);
        self.questions(call);
        self.outputs(call);
    }

    fn inputs(&mut self, call: &Value) {
        self.heading("what came", call, "inputs");
        for input in list(call, "inputs") {
            let mut line = format!("{:<16} ", str(input, "name"));
            if let Some(came) = input.get("came") {
                line += &format!("`{}` ", plain(came));
            }
            if let Some(understood) = input.get("understood") {
                line += &format!("→ {} ", plain(understood));
            }
            self.line(2, &format!("{line} {}", str(input, "text")));
        }
    }

    fn questions(&mut self, call: &Value) {
        self.heading("what was looked for", call, "lookup");
        for (at, step) in list(call, "lookup").iter().enumerate() {
            self.question(&format!("{}", at + 1), step);
        }
        self.heading("what was read besides", call, "then");
        for read in list(call, "then") {
            self.question(&str(read, "as"), read);
        }
        if let Some(write) = call.get("do") {
            self.line(0, "what was written");
            self.question(&str(write, "as"), write);
        }
    }

    fn outputs(&mut self, call: &Value) {
        self.heading("what was answered", call, "outputs");
        for output in list(call, "outputs") {
            let value = output.get("value").filter(|_| output.get("left_out").is_none());
            let value = value.map_or_else(|| "left out".to_owned(), Value::to_string);
            self.line(2, &format!("{:<16} {value}  {}", str(output, "name"), why(output)));
        }
    }

    fn heading(&mut self, text: &str, call: &Value, part: &str) {
        if !list(call, part).is_empty() {
            self.line(0, text);
        }
    }
}

/// Why an output has its value.
fn why(output: &Value) -> String {
    let default = output.get("default").map(|why| ("its default", why));
    let left_out = output.get("left_out").map(|why| ("optional", why));
    if let Some((how, why)) = default.or(left_out) {
        let found = why.get("found").map(|found| format!(": {}", plain(found))).unwrap_or_default();
        return format!("{how}, because {}{found}", str(why, "text"));
    }
    match str(output, "source").as_str() {
        "path" => {
            let values: Vec<String> = list(output, "values").iter().map(plain).collect();
            let (path, place) = (str(output, "path"), str(output, "in"));
            let mapped = output.get("mapped") == Some(&Value::Bool(true));
            let mapped = if mapped { ", answered as its `values` say" } else { "" };
            match output.get("matched").and_then(Value::as_u64) {
                Some(1) => format!("`{path}` in {place} is {}{mapped}", values.join(", ")),
                count => {
                    format!("`{path}` in {place} has {}: {}{mapped}", count.unwrap_or(0), values.join(", "))
                }
            }
        }
        "text" => format!("the text `{}`", str(output, "text")),
        "choose" => "the first choice that applies".to_owned(),
        "outcome" => "how the call ended".to_owned(),
        _ => "always this".to_owned(),
    }
}

/// A member that is a text; empty where it is not there.
fn str(value: &Value, name: &str) -> String {
    value.get(name).map(plain).unwrap_or_default()
}

/// A member that is a list; empty where it is not there.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A value without the quotes of a text.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn ms(value: &Value, name: &str) -> String {
    let took = value.get(name).and_then(Value::as_f64).unwrap_or_default();
    format!("{took:.3} ms")
}
