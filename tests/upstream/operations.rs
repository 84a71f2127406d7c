//! Operations built by hand, as the mapping compiler would build them, and transports that answer from memory.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use datadip::clock::Deadline;
use datadip::expr::{Condition, Path, Place, Template};
use datadip::plan::operation::{
    Arg, ArgKind, Auth, Body, Call, Effect, HttpCall, HttpUpstream, Idempotency, Limits, Method, Operation,
    Setting,
};
use datadip::plan::part::Part;
use datadip::record::{Failure, Record};
use datadip::trace::Trace;
use datadip::trace::line::lines;
use datadip::trace::note::Note;
use datadip::upstream::args::Args;
use datadip::upstream::transport::{Request, Response, Transport};
use datadip::upstream::{Spare, Upstreams};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;

/// An operation in the making.
pub struct Making {
    pub args: Vec<Arg>,
    pub call: HttpCall,
    pub upstream: HttpUpstream,
    pub records: &'static str,
    pub effect: Effect,
    pub timeout: Duration,
}

pub fn text(text: &str) -> Template {
    Template::compile(text, Place::Text).unwrap()
}

pub fn arg(name: &str, kind: ArgKind) -> Arg {
    Arg { name: name.into(), kind, required: false, default: None, one_of: Vec::new(), about: None }
}

/// `GET {base_url}/v1/customers`, arguments `phone` and `id` (text) and `n` (int), none required.
pub fn get(base_url: &str) -> Making {
    let upstream = || HttpUpstream {
        name: "acme".into(),
        connect_timeout: Duration::from_secs(5),
        redirects: false,
        limits: Limits::default(),
    };
    let call = HttpCall {
        upstream: Arc::new(upstream()),
        base_url: Setting::Set(base_url.to_owned()),
        method: Method::Get,
        path: Template::compile("/v1/customers", Place::PathSegment).unwrap(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::None,
        auth: Setting::Set(Auth::None),
        ok: None,
        is_whole: false,
        pages: None,
        idempotency: None,
        error: Vec::new(),
        not_found: vec![404],
    };
    let args = vec![arg("phone", ArgKind::Text), arg("id", ArgKind::Text), arg("n", ArgKind::Int)];
    let timeout = Duration::from_secs(30);
    Making { args, call, upstream: upstream(), records: "$", effect: Effect::Read, timeout }
}

impl Making {
    pub fn path(mut self, path: &str) -> Self {
        self.call.path = Template::compile(path, Place::PathSegment).unwrap();
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.call.query.push((name.to_owned(), text(value)));
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.call.headers.push((name.to_owned(), text(value)));
        self
    }

    pub fn post(mut self, body: Body) -> Self {
        self.call.method = Method::Post;
        self.call.body = body;
        self
    }

    pub fn write(mut self) -> Self {
        self.effect = Effect::Write;
        self
    }

    /// It carries a key of these arguments, or of its own.
    pub fn idempotency(mut self, header: &str, by: &[usize]) -> Self {
        self.call.idempotency = Some(Idempotency { header: header.to_owned(), by: by.to_vec() });
        self
    }

    pub fn auth(mut self, auth: Auth) -> Self {
        self.call.auth = Setting::Set(auth);
        self
    }

    pub fn ok(mut self, condition: &str) -> Self {
        self.call.ok = Some(Condition::compile(condition).unwrap());
        self
    }

    pub fn error(mut self, path: &str) -> Self {
        self.call.error.push(Path::compile(path).unwrap());
        self
    }

    pub fn records(mut self, path: &'static str) -> Self {
        self.records = path;
        self
    }

    pub fn timeout_ms(mut self, timeout: u64) -> Self {
        self.timeout = Duration::from_millis(timeout);
        self
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.upstream.limits = limits;
        self
    }

    pub fn redirects(mut self) -> Self {
        self.upstream.redirects = true;
        self
    }

    /// What stands at `records` is one record.
    pub fn whole(mut self) -> Self {
        self.call.is_whole = true;
        self
    }

    pub fn done(self) -> Arc<Operation> {
        let call = HttpCall { upstream: Arc::new(self.upstream), ..self.call };
        Arc::new(Operation {
            name: "acme.customer".into(),
            about: None,
            args: self.args,
            call: Call::Http(Box::new(call)),
            records: Path::compile(self.records).unwrap(),
            unique: Vec::new(),
            effect: self.effect,
            timeout: self.timeout,
        })
    }
}

/// What was asked, with what came back and what was noted.
pub struct Asked {
    pub found: Result<Vec<Record>, Failure>,
    /// What was noted, and a line of it for each request.
    pub notes: Vec<Note>,
    pub lines: Vec<String>,
    pub took: Duration,
}

impl Asked {
    /// The records as values.
    pub fn values(&self) -> Vec<Value> {
        self.found.as_ref().unwrap().iter().map(|record| Value::clone(record)).collect()
    }

    pub fn failure(&self) -> &Failure {
        self.found.as_ref().unwrap_err()
    }
}

pub async fn ask(upstreams: &Upstreams, operation: &Arc<Operation>, args: &[Value], budget_ms: u64) -> Asked {
    let start = tokio::time::Instant::now();
    let clock = Instant::now();
    let trace = Trace::new(start).recording();
    let deadline = Deadline::new(start, Duration::from_millis(budget_ms));
    let found = match Args::check(operation, args.iter().cloned().map(Some).collect()) {
        Ok(args) => {
            let page =
                upstreams.ask(operation, &args, &Part::Whole, deadline, &Spare::default(), &trace).await;
            page.map(|page| page.records)
        }
        Err(failure) => Err(failure),
    };
    Asked { found, lines: lines(&trace.notes()), notes: trace.notes(), took: clock.elapsed() }
}

/// Answers every request alike, and keeps what was sent.
pub struct Canned {
    answer: Result<Response, Failure>,
    rows: Option<Vec<Record>>,
    pub sent: Mutex<Vec<Request>>,
}

impl Canned {
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Arc<Self> {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let answer = Ok(Response { status, headers, body: body.into() });
        Arc::new(Self { answer, rows: None, sent: Mutex::default() })
    }

    pub fn of_rows(rows: Vec<Record>) -> Arc<Self> {
        Arc::new(Self { answer: Err(Failure::Timeout), rows: Some(rows), sent: Mutex::default() })
    }
}

impl Transport for Canned {
    fn exchange<'a>(
        &'a self,
        _: &'a HttpUpstream,
        _: &'a Operation,
        _: &'a Args,
        request: &'a Request,
        _: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        self.sent.lock().unwrap().push(request.clone());
        async { self.answer.clone() }.boxed()
    }

    fn rows(&self, _: &Operation, _: &Args) -> Option<Result<Vec<Record>, Failure>> {
        self.rows.clone().map(Ok)
    }
}
