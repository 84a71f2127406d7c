//! One operation over HTTP: its request, and how its answer is read.

use std::sync::Arc;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::{Compiling, Detour};
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::answer::Judged;
use crate::mapping::upstream::argument::ANSWER;
use crate::mapping::upstream::header::{Header, Headers};
use crate::mapping::upstream::http::Shared;
use crate::mapping::upstream::login::Site;
use crate::mapping::upstream::request::Pairs;
use crate::mapping::upstream::written::{Written, about, millis};
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Node};
use crate::plan::operation::{Auth, Call, Effect, HttpCall, Method, Operation, Setting};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];
const EFFECTS: [(&str, Effect); 2] = [("read", Effect::Read), ("write", Effect::Write)];

/// Compiles one operation. None after a finding that keeps it from being run.
pub(super) fn compile(
    written: &Written<'_>,
    shared: &Shared<'_>,
    compiling: &mut Compiling<'_>,
) -> Option<Operation> {
    let Written { name, fields, arguments } = written;
    let variables = arguments.variables();
    let answered = ANSWER.into_iter().fold(arguments.variables(), Variables::with);
    let method = fields.exactly_one(&mut compiling.reader, METHODS);
    let effect = compiling.effect(fields, method.map(|(key, _)| key));
    let timeout = millis(compiling, fields, "timeout_ms", 10..=4500).unwrap_or(shared.timeout);
    let records = compiling.record_or_records(fields);
    let unique = compiling.unique(fields);
    let call = compiling.request(written, shared, (method, effect), (&variables, &answered));
    let (call, records) = (call?, records?);
    Some(Operation {
        name: Arc::clone(name),
        about: about(fields),
        args: arguments.list.clone(),
        call: Call::Http(Box::new(call)),
        records,
        unique,
        effect,
        timeout,
    })
}

impl Compiling<'_> {
    fn request(
        &mut self,
        written: &Written<'_>,
        shared: &Shared<'_>,
        (method, effect): (Option<(&Key, &Node)>, Effect),
        (variables, answered): (&Variables, &Variables),
    ) -> Option<HttpCall> {
        let Written { fields, arguments, .. } = written;
        let path = method.and_then(|(key, node)| self.request_path(node, &key.text, variables, arguments));
        let method = method.map(|(key, _)| method_of(&key.text));
        let (base_url, auth) = self.site(fields, shared);
        let query = self.by(Detour::Auth, |own| own.pairs(fields, "query", variables, arguments));
        let own = Header::read(fields, self);
        let inherited = shared.headers.as_deref();
        let headers = self.headers(inherited.unwrap_or_default(), &own, variables, arguments);
        let pages = self.pages(fields, arguments, effect);
        let idempotency = self.idempotency(fields, arguments, effect, &own);
        let body = self.by(Detour::Auth, |own| own.body(fields, method, variables, arguments));
        let read = self.judged(fields, answered, arguments);
        inherited?;
        let (path, query, headers, body) = (path?, query?, headers?, body?);
        let (pages, idempotency, read) = (pages?, idempotency?, read?);
        let of_key = idempotency.iter().flat_map(|key| key.by.iter().copied());
        let elsewhere: Vec<usize> = read.arguments(arguments).chain(of_key).collect();
        arguments.find_unread(variables, &elsewhere, self);
        let (headers, auth) = configured(headers, auth?);
        let upstream = Arc::clone(&shared.upstream);
        let (base_url, method) = (base_url?, method?);
        let Judged { ok, error, not_found } = read;
        Some(HttpCall {
            upstream,
            base_url,
            method,
            path,
            query,
            headers,
            body,
            auth,
            ok,
            is_whole: fields.get("record").is_some(),
            pages,
            idempotency,
            error,
            not_found,
        })
    }

    /// Where it is sent, and with which credential: its own, or its upstream's.
    fn site(
        &mut self,
        fields: &Fields<'_>,
        shared: &Shared<'_>,
    ) -> (Option<Setting<String>>, Option<Setting<Auth>>) {
        let base_url = match fields.get("base_url") {
            Some(node) => self.base_url(node),
            None => shared.base_url.clone(),
        };
        let auth = match fields.get("auth") {
            Some(node) => {
                let (upstream, base_url) = (&shared.upstream, base_url.as_ref());
                self.auth(node, &Site { upstream, base_url, timeout: shared.timeout })
            }
            None => shared.auth.clone(),
        };
        let is_told = !matches!(shared.auth, Some(Setting::Set(Auth::None)));
        let own_place = fields.get("base_url").or_else(|| fields.get("auth").filter(|_| !is_told));
        self.warn_unencrypted(own_place, base_url.as_ref(), auth.as_ref());
        (base_url, auth)
    }

    fn effect(&mut self, fields: &Fields<'_>, method: Option<&Key>) -> Effect {
        let name = method.map_or("", |key| key.text.as_str());
        let Some((key, _)) = fields.entry("effect") else {
            if let Some(method) = method.filter(|_| matches!(name, "put" | "patch" | "delete")) {
                let message = format!("a `{name}` operation needs the key `effect`");
                let help = "write `effect: write`, or `effect: read` if it changes nothing";
                self.reader.error(Code::MissingEffect, method.span, message, help);
                return Effect::Write;
            }
            return Effect::Read;
        };
        let effect = fields.word(&mut self.reader, "effect", &EFFECTS).unwrap_or(Effect::Read);
        if effect == Effect::Write && name == "get" {
            let message = "a GET request should change nothing, and this one is declared to write";
            let help = "use the method that the upstream writes by, or `effect: read`";
            self.reader.warning(Code::WriteByGet, key.span, message, help);
        }
        effect
    }
}

