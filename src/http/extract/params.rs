//! Gathers the parameters that a node declares, under each input's own name, in the order in which they count.

use crate::node::call::Call;
use crate::node::input::Input;

/// A parameter that the node declares: whose it is, and whether it came under the input's own name or an alias.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'n> {
    input: &'n str,
    rank: usize,
}

/// What was gathered so far. Sources are read one after the other; an earlier one counts before a later one, and
/// within one source an input's own name before its aliases, and what came first before what came again.
#[derive(Debug)]
pub struct Params<'n> {
    inputs: &'n [Input],
    source: Vec<(Declared<'n>, String)>,
    call: Call,
}

impl<'n> Params<'n> {
    /// Nothing yet, for a node with these inputs.
    #[must_use]
    pub fn new(inputs: &'n [Input]) -> Self {
        Self { inputs, source: Vec::new(), call: Call::new() }
    }

    /// The inputs that are gathered.
    #[must_use]
    pub fn inputs(&self) -> &'n [Input] {
        self.inputs
    }

    /// The input that a parameter of this name is for. Without one it is ignored, and counted.
    pub fn declared(&mut self, name: &str) -> Option<Declared<'n>> {
        let declared = self.inputs.iter().find_map(|input| {
            let rank = rank(input, name)?;
            Some(Declared { input: &input.name, rank })
        });
        if declared.is_none() {
            self.call.ignored += 1;
        }
        declared
    }

    /// Takes a value of the source that is being read.
    pub fn take(&mut self, declared: Declared<'n>, value: String) {
        self.source.push((declared, value));
    }

    /// Takes a value that came in an input's header.
    pub fn take_header(&mut self, input: &'n Input, value: &str) {
        self.call.push(input.name.as_ref(), value);
    }

    /// Ends the source that is being read.
    pub fn end_source(&mut self) {
        self.source.sort_by_key(|(declared, _)| declared.rank);
        for (declared, value) in self.source.drain(..) {
            self.call.push(declared.input, value);
        }
    }

    /// The call.
    #[must_use]
    pub fn into_call(self) -> Call {
        self.call
    }
}

fn rank(input: &Input, name: &str) -> Option<usize> {
    if input.name.as_ref() == name {
        return Some(0);
    }
    input.aliases.iter().position(|alias| alias == name).map(|at| at + 1)
}
