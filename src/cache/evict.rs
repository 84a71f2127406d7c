//! Evictions as they are asked for: a purge of what an operation found or of everything, and forgetting a customer.

use std::sync::Arc;

use crate::cache::Cache;
use crate::cache::redis::eviction::Eviction;

/// What is purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge<'a> {
    /// Everything.
    All,
    /// What these operations found, as `upstream.operation`.
    Operations(&'a [&'a str]),
    /// What is about a customer with these identifiers, in their canonical form. What her calls were stays known: that
    /// is for [`Cache::forget`].
    Customer(&'a [&'a str]),
}

/// What an eviction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Entries that this process let go of.
    pub memory: u64,
    /// Entries removed from Redis; none where a purge made them unreachable without counting them.
    pub redis: Option<u64>,
    /// Whether the other replicas know.
    pub replicas: Replicas,
}

/// Whether the other replicas know of an eviction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// There is no Redis, so there are none.
    None,
    /// They were told.
    Told,
    /// Redis could not be reached. They are told as soon as it can be, before anything is read from it.
    Later,
}

impl Cache {
    /// Purges, in both tiers and all replicas, and counts it: reads the whole memory.
    pub async fn purge(&self, what: Purge<'_>) -> Receipt {
        match what {
            Purge::All => {
                let (memory, _) = self.0.local.memory.size();
                self.0.local.end_all();
                let receipt = self.carry_out(vec![Eviction::All], true).await;
                Receipt { memory, ..receipt }
            }
            Purge::Operations(names) => {
                names.iter().for_each(|name| self.0.local.ledger.end_operation(name));
                let evictions = names.iter().map(|name| Eviction::Operation((*name).to_owned())).collect();
                self.carry_out(evictions, true).await
            }
            Purge::Customer(identifiers) => {
                let eviction = self.about(identifiers, false);
                self.carry_out(vec![eviction], true).await
            }
        }
    }

    /// Removes all that is about a customer, in both tiers and all replicas, and what else knows of her: reads the whole
    /// memory.
    pub async fn forget(&self, identifiers: &[&str]) -> Receipt {
        let eviction = self.about(identifiers, true);
        self.carry_out(vec![eviction], true).await
    }

    /// Ends all that is about a customer, in both tiers and all replicas; cheap enough for every change in a CRM.
    /// Nothing of it is read any more; memory lets go of it later, and does not count it.
    pub async fn evict(&self, identifiers: &[&str]) -> Receipt {
        let eviction = self.about(identifiers, false);
        self.carry_out(vec![eviction], false).await
    }

    fn about(&self, identifiers: &[&str], forget: bool) -> Eviction {
        let hashes: Vec<u128> = identifiers.iter().map(|text| self.identifier(text)).collect();
        let at = self.0.local.now();
        self.0.local.end_identifiers(&hashes, at);
        if forget {
            self.0.local.forget(&hashes);
        }
        Eviction::Identifiers { at, hashes, forget }
    }

    /// Carries out what has ended here everywhere else: in a task of its own, since who asked for it may hang up.
    async fn carry_out(&self, evictions: Vec<Eviction>, sweep: bool) -> Receipt {
        let cache = self.clone();
        let task = tokio::spawn(async move { cache.tell(evictions, sweep).await });
        task.await.unwrap_or(Receipt { memory: 0, redis: None, replicas: Replicas::Later })
    }

    async fn tell(&self, evictions: Vec<Eviction>, sweep: bool) -> Receipt {
        let memory = if sweep { self.sweep().await } else { 0 };
        let mut receipt = Receipt { memory, redis: None, replicas: Replicas::None };
        let Some(redis) = self.redis() else {
            return receipt;
        };
        for eviction in evictions {
            let is_counted = matches!(eviction, Eviction::Identifiers { .. });
            let reached = redis.evict(eviction).await;
            if is_counted {
                receipt.redis = Some(reached.removed);
            }
            receipt.replicas = match (reached.told, receipt.replicas) {
                (false, _) | (true, Replicas::Later) => Replicas::Later,
                (true, Replicas::None | Replicas::Told) => Replicas::Told,
            };
        }
        receipt
    }

    async fn sweep(&self) -> u64 {
        let local = Arc::clone(&self.0.local);
        tokio::task::spawn_blocking(move || local.sweep()).await.unwrap_or(0)
    }
}