/// An operation whose header is not configured is so as a whole: it is asked as little as one without its credential.
fn configured(headers: Headers, auth: Setting<Auth>) -> (Pairs, Setting<Auth>) {
    match headers {
        Setting::Set(headers) => (headers, auth),
        Setting::Unset(variable) => (Vec::new(), Setting::Unset(variable)),
    }
}

fn method_of(key: &str) -> Method {
    match key {
        "post" => Method::Post,
        "put" => Method::Put,
        "patch" => Method::Patch,
        "delete" => Method::Delete,
        _ => Method::Get,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::mapping::upstream::tests::operation;
    use crate::plan::operation::{Effect, Method};

    #[test]
    fn an_operation_says_how_its_answer_is_read() {
        let compiled = operation(
            "    about: The customer\n    put: /c/{{ phone }}\n    effect: write\n    timeout_ms: 300\n    records: $.data[*]\n    ok: body.code == 200\n    error: $.message\n    not_found: [404, 410]\n",
        );
        let (operation, call) = (compiled.operation(), compiled.request());
        assert_eq!(operation.name.as_ref(), "crm.op");
        assert_eq!(operation.about.as_deref(), Some("The customer"));
        assert_eq!((operation.effect, operation.timeout), (Effect::Write, Duration::from_millis(300)));
        assert_eq!(operation.records.text(), "$.data[*]");
        assert_eq!((call.method, call.path.text()), (Method::Put, "/c/{{ phone }}"));
        assert_eq!(call.error[0].text(), "$.message");
        assert_eq!(call.ok.as_ref().unwrap().text(), "body.code == 200");
        assert_eq!(call.not_found, [404, 410]);
    }

    #[test]
    fn what_is_not_written_is_the_usual() {
        let compiled = operation("    get: /c/{{ phone }}\n");
        assert_eq!(compiled.operation().records.text(), "$");
        assert_eq!(compiled.operation().effect, Effect::Read);
        assert_eq!(compiled.request().not_found, [404]);
        assert!(compiled.request().ok.is_none());
    }

    #[test]
    fn an_operation_has_one_method_and_says_whether_it_writes() {
        let heads = |lines: &str| operation(lines).heads().join("\n");
        assert_eq!(
            heads("    query: { a: \"{{ phone }}\" }\n"),
            "error[missing-key]: an operation needs one of the keys `get`, `post`, `put`, `patch`, `delete`"
        );
        assert_eq!(
            heads("    get: /{{ phone }}\n    post: /{{ phone }}\n"),
            "error[keys-clash]: `get` and `post` cannot stand together"
        );
        assert_eq!(
            heads("    delete: /{{ phone }}\n"),
            "error[missing-effect]: a `delete` operation needs the key `effect`"
        );
        assert_eq!(heads("    delete: /{{ phone }}\n    effect: write\n"), "");
        assert_eq!(
            heads("    get: /{{ phone }}\n    effect: write\n"),
            "warning[write-by-get]: a GET request should change nothing, and this one is declared to write"
        );
    }

    #[test]
    fn a_record_is_one_value_and_stands_for_records() {
        let compiled = operation("    get: /{{ phone }}\n    record: $.days\n");
        assert!(compiled.request().is_whole && compiled.operation().records.text() == "$.days");
        assert!(!operation("    get: /{{ phone }}\n").request().is_whole);
        let heads =
            |lines: &str| operation(&format!("    get: /{{{{ phone }}}}\n{lines}")).heads().join("\n");
        assert_eq!(
            heads("    record: $.days[*]\n"),
            "error[value-type]: `record` is one value, and this path may select several"
        );
        assert_eq!(
            heads("    record: $\n    records: $\n"),
            "error[keys-clash]: `record` and `records` cannot stand together"
        );
    }

    #[test]
    fn an_argument_that_only_the_condition_reads_is_used() {
        assert_eq!(operation("    get: /x\n    ok: body.tel == phone\n").findings, Vec::<String>::new());
    }

    #[test]
    fn every_mistake_in_reading_the_answer_is_told() {
        let compiled = operation(
            "    get: /{{ phone }}\n    records: data[*]\n    ok: boddy.code == 200\n    error: $.[\n    not_found: [404, 99, none]\n    effect: raed\n    timeout_ms: 9000\n",
        );
        assert_eq!(
            compiled.heads(),
            [
                "error[path-root]: a path starts with `$`",
                "error[unknown-variable]: there is no variable `boddy` here",
                "error[path-syntax]: the path does not parse: in dot member name, must start with lowercase alpha or '_'",
                "error[out-of-range]: a status of `not_found` must be from 200 to 599, not 99",
                "error[wrong-kind]: a status of `not_found` must be a whole number, not a text",
                "error[unknown-word]: `effect` cannot be `raed`",
                "error[out-of-range]: `timeout_ms` must be from 10 to 4500 ms, not 9000",
            ]
        );
    }
}
