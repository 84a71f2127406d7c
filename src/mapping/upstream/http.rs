//! An upstream behind HTTP: what all of its operations share, and each of them.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::language::upstream::{LIMITS, OPERATION};
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::header::Header;
use crate::mapping::upstream::login::Site;
use crate::mapping::upstream::written::{TIMEOUT, Written, millis, operations};
use crate::mapping::upstream::{Named, operation};
use crate::plan::operation::{Auth, HttpUpstream, Limits, Setting};

const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// What all operations of the upstream share. A setting with a mistake in it is none.
pub(super) struct Shared<'n> {
    pub(super) upstream: Arc<HttpUpstream>,
    pub(super) base_url: Option<Setting<String>>,
    pub(super) auth: Option<Setting<Auth>>,
    pub(super) headers: Option<Vec<Header<'n>>>,
    pub(super) timeout: Duration,
}

/// Compiles the file of an HTTP upstream.
pub(super) fn compile(name: &Arc<str>, fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Vec<Named> {
    let operations = operations(name, fields, OPERATION.names, compiling);
    let shared = shared(name, fields, &operations, compiling);
    operations
        .into_iter()
        .map(|(name, written)| {
            let operation = written.and_then(|written| operation::compile(&written, &shared, compiling));
            (name, operation.map(Arc::new))
        })
        .collect()
}

fn shared<'n>(
    name: &Arc<str>,
    fields: &Fields<'n>,
    operations: &[(Arc<str>, Option<Written<'n>>)],
    compiling: &mut Compiling<'_>,
) -> Shared<'n> {
    let written = || operations.iter().filter_map(|(_, written)| written.as_ref());
    let base_url = match fields.get("base_url") {
        Some(node) => compiling.base_url(node),
        None => {
            if operations.is_empty() || written().any(|written| written.fields.get("base_url").is_none()) {
                let message = "an upstream needs `base_url`, or `table` if its data is a file";
                let help = "add `base_url: ${NAME:-https://…}`";
                compiling.reader.error(Code::MissingKey, fields.span(), message, help);
            }
            None
        }
    };
    let headers = Header::read(fields, compiling);
    let are_known = Header::check_shared(&headers, written(), compiling);
    let upstream = HttpUpstream {
        name: Arc::clone(name),
        connect_timeout: millis(compiling, fields, "connect_timeout_ms", 10..=5000)
            .unwrap_or(CONNECT_TIMEOUT),
        redirects: fields.bool(&mut compiling.reader, "follow_redirects").unwrap_or(false),
        limits: limits(fields, compiling),
    };
    let timeout = millis(compiling, fields, "timeout_ms", 10..=4500).unwrap_or(TIMEOUT);
    let upstream = Arc::new(upstream);
    let auth = match fields.get("auth") {
        Some(node) => {
            compiling.auth(node, &Site { upstream: &upstream, base_url: base_url.as_ref(), timeout })
        }
        None => Some(Setting::Set(Auth::None)),
    };
    compiling.warn_unencrypted(fields.get("base_url"), base_url.as_ref(), auth.as_ref());
    Shared { upstream, base_url, auth, headers: are_known.then_some(headers), timeout }
}

fn limits(fields: &Fields<'_>, compiling: &mut Compiling<'_>) -> Limits {
    let reader = &mut compiling.reader;
    let Some(fields) = fields.map(reader, "limits", LIMITS.names) else { return Limits::default() };
    let concurrency = fields.int(reader, "concurrency", 1..=10_000, "");
    let per_second = fields.int(reader, "per_second", 1..=100_000, "");
    Limits {
        concurrency: concurrency.and_then(|number| usize::try_from(number).ok()),
        per_second: per_second.and_then(|number| u32::try_from(number).ok()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::mapping::upstream::tests::compiled;
    use crate::plan::operation::{Auth, Limits, Setting};

    const OPERATIONS: &str = "operations: { op: { get: /x } }\n";

    #[test]
    fn what_is_not_written_has_its_default() {
        let compiled = compiled(&format!("upstream: crm\nbase_url: http://crm.example\n{OPERATIONS}"));
        let call = compiled.request();
        assert_eq!(call.upstream.name.as_ref(), "crm");
        assert_eq!(call.upstream.connect_timeout, Duration::from_millis(500));
        assert_eq!(compiled.operation().timeout, Duration::from_secs(1));
        assert_eq!(call.upstream.limits, Limits::default());
        assert!(!call.upstream.redirects && matches!(call.auth, Setting::Set(Auth::None)));
    }

    #[test]
    fn an_upstream_says_what_it_is_willing_to_bear() {
        let settings = "connect_timeout_ms: 200\ntimeout_ms: 800\nfollow_redirects: true\n\
                        limits: { concurrency: 50, per_second: 20 }\n";
        let compiled =
            compiled(&format!("upstream: crm\nbase_url: http://crm.example\n{settings}{OPERATIONS}"));
        let upstream = &compiled.request().upstream;
        assert_eq!(upstream.connect_timeout, Duration::from_millis(200));
        assert_eq!(compiled.operation().timeout, Duration::from_millis(800));
        assert_eq!(upstream.limits, Limits { concurrency: Some(50), per_second: Some(20) });
        assert!(upstream.redirects);
    }

    #[test]
    fn every_setting_that_cannot_be_is_told() {
        let settings = "connect_timeout_ms: 5\ntimeout_ms: 9s\nfollow_redirects: yes\nlimits: { concurency: 50, per_second: 0 }\n";
        let compiled = compiled(&format!("upstream: crm\n{settings}{OPERATIONS}"));
        assert_eq!(
            compiled.heads(),
            [
                "error[missing-key]: an upstream needs `base_url`, or `table` if its data is a file",
                "error[out-of-range]: `connect_timeout_ms` must be from 10 to 5000 ms, not 5",
                "error[wrong-kind]: `timeout_ms` must be a whole number, not a text",
                "error[wrong-kind]: `follow_redirects` must be `true` or `false`, not a text",
                "error[unknown-key]: `concurency` is not a key of `limits`",
                "error[out-of-range]: `per_second` must be from 1 to 100000, not 0",
            ]
        );
    }

    #[test]
    fn an_upstream_needs_no_address_where_each_operation_has_its_own() {
        let own = "upstream: crm\noperations: { op: { get: /x, base_url: http://b.example, auth: none } }\n";
        assert_eq!(compiled(own).request().base_url, Setting::Set("http://b.example".to_owned()));
    }
}
