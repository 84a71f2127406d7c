//! Whether an event is from who shares the hook's secret. Without a secret that is set, it never is.

use actix_web::http::header::HeaderMap;

use crate::http::hooks::refused::Refused;
use crate::plan::hook::{Proof, Way};
use crate::plan::operation::Setting;

/// The proof as it was sent.
pub(super) fn sent<'r>(proof: &Proof, headers: &'r HeaderMap) -> Result<&'r str, Refused> {
    if matches!(proof.secret, Setting::Unset(_)) {
        return Err(Refused::Unset);
    }
    let sent = headers.get(proof.header.as_str()).and_then(|value| value.to_str().ok()).map(str::trim);
    sent.filter(|sent| !sent.is_empty()).ok_or_else(|| Refused::NoProof(proof.header.clone()))
}

/// Holds it against the secret, and against the body where it is the body's signature.
pub(super) fn check(proof: &Proof, sent: &str, body: &[u8]) -> Result<(), Refused> {
    let Setting::Set(secret) = &proof.secret else {
        return Err(Refused::Unset);
    };
    let holds = match proof.way {
        Way::Plain => {
            secret.matches(sent) || sent.strip_prefix("Bearer ").is_some_and(|sent| secret.matches(sent))
        }
        Way::Signature => secret.signed(body, sent.strip_prefix("sha256=").unwrap_or(sent)),
    };
    if holds { Ok(()) } else { Err(Refused::WrongProof(proof.header.clone())) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{check, sent};
    use crate::http::hooks::refused::Refused;
    use crate::plan::hook::{Proof, Way};
    use crate::plan::operation::Setting;
    use crate::secret::Secret;

    fn proof(way: Way) -> Proof {
        Proof { header: "x-proof".to_owned(), way, secret: Setting::Set(Secret::new("key")) }
    }

    #[test]
    fn the_secret_itself_proves_and_nothing_else_does() {
        let proof = proof(Way::Plain);
        assert!(check(&proof, "key", b"").is_ok() && check(&proof, "Bearer key", b"").is_ok());
        assert_eq!(check(&proof, "ke", b""), Err(Refused::WrongProof("x-proof".to_owned())));
    }

    #[test]
    fn a_signature_proves_its_own_body_only() {
        // RFC 4231 has no short text key; this pair is widely printed for HMAC-SHA256.
        let body = b"The quick brown fox jumps over the lazy dog";
        let hex = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        let proof = proof(Way::Signature);
        for sent in [
            hex.to_owned(),
            format!("sha256={}", hex.to_uppercase()),
            "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=".to_owned(),
        ] {
            assert_eq!(check(&proof, &sent, body), Ok(()), "{sent}");
            assert!(check(&proof, &sent, b"another").is_err());
        }
        for sent in ["", "key", "sha256=", "zz"] {
            assert!(check(&proof, sent, body).is_err(), "{sent}");
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
        assert_eq!(check(&unset, "", b""), Err(Refused::Unset));
    }
}
