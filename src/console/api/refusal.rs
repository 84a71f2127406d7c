//! Why a request to the API is not carried out, as `{"error": …}`. The fault is the asker's, so the text is for the
//! asker.

use actix_web::error::JsonPayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;
use thiserror::Error;

/// What a request is refused for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::console) enum Refusal {
    /// Not a path of ours.
    #[error(
        "there is nothing here: the API has /api/status, /api/explain, /api/purge, /api/forget, /api/warm and /api/reload"
    )]
    Nowhere,
    /// There is no token that could open it.
    #[error("the admin API is closed: start the gateway with DATADIP_ADMIN_TOKEN set to open it")]
    Closed,
    /// None was sent.
    #[error("send the admin token: `Authorization: Bearer TOKEN`, the TOKEN that DATADIP_ADMIN_TOKEN holds")]
    NoToken,
    /// Another was sent.
    #[error("the token is not the one that the gateway was started with in DATADIP_ADMIN_TOKEN")]
    WrongToken,
    /// The body is larger than this many bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The body is not what is asked for here.
    #[error("the body cannot be read: {0}")]
    Body(String),
    /// There is no such node or operation; what is instead.
    #[error("there is no {0} `{1}`; {2}")]
    Unknown(&'static str, String, String),
    /// The node's mapping does not compile.
    #[error("the node `{0}` is not in force: {1}")]
    Broken(String, String),
    /// What is asked for is nothing that there is; what is instead.
    #[error("{0}")]
    Asked(String),
    /// Nothing is known of the call.
    #[error(
        "nothing is known of this call: it is too long ago, or another replica answered it from its memory and alone \
         knows of it"
    )]
    NoTrace,
    /// What is personal is for those who hold another token.
    #[error(
        "what is personal is shown for the token that DATADIP_ADMIN_PERSONAL_TOKEN held when the gateway was started; \
         leave out `personal` to see the call without it"
    )]
    NotPersonal,
    /// What was named is no customer.
    #[error("{0}")]
    Nobody(String),
}

impl Refusal {
    /// The refusal of a body that is no JSON of the right shape.
    pub(super) fn of_body(error: &JsonPayloadError, limit: usize) -> Self {
        match error {
            JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
                Self::TooLarge(limit)
            }
            JsonPayloadError::Deserialize(error) => Self::Body(error.to_string()),
            other => Self::Body(other.to_string()),
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Nowhere | Self::Unknown(..) | Self::NoTrace => StatusCode::NOT_FOUND,
            Self::Closed | Self::NotPersonal => StatusCode::FORBIDDEN,
            Self::NoToken | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(_) | Self::Asked(_) | Self::Nobody(_) => StatusCode::BAD_REQUEST,
            Self::Broken(..) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="datadip""#));
        }
        response.json(json!({ "error": self.to_string() }))
    }
}

/// The answer on every path that is not ours.
pub(in crate::console) async fn nowhere() -> HttpResponse {
    Refusal::Nowhere.error_response()
}
