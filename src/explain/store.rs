//! The calls that were worked out, the last ones that there is room for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

use serde_json::Value;

use crate::cache::Cache;
use crate::explain::Past;
use crate::explain::story::story;
use crate::explain::told::Told;
use crate::plan::Node;
use crate::trace::TraceId;

/// What is kept of a call.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Its facts and its plan.
    Past(Arc<Past>),
    /// Its story.
    Told(Arc<Told>),
}

impl Kept {
    /// Its story, with what is personal marked.
    pub(super) fn story(&self) -> Value {
        match self {
            Self::Past(past) => story(past),
            Self::Told(told) => told.story(),
        }
    }

    /// Whom it is about, as the cache knows identifiers.
    pub(super) fn about(&self, cache: &Cache) -> Vec<u128> {
        match self {
            Self::Past(past) => past.about(cache),
            Self::Told(told) => told.about().to_vec(),
        }
    }
}

/// The calls.
pub(super) struct Stories {
    by_id: HashMap<TraceId, (Kept, usize)>,
    /// The oldest first.
    order: VecDeque<TraceId>,
    /// The plan that each node's calls were last worked out by.
    plans: HashMap<Arc<str>, Weak<Node>>,
    bytes: usize,
    room: usize,
}

impl Stories {
    /// Room for about this many bytes.
    pub(super) fn new(room: usize) -> Self {
        let (by_id, order, plans) = (HashMap::new(), VecDeque::new(), HashMap::new());
        Self { by_id, order, plans, bytes: 0, room }
    }

    /// Adds a call, and gives those back that there is no room for any more.
    pub(super) fn add(&mut self, id: TraceId, kept: Kept, weight: usize) -> Vec<Kept> {
        self.bytes += weight;
        self.order.push_back(id);
        let before = self.by_id.insert(id, (kept, weight));
        let mut gone: Vec<Kept> = Vec::new();
        gone.extend(before.map(|(kept, weight)| {
            self.bytes -= weight;
            kept
        }));
        while self.bytes > self.room
            && let Some(oldest) = self.order.pop_front()
        {
            gone.extend(self.take(oldest));
        }
        gone
    }

    fn take(&mut self, id: TraceId) -> Option<Kept> {
        let (kept, weight) = self.by_id.remove(&id)?;
        self.bytes -= weight;
        Some(kept)
    }

    /// Notes by which plan a node works now. True: it is another than before, which is still held by its calls.
    pub(super) fn is_replanned(&mut self, node: &Arc<Node>) -> bool {
        match self.plans.get_mut(&node.name) {
            Some(plan) if std::ptr::eq(plan.as_ptr(), Arc::as_ptr(node)) => false,
            Some(plan) => {
                *plan = Arc::downgrade(node);
                true
            }
            None => {
                self.plans.insert(Arc::clone(&node.name), Arc::downgrade(node));
                false
            }
        }
    }

    /// The calls that hold a plan by which none is worked out any more.
    pub(super) fn outdated(&self) -> Vec<(TraceId, Arc<Past>)> {
        let outdated = self.by_id.iter().filter_map(|(id, (kept, _))| match kept {
            Kept::Past(past) => {
                let plan = self.plans.get(&past.node.name)?;
                (!std::ptr::eq(plan.as_ptr(), Arc::as_ptr(&past.node))).then(|| (*id, Arc::clone(past)))
            }
            Kept::Told(_) => None,
        });
        outdated.collect()
    }

    /// Puts a call's story in the place of its facts, if it is still there.
    pub(super) fn tell(&mut self, id: TraceId, told: Told) {
        if let Some((kept, weight)) = self.by_id.get_mut(&id) {
            let now = told.weight();
            self.bytes = self.bytes - *weight + now;
            (*kept, *weight) = (Kept::Told(Arc::new(told)), now);
        }
    }

    /// The call of this number.
    pub(super) fn get(&self, id: TraceId) -> Option<Kept> {
        self.by_id.get(&id).map(|(kept, _)| kept.clone())
    }

    /// All of them, newest first.
    pub(super) fn all(&self) -> Vec<(TraceId, Kept)> {
        self.order.iter().rev().filter_map(|id| Some((*id, self.get(*id)?))).collect()
    }

    /// Lets go of these.
    pub(super) fn drop_these(&mut self, ids: &[TraceId]) {
        ids.iter().for_each(|id| drop(self.take(*id)));
        let by_id = &self.by_id;
        self.order.retain(|id| by_id.contains_key(id));
    }

    /// Lets go of all.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.room);
    }

    /// How many there are, and about how many bytes they take.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.by_id.len(), self.bytes)
    }
}
