//! The language of mapping files as JSON Schema (draft 2020-12), for editors. It refuses the forms that the compilers
//! refuse and nothing that they take; what names and templates mean only they can say.

use serde_json::{Map, Value, json};

use crate::mapping::language::{FILES, Follows, Key, Kind, Names, Rule, SLUG, Table, VARIABLE, Word};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of one kind of files.
#[must_use]
pub fn of(kind: &str) -> Option<Value> {
    let (name, tables) = FILES.iter().find(|(name, _)| *name == kind)?;
    Some(document(&format!("Datadip: {name} files"), tables))
}

/// The schema of all kinds in one: the key that only they have tells which it is.
#[must_use]
pub fn of_all() -> Value {
    let tables: Vec<&Table> = FILES.iter().flat_map(|(_, tables)| tables.iter().copied()).collect();
    document("Datadip: mapping files", &tables)
}

fn document(title: &str, tables: &[&'static Table]) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DRAFT));
    schema.insert("title".to_owned(), json!(title));
    if let Value::Object(root) = root(tables) {
        schema.extend(root);
    }
    let mut definitions = Definitions(Map::new());
    tables.iter().for_each(|table| definitions.add(table));
    schema.insert("$defs".to_owned(), Value::Object(definitions.0));
    Value::Object(schema)
}

/// Which of these maps a file is, told by a required key that no other has; one without such a key is for the rest.
fn root(tables: &[&'static Table]) -> Value {
    let own = |table: &Table| {
        let others = || tables.iter().filter(|other| other.name != table.name);
        let is_own = |key: &&Key| key.must && others().all(|other| !other.names.contains(&key.name));
        table.keys.iter().find(is_own).map(|key| key.name)
    };
    let Some(rest) = tables.iter().find(|table| own(table).is_none()).or(tables.first()) else {
        return json!({});
    };
    let told = tables.iter().filter(|table| table.name != rest.name);
    told.filter_map(|table| Some((own(table)?, table))).fold(reference(rest), |otherwise, (key, table)| {
        json!({ "if": { "required": [key] }, "then": reference(table), "else": otherwise })
    })
}

fn reference(table: &Table) -> Value {
    json!({ "$ref": format!("#/$defs/{}", table.name) })
}

/// The maps that a schema describes, by name.
struct Definitions(Map<String, Value>);

impl Definitions {
    fn add(&mut self, table: &'static Table) {
        if self.0.contains_key(table.name) {
            return;
        }
        self.0.insert(table.name.to_owned(), Value::Null);
        let properties: Map<String, Value> =
            table.keys.iter().map(|key| (key.name.to_owned(), self.property(key))).collect();
        let must: Vec<&str> = table.keys.iter().filter(|key| key.must).map(|key| key.name).collect();
        let mut schema = json!({
            "description": table.about,
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if !must.is_empty() {
            set(&mut schema, "required", json!(must));
        }
        let rules: Vec<Value> = table.rules.iter().map(|rule| self.rule(rule)).collect();
        if !rules.is_empty() {
            set(&mut schema, "allOf", json!(rules));
        }
        self.0.insert(table.name.to_owned(), schema);
    }

    fn property(&mut self, key: &Key) -> Value {
        let mut schema = json!({ "description": key.about });
        let parsed = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(default) = parsed(key.default) {
            set(&mut schema, "default", default);
        }
        if let Some(example) = parsed(key.example) {
            set(&mut schema, "examples", json!([example]));
        }
        if let (Value::Object(schema), Value::Object(kind)) = (&mut schema, self.kind(&key.kind)) {
            schema.extend(kind);
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Like(look, words) => {
                json!({ "type": "string", "pattern": look, "patternErrorMessage": format!("must be {words}") })
            }
            Kind::Unlike(look, _) => json!({ "type": "string", "not": { "pattern": look } }),
            Kind::Word(words) => enumeration(words),
            Kind::Int(i64::MIN, i64::MAX) => json!({ "type": "integer" }),
            Kind::Int(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
            Kind::Number => json!({ "type": "number" }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
            Kind::Any => json!({}),
            Kind::AnyValue => json!({ "not": { "type": "null" } }),
            Kind::Null => json!({ "type": "null" }),
            Kind::Map(table) => {
                self.add(table);
                reference(table)
            }
            Kind::Entries(names, kind) => self.entries(*names, kind),
            Kind::List(kind) => json!({ "type": "array", "items": self.kind(kind) }),
            Kind::OneOrList(kind) => {
                let item = self.kind(kind);
                json!({ "anyOf": [item, { "type": "array", "items": item }] })
            }
            Kind::AnyOf(kinds) => {
                json!({ "anyOf": kinds.iter().map(|kind| self.kind(kind)).collect::<Vec<_>>() })
            }
        }
    }

    fn entries(&mut self, names: Names, kind: &Kind) -> Value {
        let mut schema = json!({ "type": "object", "additionalProperties": self.kind(kind) });
        match names {
            Names::Free => {}
            Names::Slug => set(&mut schema, "propertyNames", json!({ "pattern": SLUG })),
            Names::Variable => set(&mut schema, "propertyNames", json!({ "pattern": VARIABLE })),
            Names::Words(words) => set(&mut schema, "propertyNames", enumeration(words)),
            Names::But(name) => set(&mut schema, "propertyNames", json!({ "not": { "const": name } })),
            Names::One => {
                set(&mut schema, "minProperties", json!(1));
                set(&mut schema, "maxProperties", json!(1));
            }
        }
        schema
    }

    fn rule(&mut self, rule: &Rule) -> Value {
        let each = |keys: &[&str]| keys.iter().map(|key| json!({ "required": [key] })).collect::<Vec<_>>();
        match rule {
            Rule::ExactlyOne(keys) => json!({ "oneOf": each(keys) }),
            Rule::AtLeastOne(keys) => json!({ "anyOf": each(keys) }),
            Rule::AtMostOne(keys) => {
                let pairs = keys.iter().enumerate().flat_map(|(at, key)| {
                    keys.iter().skip(at + 1).map(move |other| json!({ "required": [key, other] }))
                });
                json!({ "not": { "anyOf": pairs.collect::<Vec<_>>() } })
            }
            Rule::Needs(key, other) => json!({ "dependentRequired": { (*key): [other] } }),
            Rule::Excludes(key, others) => {
                let never: Map<String, Value> =
                    others.iter().map(|other| ((*other).to_owned(), json!(false))).collect();
                json!({ "if": { "required": [key] }, "then": { "properties": never } })
            }
            Rule::Where(key, words, follows) => self.follows(key, words, follows),
        }
    }

    fn follows(&mut self, key: &str, words: &[&str], follows: &Follows) -> Value {
        let written: Vec<&&str> = words.iter().filter(|word| !word.is_empty()).collect();
        let mut holds = json!({ "properties": { (key): { "enum": written } } });
        if written.len() == words.len() {
            set(&mut holds, "required", json!([key]));
        }
        let mut properties: Map<String, Value> =
            follows.never.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
        properties.extend(follows.kinds.iter().map(|(key, kind)| ((*key).to_owned(), self.kind(kind))));
        let mut then = json!({ "properties": properties });
        if !follows.must.is_empty() {
            set(&mut then, "required", json!(follows.must));
        }
        json!({ "if": holds, "then": then })
    }
}

fn enumeration(words: &[Word]) -> Value {
    let (words, meanings): (Vec<&str>, Vec<&str>) = words.iter().copied().unzip();
    json!({ "type": "string", "enum": words, "enumDescriptions": meanings })
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(schema) = schema {
        schema.insert(key.to_owned(), value);
    }
}
