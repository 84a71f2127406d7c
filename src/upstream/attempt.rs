//! One try of a request: through the upstream's door, over the transport, read, judged and noted.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::clock::Deadline;
use crate::plan::operation::{Call, Effect, HttpCall, Operation};
use crate::plan::part::Part;
use crate::record::Failure;
use crate::trace::Trace;
use crate::trace::note::{Answered, Hold, What};
use crate::upstream::args::Args;
use crate::upstream::door::Door;
use crate::upstream::pages::Page;
use crate::upstream::request::Prepared;
use crate::upstream::transport::{Response, Transport};
use crate::upstream::{Spare, json, response, retry};

/// A larger body takes so long to read that the other calls of the thread would wait, in bytes.
const LARGE: usize = 64 * 1024;

/// All that a try needs; a second try takes the same.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) transport: &'a dyn Transport,
    pub(crate) door: &'a Door,
    pub(crate) operation: &'a Arc<Operation>,
    pub(crate) call: &'a HttpCall,
    pub(crate) args: &'a Args,
    /// What is read of the answer.
    pub(crate) part: &'a Part,
    pub(crate) prepared: &'a Prepared,
    pub(crate) deadline: Deadline,
    pub(crate) spare: &'a Spare,
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
    /// How long to wait before a second try; none: there is none. A wait that the upstream asks for is not made where
    /// it would outlast whoever waits, until `by`.
    pub(crate) fn pause(
        &self,
        operation: &Operation,
        deadline: Deadline,
        by: Option<Deadline>,
    ) -> Option<Duration> {
        let failure = self.found.as_ref().err().filter(|_| self.asked)?;
        let by = by.filter(|_| self.retry_after.is_some());
        let deadline = by.map_or(deadline, |by| by.min(deadline));
        retry::pause(operation, failure, self.retry_after.as_deref(), self.took, deadline)
    }

    /// Whether the upstream said when to come again.
    pub(crate) fn is_put_off(&self) -> bool {
        self.found.is_err() && self.retry_after.is_some()
    }
}

