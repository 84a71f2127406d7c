//! A request as it may be shown to a person: without its credentials, wherever they stand in it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::plan::login::Carry;
use crate::plan::operation::Auth;
use crate::secret::Secret;
use crate::trace::note::Sent;
use crate::upstream::transport::Request;

/// What stands for a credential.
const SECRET: &str = "«secret»";
/// Shorter ones are not looked for in other texts: they would be found everywhere.
const LEAST: usize = 4;
/// Longest part of a body that is shown, in bytes.
const BODY: usize = 2000;
/// Longest address that is shown, in bytes.
const URL: usize = 2000;

/// What must not be said of a request, wherever it turns up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    /// Those of a credential.
    pub(crate) fn of(auth: &Auth) -> Self {
        let secrets = match auth {
            Auth::None => Vec::new(),
            Auth::Header(_, secret) | Auth::Query(_, secret) | Auth::Bearer(secret) => vec![secret.clone()],
            Auth::Basic(user, password) => vec![user.clone(), password.clone()],
            Auth::Login(login) => login.values.iter().map(|(_, value)| value.clone()).collect(),
        };
        Self(secrets)
    }

    /// With one more.
    pub(crate) fn and(&self, secret: &Secret) -> Self {
        Self(self.0.iter().chain([secret]).cloned().collect())
    }

    /// The text without them: an upstream may echo what it was sent.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut hidden = Cow::Borrowed(text);
        for secret in self.0.iter().map(Secret::expose).filter(|secret| secret.len() >= LEAST) {
            if hidden.contains(secret) {
                hidden = Cow::Owned(hidden.replace(secret, SECRET));
            }
        }
        hidden
    }
}

/// The request without its credential; `url`: its address without it.
pub(crate) fn shown(
    operation: &Arc<str>,
    request: &Request,
    url: String,
    auth: &Auth,
    secrets: &Secrets,
) -> Sent {
    let own = match auth {
        Auth::Header(name, _) => Some(name.as_str()),
        Auth::Basic(..) | Auth::Bearer(_) => Some("Authorization"),
        Auth::None | Auth::Query(..) | Auth::Login(_) => None,
    };
    let header = |(name, value): &(String, String)| {
        let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(name));
        let value = if is_own { SECRET.to_owned() } else { secrets.hide(value).into_owned() };
        (name.clone(), value)
    };
    let url = match auth {
        Auth::Query(name, _) => with_item(&url, name),
        _ => url,
    };
    let body = request.body.as_deref().map(|body| secrets.hide(&beginning(body, BODY)).into_owned());
    Sent {
        operation: Arc::clone(operation),
        method: request.method.name(),
        url: secrets.hide(&beginning(url.as_bytes(), URL)).into_owned(),
        headers: request.headers.iter().map(header).collect(),
        body,
    }
}

/// The same request with a token.
pub(crate) fn carrying(sent: &Sent, carry: &Carry) -> Sent {
    let mut sent = sent.clone();
    match carry {
        Carry::Query(name) => sent.url = with_item(&sent.url, name),
        Carry::Header { name, prefix } => {
            sent.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            sent.headers.push((name.clone(), format!("{prefix}{SECRET}")));
        }
    }
    sent
}

fn with_item(url: &str, name: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{name}={SECRET}")
}

fn beginning(bytes: &[u8], most: usize) -> String {
    let text = String::from_utf8_lossy(bytes.get(..most).unwrap_or(bytes)).into_owned();
    if bytes.len() > most { format!("{text}…") } else { text }
}
