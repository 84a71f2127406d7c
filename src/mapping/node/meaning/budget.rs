//! Times that do not go together: a budget in which nothing may begin, or that what is asked cannot keep to; a cache
//! that nothing goes into.

use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::meaning::Meant;
use crate::plan::operation::{Call, Operation};

/// The limit of an operation whose file names none: against a default nothing is held.
const UNWRITTEN: Duration = Duration::from_secs(1);

impl Meant<'_> {
    pub(super) fn tight_budget(&self, compiling: &mut Compiling<'_>) {
        let (budget, least) = (self.node.budget, self.node.least);
        let key = |key| self.fields.entry(key).map(|(key, _)| key.span);
        let span = key("budget_ms").or(key("least_ms")).unwrap_or(self.fields.span());
        if least >= budget {
            let message = format!(
                "nothing is ever asked: a step begins only with {} ms left, and a call has {} ms",
                least.as_millis(),
                budget.as_millis()
            );
            let help = "make `budget_ms` the longer of the two, by what the upstream takes";
            compiling.reader.error(Code::NoTimeToAsk, span, message, help);
            return;
        }
        let asked = self.shortest_way();
        let took: Duration = asked.iter().map(|operation| operation.timeout).sum();
        let is_written = key("budget_ms").is_some() || asked.iter().any(|asked| asked.timeout != UNWRITTEN);
        if took <= budget || !is_written {
            return;
        }
        let parts: Vec<String> = asked
            .iter()
            .map(|operation| format!("{} ({})", operation.timeout.as_millis(), operation.name))
            .collect();
        let message = format!(
            "what is asked may take {} = {} ms, and a call has {} ms",
            parts.join(" + "),
            took.as_millis(),
            budget.as_millis()
        );
        let help = "give the node a longer `budget_ms`, or the operations a shorter `timeout_ms`";
        compiling.reader.warning(Code::TightBudget, span, message, help);
    }

    /// What is asked one after the other before an answer is whole, where the first step finds the record at once: the
    /// quickest step, the longest chain of further reads, the write that is waited for. Tables take no time.
    fn shortest_way(&self) -> Vec<&Operation> {
        let steps = self.node.lookup.iter().map(|step| step.ask.operation.as_ref());
        let mut way: Vec<&Operation> = steps.min_by_key(|step| limit(step)).into_iter().collect();
        let mut chains: Vec<Vec<&Operation>> = Vec::new();
        for at in 0..self.node.then.len() {
            chains.push(self.chain(at, self.node.then.len()));
        }
        let total = |chain: &Vec<&Operation>| chain.iter().map(|asked| limit(asked)).sum::<Duration>();
        way.extend(chains.into_iter().max_by_key(total).unwrap_or_default());
        way.extend(
            self.node.write.iter().filter(|write| write.waits).map(|write| write.ask.operation.as_ref()),
        );
        way.retain(|operation| !limit(operation).is_zero());
        way
    }

    /// A further read behind the longest chain of those that it needs. `left` ends what could be a circle.
    fn chain(&self, at: usize, left: usize) -> Vec<&Operation> {
        let Some(read) = self.node.then.get(at).filter(|_| left > 0) else { return Vec::new() };
        let before = read.after.iter().map(|at| self.chain(*at, left - 1));
        let total = |chain: &Vec<&Operation>| chain.iter().map(|asked| limit(asked)).sum::<Duration>();
        let mut chain = before.max_by_key(total).unwrap_or_default();
        chain.push(&read.ask.operation);
        chain
    }

    pub(super) fn cache_for_nothing(&self, compiling: &mut Compiling<'_>) {
        let Some((key, _)) = self.fields.entry("cache") else { return };
        if self.node.lookup.is_empty() && self.node.then.is_empty() {
            let message = "nothing goes into this cache: it keeps what `lookup` and `then` find";
            let help = "leave it out; what a write answers is never kept";
            compiling.reader.warning(Code::CacheForNothing, key.span, message, help);
        }
    }
}

fn limit(operation: &Operation) -> Duration {
    match operation.call {
        Call::Http(_) => operation.timeout,
        Call::Table(_) => Duration::ZERO,
    }
}