impl Attempt<'_> {
    /// Tries once.
    pub(crate) async fn run(&self) -> Ended {
        let start = Instant::now();
        if self.deadline.remaining().is_zero() {
            return self.refuse(Hold::Late, Failure::Timeout);
        }
        let Some(leave) = self.door.breaker.admit() else {
            self.door.meters.resting.add();
            let resting = "it failed too often a moment ago and is not asked for some seconds";
            return self.refuse(Hold::Resting, Failure::Unreachable(resting.to_owned()));
        };
        let _room = match self.door.limiter.enter(self.deadline).await {
            Ok(room) => room,
            Err(failure) => {
                self.door.meters.limited.add();
                return self.refuse(Hold::Full, failure);
            }
        };
        self.note_sent();
        let deadline = self.own_deadline();
        let allowed = deadline.within(self.operation.timeout).remaining();
        let request = &self.prepared.request;
        let sent = self.transport.exchange(&self.call.upstream, self.operation, self.args, request, deadline);
        let answer = sent.await;
        let (found, is_token_refused) = match &answer {
            Ok(answer) if answer.body.len() > LARGE => self.read_aside(answer, deadline).await,
            Ok(answer) => read(self.operation, self.call, self.args, answer, self.part),
            Err(failure) => (Err(failure.clone()), false),
        };
        if self.operation.effect == Effect::Write && is_in_doubt(&found) {
            self.spare.doubt();
        }
        if let Some(failed) = is_down(&found, allowed, self.operation.timeout) {
            leave.tell(failed);
        }
        self.door.meters.sent(&self.operation.name, &found, start.elapsed());
        self.note(answer.as_ref().ok(), start, &found);
        if let (Err(Failure::Refused(_)), false, Some(ok)) = (&found, is_token_refused, &self.call.ok) {
            self.trace.note(|| What::Said(format!("`ok` is not true: {}", ok.text().trim())));
        }
        let retry_after = answer.ok().and_then(|answer| answer.header("retry-after").map(str::to_owned));
        Ended { found, asked: true, is_token_refused, retry_after, took: start.elapsed() }
    }

    /// Reads an answer on a thread where no calls wait.
    async fn read_aside(&self, answer: &Response, deadline: Deadline) -> (Result<Page, Failure>, bool) {
        let (operation, args, part) = (Arc::clone(self.operation), self.args.clone(), self.part.clone());
        let answer = answer.clone();
        let reading = spawn_blocking(move || match &operation.call {
            Call::Http(call) => read(&operation, call, &args, &answer, &part),
            Call::Table(_) => (Ok(Page::default()), false),
        });
        match timeout_at(deadline.instant(), reading).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => (Err(Failure::Unreadable("it was not read to its end".to_owned())), false),
            Err(_) => (Err(Failure::Timeout), false),
        }
    }

    /// Until when the answer is waited for. A write that was begun in time is not cut: it has the operation's whole
    /// limit, and who asked for it waits as long as it likes.
    fn own_deadline(&self) -> Deadline {
        match self.operation.effect {
            Effect::Read => self.deadline,
            Effect::Write => Deadline::new(Instant::now(), self.operation.timeout),
        }
    }

    fn refuse(&self, why: Hold, failure: Failure) -> Ended {
        self.note_sent();
        self.trace.note(|| What::Unsent(why, failure.clone()));
        let found = Err(failure);
        Ended { found, asked: false, is_token_refused: false, retry_after: None, took: Duration::ZERO }
    }

    fn note_sent(&self) {
        if let Some(sent) = &self.prepared.shown {
            self.trace.note(|| What::Sent(Arc::clone(sent)));
        }
    }

    fn note(&self, answer: Option<&Response>, start: Instant, found: &Result<Page, Failure>) {
        self.trace.note(|| {
            let said = match (found, answer) {
                (Err(Failure::Refused(message)), _) => Some(message.clone()),
                (Err(Failure::Status(_) | Failure::Overloaded(_)), Some(answer)) => {
                    json::read(&answer.body).ok().and_then(|body| response::message(self.call, &body))
                }
                _ => None,
            };
            What::Answered(Box::new(Answered {
                status: answer.map(|answer| answer.status),
                size: answer.map_or(0, |answer| answer.body.len()),
                took: start.elapsed(),
                found: found
                    .as_ref()
                    .map(|page| page.records.len())
                    .map_err(|failure| self.without_echo(failure)),
                message: said.map(|said| self.prepared.secrets.hide(&said).into_owned()),
            }))
        });
    }

    /// An upstream's own words may hold what it was sent.
    fn without_echo(&self, failure: &Failure) -> Failure {
        match failure {
            Failure::Refused(message) => Failure::Refused(self.prepared.secrets.hide(message).into_owned()),
            other => other.clone(),
        }
    }
}

/// What an answer holds, and whether it was the token that the upstream did not like.
fn read(
    operation: &Operation,
    call: &HttpCall,
    args: &Args,
    answer: &Response,
    part: &Part,
) -> (Result<Page, Failure>, bool) {
    if response::is_token_refused(call, args, answer) {
        return (Err(response::token_refusal(answer)), true);
    }
    (response::read(operation, call, args, answer, part), false)
}

/// Whether a request that was sent, and ended so, may have been carried out although it failed. To be sent elsewhere
/// is, after a write, mostly to be shown what was written.
fn is_in_doubt(found: &Result<Page, Failure>) -> bool {
    matches!(
        found,
        Err(
            Failure::Timeout
            | Failure::Lost(_)
            | Failure::Unreadable(_)
            | Failure::Status(300..400 | 408 | 500..),
        )
    )
}

/// Whether an upstream that answers so is down; none where it cannot be told: a call that had little time left
/// says nothing about an upstream that did not answer in it.
fn is_down(found: &Result<Page, Failure>, allowed: Duration, timeout: Duration) -> Option<bool> {
    match found {
        Err(Failure::Timeout) if allowed < timeout / 2 => None,
        Err(Failure::Timeout | Failure::Unreachable(_) | Failure::Lost(_) | Failure::Status(500..)) => {
            Some(true)
        }
        _ => Some(false),
    }
}
