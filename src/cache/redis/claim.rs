//! What Redis holds of what is done at most once: that it was begun or done, and what it gave, which lists name by whom
//! it is about.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, RedisResult, cmd};

use crate::cache::claim::told;
use crate::cache::redis::link::Link;
use crate::cache::redis::writer::LIST;
use crate::cache::redis::{Redis, millis};
use crate::clock::Deadline;

/// Puts a value in the place of one that stands there still, whose time it keeps. The deletion comes first because a
/// full Redis lets a script that has begun to write go on.
const REPLACE: &str = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return end \
    local left = redis.call('PTTL', KEYS[1]) \
    if left > 0 then redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], ARGV[2], 'PX', left) end";

impl Redis {
    /// Says of a claim that it was done, and gave this about these, for what is left of its time. Their lists name it
    /// until then: before, since what no list names could not be forgotten, and after, for whoever forgets them in
    /// between. One after the other: a cluster carries out in any order what is sent together.
    pub(in crate::cache) async fn put_claim(
        &self,
        name: &str,
        gave: Option<&[u8]>,
        about: &[u128],
        left: Duration,
    ) {
        let lists = if gave.is_some() { self.naming(name, about, left) } else { Vec::new() };
        let is_named = self.send(&lists).await == 0;
        let Some(sealed) = self.keys.seal(name, told::done(about, gave.filter(|_| is_named))) else {
            return;
        };
        let mut set = cmd("SET");
        set.arg(name).arg(sealed).arg("PX").arg(millis(left));
        self.send(&[set]).await;
        if is_named {
            self.send(&lists).await;
        }
    }

    /// Adds a claim to the lists of these.
    fn naming(&self, name: &str, about: &[u128], left: Duration) -> Vec<Cmd> {
        let list = |who: &u128| {
            let mut list = cmd("EVAL");
            list.arg(LIST).arg(1).arg(self.answers_name(*who)).arg(name).arg(millis(left));
            list
        };
        about.iter().map(list).collect()
    }

    /// How much time a claim has left, if Redis says it in time.
    pub(in crate::cache) async fn left(&self, name: &str, deadline: Deadline) -> Option<Duration> {
        let mut left = cmd("PTTL");
        left.arg(name);
        let left: i64 = self.ask(&left, self.limit.min(deadline.remaining())).await?;
        Some(Duration::from_millis(u64::try_from(left).ok()?))
    }

    /// Has the claims about an identifier say that it was done, and no longer what it gave.
    pub(super) async fn remove_answers(&self, link: &Link, identifier: u128) -> RedisResult<()> {
        let list = self.answers_name(identifier);
        let names: Vec<String> = self.write(link, cmd("SMEMBERS").arg(&list)).await?;
        for name in names {
            self.remove_answer(link, &name).await?;
        }
        let _: u64 = self.write(link, cmd("UNLINK").arg(list)).await?;
        Ok(())
    }

    /// Has a claim say no longer what it gave. One that was begun, which a list still names from when it was done
    /// before, stays as it is.
    async fn remove_answer(&self, link: &Link, name: &str) -> RedisResult<()> {
        let was: Option<Vec<u8>> = self.write(link, cmd("GET").arg(name)).await?;
        let Some(was) = was else {
            return Ok(());
        };
        let done = self.keys.open(name, was.clone()).and_then(|bytes| told::read(&bytes));
        if done.is_none_or(|done| done.gave.is_none()) {
            return Ok(());
        }
        let Some(sealed) = self.keys.seal(name, told::done(&[], None)) else {
            return Ok(());
        };
        self.write(link, cmd("EVAL").arg(REPLACE).arg(1).arg(name).arg(was).arg(sealed)).await
    }
}
