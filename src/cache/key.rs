//! What identifies one lookup step's result: in memory a hash that costs next to nothing and that no caller can
//! aim at another's, in Redis a keyed hash.

use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};

/// One lookup step's result. Two steps that share a revision and an identity share the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepKey<'a> {
    /// The identity of all that makes the step what it is: operation, arguments, forms, pick, login.
    pub revision: u64,
    /// The operation, as `upstream.operation`; a purge names it.
    pub operation: &'a str,
    /// The canonical identifier and the other arguments used.
    pub identity: &'a str,
}

/// Makes memory keys. Its seeds are this process's own, so that nobody outside can find two inputs that meet.
#[derive(Debug, Clone, Default)]
pub(super) struct Seeds {
    low: RandomState,
    high: RandomState,
}

impl Seeds {
    /// The memory key of a value.
    pub(super) fn key(&self, value: &impl Hash) -> u128 {
        u128::from(self.high.hash_one(value)) << 64 | u128::from(self.low.hash_one(value))
    }

    /// A number from 0 to 1 that nobody outside can tell, the same for the same value.
    pub(super) fn share(&self, value: &impl Hash) -> f64 {
        self.low.hash_one(value) as f64 / u64::MAX as f64
    }

    /// The memory key of a step's result.
    pub(super) fn step(&self, key: &StepKey<'_>) -> u128 {
        self.key(&(key.revision, key.identity))
    }
}

/// Takes a memory key for its own hash.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prehashed(u64);

/// Builds [`Prehashed`].
pub(super) type BuildPrehashed = BuildHasherDefault<Prehashed>;

impl Hasher for Prehashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::{Seeds, StepKey};

    #[test]
    fn a_step_has_one_key_and_another_identity_or_revision_has_another() {
        let seeds = Seeds::default();
        let key = StepKey { revision: 1, operation: "acme.customer", identity: "+6591234567" };
        assert_eq!(seeds.step(&key), seeds.step(&key.clone()));
        assert_ne!(seeds.step(&key), seeds.step(&StepKey { revision: 2, ..key }));
        assert_ne!(seeds.step(&key), seeds.step(&StepKey { identity: "+6591234568", ..key }));
        assert_ne!(seeds.step(&key), Seeds::default().step(&key));
    }
}
