//! Why a call of a known node, by a caller who may call it, is not answered by the engine. The answer still holds
//! all outputs, with their defaults.

use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use thiserror::Error;

use crate::http::extract::unreadable::Unreadable;
use crate::plan::Methods;
use crate::record::Outcome;

/// What a call is refused for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The node does not take this method; what it takes.
    #[error("{0} is not taken here: call with {1}")]
    Method(Method, &'static str),
    /// The caller is over its rate.
    #[error("too many calls: one caller may make {0} a second")]
    Rate(u32),
    /// The request is no call.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Refusal {
    /// Refuses a method that the node does not take.
    ///
    /// # Errors
    /// [`Refusal::Method`].
    pub fn check_method(method: &Method, taken: Methods) -> Result<(), Self> {
        let is_taken = match *method {
            Method::GET => taken.get,
            Method::POST => taken.post,
            _ => false,
        };
        let allowed = match (taken.get, taken.post) {
            (true, true) => "GET, POST",
            (true, false) => "GET",
            (false, true) => "POST",
            (false, false) => "",
        };
        if is_taken { Ok(()) } else { Err(Self::Method(method.clone(), allowed)) }
    }

    /// The HTTP status that says so.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method(..) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Rate(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable(unreadable) => unreadable.status(),
        }
    }

    /// The outcome by which the outputs take their defaults.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Method(..) | Self::Unreadable(_) => Outcome::BadInput,
            Self::Rate(_) => Outcome::Overloaded,
        }
    }

    /// Its stable code, for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Method(..) => "method",
            Self::Rate(_) => "rate",
            Self::Unreadable(unreadable) => unreadable.code(),
        }
    }

    /// The header that goes with the status. A rate is by the second, so a second is enough.
    #[must_use]
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Method(_, allowed) => Some((ALLOW, HeaderValue::from_static(allowed))),
            Self::Rate(_) => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            Self::Unreadable(_) => None,
        }
    }
}
