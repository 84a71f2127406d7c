//! Makes one token as a login says: signs it, or sends the login's own request and reads the answer. No failure of
//! it shows a secret.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::clock::{Deadline, seconds};
use crate::expr::text_of;
use crate::plan::login::{Fetch, Life, Login, Mint};
use crate::plan::operation::{Call, HttpCall};
use crate::plan::part::Part;
use crate::record::Failure;
use crate::secret::Secret;
use crate::upstream::args::Args;
use crate::upstream::token::Token;
use crate::upstream::transport::Transport;
use crate::upstream::{jwt, request, response};

/// The longest life that is believed: thirty years.
const LONGEST: u64 = 30 * 366 * 24 * 3600;

/// Makes a token.
///
/// # Errors
/// [`Failure::Timeout`], [`Failure::Overloaded`] and [`Failure::Unconfigured`] as they are, any other as
/// [`Failure::Login`].
pub(crate) async fn make(
    login: &Login,
    transport: &dyn Transport,
    now: SystemTime,
    deadline: Deadline,
) -> Result<Token, Failure> {
    let made = match &login.mint {
        Mint::Signed(jwt) => jwt::sign(jwt, &args(login, now), seconds(now))
            .map(|(token, life)| (Secret::new(token), Some(life))),
        Mint::Fetched(fetch) => fetched(login, fetch, transport, now, deadline).await,
    };
    match made {
        Ok((value, life)) => Ok(Token { value, made: now, life, after_refusal: false }),
        Err(failure @ (Failure::Timeout | Failure::Overloaded(_) | Failure::Unconfigured(_))) => Err(failure),
        Err(Failure::Refused(message)) => {
            Err(Failure::Login(Box::new(Failure::Refused(hidden(login, message)))))
        }
        Err(failure) => Err(Failure::Login(Box::new(failure))),
    }
}

async fn fetched(
    login: &Login,
    fetch: &Fetch,
    transport: &dyn Transport,
    now: SystemTime,
    deadline: Deadline,
) -> Result<(Secret, Option<Duration>), Failure> {
    let operation = &*fetch.operation;
    let Call::Http(call) = &operation.call else {
        return Err(Failure::Unreadable("a table has no tokens".to_owned()));
    };
    let call: &HttpCall = call;
    let args = args(login, now);
    let prepared = request::prepare(operation, call, &args, false, false)?;
    let answer = transport.exchange(&call.upstream, operation, &args, &prepared.request, deadline).await?;
    let page = response::read(operation, call, &args, &answer, &Part::Whole)?;
    let body = page.records.first().map_or(&Value::Null, |record| record);
    let token =
        fetch.token.iter().find_map(|path| text_of(path.first(body)?).filter(|text| !text.is_empty()));
    let Some(token) = token else {
        let paths: Vec<&str> = fetch.token.iter().map(|path| path.text()).collect();
        return Err(Failure::Unreadable(format!("there is no token at {}", paths.join(" or "))));
    };
    Ok((Secret::new(token), life(&fetch.life, body)))
}

fn life(life: &Life, body: &Value) -> Option<Duration> {
    match life {
        Life::Unknown => None,
        Life::Fixed(life) => Some(*life),
        Life::Said(path) => {
            let text = text_of(path.first(body)?)?;
            let whole = text.trim().split('.').next()?.parse::<u64>().ok()?;
            (whole > 0).then(|| Duration::from_secs(whole.min(LONGEST)))
        }
    }
}

/// The variables of the login's templates. One reading of the clock for all of them, so that what is signed is what
/// is sent.
fn args(login: &Login, now: SystemTime) -> Args {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let values = login.values.iter().map(|(name, value)| (name.clone(), Value::from(value.expose())));
    let now_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let clock = [("now".to_owned(), since.as_secs().into()), ("now_ms".to_owned(), now_ms.into())];
    Args::known(values.chain(clock))
}

/// The upstream's own words, without what it may have echoed.
fn hidden(login: &Login, message: String) -> String {
    let secrets = login.values.iter().map(|(_, value)| value.expose()).filter(|value| !value.is_empty());
    secrets.fold(message, |message, secret| message.replace(secret, "«secret»"))
}
