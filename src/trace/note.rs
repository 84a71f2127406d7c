//! What is noted of a call: facts that are there anyway, moved or shared and not yet written out. No secret is among
//! them; personal values are.

use std::sync::Arc;
use std::time::Duration;

use crate::record::{Failure, Tier};
use crate::trace::id::TraceId;

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Note {
    /// Since the call began.
    pub at: Duration,
    /// Where in the node.
    pub place: Place,
    /// What.
    pub what: What,
}

/// A place of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The call itself.
    Call,
    /// This step of its `lookup`, from 0.
    Step(usize),
    /// This one of its `then`, from 0.
    Read(usize),
    /// Its `do`.
    Write,
}

/// What happened there.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It was not asked: the identifier was not given.
    NoIdentifier,
    /// It was not asked: this condition is not true.
    Unwanted(Box<str>),
    /// The write was left out: this is no live call.
    NotLive,
    /// It was not asked any more: too little time was left.
    Late,
    /// The write is under way, and the call does not wait for it.
    Unawaited,
    /// It was kept from before; by which call, where that is known.
    Kept(Tier, Option<TraceId>),
    /// What was kept answers although it is old, because of this.
    Stale(Option<TraceId>, Failure),
    /// Another call was asking the same; its answer is this one's too.
    Joined(TraceId),
    /// The identifier, as it is asked for now: the form's or kind's name, and the text.
    Asking(Box<str>, Box<str>),
    /// A request is on its way.
    Sent(Arc<Sent>),
    /// It was answered, or not.
    Answered(Box<Answered>),
    /// A request was not sent.
    Unsent(Hold, Failure),
    /// The request is sent once more, after this pause.
    Again(Duration),
    /// A token had to be waited for.
    Token(Duration, Result<(), Failure>),
    /// The token was refused, and another is fetched.
    TokenRefused,
    /// So many rows of a table.
    Rows(usize),
    /// How one way of asking the question ended, whether or not the call still waited for it.
    Ended(End),
    /// How the question ended for this call. What is noted at its place after that came too late.
    Settled(End),
    /// Anything else, as a short sentence that holds no personal value.
    Said(String),
}

/// How a question ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// With a record.
    Found,
    /// There is none.
    Nothing,
    /// With several where there may be only one.
    Several,
    /// The write was carried out.
    Done,
    /// Without an answer.
    Failed(Failure),
}

/// A request, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The operation, `upstream.operation`.
    pub operation: Arc<str>,
    /// GET, POST …
    pub method: &'static str,
    /// With its query; where a credential stands in it, `«secret»`.
    pub url: String,
    /// Names and values; a credential is `«secret»`.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: Option<String>,
}

/// An answer to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The HTTP status; none: no whole answer came.
    pub status: Option<u16>,
    /// The body's bytes.
    pub size: usize,
    /// From the request on.
    pub took: Duration,
    /// How many records it holds, or what is wrong with it.
    pub found: Result<usize, Failure>,
    /// The upstream's own words about what went wrong. They may be personal.
    pub message: Option<String>,
}

/// Why a request was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The upstream failed too often a moment ago.
    Resting,
    /// As many requests as it bears are under way.
    Full,
    /// No time was left.
    Late,
    /// It could not be made: a setting, an argument or a template.
    Unmade,
    /// There is no token that it could carry.
    NoToken,
}
