//! What past calls left, as replicas share it: sealed notes by number, and lists of numbers by what is looked for.
//! Nobody reads from a name what it is about, and a note opens under its own name only. What cannot be written is left
//! out, and what cannot be read is not there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{Cmd, cmd};

use crate::cache::Cache;
use crate::cache::redis::Redis;
use crate::clock::Deadline;

/// How long a note and its place in lists are kept.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// The most numbers in a list that people look through. A list of what is about a customer names all: `forget` needs them.
const MOST: usize = 200;

/// Adds a number to a list, as late as its score says, and lets go of those whose notes are gone by then; where a list has
/// a limit, of the earliest beyond it, too.
const LIST: &str = "redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2]) \
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[1]) - tonumber(ARGV[3])) \
    if ARGV[4] then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[4])) end \
    redis.call('PEXPIRE', KEYS[1], ARGV[3])";

/// The shared notes.
#[derive(Clone)]
pub struct Journal {
    cache: Cache,
    redis: Option<Arc<Redis>>,
}

/// A list of notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List<'a> {
    /// Those about a customer, by an identifier in canonical form. `forget` ends it, and the notes that it names.
    About(&'a str),
    /// Those under these words.
    Under(&'a [&'a str]),
}

/// A note that is to be written.
#[derive(Debug)]
pub struct JournalEntry {
    /// Its number.
    pub number: u64,
    /// When it was made, in milliseconds of Unix time.
    pub at: u64,
    /// What it holds.
    pub value: Vec<u8>,
    /// Whom it is about: keyed hashes, as [`Cache::identifier`] gives them.
    pub about: Vec<u128>,
    /// The words that it is found under.
    pub under: Vec<Vec<String>>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal")
    }
}

impl Cache {
    /// What past calls left, as replicas share it.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal { cache: self.clone(), redis: self.redis().cloned() }
    }
}

impl Journal {
    /// Whether anybody shares it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.redis.is_some()
    }

    /// Writes notes together. False: Redis took none, or not all.
    pub async fn write(&self, entries: Vec<JournalEntry>) -> bool {
        let Some(redis) = &self.redis else {
            return false;
        };
        let life = LIFE.as_millis() as u64;
        let (mut lists, mut notes) = (Vec::new(), Vec::new());
        for entry in entries {
            let add = |list: u128| {
                let mut add = cmd("EVAL");
                add.arg(LIST).arg(1).arg(redis.notes_name(list)).arg(entry.at).arg(entry.number).arg(life);
                add
            };
            lists.extend(entry.about.iter().map(|who| add(*who)));
            lists.extend(entry.under.iter().map(|words| {
                let mut add = add(self.cache.list(words));
                add.arg(MOST);
                add
            }));
            let name = redis.note_name(entry.number);
            if let Some(sealed) = redis.sealed(&name, entry.value) {
                let mut set = cmd("SET");
                set.arg(&name).arg(sealed).arg("PX").arg(life);
                notes.push(set);
            }
        }
        // The lists first: a note that no list names could not be forgotten.
        redis.send(&lists).await == 0 && redis.send(&notes).await == 0
    }

    /// The note of this number, if Redis gives it in time.
    pub async fn read(&self, number: u64, deadline: Deadline) -> Option<Vec<u8>> {
        let redis = self.redis.as_ref()?;
        let name = redis.note_name(number);
        let mut get = cmd("GET");
        get.arg(&name);
        let sealed: Option<Vec<u8>> = redis.ask_patiently(&get, deadline).await?;
        redis.opened(&name, sealed?)
    }

    /// The numbers in a list, newest first, each with the time of its note in milliseconds of Unix time.
    pub async fn latest(&self, list: &List<'_>, most: usize, deadline: Deadline) -> Vec<(u64, u64)> {
        let Some(redis) = &self.redis else {
            return Vec::new();
        };
        let mut range: Cmd = cmd("ZREVRANGE");
        range.arg(redis.notes_name(self.hash(list))).arg(0).arg(most.saturating_sub(1)).arg("WITHSCORES");
        redis.ask_patiently(&range, deadline).await.unwrap_or_default()
    }

    fn hash(&self, list: &List<'_>) -> u128 {
        match list {
            List::About(identifier) => self.cache.identifier(identifier),
            List::Under(words) => self.cache.list(words),
        }
    }
}
