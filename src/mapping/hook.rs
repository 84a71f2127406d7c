//! A hook file, to a plan. Its readings are held against the inputs of the nodes that they name.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::suggest;
use crate::mapping::compiling::Compiling;
use crate::mapping::declared::{Found, Nodes};
use crate::mapping::language::hook::{EVICT, HOOK, SECRET, WARM};
use crate::mapping::read::fields::Fields;
use crate::mapping::read::name::Name;
use crate::mapping::yaml::{self, Key};
use crate::node::input::{Input, InputKind};
use crate::plan::hook::{Hook, Proof, Reading, Way};
use crate::plan::operation::Setting;
use crate::secret::{Hash, Secret};

/// What a hook file declares.
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) span: Span,
    /// None: it has errors.
    pub(super) hook: Option<Hook>,
}

/// Compiles one hook file. None: it does not even say which hook it is.
pub(super) fn compile(root: &yaml::Node, compiling: &mut Compiling<'_>, nodes: &Nodes) -> Option<Declared> {
    let fields = compiling.reader.map(root, "a hook", HOOK.names)?;
    let scalar = fields.required_text(&mut compiling.reader, "hook");
    let name = scalar.and_then(|name| compiling.reader.name(&name.text, name.span, "a hook", Name::Slug));
    let about = fields.text(&mut compiling.reader, "about").map(|about| about.text.trim().to_owned());
    compiling.while_unset = "until it is, the hook answers 401 to every event";
    let proof = proof(&fields, compiling);
    let evict = reading(&fields, compiling, nodes, &Kind::EVICT);
    let warm = reading(&fields, compiling, nodes, &Kind::WARM);
    if fields.get("evict").is_none() && fields.get("warm").is_none() {
        let help = "`evict` ends what is kept of a customer, `warm` answers a call before it comes";
        compiling.reader.error(Code::MissingKey, fields.span(), "a hook needs `evict` or `warm`", help);
    }
    let name: Arc<str> = name?.into();
    let hook = proof.map(|proof| Hook { name: Arc::clone(&name), about, proof, evict, warm });
    Some(Declared { name, span: scalar?.span, hook })
}

/// `secret: { header: X-Hook-Secret, value: "${secret:NAME}" }`
fn proof(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Proof> {
    let node = fields.required(&mut compiling.reader, "secret")?;
    let fields = compiling.reader.map(node, "`secret`", SECRET.names)?;
    let header = fields.required_text(&mut compiling.reader, "header");
    let header = header.filter(|header| compiling.header_name(&header.text, header.span));
    if SECRET.names.iter().all(|key| *key == "header" || fields.get(key).is_none())
        && node.as_map().is_some_and(|map| map.len() > 1)
    {
        return None; // a slip in the key's name: told as an unknown key
    }
    let ways = ["value", "hmac_sha256", "hmac_sha1", "timed_hmac_sha256"];
    let (key, node) = fields.exactly_one(&mut compiling.reader, &ways)?;
    let way = match key.text.as_str() {
        "hmac_sha256" => Way::Signature(Hash::Sha256),
        "hmac_sha1" => Way::Signature(Hash::Sha1),
        "timed_hmac_sha256" => Way::TimedSignature,
        _ => Way::Plain,
    };
    let secret = secret(key, node, compiling)?;
    Some(Proof { header: header?.text.to_lowercase(), way, secret })
}

fn secret(key: &Key, node: &yaml::Node, compiling: &mut Compiling<'_>) -> Option<Setting<Secret>> {
    let scalar = compiling.reader.text(node, &format!("`{}`", key.text))?;
    if !scalar.text.contains("${") {
        let message = "this secret stands in the file for everybody to read";
        let help = "keep it in the environment: \"${secret:CRM_HOOK_SECRET}\"";
        compiling.reader.warning(Code::SecretInFile, scalar.span, message, help);
    }
    match compiling.expand(scalar)? {
        Setting::Set(value) if value.trim().is_empty() => {
            let help = "a hook without a secret would believe everybody: give it one";
            compiling.reader.error(Code::EmptyValue, scalar.span, "the secret is empty", help);
            None
        }
        Setting::Set(value) => Some(Setting::Set(Secret::new(value))),
        Setting::Unset(variable) => Some(Setting::Unset(variable)),
    }
}

/// The two kinds of reading, as they are written.
struct Kind {
    key: &'static str,
    keys: &'static [&'static str],
    params: &'static str,
    /// Whether only what names a customer may stand there.
    identifies: bool,
}

impl Kind {
    const EVICT: Self = Self { key: "evict", keys: EVICT.names, params: "identifiers", identifies: true };
    const WARM: Self = Self { key: "warm", keys: WARM.names, params: "send", identifies: false };
}

fn reading(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    nodes: &Nodes,
    kind: &Kind,
) -> Option<Reading> {
    let fields = fields.map(&mut compiling.reader, kind.key, kind.keys)?;
    let scalar = fields.required_text(&mut compiling.reader, "node");
    let node = scalar.and_then(|scalar| match nodes.find(&scalar.text) {
        Found::There(name, node) => Some((Arc::clone(name), node.as_ref().ok())),
        // Nothing can be said of it yet, and no event is taken before it is there.
        Found::Unread => Some((Arc::from(scalar.text.as_str()), None)),
        Found::Nowhere => {
            let names = nodes.named.keys();
            compiling.reader.unknown_name(Code::UnknownNode, scalar.span, "node", &scalar.text, names);
            None
        }
    });
    fields.required(&mut compiling.reader, kind.params)?;
    let map = fields.entries(&mut compiling.reader, kind.params)?;
    let mut params = Vec::new();
    for (key, value) in map.iter() {
        if let Some((_, Some(node))) = node {
            check(key, &node.inputs, compiling, kind.identifies);
        }
        let path = compiling.path(value, &format!("`{}`", key.text));
        params.extend(path.map(|path| (key.text.clone(), path)));
    }
    if map.is_empty() {
        let help = format!(
            "name an input of the node and where the event holds it: `{}: {{ tel: $.phone }}`",
            kind.params
        );
        compiling.reader.error(Code::EmptyValue, fields.span(), format!("`{}` is empty", kind.params), help);
    }
    Some(Reading { node: node?.0, params })
}

/// Holds a name against the node's inputs.
fn check(key: &Key, inputs: &[Input], compiling: &mut Compiling<'_>, identifies: bool) {
    let Some((at, input)) = inputs.iter().enumerate().find(|(_, input)| input.answers_to(&key.text)) else {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_ref()).collect();
        let message = format!("the node has no input `{}`", key.text);
        compiling.reader.error(Code::UnknownInput, key.span, message, suggest(&key.text, &names));
        return;
    };
    let says_region = |other: &Input| matches!(&other.kind, InputKind::Phone { region_from, .. } if *region_from == Some(at));
    if identifies && !input.kind.is_identifier() && !inputs.iter().any(says_region) {
        let message = format!("`{}` is {} and names no customer", key.text, input.kind.name());
        let help = "name inputs of the types phone, email and account";
        compiling.reader.error(Code::NamesNobody, key.span, message, help);
    }
}
