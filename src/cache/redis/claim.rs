//! What Redis holds of what is done at most once: that it was begun or done, and what it gave, which lists name by whom
//! it is about.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, RedisResult, cmd};

use crate::cache::claim::told;
use crate::cache::redis::link::Link;
use crate::cache::redis::writer::LIST;
use crate::cache::redis::{Redis, millis};
use crate::clock::Deadline;

/// Puts a value in the place of another, whose time it keeps. The deletion comes first because a full Redis lets a script
/// that has begun to write go on.
const REPLACE: &str = "local left = redis.call('PTTL', KEYS[1]) \
    if left > 0 then redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1], 'PX', left) end";

impl Redis {
    /// Puts a claim with what it says, about these, for what is left of its time. Their lists name it until then:
    /// before, since what no list names could not be forgotten, and after, for whoever forgets them in between.
    pub(in crate::cache) async fn put_claim(
        &self,
        name: &str,
        value: Vec<u8>,
        about: &[u128],
        left: Duration,
    ) {
        let Some(sealed) = self.keys.seal(name, value) else {
            return;
        };
        let lists: Vec<Cmd> = about
            .iter()
            .map(|who| {
                let mut list = cmd("EVAL");
                list.arg(LIST).arg(1).arg(self.answers_name(*who)).arg(name).arg(millis(left));
                list
            })
            .collect();
        let mut set = cmd("SET");
        set.arg(name).arg(sealed).arg("PX").arg(millis(left));
        let commands: Vec<Cmd> = lists.iter().cloned().chain([set]).chain(lists.iter().cloned()).collect();
        self.send(&commands).await;
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
            if let Some(sealed) = self.keys.seal(&name, told::done(&[], None)) {
                let _: () = self.write(link, cmd("EVAL").arg(REPLACE).arg(1).arg(name).arg(sealed)).await?;
            }
        }
        let _: u64 = self.write(link, cmd("UNLINK").arg(list)).await?;
        Ok(())
    }
}
