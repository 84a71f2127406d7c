//! Past calls by what is known of them: the IVR's own number, the customer, the node, how they ended.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::cache::List;
use crate::explain::store::Kept;
use crate::explain::{Eyes, Shared, Traces};
use crate::record::Outcome;
use crate::trace::TraceId;

/// What is told of each call in a list.
const TOLD: [&str; 8] = ["trace", "node", "at", "took_ms", "outcome", "cache", "call", "answered_from"];

/// Which calls are looked for. What is not named may be anything.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The IVR's own number for the call.
    pub call: Option<String>,
    /// Any of these identifiers, in canonical form; none: anybody.
    pub about: Option<Vec<String>>,
    /// The node.
    pub node: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// At most so many.
    pub most: usize,
}

impl Search {
    /// Whether a call of the list is meant, as far as its own line tells.
    fn suits(&self, line: &Value) -> bool {
        let is = |name: &str, wanted: &str| line.get(name).and_then(Value::as_str) == Some(wanted);
        self.node.as_ref().is_none_or(|node| is("node", node))
            && self.outcome.is_none_or(|outcome| is("outcome", outcome.name()))
    }
}

impl Traces {
    /// The last calls that are looked for, newest first, a short line each. Calls that were answered whole from memory
    /// are known to the replica alone that answered them. Nothing personal is in a line.
    pub async fn find(&self, search: &Search, nodes: &[&str]) -> Vec<Value> {
        let mut lines = self.in_memory(search);
        lines.extend(self.in_redis(search, nodes).await);
        let mut seen = HashSet::new();
        lines.retain(|line| search.suits(line) && seen.insert(line.get("trace").map(Value::to_string)));
        let at = |line: &Value| line.get("at").map(Value::to_string);
        lines.sort_by_key(|line| Reverse(at(line)));
        lines.truncate(search.most);
        lines.into_iter().map(|line| Eyes::Masked.see(line)).collect()
    }

    fn in_memory(&self, search: &Search) -> Vec<Value> {
        let all = self.stories().all();
        let about = search.about.as_ref().map(|wanted| {
            let wanted: Vec<u128> = wanted.iter().map(|one| self.cache.identifier(one)).collect();
            let is_meant = |kept: &Kept| kept.about(&self.cache).iter().any(|one| wanted.contains(one));
            all.iter().filter(|(_, kept)| is_meant(kept)).map(|(id, _)| *id).collect::<HashSet<_>>()
        });
        let call = search.call.as_ref().map(|call| self.text_hash(call));
        let is_meant = |id: TraceId, from: TraceId| {
            about.as_ref().is_none_or(|about| about.contains(&id) || about.contains(&from))
        };
        let mut lines = Vec::new();
        for hit in self.ring.latest() {
            if call.is_some_and(|call| hit.call != call) || !is_meant(hit.trace, hit.from) {
                continue;
            }
            let told = self.of_hit(&hit);
            if search.suits(&told) {
                lines.push(told);
            }
            if lines.len() >= search.most {
                break;
            }
        }
        // Those that the ring has forgotten already.
        let is_known: HashSet<String> =
            lines.iter().filter_map(|line| Some(line.get("trace")?.to_string())).collect();
        let older = all.iter().filter(|(id, _)| is_meant(*id, *id) && self.ring.get(*id).is_none());
        let older = older.map(|(_, kept)| line(&kept.story())).filter(|line| {
            let number = line.get("call").cloned().map(|call| Eyes::Personal.see(call));
            let is_its = search.call.as_deref().is_none_or(|call| number == Some(call.trim().into()));
            is_its
                && search.suits(line)
                && !line.get("trace").is_some_and(|id| is_known.contains(&id.to_string()))
        });
        let older: Vec<Value> = older.take(search.most).collect();
        lines.extend(older);
        lines
    }

    async fn in_redis(&self, search: &Search, nodes: &[&str]) -> Vec<Value> {
        let Some(shared) = &self.shared else {
            return Vec::new();
        };
        let deadline = Shared::patience();
        let mut theirs: Vec<(u64, u64)> = Vec::new();
        for one in search.about.iter().flatten() {
            theirs.extend(shared.latest(&List::About(one), search.most, deadline).await);
        }
        let mut listed = Vec::new();
        if let Some(call) = &search.call {
            listed = shared.latest(&List::Under(&["call", call.trim()]), search.most, deadline).await;
            listed.retain(|call| search.about.is_none() || theirs.contains(call));
        } else if search.about.is_some() {
            listed = theirs;
        } else {
            let is_wanted = |outcome: &Outcome| search.outcome.is_none_or(|wanted| wanted == *outcome);
            let nodes = nodes.iter().filter(|node| search.node.as_ref().is_none_or(|wanted| wanted == *node));
            for node in nodes {
                for outcome in Outcome::ALL.iter().filter(|outcome| is_wanted(outcome)) {
                    let list = ["node", node, outcome.name()];
                    listed.extend(shared.latest(&List::Under(&list), search.most, deadline).await);
                }
            }
        }
        newest(&mut listed);
        let mut lines = Vec::new();
        for (id, _) in listed {
            if lines.len() >= search.most {
                break;
            }
            let line = shared.read(TraceId::of(id), deadline).await.map(|story| line(&story));
            lines.extend(line.filter(|line| search.suits(line)));
        }
        lines
    }
}

/// Calls of several lists, each once, newest first.
fn newest(listed: &mut Vec<(u64, u64)>) {
    listed.sort_unstable_by_key(|(id, at)| (Reverse(*at), *id));
    listed.dedup();
}

/// A call's line in a list, with what is personal marked.
fn line(story: &Value) -> Value {
    let told = TOLD.iter().filter_map(|name| Some(((*name).to_owned(), story.get(*name)?.clone())));
    Value::Object(told.collect::<Map<_, _>>())
}
