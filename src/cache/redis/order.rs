//! The order of evictions, as this process follows it: what it hears, what it tells, and what it must assume to
//! have missed.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::{Cmd, FromRedisValue, RedisResult, cmd};

use crate::cache::redis::Redis;
use crate::cache::redis::connection::Connection;
use crate::cache::redis::eviction::{self, Eviction, Generations, Standing};
use crate::cache::redis::link::Link;
use crate::cache::redis::pending::Pending;

/// When what is about a forgotten customer is looked for again: by then every replica has heard of it.
const AGAIN: Duration = Duration::from_secs(2);

/// What an eviction did in Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cache) struct Reached {
    /// Entries removed.
    pub(in crate::cache) removed: u64,
    /// Whether the replicas were told.
    pub(in crate::cache) told: bool,
}

impl Redis {
    /// Learns where the order stands. Unless nothing was missed, everything in memory ends.
    pub(super) async fn meet(&self, link: &Arc<Link>) -> RedisResult<()> {
        let mut connection = link.reads();
        let known = self.known();
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let newest = if told.has(&known) { told } else { known.clone() };
        let meeting = eviction::meet(&mut connection, &self.place, &newest);
        let (standing, generations) = self.judge(link, self.limit, meeting).await?;
        let missed = standing != known;
        self.generations.store(Arc::new(generations));
        self.know(standing);
        if missed {
            self.local.end_all();
            self.local.forget_all();
        }
        Ok(())
    }

    /// Where the order stands in Redis.
    pub(super) async fn standing(&self, link: &Arc<Link>) -> RedisResult<Standing> {
        let mut fields = cmd("HMGET");
        fields.arg(&self.place).arg("era").arg("count");
        let mut connection = link.reads();
        let (era, count): (Option<String>, Option<u64>) =
            self.judge(link, self.limit, fields.query_async(&mut connection)).await?;
        Ok(Standing { era: era.unwrap_or_default(), count: count.unwrap_or(0) })
    }

    /// Does what a message says, or learns where the order stands if messages before it were missed.
    pub(super) async fn hear(&self, message: &str, link: &Arc<Link>) -> RedisResult<()> {
        let Some(told) = eviction::read(message) else {
            return Ok(());
        };
        let known = self.known();
        let same_era = told.standing.era == known.era;
        if same_era && told.standing.count <= known.count {
            return Ok(());
        }
        if !same_era || told.standing.count > known.count + 1 {
            return self.meet(link).await;
        }
        self.follow(&told.eviction, &told.standing);
        self.know(told.standing);
        Ok(())
    }

    /// Ends in memory what an eviction covers, after the names in Redis have changed.
    fn follow(&self, eviction: &Eviction, standing: &Standing) {
        self.generations.rcu(|generations| match generations.are_of(&standing.era) {
            true => generations.after(eviction, standing.count),
            false => Generations::clone(generations),
        });
        match eviction {
            Eviction::All => self.local.end_all(),
            Eviction::Operation(name) => self.local.ledger.end_operation(name),
            Eviction::Identifiers { at, hashes, forget } => {
                self.local.end_identifiers(hashes, *at);
                if *forget {
                    self.local.forget(hashes);
                }
            }
        }
    }

    /// Tells an eviction, and removes what it covers where that has names. What cannot be told now is told before
    /// Redis is asked anything again.
    pub(in crate::cache) async fn evict(self: &Arc<Self>, eviction: Eviction) -> Reached {
        let link = self.link.load_full().filter(|link| link.is_well());
        let Some(link) = link else {
            self.put_off(eviction);
            return Reached::default();
        };
        match self.carry_out(&link, &eviction).await {
            Ok(removed) => {
                self.look_again(eviction);
                Reached { removed, told: true }
            }
            Err(error) => {
                tracing::warn!(event = "redis.eviction_put_off", %error, "an eviction could not be told yet");
                self.put_off(eviction);
                link.give_up();
                Reached::default()
            }
        }
    }

    async fn carry_out(&self, link: &Link, eviction: &Eviction) -> RedisResult<u64> {
        let removed = self.remove(link, eviction).await?;
        let mut connection = link.writes.clone();
        let telling = eviction::tell(&mut connection, &self.place, &self.channel, eviction);
        let standing = self.judge(link, self.limit, telling).await?;
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&standing);
        // Once more, for what was read from Redis in between; the message that follows does the same elsewhere.
        self.follow(eviction, &standing);
        Ok(removed)
    }

    /// Removes what the lists of these identifiers name.
    async fn remove(&self, link: &Link, eviction: &Eviction) -> RedisResult<u64> {
        let Eviction::Identifiers { hashes, forget, .. } = eviction else {
            return Ok(0);
        };
        let mut removed = 0;
        for hash in hashes {
            let list = self.list_name(*hash);
            let names: Vec<String> = self.write(link, cmd("SMEMBERS").arg(&list)).await?;
            for name in names {
                removed += self.write::<u64>(link, cmd("UNLINK").arg(name)).await?;
            }
            let _: u64 = self.write(link, cmd("UNLINK").arg(list)).await?;
            if *forget {
                self.remove_notes(link, *hash).await?;
                self.remove_answers(link, *hash).await?;
            }
        }
        Ok(removed)
    }

    /// Removes what past calls of a customer left.
    async fn remove_notes(&self, link: &Link, identifier: u128) -> RedisResult<()> {
        let list = self.notes_name(identifier);
        let numbers: Vec<u64> = self.write(link, cmd("ZRANGE").arg(&list).arg(0).arg(-1)).await?;
        for number in numbers {
            let _: u64 = self.write(link, cmd("UNLINK").arg(self.note_name(number))).await?;
        }
        let _: u64 = self.write(link, cmd("UNLINK").arg(list)).await?;
        Ok(())
    }

    pub(super) async fn write<T: FromRedisValue>(&self, link: &Link, command: &Cmd) -> RedisResult<T> {
        let mut connection: Connection = link.writes.clone();
        self.judge(link, self.limit, command.query_async(&mut connection)).await
    }

    /// Removes once more what another replica may have been writing while it was told.
    fn look_again(self: &Arc<Self>, eviction: Eviction) {
        if !matches!(eviction, Eviction::Identifiers { .. }) {
            return;
        }
        let redis = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(AGAIN).await;
            if let Some(link) = redis.link.load_full().filter(|link| link.is_well()) {
                let _ = redis.remove(&link, &eviction).await;
            }
        });
    }

    /// Tells what could not be told before.
    pub(super) async fn tell_pending(&self, link: &Arc<Link>) -> RedisResult<()> {
        loop {
            let Some(eviction) = self.pending().first().cloned() else {
                return Ok(());
            };
            self.carry_out(link, &eviction).await?;
            self.pending().told(&eviction);
        }
    }

    fn put_off(&self, eviction: Eviction) {
        self.pending().add(eviction);
        self.put_off.notify_one();
    }

    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The standing up to which this process has followed the order.
    pub(super) fn known(&self) -> Standing {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn know(&self, standing: Standing) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}
