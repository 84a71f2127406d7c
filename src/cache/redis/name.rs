//! Names in Redis. Nobody can read from one what it is about.

use crate::cache::key::StepKey;
use crate::cache::redis::Redis;
use crate::cache::seal;

impl Redis {
    /// The name of a step's result; a purge changes it.
    pub(in crate::cache) fn entry_name(&self, key: &StepKey<'_>) -> String {
        let generations = self.generations.load();
        let (era, generation) = generations.of(key.operation);
        let parts =
            [b"entry", &key.revision.to_le_bytes()[..], era.as_bytes(), &generation, key.identity.as_bytes()];
        format!("dd1:e:{}", seal::text(self.keys.hash(&parts)))
    }

    /// The name of a lock on filling a step's result.
    pub(in crate::cache) fn lock_name(&self, key: &StepKey<'_>) -> String {
        let parts = [b"lock", &key.revision.to_le_bytes()[..], key.identity.as_bytes()];
        format!("dd1:l:{}", seal::text(self.keys.hash(&parts)))
    }

    /// The name of a value in the vault.
    pub(in crate::cache) fn vault_name(&self, name: &str) -> String {
        format!("dd1:v:{}", seal::text(self.keys.hash(&[b"vault", name.as_bytes()])))
    }

    /// The name of what a past call left.
    pub(in crate::cache) fn note_name(&self, number: u64) -> String {
        format!("dd1:t:{}", seal::text(self.keys.hash(&[b"note", &number.to_le_bytes()])))
    }

    /// The name of a list of past calls.
    pub(in crate::cache) fn notes_name(&self, list: u128) -> String {
        format!("dd1:n:{}", seal::text(list))
    }

    /// The name of a claim on what is done at most once.
    pub(in crate::cache) fn claim_name(&self, key: u128) -> String {
        format!("dd1:c:{}", seal::text(key))
    }

    /// The name of the list of claims that hold what was given about an identifier.
    pub(super) fn answers_name(&self, identifier: u128) -> String {
        format!("dd1:a:{}", seal::text(identifier))
    }

    /// The name of the list of what is about an identifier.
    pub(super) fn list_name(&self, identifier: u128) -> String {
        format!("dd1:i:{}", seal::text(identifier))
    }
}
