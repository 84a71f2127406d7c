//! A token with its age, and where replicas share it: the trait that `app` gives the cache's sealed values for.

use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::clock::Deadline;
use crate::secret::Secret;

/// A refusal is answered with a new token at most once in this time.
const BETWEEN: Duration = Duration::from_secs(10);
/// How long a token of unknown life is shared.
const SHARED: Duration = Duration::from_secs(24 * 3600);

/// Where replicas share their tokens. It may lose them, and it never fails.
pub trait TokenStore: Send + Sync {
    /// The value under this name.
    fn get<'a>(&'a self, name: &'a str, deadline: Deadline) -> BoxFuture<'a, Option<Vec<u8>>>;

    /// Puts a value under this name for a time, instead of any before it.
    fn put<'a>(&'a self, name: &'a str, value: &'a [u8], life: Duration) -> BoxFuture<'a, ()>;

    /// Asks for the lock on this name, for at most this time; it never waits for who has it.
    fn lock<'a>(&'a self, name: &'a str, life: Duration, deadline: Deadline) -> BoxFuture<'a, Asked>;
}

/// What became of asking for a lock.
pub enum Asked {
    /// It is ours until this is dropped.
    Taken(Box<dyn Send>),
    /// Another replica has it.
    Held,
    /// There is nothing shared: each replica is on its own.
    Alone,
}

/// Nothing is shared.
pub(crate) struct Unshared;

impl TokenStore for Unshared {
    fn get<'a>(&'a self, _: &'a str, _: Deadline) -> BoxFuture<'a, Option<Vec<u8>>> {
        async { None }.boxed()
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a [u8], _: Duration) -> BoxFuture<'a, ()> {
        async {}.boxed()
    }

    fn lock<'a>(&'a self, _: &'a str, _: Duration, _: Deadline) -> BoxFuture<'a, Asked> {
        async { Asked::Alone }.boxed()
    }
}

/// A token, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) value: Secret,
    /// Since when it is good, by the clock of who had it made.
    pub(crate) made: SystemTime,
    /// How long it is good for, if anybody said.
    pub(crate) life: Option<Duration>,
    /// It was made because the one before it was refused.
    pub(crate) after_refusal: bool,
}

impl Token {
    /// Whether a request may carry it: a twentieth before its end it may end on the way.
    pub(crate) fn is_good(&self, now: SystemTime) -> bool {
        self.life.is_none_or(|life| self.age(now) < life - life / 20)
    }

    /// Whether half of its life has passed.
    pub(crate) fn is_old(&self, now: SystemTime) -> bool {
        self.life.is_some_and(|life| self.age(now) >= life / 2)
    }

    /// Whether another may be made because this one is refused: an upstream that refuses whatever it gave would have
    /// one made for every call.
    pub(crate) fn may_be_replaced(&self, now: SystemTime) -> bool {
        !self.after_refusal || self.age(now) >= BETWEEN
    }

    fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.made).unwrap_or_default()
    }

    /// How long it is worth sharing.
    pub(crate) fn shared_life(&self) -> Duration {
        self.life.unwrap_or(SHARED)
    }

    /// The token as replicas share it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let made = self.made.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let shared = json!({
            "token": self.value.expose(),
            "made_ms": millis(made),
            "life_ms": self.life.map(millis),
            "after_refusal": self.after_refusal,
        });
        shared.to_string().into_bytes()
    }

    /// The token that was shared so.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let shared: Value = serde_json::from_slice(bytes).ok()?;
        let made = shared.get("made_ms")?.as_u64()?;
        Some(Self {
            value: Secret::new(shared.get("token")?.as_str()?),
            made: SystemTime::UNIX_EPOCH + Duration::from_millis(made),
            life: shared.get("life_ms")?.as_u64().map(Duration::from_millis),
            after_refusal: shared.get("after_refusal")?.as_bool()?,
        })
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Token;
    use crate::secret::Secret;

    fn token(life: Option<u64>, after_refusal: bool) -> Token {
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Token { value: Secret::new("t"), made, life: life.map(Duration::from_secs), after_refusal }
    }

    #[test]
    fn a_token_is_old_at_half_its_life_and_gone_just_before_its_end() {
        let token = token(Some(100), false);
        let at = |seconds| token.made + Duration::from_secs(seconds);
        assert_eq!([49, 50, 94].map(|age| token.is_old(at(age))), [false, true, true]);
        assert_eq!([0, 94, 95].map(|age| token.is_good(at(age))), [true, true, false]);
    }

    #[test]
    fn a_token_of_unknown_life_is_good_until_it_is_refused() {
        let token = token(None, false);
        let late = token.made + Duration::from_secs(1_000_000);
        assert!(token.is_good(late) && !token.is_old(late));
    }

    #[test]
    fn a_refusal_is_answered_with_a_new_token_once_in_ten_seconds() {
        let first = token(Some(100), false);
        assert!(first.may_be_replaced(first.made));
        let second = token(Some(100), true);
        let at = |seconds| second.made + Duration::from_secs(seconds);
        assert_eq!([0, 9, 10].map(|age| second.may_be_replaced(at(age))), [false, false, true]);
    }

    #[test]
    fn a_token_is_read_as_it_was_shared() {
        for token in [token(Some(100), false), token(None, true)] {
            assert_eq!(Token::decode(&token.encode()), Some(token));
        }
        assert_eq!(Token::decode(b"{}"), None);
    }
}
