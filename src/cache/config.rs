//! How a cache is set up, and what cannot work.

use std::time::Duration;

use thiserror::Error;

use crate::cache::redis::AddressError;
use crate::secret::Secret;

/// The least characters of a key; `openssl rand -hex 32` gives 64.
const LEAST_KEY: usize = 32;

/// How a cache is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// About how many bytes of memory the entries may take.
    pub memory_bytes: u64,
    /// Where Redis is; none: nothing is shared.
    pub redis: Option<Secret>,
    /// What names and values in Redis are made unreadable with, the same for all replicas.
    pub key: Option<Secret>,
    /// Longest wait for Redis in a call.
    pub redis_limit: Duration,
}

impl Config {
    /// The key, good enough to share a Redis.
    pub(super) fn shared_key(&self) -> Result<&Secret, ConfigError> {
        let key = self.key.as_ref().ok_or(ConfigError::NoKey)?;
        if key.expose().chars().count() < LEAST_KEY {
            return Err(ConfigError::ShortKey);
        }
        Ok(key)
    }
}

impl Default for Config {
    fn default() -> Self {
        let redis_limit = Duration::from_millis(50);
        Self { memory_bytes: 256 << 20, redis: None, key: None, redis_limit }
    }
}

/// Why a cache cannot be set up.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Redis without a key.
    #[error(
        "Redis needs DATADIP_KEY, the same for all replicas, so that no identifier is readable in it; \
         make one with: openssl rand -hex 32"
    )]
    NoKey,
    /// A key that could be guessed.
    #[error("DATADIP_KEY is shorter than 32 characters; make one with: openssl rand -hex 32")]
    ShortKey,
    /// A text that is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
}
