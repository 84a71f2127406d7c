//! Why a past call found what it found. Every call leaves something: one that was answered whole from memory a record of
//! fixed size, any other the facts it was worked out from. Sentences are made of them when somebody asks.
//!
//! A call pays for its own record and for nothing else. What is kept is bounded in bytes; the oldest goes first. Behind
//! a balancer all but what was answered from what is kept goes sealed to Redis, where every replica finds it.

mod forget;
mod hit;
mod mask;
mod pace;
mod past;
mod replan;
mod ring;
mod search;
mod shared;
mod store;
mod story;
pub mod text;
mod told;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::time::Instant;

pub use crate::explain::hit::Hit;
pub use crate::explain::mask::Eyes;
pub use crate::explain::past::Past;
pub use crate::explain::search::Search;

use crate::cache::Cache;
use crate::explain::pace::Pace;
use crate::explain::replan::Replanning;
use crate::explain::ring::Ring;
use crate::explain::shared::Shared;
use crate::explain::store::{Kept, Stories};
use crate::explain::told::Told;
use crate::node::call::Call;
use crate::plan::Node;
use crate::trace::TraceId;

/// How many calls a hit's explanation goes back: to the call that made the reply, and to those that fetched for it.
const BACK: usize = 3;
/// The most calls that one explanation holds beside the one that is asked for.
const MOST_BEFORE: usize = 8;
/// The most revisions of nodes whose names are known.
const MOST_NAMES: usize = 10_000;

/// What past calls left.
pub struct Traces {
    ring: Ring,
    stories: Mutex<Stories>,
    /// The names of nodes by their revision, for the records of fixed size.
    names: Mutex<HashMap<u64, Arc<str>>>,
    seed: RandomState,
    /// One moment on both clocks.
    began: (Instant, SystemTime),
    replanning: Replanning,
    pace: Pace,
    cache: Cache,
    shared: Option<Shared>,
    /// Who was forgotten a moment ago, by keyed hash.
    forgotten: Mutex<VecDeque<(Instant, u128)>>,
}

/// How much past calls left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Calls with their facts or stories.
    pub stories: usize,
    /// About how many bytes these take.
    pub bytes: usize,
    /// For how many calls there is a record of fixed size.
    pub records: usize,
    /// Calls that were to be shared and could not be, since the start.
    pub dropped: u64,
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}

impl Traces {
    /// Room for about this many bytes of them: a quarter for the records of fixed size. They forget with this cache, and
    /// are shared by its Redis, in which those of a day take no more than so many bytes.
    #[must_use]
    pub fn new(bytes: u64, redis_bytes: u64, cache: &Cache, now: SystemTime, runtime: &Handle) -> Arc<Self> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let traces = Arc::new_cyclic(|traces| Self {
            ring: Ring::new(bytes / 4),
            stories: Mutex::new(Stories::new(bytes - bytes / 4)),
            names: Mutex::default(),
            seed: RandomState::new(),
            began: (Instant::now(), now),
            replanning: Replanning::default(),
            pace: Pace::default(),
            cache: cache.clone(),
            shared: Shared::start(cache.journal(), redis_bytes, runtime, traces.clone()),
            forgotten: Mutex::default(),
        });
        traces.forget_with(cache);
        traces
    }

    /// Notes a call that was answered whole from memory. It allocates nothing and waits for nobody.
    pub fn hit(&self, hit: &Hit) {
        self.ring.put(hit);
    }

    /// Remembers a call that was worked out: with all that it was, unless there are too many of its kind.
    pub fn remember(self: &Arc<Self>, past: Past) {
        self.know(&past.node);
        self.ring.put(&Hit::of(&past, self.call_hash(&past.node, &past.call)));
        if !self.pace.admits(&past, self.began.0.elapsed().as_secs()) {
            return;
        }
        let (id, weight) = (past.trace.id(), past.weight());
        let past = Arc::new(past);
        let (kept, weight) = match weight {
            Some(weight) => (Kept::Past(Arc::clone(&past)), weight),
            None => {
                let told = Told::of(&past, &self.cache);
                let weight = told.weight();
                (Kept::Told(Arc::new(told)), weight)
            }
        };
        let (gone, is_replanned) = {
            let mut stories = self.stories();
            let is_replanned = stories.is_replanned(&past.node);
            (stories.add(id, kept, weight), is_replanned)
        };
        // Outside of the lock: letting go of much takes its time.
        drop(gone);
        if is_replanned {
            self.let_go_of_plans();
        }
        // Who was forgotten while the call was under way.
        if self.is_forgotten(&past) {
            self.stories().drop_these(&[id]);
            return;
        }
        if let Some(shared) = &self.shared {
            shared.write_later(&past);
        }
    }

    /// The hash of the IVR's own number for a call; 0: none was sent, or the node names no input for it.
    #[must_use]
    pub fn call_hash(&self, node: &Node, call: &Call) -> u64 {
        let input = node.call_id.and_then(|call_id| node.inputs.get(call_id.input));
        input.and_then(|input| input.came(call)).map_or(0, |came| self.text_hash(came))
    }

    fn text_hash(&self, text: &str) -> u64 {
        self.seed.hash_one(text.trim()).max(1)
    }

    fn know(&self, node: &Node) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains_key(&node.revision) {
            if names.len() >= MOST_NAMES {
                names.clear();
            }
            names.insert(node.revision, Arc::clone(&node.name));
        }
    }

    /// Why this call found what it found: the call itself, and under `before` those that fetched what it was answered
    /// from, as far as they are still known. None: nothing is known of it here.
    pub async fn explain(&self, id: TraceId, eyes: Eyes) -> Option<Value> {
        let call = self.one(id).await?;
        let mut seen = vec![id];
        let mut before = Vec::new();
        let mut wanted = story::links(&call);
        for _ in 0..BACK {
            let mut next = Vec::new();
            for id in wanted {
                if seen.contains(&id) || before.len() >= MOST_BEFORE {
                    continue;
                }
                seen.push(id);
                if let Some(call) = self.one(id).await {
                    next.extend(story::links(&call));
                    before.push(eyes.see(call));
                }
            }
            wanted = next;
        }
        Some(json!({ "call": eyes.see(call), "before": before }))
    }

    /// What is known of one call, with what is personal marked.
    async fn one(&self, id: TraceId) -> Option<Value> {
        let kept = self.stories().get(id);
        if let Some(kept) = kept {
            return Some(kept.story());
        }
        if let Some(hit) = self.ring.get(id)
            && hit.from != id
        {
            return Some(self.of_hit(&hit));
        }
        if let Some(shared) = &self.shared
            && let Some(story) = shared.read(id, Shared::patience()).await
        {
            return Some(story);
        }
        self.ring.get(id).map(|hit| self.of_hit(&hit))
    }

    fn of_hit(&self, hit: &Hit) -> Value {
        let name = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(&hit.revision).cloned();
        let (begun, wall) = self.began;
        let at = wall + hit.begun.saturating_duration_since(begun);
        hit.told(name.as_deref(), at)
    }

    /// How much there is.
    #[must_use]
    pub fn size(&self) -> Size {
        let (stories, bytes) = self.stories().size();
        let dropped = self.shared.as_ref().map_or(0, Shared::dropped);
        Size { stories, bytes, records: self.ring.room(), dropped }
    }

    /// Waits until what is to be shared is, at most so long.
    pub async fn flush(&self, limit: Duration) {
        if let Some(shared) = &self.shared {
            shared.flush(limit).await;
        }
    }

    fn stories(&self) -> MutexGuard<'_, Stories> {
        self.stories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
