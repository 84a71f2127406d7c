//! Files of which no plan can be made: what they are called all the same, so that nobody is told that it is not there.

use std::collections::BTreeSet;

use crate::mapping::read::name::Name;

/// The names that such files declare.
#[derive(Debug, Default)]
pub(super) struct Unread {
    names: BTreeSet<String>,
    /// Whether there is a file that does not say what it is called.
    has_nameless: bool,
}

impl Unread {
    /// Notes a file; the name: what it declares, where that is known.
    pub(super) fn note(&mut self, name: Option<&str>) {
        match name {
            Some(name) => {
                self.names.insert(name.to_owned());
            }
            None => self.has_nameless = true,
        }
    }

    /// Whether a name may be declared there. What is declared elsewhere may not be in a file without a name.
    pub(super) fn may_be(&self, name: &str, is_declared: bool) -> bool {
        self.names.contains(name) || (self.has_nameless && !is_declared)
    }
}

/// The name that a text declares in its line `key: name`, whatever else is wrong with it.
pub(super) fn named<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    let bare = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let name = bare('"').or_else(|| bare('\'')).unwrap_or(value);
    Name::Slug.allows(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_is_read_from_its_own_line_alone() {
        for text in ["node: b", "\tx\nnode:  b # it\r\n", "node: \"b\"\n", "a: [\nnode: 'b'\nnode: c"] {
            assert_eq!(named(text, "node"), Some("b"), "{text}");
        }
        for text in ["", " node: b", "nodes: b", "node b", "node:", "node: a b", "node: 'b", "- node: b"] {
            assert_eq!(named(text, "node"), None, "{text}");
        }
    }
}
