//! A YAML value as JSON: bodies of requests and answers, as they stand in mapping files. Numbers keep their digits.

use serde_json::{Map, Number, Value as Json};

use crate::mapping::read::Reader;
use crate::mapping::yaml::scalar::{Kind, Scalar};
use crate::mapping::yaml::{Node, Value};

impl Reader<'_> {
    /// Any value as JSON: maps in their order, numbers by their literal digits, texts as they are. `None` where a
    /// part of it cannot be written in JSON, after a finding about each such part.
    pub fn json(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Null => Some(Json::Null),
            Value::Broken => None,
            Value::Scalar(scalar) => self.json_scalar(scalar),
            Value::List(items) => {
                let read: Vec<Option<Json>> = items.iter().map(|item| self.json(item)).collect();
                read.into_iter().collect::<Option<Vec<Json>>>().map(Json::Array)
            }
            Value::Map(map) => {
                let read: Vec<Option<(String, Json)>> = map
                    .iter()
                    .map(|(key, value)| self.json(value).map(|value| (key.text.clone(), value)))
                    .collect();
                read.into_iter().collect::<Option<Map<String, Json>>>().map(Json::Object)
            }
        }
    }

    fn json_scalar(&mut self, scalar: &Scalar) -> Option<Json> {
        match scalar.kind() {
            Kind::Text => Some(Json::String(scalar.text.clone())),
            Kind::Bool(value) => Some(Json::Bool(value)),
            Kind::Int | Kind::Float => {
                self.number_form(scalar)?;
                scalar.text.parse::<Number>().ok().map(Json::Number)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::read::tests::findings_of;

    #[test]
    fn numbers_keep_their_digits_and_maps_their_order() {
        let yaml = "z: 123456789012345678901234567890\na: [1.50, -0.0, 1e400, true, yes, null, ~, \"1\", '']\nm: {}\nl: []\n";
        let (json, findings) = findings_of(yaml, |reader, root| reader.json(root).unwrap().to_string());
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(
            json,
            r#"{"z":123456789012345678901234567890,"a":[1.50,-0.0,1e+400,true,"yes",null,null,"1",""],"m":{},"l":[]}"#
        );
    }

    #[test]
    fn every_number_that_json_cannot_write_is_told() {
        let (json, findings) =
            findings_of("a: 007\nb: [0x10, .inf, +1]\nc: 1\n", |reader, root| reader.json(root));
        assert!(json.is_none());
        assert_eq!(findings.len(), 4);
        assert!(findings.iter().all(|finding| finding.starts_with("error[number-form]")), "{findings:?}");
    }
}
