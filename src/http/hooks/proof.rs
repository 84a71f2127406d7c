//! Whether an event is from who shares the hook's secret. Without a secret that is set, it never is.

use std::time::SystemTime;

use actix_web::http::header::HeaderMap;

use crate::clock;
use crate::http::hooks::refused::Refused;
use crate::plan::hook::{Proof, Way};
use crate::plan::operation::Setting;
use crate::secret::{Hash, Secret};

/// How old a signature may be that says its time, in seconds.
const OLDEST: u64 = 300;

/// The proof as it was sent.
pub(super) fn sent<'r>(proof: &Proof, headers: &'r HeaderMap) -> Result<&'r str, Refused> {
    if matches!(proof.secret, Setting::Unset(_)) {
        return Err(Refused::Unset);
    }
    let sent = headers.get(proof.header.as_str()).and_then(|value| value.to_str().ok()).map(str::trim);
    sent.filter(|sent| !sent.is_empty()).ok_or_else(|| Refused::NoProof(proof.header.clone()))
}

/// Holds it against the secret, and against the body where it is the body's signature.
pub(super) fn check(proof: &Proof, sent: &str, body: &[u8], now: SystemTime) -> Result<(), Refused> {
    let Setting::Set(secret) = &proof.secret else {
        return Err(Refused::Unset);
    };
    let holds = match proof.way {
        Way::Plain => {
            secret.matches(sent) || sent.strip_prefix("Bearer ").is_some_and(|sent| secret.matches(sent))
        }
        Way::Signature(hash) => {
            let prefix = if hash == Hash::Sha1 { "sha1=" } else { "sha256=" };
            secret.signed(hash, body, sent.strip_prefix(prefix).unwrap_or(sent))
        }
        Way::TimedSignature => is_timely(sent, now) && is_signed(secret, sent, body),
    };
    if holds { Ok(()) } else { Err(Refused::WrongProof(proof.header.clone())) }
}

/// The parts of this name in `t=…,v1=…`; there may be several signatures while a secret is being changed.
fn parts<'s>(sent: &'s str, name: &str) -> impl Iterator<Item = &'s str> {
    sent.split(',').filter_map(move |part| part.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whether it was signed within the last minutes, so that nobody sends an old event again.
fn is_timely(sent: &str, now: SystemTime) -> bool {
    let signed = parts(sent, "t").next().and_then(|time| time.parse::<u64>().ok());
    signed.is_some_and(|signed| clock::seconds(now).abs_diff(signed) <= OLDEST)
}

fn is_signed(secret: &Secret, sent: &str, body: &[u8]) -> bool {
    let time = parts(sent, "t").next().unwrap_or_default();
    let message = [time.as_bytes(), b".", body].concat();
    parts(sent, "v1").any(|signature| secret.signed(Hash::Sha256, &message, signature))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{check, sent};
    use crate::http::hooks::refused::Refused;
    use crate::plan::hook::{Proof, Way};
    use crate::plan::operation::Setting;
    use crate::secret::{Hash, Secret};

    fn proof(way: Way) -> Proof {
        Proof { header: "x-proof".to_owned(), way, secret: Setting::Set(Secret::new("key")) }
    }

    #[test]
    fn the_secret_itself_proves_and_nothing_else_does() {
        let proof = proof(Way::Plain);
        assert!(
            check(&proof, "key", b"", SystemTime::UNIX_EPOCH).is_ok()
                && check(&proof, "Bearer key", b"", SystemTime::UNIX_EPOCH).is_ok()
        );
        assert_eq!(
            check(&proof, "ke", b"", SystemTime::UNIX_EPOCH),
            Err(Refused::WrongProof("x-proof".to_owned()))
        );
    }

    #[test]
    fn a_signature_proves_its_own_body_only() {
        // RFC 4231 has no short text key; this pair is widely printed for HMAC-SHA256.
        let body = b"The quick brown fox jumps over the lazy dog";
        let hex = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        let proof = proof(Way::Signature(Hash::Sha256));
        for sent in [
            hex.to_owned(),
            format!("sha256={}", hex.to_uppercase()),
            "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=".to_owned(),
        ] {
            assert_eq!(check(&proof, &sent, body, SystemTime::UNIX_EPOCH), Ok(()), "{sent}");
            assert!(check(&proof, &sent, b"another", SystemTime::UNIX_EPOCH).is_err());
        }
        for sent in ["", "key", "sha256=", "zz"] {
            assert!(check(&proof, sent, body, SystemTime::UNIX_EPOCH).is_err(), "{sent}");
        }
    }

    #[test]
    fn a_signature_by_sha_1_proves_its_own_body_only() {
        // printf '%s' "$body" | openssl dgst -sha1 -hmac key
        let body = b"The quick brown fox jumps over the lazy dog";
        let proof = proof(Way::Signature(Hash::Sha1));
        for sent in ["de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9", "3nybhbi3iqa8ino29wqQcBydtNk="] {
            assert_eq!(check(&proof, sent, body, SystemTime::UNIX_EPOCH), Ok(()), "{sent}");
            assert!(check(&proof, sent, b"another", SystemTime::UNIX_EPOCH).is_err());
        }
        let by_sha_256 = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        assert!(check(&proof, by_sha_256, body, SystemTime::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_signature_that_says_its_time_proves_for_five_minutes() {
        // printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
        let sent = "t=1700000000,v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03";
        let proof = proof(Way::TimedSignature);
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for now in [1_700_000_000, 1_700_000_300, 1_699_999_700] {
            assert_eq!(check(&proof, sent, b"{\"a\":1}", at(now)), Ok(()), "{now}");
        }
        assert!(check(&proof, sent, b"{\"a\":1}", at(1_700_000_301)).is_err());
        assert!(check(&proof, sent, b"{\"a\":2}", at(1_700_000_000)).is_err());
        let (_, signature) = sent.split_once("v1=").unwrap();
        for (forged, holds) in [
            (format!("t=1700000001,v1={signature}"), false),
            (format!("v1={signature}"), false),
            ("t=1700000000".to_owned(), false),
            (format!("t=1700000000, v1=00, v1={signature}"), true),
        ] {
            assert_eq!(check(&proof, &forged, b"{\"a\":1}", at(1_700_000_000)).is_ok(), holds, "{forged}");
        }
    }

    #[test]
    fn without_a_secret_or_a_proof_nothing_is_believed() {
        let unset = Proof { secret: Setting::Unset("KEY".to_owned()), ..proof(Way::Plain) };
        let mut headers = HeaderMap::new();
        assert_eq!(sent(&proof(Way::Plain), &headers), Err(Refused::NoProof("x-proof".to_owned())));
        headers.insert(HeaderName::from_static("x-proof"), HeaderValue::from_static(" key "));
        assert_eq!(sent(&proof(Way::Plain), &headers), Ok("key"));
        assert_eq!(sent(&unset, &headers), Err(Refused::Unset));
        assert_eq!(check(&unset, "", b"", SystemTime::UNIX_EPOCH), Err(Refused::Unset));
    }
}
