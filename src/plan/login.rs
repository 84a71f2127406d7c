//! A login: how the token is had that requests carry, and how they carry it. The token itself is never in a plan.

use std::sync::Arc;
use std::time::Duration;

use crate::expr::{Condition, Path};
use crate::plan::operation::{JsonTemplate, Operation};
use crate::secret::Secret;

/// How a token is had and carried.
#[derive(Debug)]
pub struct Login {
    /// Whose it is, for messages: the upstream's name.
    pub upstream: Arc<str>,
    /// Which login it is: equal for two that would be given the same token, wherever they are written; different for
    /// another account, secret or address. It tells nothing about the secrets in it.
    pub identity: String,
    /// The variables of its templates beside `now` and `now_ms`.
    pub values: Vec<(String, Secret)>,
    /// How the token is had.
    pub mint: Mint,
    /// How requests carry it.
    pub carry: Carry,
}

/// How a token is had.
#[derive(Debug)]
pub enum Mint {
    /// It is signed here.
    Signed(Box<Jwt>),
    /// It is fetched by a request of its own.
    Fetched(Box<Fetch>),
}

/// A JSON web token that is signed here.
#[derive(Debug)]
pub struct Jwt {
    /// What it is signed by.
    pub algorithm: Algorithm,
    /// What it is signed with.
    pub secret: Secret,
    /// What its header holds beside `typ` and `alg`: an object.
    pub header: JsonTemplate,
    /// What it says: an object. `exp` is added where it is not there.
    pub claims: JsonTemplate,
    /// How long it is good for.
    pub life: Duration,
}

/// The algorithms that a JSON web token may be signed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl Algorithm {
    /// The algorithm's name in the token's header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }
}

/// A token that is fetched.
#[derive(Debug)]
pub struct Fetch {
    /// The request, run as an operation whose arguments are the login's values and the clock.
    pub operation: Arc<Operation>,
    /// Where the answer holds the token; the first that selects a text counts.
    pub token: Vec<Path>,
    /// How long it is good for.
    pub life: Life,
    /// Statuses by which a request's answer says that the token is not taken (any more).
    pub expired: Vec<u16>,
    /// The same, said of `status`, `headers` and `body`.
    pub expired_when: Option<Condition>,
}

/// How long a token that was fetched is good for.
#[derive(Debug)]
pub enum Life {
    /// Nobody says.
    Unknown,
    /// This long.
    Fixed(Duration),
    /// As many seconds as the answer says here; 0 and nothing are unknown.
    Said(Path),
}

/// How requests carry a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carry {
    /// In a header, behind this prefix.
    Header {
        /// The header's name.
        name: String,
        /// What stands before the token: `Bearer `, or nothing.
        prefix: String,
    },
    /// As a query item of this name.
    Query(String),
}
