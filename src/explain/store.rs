//! The calls that were worked out, the last ones that there is room for.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::explain::Past;
use crate::trace::TraceId;

/// The calls, newest last.
pub(super) struct Stories {
    by_id: HashMap<TraceId, (Arc<Past>, usize)>,
    order: VecDeque<TraceId>,
    bytes: usize,
    room: usize,
}

impl Stories {
    /// Room for about this many bytes.
    pub(super) fn new(room: usize) -> Self {
        Self { by_id: HashMap::new(), order: VecDeque::new(), bytes: 0, room }
    }

    /// Adds one of this weight, and gives those back that there is no room for any more.
    pub(super) fn add(&mut self, past: Arc<Past>, weight: usize) -> Vec<Arc<Past>> {
        let id = past.trace.id();
        self.bytes += weight;
        self.order.push_back(id);
        let mut gone: Vec<Arc<Past>> =
            self.by_id.insert(id, (past, weight)).map(|(past, _)| past).into_iter().collect();
        while self.bytes > self.room
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((past, weight)) = self.by_id.remove(&oldest) {
                self.bytes -= weight;
                gone.push(past);
            }
        }
        gone
    }

    /// The one of this number.
    pub(super) fn get(&self, id: TraceId) -> Option<Arc<Past>> {
        self.by_id.get(&id).map(|(past, _)| Arc::clone(past))
    }
}
