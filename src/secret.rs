//! A secret: a text that is used and never printed.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// A credential. `Debug` and `Display` hide it; only [`Secret::expose`] gives it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What a message is signed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, of systems that know no other.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Secret {
    /// Wraps a credential.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The credential itself, for the place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is the HMAC of a message under the credential, written in hexadecimal digits or base64.
    #[must_use]
    pub fn signed(&self, hash: Hash, message: &[u8], signature: &str) -> bool {
        let (algorithm, digits) = match hash {
            Hash::Sha1 => (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 40),
            Hash::Sha256 => (hmac::HMAC_SHA256, 64),
        };
        let given = if signature.len() == digits { hex(signature) } else { STANDARD.decode(signature).ok() };
        let key = hmac::Key::new(algorithm, self.0.as_bytes());
        given.is_some_and(|given| hmac::verify(&key, message, &given).is_ok())
    }

    /// Compares with what a caller sent, in a time that tells nothing about the credential.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        use sha2::{Digest, Sha256};
        Sha256::digest(self.0.as_bytes()).ct_eq(&Sha256::digest(given.as_bytes())).into()
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pair = |pair: &[u32]| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok();
    digits?.chunks(2).map(pair).collect()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("«secret»")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("«secret»")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("s3cr3t");
        assert_eq!(format!("{secret} {secret:?}"), "«secret» «secret»");
    }

    #[test]
    fn a_secret_matches_itself_only() {
        let secret = Secret::new("s3cr3t");
        assert!(secret.matches("s3cr3t"));
        assert!(!secret.matches("s3cr3"));
        assert!(!secret.matches(""));
    }
}
