//! Templates that fail a call because an argument was not given: found while the author can still say what to write
//! instead.

use std::collections::BTreeSet;

use crate::diagnostic::code::Code;
use crate::expr::{Place, Read, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Node, Value};

/// Words before a variable that is asked whether it is there, where nothing else is done with it.
const BEFORE: [&str; 5] = ["if", "elif", "not", "and", "or"];
/// Words behind one.
const BEHIND: [&str; 3] = ["and", "or", "else"];

impl Compiling<'_> {
    /// Warns of each read of an argument that may not be given and has no stand-in.
    pub(super) fn warn_missing(&mut self, scalar: &Scalar, reads: &[Read], arguments: &Arguments) {
        let text = scalar.text.as_str();
        let guarded = |name: &str| reads.iter().any(|read| read.root == name && is_guarded(text, read));
        let mut told = BTreeSet::new();
        for read in reads {
            let name = read.root.as_str();
            let is_fine = guarded(name) || is_compared(text, read);
            if !arguments.may_be_missing(name) || is_fine || !told.insert(name) {
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

    /// Looks over all texts of a JSON value: for such arguments, and for queries. `name`: the member that it is.
    pub(super) fn warn_in_json(&mut self, name: Option<&str>, node: &Node, arguments: &Arguments) {
        match &node.value {
            Value::Null | Value::Broken => {}
            Value::Scalar(scalar) => {
                if let Ok(template) = Template::compile(&scalar.text, Place::Text) {
                    self.warn_missing_in_mixed(scalar, &template, arguments);
                    self.warn_within_query(name, scalar, &template, arguments);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.warn_in_json(name, item, arguments)),
            Value::Map(map) => {
                map.iter().for_each(|(key, value)| self.warn_in_json(Some(&key.text), value, arguments));
            }
        }
    }
}

/// Whether an expression asks for the variable before it writes it, or names a stand-in: by the words around it.
pub(in crate::mapping) fn is_guarded(text: &str, read: &Read) -> bool {
    let around = Around::of(text, read);
    let is_alone = BEHIND.contains(&around.next) || around.ends_tag();
    let filter = around.behind.strip_prefix('|').map(str::trim_start);
    matches!(around.next, "or" | "is")
        || (BEFORE.contains(&around.last) && is_alone)
        || (around.is_equated() && around.last != "not")
        || filter.is_some_and(|filter| filter.starts_with("default"))
}

/// Whether it is only compared or joined there: with nothing, this works; that it is there does not follow.
fn is_compared(text: &str, read: &Read) -> bool {
    let around = Around::of(text, read);
    around.is_equated() || around.is_beside("!=") || around.is_beside("~") || around.next == "not"
}

/// What stands around a variable, without its own brackets.
struct Around<'t> {
    before: &'t str,
    behind: &'t str,
    /// The last word before it, and the next behind it.
    last: &'t str,
    next: &'t str,
}

impl<'t> Around<'t> {
    fn of(text: &'t str, read: &Read) -> Self {
        let before = text.get(..read.range.start).unwrap_or_default();
        let before = before.trim_end_matches(|c: char| c == '(' || c.is_whitespace());
        let behind = text.get(read.range.end..).unwrap_or_default();
        let behind = behind.trim_start_matches(|c: char| c == ')' || c.is_whitespace());
        let is_other = |c: char| !c.is_ascii_alphanumeric();
        let last = before.rsplit(is_other).next().unwrap_or_default();
        let next = behind.split(is_other).next().unwrap_or_default();
        Self { before, behind, last, next }
    }

    /// Whether nothing follows in a tag, or in a condition.
    fn ends_tag(&self) -> bool {
        self.behind.is_empty() || self.behind.trim_start_matches('-').starts_with("%}")
    }

    /// Whether it is held against a value that is there.
    fn is_equated(&self) -> bool {
        self.is_beside("==") || self.next == "in"
    }

    /// Whether it is itself what stands beside the operator, and not what a filter makes of it.
    fn is_beside(&self, operator: &str) -> bool {
        let is_filtered = self.behind.starts_with('|');
        self.behind.starts_with(operator) || (self.before.ends_with(operator) && !is_filtered)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use crate::expr::{Place, Scope, Template};
    use crate::mapping::upstream::tests::compiled;

    fn warnings(value: &str) -> Vec<String> {
        let head = "upstream: crm\nbase_url: http://crm.example\noperations:\n  op:\n    args: { name: text, vip: text }\n    get: /{{ vip or 1 }}\n    ";
        compiled(&format!("{head}query: {{ q: '{value}' }}\n")).findings
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

    /// Nothing is given.
    struct Nothing;

    impl Scope for Nothing {
        fn variable(&self, _: &str) -> Option<Cow<'_, serde_json::Value>> {
            None
        }
    }

    #[test]
    fn what_is_told_fails_where_nothing_is_given_and_what_is_not_told_is_written() {
        for (is_told, value) in [
            (false, "Mr {{ name or \"X\" }}"),
            (false, "Mr {{ (name) or \"X\" }}"),
            (false, "Mr {{ name | default(value=\"X\") }}"),
            (false, "{% if name %}Mr {{ name }}{% endif %}"),
            (false, "{%- if name -%}Mr {{ name }}{%- endif -%}"),
            (false, "{% if (name) %}Mr {{ name }}{% endif %}"),
            (false, "{% if not name %}x{% else %}Mr {{ name }}{% endif %}"),
            (false, "{% if name is defined %}Mr {{ name }}{% endif %}"),
            (false, "{% if name is defined and name != \"\" %}Mr {{ name }}{% endif %}"),
            (false, "{% if vip or name %}x{% endif %}"),
            (false, "{% if (vip or name) and vip %}x{% endif %}"),
            (false, "{% if true and name %}x{% endif %}"),
            (false, "x {{ \"y\" if name else \"z\" }}"),
            (false, "{% if name == \"\" %}x{% endif %}"),
            (false, "{% if name != \"\" %}x{% endif %}"),
            (false, "{% if \"a\" != name %}x{% endif %}"),
            (false, "{% if name == \"a\" %}Mr {{ name }}{% endif %}"),
            (false, "{% if \"a\" == name %}Mr {{ name }}{% endif %}"),
            (false, "{% if name in [\"a\"] %}Mr {{ name }}{% endif %}"),
            (false, "{% if name not in [\"a\"] %}x{% endif %}"),
            (false, "{% if not name == \"a\" %}x{% endif %}"),
            (false, "{% if vip or name == \"a\" %}x{% endif %}"),
            (false, "{{ name ~ \"a\" }}"),
            (false, "{{ \"a\" ~ name }}"),
            (true, "Mr {{ vip or name }}"),
            (true, "Mr {{ not vip and name | upper }}"),
            (true, "{% if name != \"\" %}Mr {{ name }}{% endif %}"),
            (true, "{% if name not in [\"a\"] %}Mr {{ name }}{% endif %}"),
            (true, "{% if not name == \"a\" %}Mr {{ name }}{% endif %}"),
            (true, "{% if name | length > 0 %}x{% endif %}"),
            (true, "{% if (name) > 3 %}x{% endif %}"),
            (true, "{% if true and (name | length) > 3 %}x{% endif %}"),
            (true, "x {{ true and name }}"),
            (true, "Mr {{ (name) }}"),
            (true, "Mr {{ \"a\" ~ name | upper }}"),
            (true, "{% if \"a\" == name | upper %}x{% endif %}"),
            (true, "{% if \"a\" in name %}x{% endif %}"),
            (true, "{% for n in name %}x{% endfor %}"),
        ] {
            let written = Template::compile(value, Place::Text).unwrap().render(&Nothing);
            assert_eq!(written.is_err(), is_told, "{value}: {written:?}");
            assert_eq!(!warnings(value).is_empty(), is_told, "{value}: {:?}", warnings(value));
        }
    }

    #[test]
    fn one_that_stands_alone_is_left_out() {
        assert_eq!(warnings("{{ name }}"), Vec::<String>::new());
    }
}
