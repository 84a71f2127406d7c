//! Whether a call carries one of the node's keys.

use actix_web::http::header::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::plan::Keys;

/// The header that takes `Bearer KEY`, and `Basic` with the key as password.
pub const AUTHORIZATION: &str = "authorization";

/// What a call's key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// This one of the node's keys: an index.
    Known(usize),
    /// Not one of them.
    Wrong,
    /// There is none, or none in the way in which it must be sent.
    Missing,
}

/// Looks for the key. Every key of the node is compared, each in constant time.
#[must_use]
pub fn find(keys: &Keys, headers: &HeaderMap) -> Key {
    let Some(sent) = headers.get(keys.header.as_str()).and_then(|value| value.to_str().ok()) else {
        return Key::Missing;
    };
    let given = if keys.header.eq_ignore_ascii_case(AUTHORIZATION) {
        credential(sent)
    } else {
        Some(sent.trim().to_owned())
    };
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Key::Missing;
    };
    let matching = |found: Key, (at, key): (usize, &crate::secret::Secret)| {
        if key.matches(&given) { Key::Known(at) } else { found }
    };
    keys.keys.iter().enumerate().fold(Key::Wrong, matching)
}

fn credential(sent: &str) -> Option<String> {
    let (scheme, rest) = sent.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Key, find};
    use crate::plan::Keys;
    use crate::secret::Secret;

    fn keys(header: &str) -> Keys {
        let keys = vec![Secret::new("old"), Secret::new("n:ew"), Secret::new("")];
        Keys { header: header.to_owned(), keys, unset: Vec::new(), variables: Vec::new() }
    }

    fn found(header: &'static str, value: &str) -> Key {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(header), HeaderValue::from_str(value).unwrap());
        find(&keys(header), &headers)
    }

    #[test]
    fn a_key_comes_as_bearer_or_as_password() {
        for (sent, key) in [
            ("Bearer old", Key::Known(0)),
            ("bearer  n:ew ", Key::Known(1)),
            ("Basic dXNlcjpvbGQ=", Key::Known(0)),
            ("BASIC Om46ZXc=", Key::Known(1)),
            ("Bearer ol", Key::Wrong),
            ("Basic dXNlcjpuZXc=", Key::Wrong),
            ("Basic b2xk", Key::Missing),
            ("Basic %%%", Key::Missing),
            ("Basic dXNlcjo=", Key::Missing),
            ("old", Key::Missing),
            ("Bearer", Key::Missing),
            ("Bearer ", Key::Missing),
            ("Digest old", Key::Missing),
        ] {
            assert_eq!(found("authorization", sent), key, "{sent}");
        }
    }

    #[test]
    fn a_key_in_a_header_of_its_own_comes_bare() {
        assert_eq!(found("x-node-key", " n:ew "), Key::Known(1));
        assert_eq!(found("x-node-key", "Bearer old"), Key::Wrong);
        assert_eq!(find(&keys("x-node-key"), &HeaderMap::new()), Key::Missing);
    }

    #[test]
    fn an_empty_key_opens_nothing() {
        assert_eq!(found("x-node-key", ""), Key::Missing);
    }
}
