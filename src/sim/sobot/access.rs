//! Tokens of the management API: one kind for the company, one for an agent. Both are had with a signed request and
//! carried as `Authorization` without a scheme.

use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::exchange::{Members, set};
use crate::sim::token::{Tokens, md5_hex};

/// The application's id.
pub(super) const APP_ID: &str = "app1";
/// Its secret.
pub(super) const APP_SECRET: &str = "s3cr3t";
/// The agent for whom agent tokens are fetched.
pub(super) const AGENT_ID: &str = "bd4630df3550552ba7c16f27ae9a39cb";

/// Whose token it is. An agent's token is good for the company's operations too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Kind {
    /// The company's.
    Company,
    /// An agent's.
    Agent,
}

/// The tokens given out.
pub(super) struct Access(Tokens<Kind>);

impl Access {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(Tokens::living(Duration::from_secs(7200)))
    }

    /// A new token in a log-in's answer; None where the request is not signed with the application's secret.
    pub(super) fn log_in(&mut self, answer: &Value, args: &Value, kind: Kind) -> Option<Value> {
        let (app, time, wanted) = (args.word("appId"), args.word("currentTime"), args.word("responseType"));
        let sign = md5_hex(&format!("{app}{time}{wanted}{APP_SECRET}"));
        if app != APP_ID || wanted != "token" || args.word("sign") != sign {
            return None;
        }
        let mut answer = answer.clone();
        set(&mut answer, "access_token", json!(self.0.mint(kind)));
        Some(answer)
    }

    /// Whether this token opens an operation that asks for this kind.
    ///
    /// # Errors
    /// The HTTP status and why.
    pub(super) fn admit(&self, token: &str, kind: Kind) -> Result<(), (u16, &'static str)> {
        match self.0.known(token) {
            None => Err((401, "the token is missing, unknown or expired")),
            Some(known) if *known < kind => Err((403, "this operation asks for an agent's token")),
            Some(_) => Ok(()),
        }
    }

    /// Ends all tokens.
    pub(super) fn expire(&mut self) {
        self.0.expire();
    }
}
