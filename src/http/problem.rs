//! Answers with `error` alone: there is no such node, it cannot be used, or the caller may not call it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use serde_json::json;
use thiserror::Error;

/// Why no node answers. Where a key is concerned: the node's own key header, if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// Not a path of ours.
    #[error(
        "there is nothing here: a data node is called at /nodes/NAME; console and API are on the admin listener"
    )]
    Nowhere,
    /// No node of that name.
    #[error("there is no node of this name")]
    UnknownNode,
    /// Its mapping, or that of an upstream which it asks, does not compile.
    #[error(
        "this node cannot be used: its mapping file, or one that it needs, has errors, which `datadip check` shows"
    )]
    BrokenNode,
    /// The caller's network is not among the node's.
    #[error("this node may not be called from your address")]
    Network,
    /// The call carries no key.
    #[error("this node asks for a key: send {}", way(.0.as_deref()))]
    NoKey(Option<String>),
    /// The call carries a key that is not the node's.
    #[error("the key is not one of this node's: look at what you send {}", place(.0.as_deref()))]
    WrongKey(Option<String>),
    /// The node has keys, and none of them is set in the environment.
    #[error("this node is not configured: it asks for a key, and the gateway was started without it")]
    KeysUnset,
}

impl Problem {
    /// The HTTP status that says so.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Nowhere | Self::UnknownNode => StatusCode::NOT_FOUND,
            Self::BrokenNode => StatusCode::SERVICE_UNAVAILABLE,
            Self::Network => StatusCode::FORBIDDEN,
            Self::NoKey(_) | Self::WrongKey(_) | Self::KeysUnset => StatusCode::UNAUTHORIZED,
        }
    }

    /// Its stable code, for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nowhere => "nowhere",
            Self::UnknownNode => "unknown_node",
            Self::BrokenNode => "broken_node",
            Self::Network => "network",
            Self::NoKey(_) => "no_key",
            Self::WrongKey(_) => "wrong_key",
            Self::KeysUnset => "keys_unset",
        }
    }

    /// The answer.
    #[must_use]
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if let Some(challenge) = self.challenge() {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        response.json(json!({ "error": self.to_string() }))
    }

    /// What HTTP wants beside a 401: in which way to send the key.
    fn challenge(&self) -> Option<HeaderValue> {
        let bearer = HeaderValue::from_static(r#"Bearer realm="datadip""#);
        match self {
            Self::NoKey(Some(header)) | Self::WrongKey(Some(header)) => {
                let own = HeaderValue::from_str(&format!(r#"ApiKey realm="datadip", header="{header}""#));
                Some(own.unwrap_or(bearer))
            }
            Self::NoKey(None) | Self::WrongKey(None) | Self::KeysUnset => Some(bearer),
            Self::Nowhere | Self::UnknownNode | Self::BrokenNode | Self::Network => None,
        }
    }
}

fn way(header: Option<&str>) -> String {
    match header {
        Some(header) => format!("it in the header `{header}`"),
        None => "`Authorization: Bearer KEY`, or Basic with the key as password".to_owned(),
    }
}

fn place(header: Option<&str>) -> String {
    format!("in the header `{}`", header.unwrap_or("Authorization"))
}

/// The answer on every path that is not ours.
pub async fn nowhere() -> HttpResponse {
    Problem::Nowhere.response()
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_refused_caller_is_told_how_the_key_is_sent() {
        let own = Problem::NoKey(Some("x-node-key".to_owned()));
        assert_eq!(own.to_string(), "this node asks for a key: send it in the header `x-node-key`");
        let challenge = own.response().headers().get("www-authenticate").cloned();
        assert_eq!(challenge.unwrap(), r#"ApiKey realm="datadip", header="x-node-key""#);
        let challenge = Problem::KeysUnset.response().headers().get("www-authenticate").cloned();
        assert_eq!(challenge.unwrap(), r#"Bearer realm="datadip""#);
    }

    #[test]
    fn only_a_401_carries_a_challenge() {
        for problem in [Problem::Nowhere, Problem::UnknownNode, Problem::BrokenNode, Problem::Network] {
            assert!(!problem.response().headers().contains_key("www-authenticate"), "{problem}");
        }
    }
}
