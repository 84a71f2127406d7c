//! `access:` who may call a node, and how often.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::ACCESS;
use crate::mapping::read::fields::Fields;
use crate::plan::operation::Setting;
use crate::plan::{Access, Keys};
use crate::secret::Secret;

/// Compiles `access`; without it everybody may call.
pub(super) fn compile(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Access {
    let Some(access) = fields.map(&mut compiling.reader, "access", ACCESS.names) else {
        return Access::default();
    };
    let keys = keys(&access, compiling);
    let mut networks = Vec::new();
    for scalar in access.texts(&mut compiling.reader, "networks") {
        let parsed = scalar.text.parse().or_else(|_| scalar.text.parse::<IpAddr>().map(IpNet::from));
        match parsed {
            Ok(network) => networks.push(network),
            Err(_) => compiling.reader.error(
                Code::BadNetwork,
                scalar.span,
                format!("`{}` is no network", scalar.text),
                "write it as `10.0.0.0/8`, `192.0.2.7` or `2001:db8::/32`",
            ),
        }
    }
    let per_second = access.int(&mut compiling.reader, "per_second", 1..=100_000, "calls");
    Access { keys, networks, per_second: per_second.and_then(|rate| u32::try_from(rate).ok()) }
}

fn keys(access: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Keys> {
    let header = access.text(&mut compiling.reader, "header");
    if access.get("keys").is_none() {
        if let Some(header) = header {
            compiling.reader.error(
                Code::MissingKey,
                header.span,
                "`header` needs `keys`, the keys that it may carry",
                "add `keys: [\"${secret:NODE_KEY}\"]`",
            );
        }
        return None;
    }
    let header = header.filter(|header| compiling.header_name(&header.text, header.span));
    let header = header.map_or_else(|| "authorization".to_owned(), |header| header.text.to_lowercase());
    let mut keys = Keys { header, keys: Vec::new(), unset: Vec::new(), variables: Vec::new() };
    compiling.while_unset =
        "until it is, no call has this key: a node none of whose keys is set answers 401 to all";
    for scalar in access.texts(&mut compiling.reader, "keys") {
        if !scalar.text.contains("${") {
            compiling.reader.warning(
                Code::SecretInFile,
                scalar.span,
                "this key stands in the file for everybody to read",
                "keep it in the environment: \"${secret:NODE_KEY}\"",
            );
        }
        keys.variables.extend(variable(&scalar.text).map(str::to_owned));
        match compiling.expand(scalar) {
            Some(Setting::Set(key)) => keys.keys.push(Secret::new(key)),
            Some(Setting::Unset(variable)) => keys.unset.push(variable),
            None => {}
        }
    }
    Some(keys)
}

/// The variable of a key that is nothing else: `${secret:NODE_KEY}`.
fn variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let name = name.strip_prefix("secret:").unwrap_or(name);
    let name = name.split_once(":-").map_or(name, |(name, _)| name);
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}
