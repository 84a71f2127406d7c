//! The variables that an expression may read, and which of them were read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::{did_you_mean, list};
use crate::expr::{CompileError, Read, Segment};
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::scalar::Scalar;

/// What is said where an output reads the answer of a write that is not waited for, and what to do.
pub(super) const UNAWAITED: &str = "no answer is there to read: the write has `wait: false`";
pub(super) const AWAIT: &str = "leave the output out, or take `wait: false` away";

/// The variables that an expression may read, and which of them were read.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Each name, and what it is for those that hold named things themselves (`inputs`, `outputs`): their names.
    known: BTreeMap<String, Option<Vec<String>>>,
    /// Names that are there and may not be read as they stand.
    refused: BTreeMap<String, Refusal>,
    read: RefCell<BTreeSet<String>>,
}

/// Why a name may not be read as it stands.
#[derive(Debug)]
struct Refusal {
    code: Code,
    message: String,
    help: String,
}

impl Variables {
    /// These variables.
    pub(super) fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let known = names.into_iter().map(|name| (name.into(), None)).collect();
        Self { known, ..Self::default() }
    }

    /// With one more.
    pub(super) fn with(mut self, name: impl Into<String>) -> Self {
        self.known.insert(name.into(), None);
        self
    }

    /// With one more that holds things by name.
    pub(super) fn with_names(mut self, name: &str, names: Vec<String>) -> Self {
        self.known.insert(name.to_owned(), Some(names));
        self
    }

    /// With a name that may not be read as it stands, for it is an input and an output.
    pub(super) fn with_ambiguous(self, name: &str) -> Self {
        let message = format!("`{name}` is both an input and an output");
        self.with_refused(
            name,
            Code::AmbiguousName,
            message,
            format!("write `inputs.{name}` or `outputs.{name}`"),
        )
    }

    /// With the name of a write whose answer nobody waits for.
    pub(super) fn with_unawaited(self, name: &str) -> Self {
        self.with_refused(name, Code::UnawaitedAnswer, UNAWAITED.to_owned(), AWAIT.to_owned())
    }

    fn with_refused(mut self, name: &str, code: Code, message: String, help: String) -> Self {
        self.refused.insert(name.to_owned(), Refusal { code, message, help });
        self
    }

    /// Whether there is one of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// Whether the variable was read, by its own name or as a member of `group`.
    pub(super) fn was_read(&self, group: &str, name: &str) -> bool {
        let read = self.read.borrow();
        read.contains(name)
            || read.contains(&format!("{group}.{name}"))
            || read.contains(&format!("{group}.*"))
    }

    /// Whether the variable was read as a member of `group`, or the group as a whole.
    pub(super) fn was_member_read(&self, group: &str, name: &str) -> bool {
        let read = self.read.borrow();
        read.contains(&format!("{group}.{name}")) || read.contains(&format!("{group}.*"))
    }

    /// Counts a variable as read.
    pub(super) fn mark(&self, name: &str) {
        self.read.borrow_mut().insert(name.to_owned());
    }

    /// The other of `inputs` and `outputs`, where that has a member of this name.
    fn other_group(&self, root: &str, name: &str) -> Option<&'static str> {
        let other = match root {
            "inputs" => "outputs",
            "outputs" => "inputs",
            _ => return None,
        };
        self.members(other)
            .is_some_and(|members| members.iter().any(|member| member == name))
            .then_some(other)
    }

    fn members(&self, group: &str) -> Option<&[String]> {
        self.known.get(group)?.as_deref()
    }

    /// The name with a dash that a variable is a part of, `customer` of `customer-id`, and where it stands.
    fn dashed(&self, read: &Read, text: &str) -> Option<(&str, usize)> {
        let dashed = self.known.keys().filter(|name| name.contains('-'));
        let places = dashed.flat_map(|name| text.match_indices(name.as_str()).map(move |(at, _)| (name, at)));
        let mut around =
            places.filter(|(name, at)| *at <= read.range.start && read.range.end <= at + name.len());
        around.next().map(|(name, at)| (name.as_str(), at))
    }

    /// `inputs` or `outputs`, whichever has a member of this name.
    fn group_of(&self, name: &str) -> Option<&'static str> {
        let has = |group: &&str| {
            self.members(group).is_some_and(|members| members.iter().any(|member| member == name))
        };
        ["inputs", "outputs"].into_iter().find(has)
    }

    /// What is said of a template that does not parse, with the group that the name in it is a member of.
    pub(super) fn with_group(&self, mut error: CompileError) -> CompileError {
        let named = error.help.as_deref().and_then(|help| help.split_once("inputs[\"")?.1.split_once("\"]"));
        let Some((name, _)) = named else { return error };
        if let Some(group) = self.other_group("inputs", name) {
            error.help = error
                .help
                .map(|help| help.replace("inputs[", &format!("{group}[")).replace("an input", "an output"));
        }
        error
    }

    fn note(&self, read: &Read) {
        let mut seen = self.read.borrow_mut();
        match self.known.get(&read.root) {
            Some(Some(_)) => {
                let member = match read.below.first() {
                    Some(Segment::Key(key)) => key.as_str(),
                    _ => "*",
                };
                seen.insert(format!("{}.{member}", read.root));
            }
            _ => {
                seen.insert(read.root.clone());
            }
        }
    }
}

impl Compiling<'_> {
    /// Tells each variable that is not there or may not be read; whether there is none.
    pub(super) fn check_reads(&mut self, reads: &[Read], scalar: &Scalar, variables: &Variables) -> bool {
        let mut known = true;
        for read in reads {
            variables.note(read);
            let root = scalar.span_of(read.range.start..read.range.start + read.root.len());
            if let Some(Refusal { code, message, help }) = variables.refused.get(&read.root) {
                self.reader.error(*code, root, message.as_str(), help.as_str());
                known = false;
                continue;
            }
            let (span, name, names) = match (variables.known.get(&read.root), read.below.first()) {
                (None, _) => (root, read.root.as_str(), variables.known.keys().map(String::as_str).collect()),
                (Some(Some(members)), Some(Segment::Key(key))) if !members.contains(key) => {
                    let names: Vec<&str> = members.iter().map(String::as_str).collect();
                    (scalar.span_of(read.range.clone()), key.as_str(), names)
                }
                _ => continue,
            };
            known = false;
            if let Some((name, at)) = variables.dashed(read, &scalar.text) {
                self.tell_dashed(scalar, name, at..at + name.len(), read, variables);
                continue;
            }
            let other = variables.other_group(&read.root, name);
            let help = match (other, did_you_mean(name, names.iter().copied())) {
                (Some(group), _) => format!("write `{group}[\"{name}\"]`"),
                (None, Some(name)) => format!("did you mean `{name}`?"),
                (None, None) if names.is_empty() => "no variables are known here".to_owned(),
                (None, None) => format!("known here: {}", list(&names)),
            };
            self.reader.error(
                Code::UnknownVariable,
                span,
                format!("there is no variable `{name}` here"),
                help,
            );
        }
        known
    }

    /// The finding about a name that reads as one minus another; of one that cannot be a name it is told where it is
    /// declared.
    fn tell_dashed(
        &mut self,
        scalar: &Scalar,
        name: &str,
        place: Range<usize>,
        read: &Read,
        variables: &Variables,
    ) {
        let Some(group) = variables.group_of(name).filter(|_| place.start == read.range.start) else {
            return;
        };
        let message = format!("`{name}` has a dash, and is read as a difference");
        let help = format!("write `{group}[\"{name}\"]`");
        self.reader.error(Code::UnknownVariable, scalar.span_of(place), message, help);
    }
}
