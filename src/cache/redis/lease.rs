//! Locks and claims in Redis: taken for a time where nobody has them, and given back by who took them alone.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::{Cmd, ErrorKind, RedisResult, cmd};

use crate::cache::redis::link::Link;
use crate::cache::redis::{Redis, millis};
use crate::clock::Deadline;

/// Claims that wait to be given back; of more, the oldest stay taken until they end.
const MOST_OWED: usize = 1024;
const RELEASE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end";

/// What became of asking for a lock or a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cache) enum Taking {
    Taken,
    Held,
    /// Redis answered that it does not take it: it is full, or may not be written to.
    Refused,
    /// Redis did not say: it may hear of it yet, and take it for ours.
    Unknown,
}

/// A claim that is to be given back, and which Redis did not hear of.
pub(super) struct Owed {
    name: String,
    token: Vec<u8>,
}

impl Redis {
    /// Takes the lock or the claim of this name for a time, if nobody has it; the token says whose it is.
    pub(in crate::cache) async fn lock(
        &self,
        name: &str,
        token: &[u8],
        life: Duration,
        deadline: Deadline,
    ) -> Taking {
        let mut set = cmd("SET");
        set.arg(name).arg(token).arg("NX").arg("PX").arg(millis(life));
        match self.answer::<Option<String>>(&set, self.limit.min(deadline.remaining())).await {
            Some(Ok(Some(_))) => Taking::Taken,
            Some(Ok(None)) => Taking::Held,
            Some(Err(error)) if matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension) => {
                Taking::Refused
            }
            Some(Err(_)) | None => Taking::Unknown,
        }
    }

    /// Gives a lock back, if it is still ours. One that Redis does not hear of ends by itself.
    pub(in crate::cache) async fn unlock(&self, name: &str, token: &[u8]) {
        let _: Option<()> = self.ask(&release(name, token), self.limit).await;
    }

    /// Gives a claim back, if Redis took it for ours. It lives long: what Redis does not hear of now, it is told when
    /// it answers again.
    pub(in crate::cache) async fn give_back(&self, name: String, token: Vec<u8>) {
        if self.ask::<()>(&release(&name, &token), self.limit).await.is_none() {
            self.owed().push_back(Owed { name, token });
            self.forgive();
        }
    }

    /// Gives back what could not be given back before.
    pub(super) async fn give_back_owed(&self, link: &Arc<Link>) -> RedisResult<()> {
        let mut owed = std::mem::take(&mut *self.owed());
        if owed.is_empty() {
            return Ok(());
        }
        let commands: Vec<Cmd> = owed.iter().map(|owed| release(&owed.name, &owed.token)).collect();
        let mut connection = link.reads();
        let sent = self.judge(link, self.limit, connection.send(&commands)).await;
        if sent.is_err() {
            let mut newer = self.owed();
            owed.append(&mut newer);
            *newer = owed;
            drop(newer);
            self.forgive();
        }
        sent.map(drop)
    }

    fn forgive(&self) {
        let mut owed = self.owed();
        let more = owed.len().saturating_sub(MOST_OWED);
        owed.drain(..more);
    }

    fn owed(&self) -> MutexGuard<'_, VecDeque<Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn release(name: &str, token: &[u8]) -> Cmd {
    let mut eval = cmd("EVAL");
    eval.arg(RELEASE).arg(1).arg(name).arg(token);
    eval
}
