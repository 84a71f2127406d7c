//! A past call whose story has been worked out, so that neither its records nor its plan are needed any more.

use serde_json::Value;

use crate::cache::Cache;
use crate::explain::Past;
use crate::explain::story::story;

/// What stands around it in memory, in bytes.
const AROUND: usize = 200;

/// A story that stands for itself.
#[derive(Debug)]
pub(super) struct Told {
    /// The story as JSON, with what is personal marked.
    json: Box<str>,
    /// Whom it is about, as the cache knows identifiers.
    about: Vec<u128>,
}

impl Told {
    /// Works the story out.
    pub(super) fn of(past: &Past, cache: &Cache) -> Self {
        Self { json: story(past).to_string().into(), about: past.about(cache) }
    }

    /// The story.
    pub(super) fn story(&self) -> Value {
        serde_json::from_str(&self.json).unwrap_or_default()
    }

    /// Whom it is about, as the cache knows identifiers.
    pub(super) fn about(&self) -> &[u128] {
        &self.about
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        AROUND + self.json.len() + size_of_val(&*self.about)
    }
}
