//! The arguments of an operation: their types, defaults and choices.

use serde_json::Value;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::expr::kind_of;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::ARGUMENT;
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::upstream::written::about;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::{Key, Node};
use crate::plan::operation::{Arg, ArgKind};

const TYPES: [(&str, ArgKind); 6] = [
    ("text", ArgKind::Text),
    ("int", ArgKind::Int),
    ("number", ArgKind::Number),
    ("bool", ArgKind::Bool),
    ("list", ArgKind::List),
    ("object", ArgKind::Object),
];
/// What `ok` knows of an answer.
pub(super) const ANSWER: [&str; 3] = ["status", "body", "headers"];
/// Words of the template language, which reads no variable of that name.
const WORDS: [&str; 16] = [
    "and", "or", "not", "in", "is", "if", "elif", "else", "for", "set", "filter", "raw", "true", "false",
    "none", "loop",
];

/// The arguments of one operation, and where their names stand.
pub(super) struct Arguments {
    pub(super) list: Vec<Arg>,
    /// None: there is a finding about the name already.
    names: Vec<Option<Span>>,
}

/// An argument of which nothing but the name is known.
fn untyped(name: &str) -> Arg {
    Arg {
        name: name.into(),
        kind: ArgKind::Text,
        required: true,
        default: None,
        one_of: Vec::new(),
        about: None,
    }
}

impl Arguments {
    /// Reads `args`. An argument with a mistake is declared all the same, so that its readers are not told too.
    pub(super) fn read(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Self {
        let mut arguments = Self { list: Vec::new(), names: Vec::new() };
        let Some(map) = fields.entries(&mut compiling.reader, "args") else {
            // Of a list that should be a map, so that what reads the arguments is not told as well.
            let listed = fields.get("args").map(|node| compiling.reader.one_or_many(node));
            for scalar in listed.unwrap_or_default().iter().filter_map(Node::as_scalar) {
                arguments.list.push(untyped(&scalar.text));
                arguments.names.push(None);
            }
            return arguments;
        };
        for (key, node) in map.iter() {
            let is_name = compiling.argument_name(key);
            let arg = compiling.argument(key, node);
            arguments.list.push(arg);
            arguments.names.push(is_name.then_some(key.span));
        }
        arguments
    }

    /// Arguments that are written elsewhere; those with a place there are told where nothing reads them.
    pub(super) fn of(args: Vec<(Arg, Option<Span>)>) -> Self {
        let (list, names) = args.into_iter().unzip();
        Self { list, names }
    }

    /// The arguments as the variables of a template.
    pub(super) fn variables(&self) -> Variables {
        Variables::new(self.list.iter().map(|arg| arg.name.as_ref()))
    }

    /// Each argument's name.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|arg| arg.name.as_ref())
    }

    /// The argument of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Arg> {
        self.list.iter().find(|arg| arg.name.as_ref() == name)
    }

    /// Whether the argument may have no value at all.
    pub(super) fn may_be_missing(&self, name: &str) -> bool {
        self.get(name).is_some_and(|arg| !arg.required && arg.default.is_none())
    }

    /// The findings about arguments that nothing reads; `elsewhere` are read, although not by a template.
    pub(super) fn find_unread(
        &self,
        variables: &Variables,
        elsewhere: &[usize],
        compiling: &mut Compiling<'_>,
    ) {
        for (at, (arg, span)) in self.list.iter().zip(&self.names).enumerate() {
            let Some(span) = span else { continue };
            if variables.was_read("", &arg.name) || elsewhere.contains(&at) {
                continue;
            }
            let message = format!("the argument `{}` is never used", arg.name);
            let help = format!("write `{{{{ {} }}}}` where it belongs, or remove it", arg.name);
            compiling.reader.warning(Code::UnusedArgument, *span, message, help);
        }
    }
}

