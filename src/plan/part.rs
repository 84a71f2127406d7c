//! The part of an upstream's answer that anything reads: the rest is looked over and never built.

use crate::expr::{Path, Segment};
use crate::plan::fields::Fields;
use crate::plan::operation::{Call, Operation};
use crate::plan::{Ask, Pick};

/// A part of a JSON value. What is not of the kind that a part expects is read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Of an object, these members.
    Members(Vec<(String, Part)>),
    /// Of each item of a list, or of each member of an object, this part.
    Items(Box<Part>),
}

/// What is read of the answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The part of the answer.
    pub part: Part,
    /// Whether a record that is read so holds the fields that are kept of it, and nothing else.
    pub is_exact: bool,
}

impl Reading {
    /// Everything.
    #[must_use]
    pub fn whole() -> Self {
        Self { part: Part::Whole, is_exact: false }
    }

    /// What is read where these fields of a record are kept. Where records are compared with each other, they are
    /// read whole: two customers may differ in what nobody reads.
    #[must_use]
    pub fn of(ask: &Ask, fields: &Fields, are_compared: bool) -> Self {
        let records = &ask.operation.records;
        let Call::Http(call) = &ask.operation.call else {
            return Self::whole();
        };
        let is_items = records.rest() == "[*]";
        if are_compared || matches!(ask.pick, Pick::Only) || !(is_items || records.rest().is_empty()) {
            return Self::whole();
        }
        let answer = |record| {
            let below = if is_items { Part::Items(Box::new(record)) } else { record };
            Part::below(records.leading(), below)
        };
        let kept = Part::of(fields);
        let mut part = answer(Self::record(&ask.operation, &ask.pick, kept.clone()));
        for read in call.ok.iter().flat_map(|ok| ok.reads()).filter(|read| read.root == "body") {
            part.add(&read.below);
        }
        let counted = call.pages.iter().map(|pages| pages.count.path());
        for path in call.error.iter().chain(counted) {
            part.add(path.leading());
        }
        let is_exact = part == answer(kept);
        Self { part, is_exact }
    }

    /// What is read of a record beside what is kept of it.
    fn record(operation: &Operation, pick: &Pick, kept: Part) -> Part {
        let newest = match pick {
            Pick::Newest(path) => Some(path),
            Pick::First | Pick::Only => None,
        };
        let unique = operation.unique.iter().map(|(_, path)| path);
        unique.chain(newest).map(Path::leading).fold(kept, |mut part, chain| {
            part.add(chain);
            part
        })
    }
}

impl Part {
    /// What these paths read.
    pub(crate) fn read_by<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut part = Self::Members(Vec::new());
        for path in paths {
            part.add(path.leading());
        }
        part
    }

    fn of(fields: &Fields) -> Self {
        let mut part = Self::Members(Vec::new());
        for chain in fields.chains() {
            part.add_keys(chain.iter().map(String::as_str));
        }
        part
    }

    /// This part of what stands below these members. A list whose place counts is read whole.
    fn below(leading: &[Segment], part: Self) -> Self {
        let Some((first, rest)) = leading.split_first() else {
            return part;
        };
        match first {
            Segment::Key(key) => Self::Members(vec![(key.clone(), Self::below(rest, part))]),
            Segment::Index(_) => Self::Whole,
        }
    }

    /// Adds all that stands below these segments.
    fn add(&mut self, chain: &[Segment]) {
        self.add_keys(chain.iter().map_while(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        }));
    }

    fn add_keys<'k>(&mut self, mut chain: impl Iterator<Item = &'k str>) {
        let (Self::Members(members), Some(first)) = (&mut *self, chain.next()) else {
            *self = Self::Whole;
            return;
        };
        if !members.iter().any(|(key, _)| key == first) {
            members.push((first.to_owned(), Self::Members(Vec::new())));
        }
        if let Some((_, below)) = members.iter_mut().find(|(key, _)| key == first) {
            below.add_keys(chain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Part;
    use crate::expr::Path;

    fn added(paths: &[&str]) -> Part {
        let paths: Vec<Path> = paths.iter().map(|path| Path::compile(path).unwrap()).collect();
        Part::read_by(&paths)
    }

    fn members(members: &[(&str, Part)]) -> Part {
        Part::Members(members.iter().map(|(key, part)| ((*key).to_owned(), part.clone())).collect())
    }

    #[test]
    fn a_part_is_what_its_paths_have_in_common_and_what_they_have_not() {
        assert_eq!(
            added(&["$.a.b", "$.a.c[0].d", "$.e[*].f"]),
            members(&[("a", members(&[("b", Part::Whole), ("c", Part::Whole)])), ("e", Part::Whole),])
        );
        assert_eq!(added(&["$.a.b", "$.a"]), members(&[("a", Part::Whole)]));
        assert_eq!(added(&["$.a", "$.a.b"]), members(&[("a", Part::Whole)]));
        assert_eq!(added(&["$"]), Part::Whole);
    }

    #[test]
    fn a_path_into_a_list_reads_the_list_whole() {
        let below = |path: &str| Part::below(Path::compile(path).unwrap().leading(), added(&["$.x"]));
        assert_eq!(below("$.data"), members(&[("data", members(&[("x", Part::Whole)]))]));
        assert_eq!(below("$.data[0]"), members(&[("data", Part::Whole)]));
    }
}
