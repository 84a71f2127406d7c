//! All logins of the process: each has one token, made once for all who ask, renewed behind their backs at half its
//! life, shared with other replicas. It outlives the plans, so that a reload logs nobody in again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::{Instant, timeout_at};

use crate::clock::{Clock, Deadline};
use crate::meter::{Counter, Family};
use crate::plan::login::{Login, Mint};
use crate::record::Failure;
use crate::trace::Trace;
use crate::trace::note::{Hold, What};
use crate::upstream::mint;
use crate::upstream::renewal::{Made, Renewal};
use crate::upstream::token::{Token, TokenStore};
use crate::upstream::transport::Transport;

/// How long a login that was refused is not tried again.
const REFUSED: Duration = Duration::from_secs(10);
/// The same for one that failed in a way that may pass.
const FAILED: Duration = Duration::from_secs(1);

/// All logins, by their identity.
pub(crate) struct Logins {
    store: Arc<dyn TokenStore>,
    clock: Clock,
    held: Mutex<HashMap<String, Arc<Held>>>,
    failures: Arc<Family<Counter>>,
}

/// One login's token.
#[derive(Default)]
struct Held(Mutex<State>);

#[derive(Default)]
struct State {
    token: Option<Token>,
    making: Option<Making>,
    /// Until when nothing is tried, and why.
    resting: Option<(Instant, Failure)>,
}

/// A token in the making: a task of its own that all who ask wait for.
type Making = Shared<BoxFuture<'static, Made>>;

/// What there is for who asks.
enum Way {
    Token(Token),
    Wait(Making),
    Rest(Failure),
}

impl Held {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// The token that may be carried, and is not the one that was refused.
    fn good(&self, refused: Option<&Token>, now: SystemTime) -> Option<&Token> {
        let token = self.token.as_ref().filter(|token| token.is_good(now))?;
        refused.is_none_or(|refused| refused.value != token.value).then_some(token)
    }

    /// The copy of this token that came last: some systems give the same one again.
    fn newest<'t>(&'t self, token: &'t Token) -> &'t Token {
        self.token.as_ref().filter(|held| held.value == token.value).unwrap_or(token)
    }

    fn rest(&self) -> Option<&Failure> {
        self.resting.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, failure)| failure)
    }

    /// A token has been made, or not.
    fn settle(&mut self, made: &Made) {
        self.making = None;
        match made {
            Ok(Some(token)) => (self.token, self.resting) = (Some(token.clone()), None),
            Ok(None) => {}
            Err(failure) => self.resting = Some((Instant::now() + rest_after(failure), failure.clone())),
        }
    }
}

/// How long a login that ended so is left alone.
fn rest_after(failure: &Failure) -> Duration {
    match failure {
        Failure::Login(cause) => match **cause {
            Failure::Unreachable(_) | Failure::Lost(_) | Failure::Status(500..) => FAILED,
            _ => REFUSED,
        },
        Failure::Overloaded(_) => REFUSED,
        _ => FAILED,
    }
}

impl Logins {
    /// Logins that share their tokens there.
    pub(crate) fn new(store: Arc<dyn TokenStore>, clock: Clock) -> Self {
        Self { store, clock, held: Mutex::default(), failures: Arc::default() }
    }

    /// How often no token could be had, by upstream.
    pub(crate) fn failures(&self) -> Vec<(Arc<str>, Arc<Counter>)> {
        self.failures.all()
    }

    /// A token that may be carried now; another than `refused`, where the upstream has refused that one. None: the
    /// one that was refused is too new to have another made.
    ///
    /// # Errors
    /// As [`mint::make`], by the deadline at the latest.
    pub(crate) async fn token(
        &self,
        login: &Arc<Login>,
        refused: Option<&Token>,
        transport: &Arc<dyn Transport>,
        deadline: Deadline,
        trace: &Trace,
    ) -> Made {
        let held = self.held(login);
        if let Mint::Signed(_) = login.mint {
            return self.signed(login, &held, transport, deadline).await.map(Some);
        }
        let making = match held.with(|state| self.way(login, &held, state, refused, transport)) {
            Way::Token(token) => return Ok(Some(token)),
            Way::Rest(failure) => {
                trace.note(|| What::Unsent(Hold::NoToken, failure.clone()));
                return Err(failure);
            }
            Way::Wait(making) => making,
        };
        let start = Instant::now();
        let made = timeout_at(deadline.instant(), making.clone()).await.unwrap_or(Err(Failure::Timeout));
        if making.peek().is_some() {
            // A task that ended with its runtime has not settled.
            held.with(|state| state.making.take_if(|other| other.ptr_eq(&making)));
        }
        trace.note(|| match &made {
            Ok(Some(_)) => What::Token(start.elapsed(), Ok(())),
            Ok(None) => What::Said("the token was refused, and is too new to be replaced".to_owned()),
            Err(failure) => What::Token(start.elapsed(), Err(failure.clone())),
        });
        made
    }

    fn held(&self, login: &Login) -> Arc<Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(login.identity.clone()).or_default())
    }

    fn way(
        &self,
        login: &Arc<Login>,
        held: &Arc<Held>,
        state: &mut State,
        refused: Option<&Token>,
        transport: &Arc<dyn Transport>,
    ) -> Way {
        let now = self.clock.wall();
        let refused = refused.map(|refused| state.newest(refused)).cloned();
        let start = |refused: Option<Token>| {
            let renewal = Renewal {
                store: Arc::clone(&self.store),
                clock: self.clock.clone(),
                failures: Arc::clone(&self.failures),
                login: Arc::clone(login),
                transport: Arc::clone(transport),
                refused,
            };
            begin(renewal, Arc::clone(held))
        };
        if let Some(token) = state.good(refused.as_ref(), now).cloned() {
            if token.is_old(now) && state.making.is_none() && state.rest().is_none() {
                state.making = Some(start(None));
            }
            return Way::Token(token);
        }
        if let (None, Some(failure)) = (&state.making, state.rest()) {
            return Way::Rest(failure.clone());
        }
        Way::Wait(state.making.get_or_insert_with(|| start(refused)).clone())
    }

    /// Signing costs less than sharing.
    async fn signed(
        &self,
        login: &Login,
        held: &Held,
        transport: &Arc<dyn Transport>,
        deadline: Deadline,
    ) -> Result<Token, Failure> {
        let now = self.clock.wall();
        let is_young = |token: &Token| token.is_good(now) && !token.is_old(now);
        if let Some(token) = held.with(|state| state.token.clone()).filter(is_young) {
            return Ok(token);
        }
        let token = mint::make(login, &**transport, now, deadline).await?;
        held.with(|state| state.token = Some(token.clone()));
        Ok(token)
    }
}

/// Begins to make a token. Nobody who waits for it can cut it off.
fn begin(renewal: Renewal, held: Arc<Held>) -> Making {
    let task = tokio::spawn(async move {
        let made = renewal.run().await;
        held.with(|state| state.settle(&made));
        made
    });
    let cut_off = || Failure::Unreachable("the login was cut off".to_owned());
    task.map(move |ended| ended.unwrap_or_else(|_| Err(Failure::Login(Box::new(cut_off()))))).boxed().shared()
}