impl Compiling<'_> {
    fn argument_name(&mut self, key: &Key) -> bool {
        if self.reader.name(&key.text, key.span, "an argument", Name::Variable).is_none() {
            return false;
        }
        let name = key.text.as_str();
        let taken = ANSWER.contains(&name) || name == "error";
        if !taken && !WORDS.contains(&name.to_lowercase().as_str()) {
            return true;
        }
        let whose = if taken { "is a part of the answer" } else { "is a word of templates" };
        let message = format!("an argument cannot be called `{name}`, which {whose}");
        self.reader.error(Code::ReservedName, key.span, message, format!("call it `{name}_value`, say"));
        false
    }

    fn argument(&mut self, key: &Key, node: &Node) -> Arg {
        let arg = Arg {
            name: key.text.as_str().into(),
            kind: ArgKind::Text,
            required: false,
            default: None,
            one_of: Vec::new(),
            about: None,
        };
        if node.as_scalar().is_some() {
            let kind = self.reader.word(node, "the type of an argument", &TYPES).unwrap_or(ArgKind::Text);
            return Arg { kind, ..arg };
        }
        let Some(fields) = self.reader.map(node, "an argument", ARGUMENT.names) else { return arg };
        let kind = fields.word(&mut self.reader, "type", &TYPES).unwrap_or(ArgKind::Text);
        let required = fields.bool(&mut self.reader, "required").unwrap_or(false);
        let one_of = self.choices(&fields, kind);
        let default = fields.get("default").and_then(|node| self.typed(node, "`default`", kind));
        // A default with a mistake was meant to be one: its readers are not told that nothing may be given.
        let required = required || (default.is_none() && fields.get("default").is_some());
        let _ = fields.text(&mut self.reader, "about");
        let arg = Arg { kind, required, default, one_of, about: about(&fields), ..arg };
        self.check_default(&fields, &arg);
        arg
    }

    fn choices(&mut self, fields: &Fields<'_>, kind: ArgKind) -> Vec<Value> {
        let Some(items) = fields.list(&mut self.reader, "one_of") else { return Vec::new() };
        if let (true, Some((key, _))) = (items.is_empty(), fields.entry("one_of")) {
            let help = "write the values that are allowed, or leave the key out";
            self.reader.error(Code::EmptyValue, key.span, "`one_of` allows nothing", help);
        }
        items.iter().filter_map(|item| self.typed(item, "an item of `one_of`", kind)).collect()
    }

    fn check_default(&mut self, fields: &Fields<'_>, arg: &Arg) {
        let (Some((key, node)), Some(default)) = (fields.entry("default"), &arg.default) else { return };
        if arg.required {
            let message = format!("`{}` is required, so its default is never used", arg.name);
            self.reader.warning(
                Code::UnusedDefault,
                key.span,
                message,
                "keep one of `required` and `default`",
            );
        }
        if !arg.one_of.is_empty() && !arg.one_of.contains(default) {
            let message = format!("the default of `{}` is none of its `one_of`", arg.name);
            let allowed: Vec<String> = arg.one_of.iter().map(|value| format!("`{value}`")).collect();
            let help = format!("allowed here: {}", allowed.join(", "));
            self.reader.error(Code::ValueType, node.span, message, help);
        }
    }

    /// A value that an author wrote for an argument of that type.
    fn typed(&mut self, node: &Node, what: &str, kind: ArgKind) -> Option<Value> {
        if kind == ArgKind::Text {
            let scalar = self.reader.text(node, what)?;
            self.refuse_expansion(scalar);
            return Some(Value::String(scalar.text.clone()));
        }
        let value = self.reader.json(node)?;
        let fits = match kind {
            ArgKind::Text => value.is_string(),
            ArgKind::Int => value.is_i64() || value.is_u64(),
            ArgKind::Number => value.is_number(),
            ArgKind::Bool => value.is_boolean(),
            ArgKind::List => value.is_array(),
            ArgKind::Object => value.is_object(),
        };
        if fits {
            return Some(value);
        }
        let message =
            format!("{what} is {}, and the argument is declared as `{}`", kind_of(&value), kind.name());
        let help = "write a value of that type, without quotes where it is no text";
        let span = self.reader.source().head_of(node.span);
        self.reader.error(Code::ValueType, span, message, help);
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mapping::upstream::argument::{ANSWER, WORDS};
    use crate::mapping::upstream::tests::{Compiled, compiled};
    use crate::plan::operation::ArgKind;

    fn with_args(args: &str, json: &str) -> Compiled {
        compiled(&format!(
            "upstream: crm\nbase_url: http://crm.example\noperations:\n  op:\n    post: /x\n    args:\n{args}    json: {json}\n"
        ))
    }

    #[test]
    fn an_argument_has_a_type_a_default_and_choices() {
        let args = "      phone: { required: true, about: The caller }\n      n: int\n      \
                    kind: { one_of: [a, b], default: b }\n      price: { type: number, default: 1.50 }\n";
        let compiled = with_args(args, r#"["{{ phone }}", "{{ n }}", "{{ kind }}", "{{ price }}"]"#);
        let args = &compiled.operation().args;
        assert!(args[0].required && args[0].about.as_deref() == Some("The caller"));
        assert_eq!((args[1].kind, args[1].required), (ArgKind::Int, false));
        assert_eq!(
            (args[2].one_of.clone(), args[2].default.clone()),
            (vec![json!("a"), json!("b")], Some(json!("b")))
        );
        assert_eq!(args[3].default.as_ref().unwrap().to_string(), "1.50");
    }

    #[test]
    fn every_mistake_in_the_arguments_is_told() {
        let args = "      status: text\n      in: text\n      a-b: text\n      t: txt\n      \
                    d: { type: int, default: \"4\" }\n      e: { default: 4 }\n      \
                    f: { one_of: [a], default: c }\n      g: { required: true, default: x }\n      h: { typ: int }\n";
        let all = r#"["{{ status }}", "{{ t or 1 }}{{ d }}", "{{ e }}", "{{ f }}", "{{ g }}", "{{ h }}"]"#;
        let compiled = with_args(args, all);
        assert_eq!(
            compiled.heads(),
            [
                "error[reserved-name]: an argument cannot be called `status`, which is a part of the answer",
                "error[reserved-name]: an argument cannot be called `in`, which is a word of templates",
                "error[bad-name]: `a-b` cannot be the name of an argument",
                "error[unknown-word]: the type of an argument cannot be `txt`",
                "error[value-type]: `default` is a text, and the argument is declared as `int`",
                "error[not-text]: `default` must be a text, and YAML reads 4 as a number",
                "error[value-type]: the default of `f` is none of its `one_of`",
                "warning[unused-default]: `g` is required, so its default is never used",
                "error[unknown-key]: `typ` is not a key of an argument",
            ]
        );
    }

    #[test]
    fn the_page_of_the_language_tells_every_name_that_an_argument_cannot_have() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mappings.md")).unwrap();
        let told =
            page.split_once("An argument cannot be called ").unwrap().1.split_once("Where the").unwrap().0;
        for name in ANSWER.iter().chain(&WORDS).chain(&["error"]) {
            assert!(told.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn an_argument_that_nothing_reads_is_told_at_its_name() {
        let compiled = with_args("      phone: text\n      unused: text\n", "{ p: \"{{ phone }}\" }");
        assert_eq!(
            compiled.findings,
            ["\
warning[unused-argument]: the argument `unused` is never used
 --> a.yaml:8:7
  |
8 |       unused: text
  |       ^^^^^^
  |
  = help: write `{{ unused }}` where it belongs, or remove it"]
        );
    }
}
