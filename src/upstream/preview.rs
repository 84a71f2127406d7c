//! The request that an operation would send, with its credentials hidden: for the person who wants to see it first.
//! Nothing is sent, and no token is fetched.

use std::fmt;

use crate::plan::operation::{Auth, Call, Operation};
use crate::record::Failure;
use crate::secret::Secret;
use crate::upstream::args::Args;
use crate::upstream::request::{build, set, without_login};
use crate::upstream::token::Token;
use crate::upstream::transport::Request;

/// What stands for a credential.
const SECRET: &str = "<secret>";
/// What stands for a token that would be fetched or signed.
const TOKEN: &str = "<token>";

/// A request without its credentials, as text: the first line, the headers, an empty line, the body.
#[derive(Debug)]
pub struct Preview(Request);

/// The request of an operation; none: it reads a table, and sends nothing.
///
/// # Errors
/// As when it is asked, for what keeps it from being sent at all.
pub fn preview(operation: &Operation, args: &Args) -> Result<Option<Preview>, Failure> {
    let Call::Http(call) = &operation.call else {
        return Ok(None);
    };
    let (base, auth) = (set(&call.base_url)?, set(&call.auth)?);
    let hidden = hidden(auth);
    let mut prepared = build(operation, call, args, (&without_login(base), &hidden), false)?;
    if let Auth::Login(login) = auth {
        let made = std::time::SystemTime::UNIX_EPOCH;
        let token = Token { value: Secret::new(TOKEN), made, life: None, after_refusal: false };
        prepared = prepared.carrying(operation, &login.carry, &token)?;
    }
    Ok(Some(Preview(prepared.request)))
}

/// The same credential, with nothing in it that is secret.
fn hidden(auth: &Auth) -> Auth {
    let secret = |prefix: &str| Secret::new(format!("{prefix}{SECRET}"));
    match auth {
        Auth::None | Auth::Login(_) => Auth::None,
        Auth::Header(name, _) => Auth::Header(name.clone(), secret("")),
        Auth::Query(name, _) => Auth::Query(name.clone(), secret("")),
        Auth::Basic(..) => Auth::Header("Authorization".to_owned(), secret("Basic ")),
        Auth::Bearer(_) => Auth::Bearer(secret("")),
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { method, url, headers, body, .. } = &self.0;
        // What stands for a credential in the query was encoded with it.
        let url = url.replace("%3Csecret%3E", SECRET).replace("%3Ctoken%3E", TOKEN);
        writeln!(f, "{} {url}", method.name())?;
        for (name, value) in headers {
            writeln!(f, "{name}: {value}")?;
        }
        match body {
            Some(body) => write!(f, "\n{}", String::from_utf8_lossy(body)),
            None => Ok(()),
        }
    }
}
