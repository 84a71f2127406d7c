//! The making of one token: one that another replica has had made since, else one of our own, made under a lock that
//! all replicas share.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::clock::{Clock, Deadline};
use crate::meter::{Counter, Family};
use crate::plan::login::{Login, Mint};
use crate::record::Failure;
use crate::upstream::mint;
use crate::upstream::token::{Asked, Token, TokenStore};
use crate::upstream::transport::Transport;

/// What is added to the login's own limit for the shared store.
const FOR_THE_STORE: Duration = Duration::from_millis(200);
/// How often a token that another replica is fetching is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// What became of it. None: the token that was refused is too new to have another made.
pub(super) type Made = Result<Option<Token>, Failure>;

/// The making of one token.
pub(super) struct Renewal {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) clock: Clock,
    pub(super) failures: Arc<Family<Counter>>,
    pub(super) login: Arc<Login>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) refused: Option<Token>,
}

impl Renewal {
    /// The token that another replica has had made since, else one of our own, made under the lock.
    pub(super) async fn run(&self) -> Made {
        let made = self.token().await;
        if let Err(failure) = &made {
            let (upstream, code) = (&*self.login.upstream, failure.code());
            self.failures.with(upstream, Counter::add);
            tracing::warn!(event = "login.failed", upstream, code, "no token could be had");
        }
        made
    }

    async fn token(&self) -> Made {
        let limit = self.limit() + FOR_THE_STORE;
        let deadline = Deadline::new(Instant::now(), limit);
        let name = format!("token {}", self.login.identity);
        loop {
            if let Some(settled) = self.settled(&name, deadline).await {
                return settled;
            }
            match self.store.lock(&name, limit, deadline).await {
                Asked::Alone => return self.make(&name).await.map(Some),
                Asked::Taken(lock) => {
                    // Whoever had it before may have put one there since.
                    let made = match self.settled(&name, deadline).await {
                        Some(settled) => settled,
                        None => self.make(&name).await.map(Some),
                    };
                    drop(lock);
                    return made;
                }
                Asked::Held if deadline.remaining() <= LOOK => return Err(Failure::Timeout),
                Asked::Held => sleep(LOOK).await,
            }
        }
    }

    fn limit(&self) -> Duration {
        match &self.login.mint {
            Mint::Fetched(fetch) => fetch.operation.timeout,
            Mint::Signed(_) => Duration::ZERO,
        }
    }

    /// What there is without another one being made: the shared token, if it is of use, or none, where the one that
    /// was refused is too new. Some systems give the same token again, so the shared copy of it may be the newer one.
    async fn settled(&self, name: &str, deadline: Deadline) -> Option<Made> {
        let shared = self.store.get(name, deadline).await.and_then(|bytes| Token::decode(&bytes));
        let now = self.clock.wall();
        let Some(refused) = &self.refused else {
            return shared
                .filter(|token| token.is_good(now) && !token.is_old(now))
                .map(|token| Ok(Some(token)));
        };
        let is_too_new = |token: &Token| token.is_good(now) && !token.may_be_replaced(now);
        match shared {
            Some(other) if other.value != refused.value && other.is_good(now) => Some(Ok(Some(other))),
            Some(same) if same.value == refused.value && is_too_new(&same) => Some(Ok(None)),
            _ => is_too_new(refused).then_some(Ok(None)),
        }
    }

    async fn make(&self, name: &str) -> Result<Token, Failure> {
        let deadline = Deadline::new(Instant::now(), self.limit());
        let made = mint::make(&self.login, &*self.transport, self.clock.wall(), deadline).await?;
        let token = Token { after_refusal: self.refused.is_some(), ..made };
        self.store.put(name, &token.encode(), token.shared_life()).await;
        let upstream = &*self.login.upstream;
        let after_refusal = token.after_refusal;
        tracing::info!(event = "login.done", upstream, after_refusal, "a new token is in use");
        Ok(token)
    }
}
