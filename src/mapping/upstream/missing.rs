//! Templates that fail a call because an argument was not given: found while the author can still say what to write
//! instead.

use std::collections::BTreeSet;

use crate::diagnostic::code::Code;
use crate::expr::{Place, Read, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Node, Value};

/// What stands before a variable that is only asked whether it is there.
const BEFORE: [&str; 4] = ["if", "elif", "not", "and"];
/// What stands behind one that has a stand-in, or is only asked whether it is there.
const BEHIND: [&str; 2] = ["or", "is"];

impl Compiling<'_> {
    /// Warns of each read of an argument that may not be given and has no stand-in.
    pub(super) fn warn_missing(&mut self, scalar: &Scalar, reads: &[Read], arguments: &Arguments) {
        let text = scalar.text.as_str();
        let guarded = |name: &str| reads.iter().any(|read| read.root == name && is_guarded(text, read));
        let mut told = BTreeSet::new();
        for read in reads {
            let name = read.root.as_str();
            if !arguments.may_be_missing(name) || guarded(name) || !told.insert(name) {
                continue;
            }
            let message = format!("`{name}` may not be given, and then this cannot be written");
            let help =
                format!("write `{{{{ {name} or \"\" }}}}`, give `{name}` a default, or make it required");
            self.reader.warning(Code::MaybeMissing, scalar.span_of(read.range.clone()), message, help);
        }
    }

    /// The same for a place that is left out where it is one bare argument that was not given.
    pub(super) fn warn_missing_in_mixed(
        &mut self,
        scalar: &Scalar,
        template: &Template,
        arguments: &Arguments,
    ) {
        if template.bare().is_none() {
            self.warn_missing(scalar, template.reads(), arguments);
        }
    }

    /// The same for all texts of a JSON value.
    pub(super) fn warn_missing_in_json(&mut self, node: &Node, arguments: &Arguments) {
        match &node.value {
            Value::Null | Value::Broken => {}
            Value::Scalar(scalar) => {
                if let Ok(template) = Template::compile(&scalar.text, Place::Text) {
                    self.warn_missing_in_mixed(scalar, &template, arguments);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.warn_missing_in_json(item, arguments)),
            Value::Map(map) => map.iter().for_each(|(_, value)| self.warn_missing_in_json(value, arguments)),
        }
    }
}

/// Whether an expression asks for the variable before it writes it, or names a stand-in: by the words around it.
pub(in crate::mapping) fn is_guarded(text: &str, read: &Read) -> bool {
    let before = text.get(..read.range.start).unwrap_or_default().trim_end();
    let behind = text.get(read.range.end..).unwrap_or_default().trim_start();
    let last = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let next = behind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let filter = behind.strip_prefix('|').map(str::trim_start);
    BEFORE.contains(&last)
        || BEHIND.contains(&next)
        || filter.is_some_and(|filter| filter.starts_with("default"))
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::tests::compiled;

    fn warnings(value: &str) -> Vec<String> {
        let head =
            "upstream: crm\nbase_url: http://crm.example\noperations:\n  op:\n    args: { name: text }\n    ";
        compiled(&format!("{head}get: /x\n    query: {{ q: '{value}' }}\n")).findings
    }

    #[test]
    fn mixed_text_of_an_argument_that_may_be_missing_is_told() {
        assert_eq!(
            warnings("Mr {{ name }}"),
            ["\
warning[maybe-missing]: `name` may not be given, and then this cannot be written
 --> a.yaml:7:24
  |
7 |     query: { q: 'Mr {{ name }}' }
  |                        ^^^^
  |
  = help: write `{{ name or \"\" }}`, give `name` a default, or make it required"]
        );
    }

    #[test]
    fn one_that_stands_alone_or_has_a_stand_in_is_not() {
        for value in [
            "{{ name }}",
            "Mr {{ name or \"X\" }}",
            "Mr {{ name | default(value=\"X\") }}",
            "{% if name %}Mr {{ name }}{% endif %}",
            "{% if name is defined %}Mr {{ name }}{% endif %}",
        ] {
            assert_eq!(warnings(value), Vec::<String>::new(), "{value}");
        }
    }
}
