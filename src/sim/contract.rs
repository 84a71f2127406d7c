//! The platforms' documents as data (`tests/contracts/*.json`): how each operation is asked, and its sample answer. The
//! simulators begin with these samples and hold requests against them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::sim::exchange::{Members, text};

/// The operations of one document, by name.
#[derive(Debug, Clone)]
pub struct Contract(BTreeMap<String, Operation>);

/// One operation as documented.
#[derive(Debug, Clone, Deserialize)]
pub struct Operation {
    /// Its plain name.
    #[serde(skip)]
    pub name: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    sample_path: String,
    /// Whose token it asks for: `company`, `agent`, or empty.
    #[serde(default)]
    pub token: String,
    #[serde(default)]
    headers: Value,
    #[serde(default)]
    args: Value,
    /// The arguments that XSwitch cannot do without; its document does not say.
    #[serde(default)]
    pub required: Vec<String>,
    /// The sample request.
    #[serde(default)]
    pub request: Value,
    /// The sample answer.
    #[serde(default)]
    pub response: Value,
    /// A second sample of the answer, with other types.
    #[serde(default)]
    pub also: Value,
}

impl Contract {
    /// Reads a document's file.
    ///
    /// # Errors
    /// Where it is not of that form.
    pub fn read(file: &str) -> Result<Self, serde_json::Error> {
        let mut operations: BTreeMap<String, Operation> = serde_json::from_str(file)?;
        for (name, operation) in &mut operations {
            operation.name.clone_from(name);
        }
        Ok(Self(operations))
    }

    /// The operation that is asked so. A sample's own spelling of a path is understood as well.
    #[must_use]
    pub fn asked(&self, method: &str, path: &str) -> Option<&Operation> {
        self.0
            .values()
            .find(|known| known.method == method && (known.path == path || known.sample_path == path))
    }

    /// The operations with this path, whatever the method.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        self.0.values().any(|known| known.path == path || known.sample_path == path)
    }

    /// A sample request; null where there is none.
    #[must_use]
    pub fn request(&self, name: &str) -> &Value {
        self.0.get(name).map_or(&Value::Null, |operation| &operation.request)
    }

    /// A sample answer; null where there is none.
    #[must_use]
    pub fn response(&self, name: &str) -> &Value {
        self.0.get(name).map_or(&Value::Null, |operation| &operation.response)
    }

    /// An operation by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Operation> {
        self.0.get(name)
    }
}

impl Operation {
    /// Whether it must be sent with this header.
    #[must_use]
    pub fn needs_header(&self, name: &str) -> bool {
        self.headers.as_array().is_some_and(|names| names.iter().any(|known| known == name))
    }

    /// Whether it cannot be asked without this argument.
    #[must_use]
    pub fn requires(&self, name: &str) -> bool {
        self.args.at(name).at("required") == true
    }

    /// The first thing that is wrong with these arguments: one that is missing, or of another type.
    ///
    /// # Errors
    /// That thing, as a sentence.
    pub fn check(&self, args: &Value) -> Result<(), String> {
        if let Some(name) = self.required.iter().find(|name| args.word(name).is_empty()) {
            return Err(format!("the argument `{name}` is missing"));
        }
        let Value::Object(known) = &self.args else { return Ok(()) };
        // What begins with `[]` is said of the items of a bare list, whose mistakes are reported one by one.
        for (path, form) in known.iter().filter(|(path, _)| !path.starts_with("[]")) {
            let form = Form { path, kind: form.word("type"), required: form.at("required") == true };
            form.check(args, path)?;
        }
        Ok(())
    }
}

/// What is said of one argument.
struct Form<'a> {
    path: &'a str,
    kind: String,
    required: bool,
}

impl Form<'_> {
    /// Walks to the argument: `list[].add[].agent` is a member of every item of every item.
    fn check(&self, value: &Value, rest: &str) -> Result<(), String> {
        let Some((first, rest)) = rest.split_once('.') else { return self.leaf(value.at(rest)) };
        let below = value.at(first.trim_end_matches("[]"));
        for item in below.as_array().into_iter().flatten() {
            self.check(item, rest)?;
        }
        Ok(())
    }

    fn leaf(&self, value: &Value) -> Result<(), String> {
        let is_list = value.is_array();
        let is_empty = !is_list && !value.is_object() && text(value).is_empty();
        if is_empty {
            return if self.required {
                Err(format!("the argument `{}` is missing", self.path))
            } else {
                Ok(())
            };
        }
        let fits = match self.kind.as_str() {
            "int" | "Int" | "Integer" | "Long" | "long" => text(value).parse::<i64>().is_ok(),
            "Boolean" => value.is_boolean(),
            "String" => !is_list && !value.is_object(),
            "json" => true,
            _ => is_list,
        };
        if fits { Ok(()) } else { Err(format!("the argument `{}` is no {}", self.path, self.kind)) }
    }
}
