//! Named values of a request: query items and form fields, one or several of a name, each a template.

use crate::diagnostic::code::Code;
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::credential::Item;
use crate::mapping::upstream::literal;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Node};

/// Named templates in their order.
pub(super) type Pairs = Vec<(String, Template)>;

impl Compiling<'_> {
    /// The items below `key`; none where the key is not written.
    pub(super) fn pairs(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Pairs> {
        if fields.get(key).is_none() {
            return Some(Vec::new());
        }
        let map = fields.entries(&mut self.reader, key)?;
        let what = format!("a value of `{key}`");
        let mut pairs = Some(Vec::new());
        for (name, node) in map.iter() {
            self.constant_name(name);
            for node in self.reader.one_or_many(node) {
                let value = self.named_value(&name.text, node, &what, variables, arguments);
                if let (Some(value), Some(scalar)) = (&value, node.as_scalar()) {
                    let item = if key == "form" { Item::Form } else { Item::Query };
                    self.warn_written_out(item, &name.text, scalar, value);
                }
                match (&mut pairs, value) {
                    (Some(pairs), Some(value)) => pairs.push((name.text.clone(), value)),
                    _ => pairs = None,
                }
            }
        }
        pairs
    }

    fn named_value(
        &mut self,
        name: &str,
        node: &Node,
        what: &str,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Template> {
        let scalar = self.reader.text_or_number(node, what)?;
        self.refuse_expansion(scalar);
        let template = self.template(scalar, Place::Text, variables)?;
        self.warn_missing_in_mixed(scalar, &template, arguments);
        self.warn_within_query(Some(name), scalar, &template, arguments);
        Some(template)
    }

    fn constant_name(&mut self, name: &Key) {
        if literal::count_opens(&name.text) > 0 {
            let help = "write the name out; only values are templates";
            self.reader.error(
                Code::TemplateInName,
                name.span,
                "a name here is the same for every call",
                help,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::upstream::tests::operation;

    #[test]
    fn a_query_holds_templates_numbers_and_several_of_a_name() {
        let compiled = operation("    get: /x\n    query: { tel: \"{{ phone }}\", size: 10, f: [a, b] }\n");
        let query: Vec<(&str, &str)> =
            compiled.request().query.iter().map(|(name, value)| (name.as_str(), value.text())).collect();
        assert_eq!(query, [("tel", "{{ phone }}"), ("size", "10"), ("f", "a"), ("f", "b")]);
    }

    #[test]
    fn every_mistake_in_a_query_is_told() {
        let compiled = operation(
            "    get: /x\n    query:\n      a: \"{{ phnoe }}\"\n      b: 007\n      c: \"${SET}\"\n      \"{{ phone }}\": d\n      e: { f: g }\n      h: \"{{ phone | uper }}\"\n",
        );
        assert_eq!(
            compiled.heads(),
            [
                "error[unknown-variable]: there is no variable `phnoe` here",
                "error[number-form]: `007` can be read as more than one number, or as a text",
                "error[not-expanded]: the environment is not read here",
                "error[template-in-name]: a name here is the same for every call",
                "error[wrong-kind]: a value of `query` must be a text or a number, not a map",
                "error[unknown-filter]: there is no filter `uper`",
            ]
        );
        assert!(compiled.findings[0].ends_with("help: did you mean `phone`?"));
    }
}
