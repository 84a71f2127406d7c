//! Why a past call found what it found. Every call leaves something: one that was answered whole from memory a record of
//! fixed size, any other the facts it was worked out from. Sentences are made of them when somebody asks.
//!
//! A call pays for its own record and for nothing else. What is kept is bounded in bytes; the oldest goes first.

mod hit;
mod mask;
mod past;
mod ring;
mod store;
mod story;
pub mod text;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Value, json};
use tokio::time::Instant;

pub use crate::explain::hit::Hit;
pub use crate::explain::mask::Eyes;
pub use crate::explain::past::Past;

use crate::explain::ring::Ring;
use crate::explain::store::Stories;
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
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}

impl Traces {
    /// Room for about this many bytes of them: a quarter for the records of fixed size.
    #[must_use]
    pub fn new(bytes: u64, now: SystemTime) -> Self {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            ring: Ring::new(bytes / 4),
            stories: Mutex::new(Stories::new(bytes - bytes / 4)),
            names: Mutex::default(),
            seed: RandomState::new(),
            began: (Instant::now(), now),
        }
    }

    /// Notes a call that was answered whole from memory. It allocates nothing and waits for nobody.
    pub fn hit(&self, hit: &Hit) {
        self.ring.put(hit);
    }

    /// Remembers a call that was worked out.
    pub fn remember(&self, mut past: Past) {
        self.know(&past.node);
        let call = self.call_hash(&past.node, &past.call);
        self.ring.put(&Hit::of(&past, call));
        let weight = past.weigh();
        let gone = self.stories().add(Arc::new(past), weight);
        // Outside of the lock: letting go of much takes its time.
        drop(gone);
    }

    /// The hash of the IVR's own number for a call; 0: none was sent, or the node names no input for it.
    #[must_use]
    pub fn call_hash(&self, node: &Node, call: &Call) -> u64 {
        let input = node.call_id.and_then(|at| node.inputs.get(at));
        let came = input.and_then(|input| input.came(call));
        came.map_or(0, |came| self.seed.hash_one(came.trim()).max(1))
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
    #[must_use]
    pub fn explain(&self, id: TraceId, eyes: Eyes) -> Option<Value> {
        let call = self.one(id)?;
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
                if let Some(call) = self.one(id) {
                    next.extend(story::links(&call));
                    before.push(eyes.see(call));
                }
            }
            wanted = next;
        }
        Some(json!({ "call": eyes.see(call), "before": before }))
    }

    /// What is known of one call, with what is personal marked.
    fn one(&self, id: TraceId) -> Option<Value> {
        let past = self.stories().get(id);
        if let Some(past) = past {
            return Some(story::story(&past));
        }
        let hit = self.ring.get(id)?;
        Some(self.of_hit(&hit))
    }

    fn of_hit(&self, hit: &Hit) -> Value {
        let name = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(&hit.revision).cloned();
        let (begun, wall) = self.began;
        let at = wall + hit.begun.saturating_duration_since(begun);
        hit.told(name.as_deref(), at)
    }

    fn stories(&self) -> std::sync::MutexGuard<'_, Stories> {
        self.stories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
