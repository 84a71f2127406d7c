//! Why a request is no call: what is wrong, where, and what would be right. The fault is the caller's, so the text
//! is for the caller.

use std::fmt;

use actix_web::http::StatusCode;
use thiserror::Error;

/// Where a parameter stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the URL.
    Query,
    /// In the body.
    Body,
    /// In a header.
    Header,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "query",
            Self::Body => "body",
            Self::Header => "header",
        })
    }
}

/// What keeps a request from being read as a call.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// A multipart body.
    #[error("the body is {0}, which is not read: send application/x-www-form-urlencoded or application/json")]
    Multipart(String),
    /// A compressed body.
    #[error("the body has the Content-Encoding `{0}`: send it uncompressed")]
    Encoding(String),
    /// A charset that is not read.
    #[error("the body's charset is `{0}`: send UTF-8")]
    Charset(String),
    /// More than the limit, in bytes.
    #[error("the body is larger than {0} bytes: send only the parameters that the node declares")]
    TooLarge(usize),
    /// The body did not arrive within the node's budget.
    #[error("the body did not arrive in time: send it at once, and as long as Content-Length says")]
    Late,
    /// The connection or its framing failed.
    #[error("the body could not be received whole: send it as long as Content-Length says")]
    Cut,
    /// An XML or HTML body.
    #[error("the body is XML: send application/x-www-form-urlencoded or application/json")]
    Xml,
    /// A parameter's value is not UTF-8.
    #[error("parameter `{name}` in the {place} is not UTF-8 from its byte {at} on: send UTF-8")]
    NotUtf8 {
        /// The parameter or header, as it came.
        name: String,
        /// Where.
        place: Place,
        /// Counted from 0, in the decoded value.
        at: usize,
    },
    /// The name of a parameter is not UTF-8.
    #[error("the name of parameter {position} in the {place} is not UTF-8: send UTF-8")]
    NameNotUtf8 {
        /// Counted from 1.
        position: usize,
        /// Where.
        place: Place,
    },
    /// A percent sign that is not followed by two hexadecimal digits.
    #[error(
        "parameter `{name}` in the {place} has a % without two hexadecimal digits at its byte {at}: write % as %25"
    )]
    Percent {
        /// The parameter, as it came.
        name: String,
        /// Where.
        place: Place,
        /// Counted from 0, in the encoded value.
        at: usize,
    },
    /// A JSON body that is not UTF-8.
    #[error("the JSON body is not UTF-8 from its byte {0} on: send UTF-8")]
    JsonNotUtf8(usize),
    /// A JSON body that does not parse.
    #[error("the JSON body does not parse at line {line}, column {column}: {reason}")]
    JsonSyntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What the parser expected.
        reason: String,
    },
    /// An event's JSON body that cannot be read: what it is instead.
    #[error("the JSON body does not parse: {0}")]
    Json(String),
    /// A JSON body that is no object.
    #[error(r#"the JSON body is {0}: send an object, such as {{"name": "value"}}"#)]
    JsonTop(&'static str),
    /// A JSON text that is no text, such as a lone surrogate.
    #[error("parameter `{0}` in the JSON body is no valid text: escape surrogates in pairs, or send UTF-8")]
    JsonText(String),
    /// A declared parameter that is not flat.
    #[error(
        "parameter `{name}` in the JSON body is {what}: send a text, a number, true, false or a list of these"
    )]
    JsonNested {
        /// The parameter.
        name: String,
        /// What came.
        what: &'static str,
    },
}

impl Unreadable {
    /// The HTTP status that says so.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Multipart(_) | Self::Encoding(_) | Self::Charset(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Cut
            | Self::Xml
            | Self::NotUtf8 { .. }
            | Self::NameNotUtf8 { .. }
            | Self::Percent { .. }
            | Self::JsonNotUtf8(_)
            | Self::JsonSyntax { .. }
            | Self::Json(_)
            | Self::JsonTop(_)
            | Self::JsonText(_)
            | Self::JsonNested { .. } => StatusCode::BAD_REQUEST,
        }
    }

    /// Its stable code, for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Multipart(_) => "multipart",
            Self::Encoding(_) => "content_encoding",
            Self::Charset(_) => "charset",
            Self::TooLarge(_) => "too_large",
            Self::Late => "late",
            Self::Cut => "cut",
            Self::Xml => "xml",
            Self::NotUtf8 { .. } | Self::NameNotUtf8 { .. } | Self::JsonNotUtf8(_) => "not_utf8",
            Self::Percent { .. } => "percent",
            Self::JsonSyntax { .. } | Self::Json(_) => "json_syntax",
            Self::JsonTop(_) => "json_top",
            Self::JsonText(_) => "json_text",
            Self::JsonNested { .. } => "json_nested",
        }
    }
}
