//! One try of a request: through the upstream's door, over the transport, read, judged and noted.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::clock::Deadline;
use crate::plan::operation::{Effect, HttpCall, Operation};
use crate::record::Failure;
use crate::trace::{Stage, Trace};
use crate::upstream::args::Args;
use crate::upstream::door::Door;
use crate::upstream::pages::Page;
use crate::upstream::request::Prepared;
use crate::upstream::transport::{Response, Transport};
use crate::upstream::{json, response, retry};

/// All that a try needs; a second try takes the same.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) transport: &'a dyn Transport,
    pub(crate) door: &'a Door,
    pub(crate) operation: &'a Operation,
    pub(crate) call: &'a HttpCall,
    pub(crate) args: &'a Args,
    pub(crate) prepared: &'a Prepared,
    pub(crate) deadline: Deadline,
    pub(crate) trace: &'a Trace,
}

/// How a try ended.
pub(crate) struct Ended {
    /// What it found.
    pub(crate) found: Result<Page, Failure>,
    /// Whether the upstream was asked at all.
    asked: bool,
    /// Whether it was the token that the upstream did not like.
    pub(crate) is_token_refused: bool,
    retry_after: Option<String>,
    took: Duration,
}

impl Ended {
    /// How long to wait before a second try; none: there is none.
    pub(crate) fn pause(&self, operation: &Operation, deadline: Deadline) -> Option<Duration> {
        let failure = self.found.as_ref().err().filter(|_| self.asked)?;
        retry::pause(operation, failure, self.retry_after.as_deref(), self.took, deadline)
    }
}

impl Attempt<'_> {
    /// Tries once.
    pub(crate) async fn run(&self) -> Ended {
        let start = Instant::now();
        if self.deadline.remaining().is_zero() {
            return self.refuse(Failure::Timeout);
        }
        let Some(leave) = self.door.breaker.admit() else {
            let resting = "it failed too often a moment ago and is not asked for some seconds";
            return self.refuse(Failure::Unreachable(resting.to_owned()));
        };
        let _room = match self.door.limiter.enter(self.deadline).await {
            Ok(room) => room,
            Err(failure) => return self.refuse(failure),
        };
        let deadline = self.own_deadline();
        let allowed = deadline.within(self.operation.timeout).remaining();
        let request = self.prepared.request.clone();
        let exchange = self.transport.exchange(&self.call.upstream, self.operation, request, deadline);
        // The transport keeps to the deadline too; this one holds even where that does not.
        let answer = timeout_at(deadline.instant(), exchange).await.unwrap_or(Err(Failure::Timeout));
        let is_token_refused =
            answer.as_ref().is_ok_and(|answer| response::is_token_refused(self.call, self.args, answer));
        let found = match &answer {
            Ok(answer) if is_token_refused => Err(response::token_refusal(answer)),
            Ok(answer) => response::read(self.operation, self.call, self.args, answer),
            Err(failure) => Err(failure.clone()),
        };
        if let Some(failed) = is_down(&found, allowed, self.operation.timeout) {
            leave.tell(failed);
        }
        self.note(answer.as_ref().ok(), start, &found);
        let retry_after = answer.ok().and_then(|answer| answer.header("retry-after").map(str::to_owned));
        Ended { found, asked: true, is_token_refused, retry_after, took: start.elapsed() }
    }

    /// Until when the answer is waited for. A write that was begun in time is not cut: it has the operation's whole
    /// limit, and who asked for it waits as long as it likes.
    fn own_deadline(&self) -> Deadline {
        match self.operation.effect {
            Effect::Read => self.deadline,
            Effect::Write => Deadline::new(Instant::now(), self.operation.timeout),
        }
    }

    fn refuse(&self, failure: Failure) -> Ended {
        let found = Err(failure);
        self.trace.note(Stage::Upstream, &self.operation.name, || {
            format!("{} not sent, {}", self.prepared.shown, end(&found))
        });
        Ended { found, asked: false, is_token_refused: false, retry_after: None, took: Duration::ZERO }
    }

    fn note(&self, answer: Option<&Response>, start: Instant, found: &Result<Page, Failure>) {
        self.trace.note(Stage::Upstream, &self.operation.name, || {
            let status = answer.map(|answer| format!(" {}", answer.status)).unwrap_or_default();
            let took = start.elapsed().as_millis();
            let message = match (found, answer) {
                (Err(Failure::Status(_) | Failure::Overloaded(_)), Some(answer)) => {
                    json::read(&answer.body).ok().and_then(|body| response::message(self.call, &body))
                }
                _ => None,
            };
            let message = message.map(|message| format!(", saying: {message}")).unwrap_or_default();
            format!("{} →{status} in {took} ms, {}{message}", self.prepared.shown, end(found))
        });
    }
}

/// How a trace says what was found.
pub(crate) fn end(found: &Result<Page, Failure>) -> String {
    match found {
        Ok(page) if page.records.len() == 1 => "1 record".to_owned(),
        Ok(page) => format!("{} records", page.records.len()),
        Err(failure) => format!("{}: {failure}", failure.code()),
    }
}

/// Whether an upstream that answers so is down; none where it cannot be told: a call that had little time left
/// says nothing about an upstream that did not answer in it.
fn is_down(found: &Result<Page, Failure>, allowed: Duration, timeout: Duration) -> Option<bool> {
    match found {
        Err(Failure::Timeout) if allowed < timeout / 2 => None,
        Err(Failure::Timeout | Failure::Unreachable(_) | Failure::Status(500..)) => Some(true),
        _ => Some(false),
    }
}
