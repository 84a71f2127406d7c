//! What leaves this process for Redis, made unreadable: names as keyed hashes, values sealed. Both keys are derived
//! from the one that all replicas share.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cache::key::Seeds;
use crate::secret::Secret;

/// How many bytes of nonce stand before a sealed value.
const NONCE: usize = 12;

/// How names are hashed.
enum Names {
    /// As all replicas do.
    Shared(Box<hmac::Key>),
    /// As this process alone does: nothing so named leaves it.
    Own(Seeds),
}

/// The keys of one deployment.
pub(super) struct Keys {
    names: Names,
    seal: Option<RandomizedNonceKey>,
}

impl Keys {
    /// The keys that follow from the shared one.
    pub(super) fn derive(secret: &Secret) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let names = hmac::sign(&root, b"datadip 1 names");
        let seal = hmac::sign(&root, b"datadip 1 values");
        Self {
            names: Names::Shared(Box::new(hmac::Key::new(hmac::HMAC_SHA256, names.as_ref()))),
            seal: RandomizedNonceKey::new(&AES_256_GCM_SIV, seal.as_ref()).ok(),
        }
    }

    /// Keys of this process alone, for a cache that shares nothing.
    pub(super) fn own() -> Self {
        Self { names: Names::Own(Seeds::default()), seal: None }
    }

    /// The keyed hash of these parts; no two lists of parts share one by where they are cut.
    pub(super) fn hash(&self, parts: &[&[u8]]) -> u128 {
        let key = match &self.names {
            Names::Shared(key) => key,
            Names::Own(seeds) => return seeds.key(&parts),
        };
        let mut context = hmac::Context::with_key(key);
        for part in parts {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let half = tag.as_ref().first_chunk().copied().unwrap_or_default();
        u128::from_le_bytes(half)
    }

    /// Seals a value so that it opens under this name only.
    pub(super) fn seal(&self, name: &str, mut value: Vec<u8>) -> Option<Vec<u8>> {
        let key = self.seal.as_ref()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut value).ok()?;
        let mut sealed = Vec::with_capacity(NONCE + value.len());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut value);
        Some(sealed)
    }

    /// Opens a value; none where it is not ours, not of this name, or was changed.
    pub(super) fn open(&self, name: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let key = self.seal.as_ref()?;
        let (nonce, value) = sealed.split_at_mut_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = key.open_in_place(nonce, Aad::from(name.as_bytes()), value).ok()?;
        Some(opened.to_vec())
    }
}

/// Sixteen random bytes.
pub(super) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if rand::fill(&mut bytes).is_err() {
        use std::hash::{BuildHasher, RandomState};
        let low = RandomState::new().hash_one(0);
        let high = RandomState::new().hash_one(1);
        bytes = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
    }
    bytes
}

/// A random number from 0 to 1.
pub(super) fn chance() -> f64 {
    let [first, second, third, fourth, ..] = random();
    f64::from(u32::from_le_bytes([first, second, third, fourth])) / f64::from(u32::MAX)
}

/// A hash as it is written in a name: 22 characters.
pub(super) fn text(hash: u128) -> String {
    URL_SAFE_NO_PAD.encode(hash.to_le_bytes())
}

/// The hash that was written so.
pub(super) fn from_text(text: &str) -> Option<u128> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(u128::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Keys, from_text, text};
    use crate::secret::Secret;

    fn keys(secret: &str) -> Keys {
        Keys::derive(&Secret::new(secret))
    }

    #[test]
    fn replicas_with_one_key_give_one_name_and_others_another() {
        let name = keys("a").hash(&[b"+6591234567"]);
        assert_eq!(name, keys("a").hash(&[b"+6591234567"]));
        assert_ne!(name, keys("b").hash(&[b"+6591234567"]));
        assert_eq!(from_text(&text(name)), Some(name));
    }

    #[test]
    fn where_the_parts_are_cut_is_part_of_the_name() {
        let keys = keys("a");
        assert_ne!(keys.hash(&[b"ab", b"c"]), keys.hash(&[b"a", b"bc"]));
    }

    #[test]
    fn a_sealed_value_opens_under_its_own_name_and_key_only() {
        let keys_a = keys("a");
        let sealed = keys_a.seal("dd1:e:x", b"Adelaide".to_vec()).unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"Adelaide"));
        assert_eq!(keys_a.open("dd1:e:x", sealed.clone()).as_deref(), Some(&b"Adelaide"[..]));
        assert_eq!(keys_a.open("dd1:e:y", sealed.clone()), None);
        assert_eq!(keys("b").open("dd1:e:x", sealed.clone()), None);
        let mut changed = sealed;
        changed[14] ^= 1;
        assert_eq!(keys_a.open("dd1:e:x", changed), None);
        assert_eq!(keys_a.open("dd1:e:x", b"short".to_vec()), None);
    }
}
