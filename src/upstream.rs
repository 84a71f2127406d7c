//! Systems that hold data, asked one operation at a time. In: an operation with its arguments and a deadline. Out:
//! the records it found (none is not found), or a typed failure. Nothing here knows nodes, callers or caches.

pub mod args;
mod attempt;
mod body;
mod breaker;
mod door;
pub mod http;
mod idempotency;
pub(crate) mod json;
mod jwt;
mod limits;
mod login;
pub mod meters;
mod mint;
pub mod pages;
pub mod preview;
mod renewal;
mod request;
mod response;
mod retry;
mod shown;
mod spare;
mod table;
pub mod token;
pub mod transport;

use std::sync::Arc;

use tokio::time::sleep;

pub use crate::upstream::spare::Spare;

use crate::clock::{Clock, Deadline};
use crate::meter::Counter;
use crate::plan::login::{Login, Mint};
use crate::plan::operation::{Auth, Call, HttpCall, Operation, Setting};
use crate::plan::part::Part;
use crate::record::Failure;
use crate::trace::Trace;
use crate::trace::note::{Hold, What};
use crate::upstream::args::Args;
use crate::upstream::attempt::{Attempt, Ended};
use crate::upstream::door::Doors;
use crate::upstream::login::Logins;
use crate::upstream::meters::Status;
use crate::upstream::pages::Page;
use crate::upstream::token::{TokenStore, Unshared};
use crate::upstream::transport::Transport;

/// All upstreams, behind one transport. Clones share what is known of each: its limits and its breaker.
#[derive(Clone)]
pub struct Upstreams {
    transport: Arc<dyn Transport>,
    doors: Arc<Doors>,
    logins: Arc<Logins>,
}

impl Upstreams {
    /// Upstreams that are reached over this transport; their tokens are this process's own.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self::sharing(transport, Arc::new(Unshared), Clock::system())
    }

    /// The same; replicas share their tokens in this store.
    #[must_use]
    pub fn sharing(transport: Arc<dyn Transport>, store: Arc<dyn TokenStore>, clock: Clock) -> Self {
        Self { transport, doors: Arc::default(), logins: Arc::new(Logins::new(store, clock)) }
    }

    /// Gets ready to ask, from the runtime that this is called on, if it is one, and from all that have got ready before.
    pub fn warm(&self, operation: &Operation) {
        let Call::Http(call) = &operation.call else {
            return;
        };
        self.transport.warm(&call.upstream);
        if let Some(Mint::Fetched(fetch)) = login_of(call).map(|login| &login.mint) {
            self.warm(&fetch.operation);
        }
    }

    /// How each upstream does that was asked.
    #[must_use]
    pub fn status(&self) -> Vec<Status> {
        self.doors.status()
    }

    /// How often no token could be had, by upstream.
    #[must_use]
    pub fn login_failures(&self) -> Vec<(Arc<str>, Arc<Counter>)> {
        self.logins.failures()
    }

    /// Asks one operation and returns the records it selects, in the answer's order; an empty list is not found. Of an
    /// operation that has pages it is the page that the arguments name, and who wants more of them goes on a [`pages::Walk`].
    /// Of an answer over HTTP this part is read, which has to hold what the operation itself reads of it.
    /// A read whose failure may pass is asked a second time, where the time left is enough and the spare try is there.
    ///
    /// # Errors
    /// The [`Failure`] that kept it from answering, by the deadline at the latest. An upstream that mostly failed
    /// in the last ten seconds is [`Failure::Unreachable`] at once, without being asked.
    pub async fn ask(
        &self,
        operation: &Arc<Operation>,
        args: &Args,
        part: &Part,
        deadline: Deadline,
        spare: &Spare,
        trace: &Trace,
    ) -> Result<Page, Failure> {
        match &operation.call {
            Call::Http(call) => self.send((operation, call), args, part, deadline, spare, trace).await,
            Call::Table(call) => {
                let found = match self.transport.rows(operation, args) {
                    Some(rows) => rows.and_then(|rows| table::select(operation, rows)),
                    None => table::look_up(operation, call, args),
                };
                let found = found.map(Page::only);
                trace.note(|| match &found {
                    Ok(page) => What::Rows(page.records.len()),
                    Err(failure) => What::Unsent(Hold::Unmade, failure.clone()),
                });
                found
            }
        }
    }

    async fn send(
        &self,
        (operation, call): (&Arc<Operation>, &HttpCall),
        args: &Args,
        part: &Part,
        deadline: Deadline,
        spare: &Spare,
        trace: &Trace,
    ) -> Result<Page, Failure> {
        let is_stand_in = self.transport.is_stand_in();
        let prepared = request::prepare(operation, call, args, is_stand_in, trace.is_kept());
        let prepared = prepared.inspect_err(|failure| {
            trace.note(|| What::Unsent(Hold::Unmade, failure.clone()));
        })?;
        let door = self.doors.to(&call.upstream);
        let transport = &*self.transport;
        let attempt = Attempt {
            transport,
            door: &door,
            operation,
            call,
            args,
            part,
            prepared: &prepared,
            deadline,
            spare,
            trace,
        };
        match login_of(call).filter(|_| !is_stand_in) {
            Some(login) => self.send_with_token(login, attempt, spare).await,
            None => twice(attempt, attempt.run().await, spare).await,
        }
    }

    /// Sends it with a token, and once more with another where that one is refused: what refuses a token has carried
    /// nothing out, so that a write, too, may be sent again.
    async fn send_with_token(
        &self,
        login: &Arc<Login>,
        attempt: Attempt<'_>,
        spare: &Spare,
    ) -> Result<Page, Failure> {
        let Attempt { prepared, operation, deadline, trace, .. } = attempt;
        let no_token = || Failure::Login(Box::new(Failure::Refused("its token was refused".to_owned())));
        let token = self.logins.token(login, None, &self.transport, deadline, trace).await?;
        let token = token.ok_or_else(no_token)?;
        let carrying = prepared.carrying(operation, &login.carry, &token)?;
        let attempt = Attempt { prepared: &carrying, ..attempt };
        let first = attempt.run().await;
        if !first.is_token_refused {
            return twice(attempt, first, spare).await;
        }
        trace.note(|| What::TokenRefused);
        // Asked for although there may be no try left: the next call finds it.
        let token = self.logins.token(login, Some(&token), &self.transport, deadline, trace).await?;
        let Some(token) = token.filter(|_| spare.take()) else {
            return first.found;
        };
        let carrying = prepared.carrying(operation, &login.carry, &token)?;
        Attempt { prepared: &carrying, ..attempt }.run().await.found
    }
}

/// Tries a second time where the first one's failure may pass, the time left is enough and the spare try is there.
async fn twice(attempt: Attempt<'_>, first: Ended, spare: &Spare) -> Result<Page, Failure> {
    let Some(pause) = first.pause(attempt.operation, attempt.deadline, spare.until()) else {
        if first.is_put_off() {
            // Nobody else asks sooner than it wants, either.
            let _ = spare.take();
        }
        return first.found;
    };
    if !spare.take() {
        return first.found;
    }
    sleep(pause).await;
    attempt.trace.note(|| What::Again(pause));
    attempt.run().await.found
}

fn login_of(call: &HttpCall) -> Option<&Arc<Login>> {
    match &call.auth {
        Setting::Set(Auth::Login(login)) => Some(login),
        _ => None,
    }
}
