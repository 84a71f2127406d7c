//! How results are kept: the revision of a question, the inputs it depends on, and `cache:`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::node::CACHE;
use crate::mapping::read::fields::Fields;
use crate::node::input::Input;
use crate::plan::operation::{Auth, Call, Operation, Setting};
use crate::plan::part::Reading;
use crate::plan::{self, Ask, Keep, Lives};

/// The longest life of a record, in seconds: thirty days.
const LONGEST: i64 = 30 * 24 * 3600;

/// Compiles `cache`; without it nothing is kept.
pub(super) fn lives(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Option<Lives> {
    let cache = fields.map(&mut compiling.reader, "cache", CACHE.names)?;
    let fresh = cache.required(&mut compiling.reader, "fresh_sec");
    let fresh = fresh.and_then(|node| compiling.reader.int(node, "`fresh_sec`", 1..=LONGEST, "s"));
    let stale = cache.int(&mut compiling.reader, "stale_sec", 0..=LONGEST, "s").unwrap_or(0);
    let not_found = cache.int(&mut compiling.reader, "not_found_sec", 0..=LONGEST, "s");
    let fresh = fresh?;
    if let (Some(not_found), Some(node)) = (not_found, cache.get("not_found_sec"))
        && not_found > fresh
    {
        let message =
            "`not_found_sec` is longer than `fresh_sec`: a new customer would wait longer than a known one";
        compiling.reader.warning(Code::NotFoundLonger, node.span, message, "make it the shorter of the two");
    }
    let seconds = |value: i64| Duration::from_secs(value.unsigned_abs());
    Some(Lives {
        fresh: seconds(fresh),
        stale: seconds(stale),
        not_found: seconds(not_found.unwrap_or(fresh.min(30))),
    })
}

/// How the result of a question is kept. `by`: the input that it asks about.
pub(super) fn keep(ask: &Ask, by: Option<&Input>, shape: &dyn std::fmt::Debug, inputs: &[Input]) -> Keep {
    let mut hasher = DefaultHasher::new();
    // `Debug` says everything that was written and nothing of where it stands; credentials it hides, so they are
    // added.
    format!("{:?} {:?} {:?} {:?} {shape:?}", ask.operation, ask.args, ask.pick, by.map(|by| &by.kind))
        .hash(&mut hasher);
    login(&ask.operation, &mut hasher);
    let (mut reads, mut is_steady) = (Vec::new(), true);
    ask.each_read(&mut |read| match read.root.as_str() {
        "now" => is_steady = false,
        "inputs" => match read.below.first() {
            Some(crate::expr::Segment::Key(name)) => reads.push(name.clone()),
            _ => reads.extend(inputs.iter().map(|input| input.name.to_string())),
        },
        name => reads.push(name.to_owned()),
    });
    let named = |input: &Input| reads.iter().any(|read| **read == *input.name);
    let is_by = |input: &Input| by.is_some_and(|by| by.name == input.name);
    let inputs =
        inputs.iter().enumerate().filter(|(_, input)| named(input) && !is_by(input)).map(|(at, _)| at);
    let fields = Arc::new(plan::fields::Fields::default());
    let fingerprint = fields.fingerprint();
    let reading = Arc::new(Reading::whole());
    Keep { revision: hasher.finish(), inputs: inputs.collect(), is_steady, fields, fingerprint, reading }
}

/// Two logins may see two sets of customers.
fn login(operation: &Operation, hasher: &mut DefaultHasher) {
    let Call::Http(call) = &operation.call else {
        return;
    };
    if let Setting::Set(auth) = &call.auth {
        match auth {
            Auth::None => {}
            Auth::Header(_, secret) | Auth::Query(_, secret) | Auth::Bearer(secret) => {
                secret.expose().hash(hasher);
            }
            Auth::Login(login) => login.identity.hash(hasher),
            Auth::Basic(user, password) => (user.expose(), password.expose()).hash(hasher),
        }
    }
}
