//! Keeps the link: makes it, hears evictions, notices that Redis is gone or hung, and makes it again. It alone
//! waits for Redis; calls find a link or none.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::aio::{PubSubSink, PubSubStream};
use deadpool_redis::redis::{ErrorKind, RedisError, RedisResult, cmd};
use futures_util::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::cache::redis::link::Link;
use crate::cache::redis::pool::{Held, Pool};
use crate::cache::redis::{Redis, eviction};

/// Longest time for a whole link to be made.
const OPEN: Duration = Duration::from_secs(5);
/// Waits between attempts, each twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A link that held so long was a good one.
const STEADY: Duration = Duration::from_secs(5);
/// How often the channel is tried.
const BEAT: Duration = Duration::from_secs(2);

/// The task's own parts.
pub(super) struct Keeper {
    redis: Arc<Redis>,
    pool: Arc<Pool>,
}

/// A link with its invalidation channel.
struct Session {
    link: Arc<Link>,
    sink: PubSubSink,
    stream: PubSubStream,
    /// Redis's count at the last beat, where it was ahead of ours.
    ahead: Option<eviction::Standing>,
}

impl Keeper {
    pub(super) fn new(redis: Arc<Redis>, pool: Pool) -> Self {
        Self { redis, pool: Arc::new(pool) }
    }

    /// Keeps the link until it is aborted.
    pub(super) async fn run(self) {
        let mut wait = FIRST_WAIT;
        let mut told = false;
        // A process that starts has much to do at once: one attempt that took too long is no outage.
        let mut is_first = true;
        loop {
            let start = Instant::now();
            let why = match timeout(OPEN, self.open()).await {
                Ok(Ok(session)) => {
                    tracing::info!(event = "redis.up", kind = self.redis.kind, "Redis answers");
                    (told, is_first) = (false, false);
                    self.attend(session).await
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            self.redis.unlink();
            if !std::mem::replace(&mut is_first, false) && !std::mem::replace(&mut told, true) {
                tracing::warn!(event = "redis.down", kind = self.redis.kind, %why, "Redis does not answer");
            }
            if start.elapsed() > STEADY {
                wait = FIRST_WAIT;
            }
            sleep(self.redis.jitter(wait)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Makes a link. The channel comes before the question where the order stands, so that nothing falls between.
    async fn open(&self) -> RedisResult<Session> {
        let mut channel = self.pool.channel().await?;
        channel.subscribe(&self.redis.channel).await?;
        let (sink, stream) = channel.split();
        let held = [self.probed().await?, self.probed().await?];
        let link = Arc::new(Link::new(held, Arc::clone(&self.pool), self.redis.kind != "single"));
        self.redis.meet(&link).await?;
        self.redis.tell_pending(&link).await?;
        self.redis.link(&link);
        Ok(Session { link, sink, stream, ahead: None })
    }

    /// A connection that answers within the limit that calls have.
    async fn probed(&self) -> RedisResult<Held> {
        let held = self.pool.get().await?;
        let mut connection = held.connection();
        match timeout(self.redis.limit, cmd("PING").query_async::<()>(&mut connection)).await {
            Ok(answered) => answered.map(|()| held),
            Err(_) => Err(failed("it is slow")),
        }
    }

    /// Hears evictions until something breaks; says what.
    async fn attend(&self, mut session: Session) -> String {
        let link = Arc::clone(&session.link);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let well = tokio::select! {
                biased;
                () = link.until_broken() => Err(failed("it failed too often, or the connection was lost")),
                message = session.stream.next() => match message {
                    Some(message) => match message.get_payload::<String>() {
                        Ok(text) => self.redis.hear(&text, &link).await,
                        Err(error) => Err(error),
                    },
                    None => Err(failed("the invalidation channel was closed")),
                },
                // It found no link, or failed on one before this.
                () = self.redis.put_off.notified() => self.redis.tell_pending(&link).await,
                _ = beat.tick() => self.beat(&mut session).await,
            };
            if let Err(error) = well {
                return error.to_string();
            }
        }
    }

    /// Tries the channel, and asks where the order stands: an eviction that has been counted for a whole beat and
    /// was not heard was missed. What was owed to Redis it gets now.
    async fn beat(&self, session: &mut Session) -> RedisResult<()> {
        match timeout(BEAT, session.sink.ping::<deadpool_redis::redis::Value>()).await {
            Ok(answered) => drop(answered?),
            Err(_) => return Err(failed("the invalidation channel hangs")),
        }
        self.redis.give_back_owed(&session.link).await?;
        let now = self.redis.standing(&session.link).await?;
        let known = self.redis.known();
        if now == known {
            session.ahead = None;
            return Ok(());
        }
        let missed = session.ahead.as_ref().is_some_and(|before| !known.has(before));
        session.ahead = Some(now);
        if missed { self.redis.meet(&session.link).await } else { Ok(()) }
    }
}

/// A failure in words of ours.
pub(super) fn failed(why: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, why))
}
