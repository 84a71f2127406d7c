//! The body of a request: JSON, a form, XML or plain text; the last two may stand in a file of their own.

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Findings, Span};
use crate::expr::{Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::TEMPLATE_FILE;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::scalar::Scalar;
use crate::mapping::yaml::{Key, Node};
use crate::plan::operation::{Body, Method};

/// The keys of which one may be the body.
const KINDS: &[&str] = &["json", "form", "xml", "text"];
/// The largest template file, in bytes; a template may not be larger anyway.
const LARGEST: u64 = 64 * 1024;

impl Compiling<'_> {
    /// The one body of an operation, or none.
    pub(super) fn body(
        &mut self,
        fields: &Fields<'_>,
        method: Option<Method>,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Body> {
        let written: Vec<&(Key, Node)> = KINDS.iter().filter_map(|kind| fields.entry(kind)).collect();
        if let (Some((key, _)), Some(Method::Get)) = (written.first(), method) {
            let message =
                format!("`get` and `{}` cannot stand together: a GET request has no body", key.text);
            let help = "use `post`, or write the values under `query`";
            self.reader.error(Code::BodyWithGet, key.span, message, help);
        }
        let mut body = Some(Body::None);
        for (key, node) in &written {
            body = self.body_of(key, node, fields, variables, arguments);
        }
        if written.len() > 1 {
            fields.at_most_one(&mut self.reader, KINDS)?;
        }
        body
    }

    fn body_of(
        &mut self,
        key: &Key,
        node: &Node,
        fields: &Fields<'_>,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Body> {
        match key.text.as_str() {
            "json" => {
                self.warn_in_json(None, node, arguments);
                self.sent_json(node, variables).map(Body::Json)
            }
            "form" => self.pairs(fields, "form", variables, arguments).map(Body::Form),
            "xml" => self.long_text(node, "`xml`", Place::Xml, variables, arguments).map(Body::Xml),
            _ => self.long_text(node, "`text`", Place::Text, variables, arguments).map(Body::Text),
        }
    }

    /// A template that stands here or, as `{ file: … }`, in a file of its own.
    fn long_text(
        &mut self,
        node: &Node,
        what: &str,
        place: Place,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Template> {
        if node.as_map().is_none() {
            let scalar = self.reader.text(node, what)?;
            return self.whole_template(scalar, place, variables, arguments);
        }
        let fields = self.reader.map(node, what, TEMPLATE_FILE.names)?;
        let file = fields.required_text(&mut self.reader, "file")?;
        let file = self.named_file(file, LARGEST)?;
        let source = Source::new(file.shown, file.text);
        let mut findings = Findings::new();
        let scalar = Scalar::whole(&source.text, Span::new(0, source.text.len()));
        let mut inside = Compiling::new(&source, &mut findings, self.environment, self.folder);
        let template = inside.whole_template(&scalar, place, variables, arguments);
        findings.into_iter().for_each(|finding| self.reader.push(finding));
        template
    }

    fn whole_template(
        &mut self,
        scalar: &Scalar,
        place: Place,
        variables: &Variables,
        arguments: &Arguments,
    ) -> Option<Template> {
        self.refuse_expansion(scalar);
        let template = self.sent_template(scalar, place, variables)?;
        self.warn_missing(scalar, template.reads(), arguments);
        if place == Place::Text {
            self.warn_within_query(None, scalar, &template, arguments);
        }
        Some(template)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::mapping::upstream::tests::{compiled_in, operation};
    use crate::plan::operation::{Body, JsonTemplate};

    #[test]
    fn a_body_is_any_json_a_form_xml_or_text() {
        let body = |lines: &str| format!("{:?}", operation(&format!("    post: /x\n{lines}")).request().body);
        assert_eq!(
            body("    form: { tel: \"{{ phone }}\" }\n"),
            "Form([(\"tel\", Template(Text, \"{{ phone }}\"))])"
        );
        assert_eq!(body("    xml: <t>{{ phone }}</t>\n"), "Xml(Template(Xml, \"<t>{{ phone }}</t>\"))");
        assert_eq!(body("    text: \"{{ phone }}\"\n"), "Text(Template(Text, \"{{ phone }}\"))");
        let list = operation("    post: /x\n    json: [\"{{ phone }}\", { a: 1 }]\n");
        let Body::Json(JsonTemplate::List(items)) = &list.request().body else { panic!("no list") };
        assert!(matches!(items.as_slice(), [JsonTemplate::Text(_), JsonTemplate::Constant(_)]));
    }

    #[test]
    fn a_request_has_one_body_and_a_get_none() {
        let heads = |lines: &str| operation(lines).heads().join("\n");
        assert_eq!(
            heads("    post: /x\n    json: \"{{ phone }}\"\n    text: a\n"),
            "error[keys-clash]: `json` and `text` cannot stand together"
        );
        assert_eq!(
            heads("    get: /x\n    json: \"{{ phone }}\"\n"),
            "error[body-with-get]: `get` and `json` cannot stand together: a GET request has no body"
        );
    }

    #[test]
    fn a_mistake_in_a_body_file_is_told_in_that_file() {
        let folder = std::env::temp_dir().join(format!("datadip-body-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("order.xml"), "<order>\n  <tel>{{ phnoe }}</tel>\n</order>\n").unwrap();
        let yaml = |file: &str| {
            format!(
                "upstream: a\nbase_url: http://a.b\noperations: {{ op: {{ args: {{ phone: text }}, post: /x, xml: {{ file: {file} }} }} }}\n"
            )
        };
        let wrong = compiled_in(&folder, &yaml("order.xml"));
        assert_eq!(wrong.heads(), ["error[unknown-variable]: there is no variable `phnoe` here"]);
        assert!(wrong.findings[0].contains("order.xml:2:11"), "{}", wrong.findings[0]);
        let missing = compiled_in(&folder, &yaml("oder.xml"));
        assert!(
            missing.findings[0].starts_with("error[file-missing]: there is no file "),
            "{:?}",
            missing.findings
        );
        assert!(missing.findings[0].ends_with("help: did you mean `order.xml`?"), "{:?}", missing.findings);
        fs::remove_dir_all(folder).unwrap();
    }
}
