//! Why an event is not taken, with `error` alone. It says nothing of the secret but whether one was sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL};
use serde_json::json;
use thiserror::Error;

use crate::http::extract::unreadable::Unreadable;

/// What an event is refused for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Refused {
    /// No hook of that name.
    #[error("there is no hook of this name")]
    Unknown,
    /// Its file does not compile.
    #[error("this hook cannot be used: its mapping file has errors, which `datadip check` shows")]
    Broken,
    /// The node that it reads for does not compile.
    #[error(
        "the node `{0}` cannot be used: its mapping file, or one that it needs, has errors, which `datadip check` shows"
    )]
    BrokenNode(String),
    /// Not a POST.
    #[error("an event is sent by POST")]
    Method,
    /// The hook's secret is not set.
    #[error("this hook is not configured: the gateway was started without its secret")]
    Unset,
    /// The header without which nothing is believed.
    #[error("this hook asks for its secret: send it in the header `{0}`")]
    NoProof(String),
    /// The header holds something else.
    #[error("what the header `{0}` holds is not proven by this hook's secret")]
    WrongProof(String),
    /// The body is no event.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Refused {
    /// The HTTP status that says so.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Broken | Self::BrokenNode(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unset | Self::NoProof(_) | Self::WrongProof(_) => StatusCode::UNAUTHORIZED,
            Self::Unreadable(unreadable) => unreadable.status(),
        }
    }

    /// Its stable code, for the log.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_hook",
            Self::Broken => "broken_hook",
            Self::BrokenNode(_) => "broken_node",
            Self::Method => "method",
            Self::Unset => "secret_unset",
            Self::NoProof(_) => "no_secret",
            Self::WrongProof(_) => "wrong_secret",
            Self::Unreadable(unreadable) => unreadable.code(),
        }
    }

    /// The answer.
    pub(super) fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if *self == Self::Method {
            response.insert_header((ALLOW, "POST"));
        }
        response.json(json!({ "error": self.to_string() }))
    }
}
