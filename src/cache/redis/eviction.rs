//! An eviction as replicas tell it each other, and the one place in Redis that counts them: its era (made anew when
//! Redis lost it) and count say whether anything was missed, and are part of every entry's name.

use std::collections::HashMap;
use std::sync::LazyLock;

use deadpool_redis::redis::{RedisResult, Script};

use crate::cache::redis::connection::Connection;
use crate::cache::seal;

/// What is evicted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cache) enum Eviction {
    /// Everything.
    All,
    /// What this operation found.
    Operation(String),
    /// What is about these identifiers (keyed hashes) and was asked for before `at`; with `forget`, what past calls
    /// left of them too.
    Identifiers { at: u64, hashes: Vec<u128>, forget: bool },
}

/// Where the order of evictions stands in Redis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Standing {
    pub(super) era: String,
    pub(super) count: u64,
}

/// Which entries in Redis are in force: those whose name was made with these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Generations {
    era: String,
    all: u64,
    operations: HashMap<String, u64>,
}

/// An eviction that was told, with its place in the order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) standing: Standing,
    pub(super) eviction: Eviction,
}

impl Standing {
    /// Whether what stands here covers that.
    pub(super) fn has(&self, earlier: &Self) -> bool {
        self.era == earlier.era && self.count >= earlier.count
    }
}

/// Reads the standing, and begins a new era where there is none or where it is behind what we know: then Redis
/// has lost evictions, and what it holds may be older than they are.
static MEET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local era = redis.call('HGET', KEYS[1], 'era')
         local count = tonumber(redis.call('HGET', KEYS[1], 'count') or '0')
         if not era or (era == ARGV[2] and count < tonumber(ARGV[3])) then
           redis.call('DEL', KEYS[1])
           redis.call('HSET', KEYS[1], 'era', ARGV[1], 'count', 0)
         end
         return redis.call('HGETALL', KEYS[1])",
    )
});

/// Counts an eviction and tells it. The deletion comes first because a full Redis lets a script that has begun to
/// write go on.
static TELL: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('DEL', KEYS[1] .. ':none')
         local era = redis.call('HGET', KEYS[1], 'era')
         if not era then
           era = ARGV[1]
           redis.call('HSET', KEYS[1], 'era', era)
         end
         local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
         if ARGV[2] ~= '' then
           redis.call('HSET', KEYS[1], ARGV[2], count)
         end
         redis.call('PUBLISH', ARGV[3], era .. ' ' .. count .. ' ' .. ARGV[4])
         return {era, count}",
    )
});

/// Asks where the order stands, knowing this of it.
pub(super) async fn meet(
    connection: &mut Connection,
    place: &str,
    known: &Standing,
) -> RedisResult<(Standing, Generations)> {
    let mut meet = MEET.key(place);
    meet.arg(new_era()).arg(&known.era).arg(known.count);
    let fields: HashMap<String, String> = meet.invoke_async(connection).await?;
    let number = |name: &str| fields.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let era = fields.get("era").cloned().unwrap_or_default();
    let operations = fields.iter().filter_map(|(name, count)| {
        let name = name.strip_prefix("op:")?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    let generations = Generations { era: era.clone(), all: number("all"), operations: operations.collect() };
    Ok((Standing { era, count: number("count") }, generations))
}

/// Counts an eviction and tells all replicas.
pub(super) async fn tell(
    connection: &mut Connection,
    place: &str,
    channel: &str,
    eviction: &Eviction,
) -> RedisResult<Standing> {
    let field = match eviction {
        Eviction::All => "all".to_owned(),
        Eviction::Operation(name) => format!("op:{name}"),
        Eviction::Identifiers { .. } => String::new(),
    };
    let mut tell = TELL.key(place);
    tell.arg(new_era()).arg(field).arg(channel).arg(write(eviction));
    let (era, count) = tell.invoke_async(connection).await?;
    Ok(Standing { era, count })
}

fn new_era() -> String {
    seal::text(u128::from_le_bytes(seal::random()))
}

impl Generations {
    /// What an entry of this operation has in its name.
    pub(super) fn of(&self, operation: &str) -> (&str, [u8; 16]) {
        let own = self.operations.get(operation).copied().unwrap_or(0);
        let both = u128::from(self.all) << 64 | u128::from(own);
        (&self.era, both.to_le_bytes())
    }

    /// The generations after this eviction, which was counted in their era.
    pub(super) fn after(&self, eviction: &Eviction, count: u64) -> Self {
        let mut next = self.clone();
        match eviction {
            Eviction::All => next.all = next.all.max(count),
            Eviction::Operation(name) => {
                let own = next.operations.entry(name.clone()).or_insert(0);
                *own = count.max(*own);
            }
            Eviction::Identifiers { .. } => {}
        }
        next
    }

    /// Whether they are of this era.
    pub(super) fn are_of(&self, era: &str) -> bool {
        self.era == era
    }
}

fn write(eviction: &Eviction) -> String {
    match eviction {
        Eviction::All => "all".to_owned(),
        Eviction::Operation(name) => format!("op {name}"),
        Eviction::Identifiers { at, hashes, forget } => {
            let hashes: Vec<String> = hashes.iter().copied().map(seal::text).collect();
            format!("{} {at} {}", if *forget { "forget" } else { "id" }, hashes.join(","))
        }
    }
}

/// Reads a message; none where it is not one of ours.
pub(super) fn read(message: &str) -> Option<Told> {
    let mut parts = message.splitn(4, ' ');
    let (era, count, kind) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?, parts.next()?);
    let eviction = match (kind, parts.next()) {
        ("all", None) => Eviction::All,
        ("op", Some(name)) => Eviction::Operation(name.to_owned()),
        ("id" | "forget", Some(rest)) => {
            let (at, hashes) = rest.split_once(' ')?;
            let hashes: Option<Vec<u128>> = hashes.split(',').map(seal::from_text).collect();
            Eviction::Identifiers { at: at.parse().ok()?, hashes: hashes?, forget: kind == "forget" }
        }
        _ => return None,
    };
    Some(Told { standing: Standing { era, count }, eviction })
}

#[cfg(test)]
mod tests {
    use super::{Eviction, Generations, Standing, Told, read, write};

    #[test]
    fn what_is_told_is_heard() {
        let evictions = [
            Eviction::All,
            Eviction::Operation("acme.customer by phone".into()),
            Eviction::Identifiers { at: 17, hashes: vec![1, u128::MAX], forget: false },
            Eviction::Identifiers { at: 17, hashes: vec![2], forget: true },
        ];
        for eviction in evictions {
            let message = format!("ERA 4 {}", write(&eviction));
            let standing = Standing { era: "ERA".into(), count: 4 };
            assert_eq!(read(&message), Some(Told { standing, eviction }));
        }
        for message in ["", "ERA", "ERA x all", "ERA 1 id 2 nonsense", "ERA 1 other"] {
            assert_eq!(read(message), None, "{message}");
        }
    }

    #[test]
    fn a_purge_changes_the_names_of_its_operation_only() {
        let before = Generations { era: "ERA".into(), ..Generations::default() };
        let after = before.after(&Eviction::Operation("a.x".into()), 3);
        assert_ne!(before.of("a.x"), after.of("a.x"));
        assert_eq!(before.of("a.y"), after.of("a.y"));
        assert_ne!(before.of("a.y"), after.after(&Eviction::All, 4).of("a.y"));
    }
}
