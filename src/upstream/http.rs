//! The transport in service: one request over HTTP, one whole answer, inside its limit. No error of it names the
//! URL, which may hold a caller's number.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder, Url, retry};
use tokio::runtime::{Handle, Id};
use tokio::time::timeout_at;

use crate::clock::Deadline;
use crate::plan::operation::{HttpUpstream, Method, Operation};
use crate::record::Failure;
use crate::upstream::args::Args;
use crate::upstream::transport::{Request, Response, Transport};

/// Largest body of an answer, unpacked, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// Most redirects that are followed, where they are allowed.
const MAX_REDIRECTS: usize = 3;
/// How long a connection without work is kept.
const IDLE: Duration = Duration::from_secs(30);
/// Connections without work that are kept, by host.
const MAX_IDLE: usize = 64;

/// HTTP over pooled connections. They belong to the runtime that opened them, so each of the server's runtimes has its
/// own: a call never crosses threads for its answer. Whoever must not be cut off in the middle asks from a task of its
/// own.
///
/// Proxies of the environment (`HTTP_PROXY`) are not used: where a caller's number travels is for the mapping to
/// say.
#[derive(Default)]
pub struct HttpTransport {
    clients: Mutex<HashMap<Key, Entry>>,
}

/// Whose a client is, how long it tries to connect, and whether it follows redirects.
type Key = (Id, Duration, bool);

/// A client, and whether the machine's certificates could be read for it.
#[derive(Clone)]
struct Entry {
    client: Client,
    certificates: bool,
}

impl HttpTransport {
    /// A transport without any connection yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, runtime: Id, upstream: &HttpUpstream) -> Result<Entry, Failure> {
        let key = (runtime, upstream.connect_timeout, upstream.redirects);
        if let Some(entry) = self.clients().get(&key) {
            return Ok(entry.clone());
        }
        // Not under the lock: others ask meanwhile.
        let entry = build(upstream)?;
        Ok(self.clients().entry(key).or_insert(entry).clone())
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for HttpTransport {
    fn exchange<'a>(
        &'a self,
        upstream: &'a HttpUpstream,
        operation: &'a Operation,
        _: &'a Args,
        request: &'a Request,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        async move {
            let entry = self.client(Handle::current().id(), upstream)?;
            let url = Url::parse(&request.url).map_err(|error| Failure::Template {
                place: format!("{}, base_url", operation.name),
                reason: error.to_string(),
            })?;
            if url.scheme() == "https" && !entry.certificates {
                return Err(Failure::Unreachable("this machine has no CA certificates".to_owned()));
            }
            let until = deadline.within(operation.timeout).instant();
            timeout_at(until, send(&entry.client, url, request)).await.unwrap_or(Err(Failure::Timeout))
        }
        .boxed()
    }

    /// Builds the clients of an upstream before the first call needs them: reading the machine's certificates takes some
    /// ten milliseconds. What fails here fails again, and is reported, when the upstream is asked.
    fn warm(&self, upstream: &HttpUpstream) {
        let here = Handle::try_current().map(|runtime| runtime.id()).ok();
        let runtimes: HashSet<Id> = self.clients().keys().map(|(runtime, ..)| *runtime).chain(here).collect();
        for runtime in runtimes {
            let _ = self.client(runtime, upstream);
        }
    }
}

/// Builds a client, without certificates where the machine has none: upstreams on plain HTTP need none.
fn build(upstream: &HttpUpstream) -> Result<Entry, Failure> {
    if let Ok(client) = builder(upstream).build() {
        return Ok(Entry { client, certificates: true });
    }
    let client = builder(upstream)
        .tls_certs_only([])
        .build()
        .map_err(|error| Failure::Unreachable(innermost(&error)))?;
    Ok(Entry { client, certificates: false })
}

fn builder(upstream: &HttpUpstream) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("datadip/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(upstream.connect_timeout)
        .redirect(if upstream.redirects { Policy::custom(same_host) } else { Policy::none() })
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MAX_IDLE)
}

fn same_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let origin = attempt.previous().first().map(Url::origin);
    if origin != Some(attempt.url().origin()) || attempt.previous().len() > MAX_REDIRECTS {
        return attempt.stop();
    }
    attempt.follow()
}

async fn send(client: &Client, url: Url, request: &Request) -> Result<Response, Failure> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut sending = client.request(method, url);
    for (name, value) in &request.headers {
        sending = sending.header(name, value);
    }
    if let Some(body) = &request.body {
        sending = sending.body(body.clone());
    }
    let response = sending.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| request.wants_headers || [&RETRY_AFTER, &CONTENT_TYPE].contains(name))
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Ok(Response { status, headers, body: read(response).await? })
}

/// Reads the body by the piece, so that an endless one ends at the cap.
async fn read(mut response: reqwest::Response) -> Result<Bytes, Failure> {
    let too_large = || Failure::Unreadable("larger than 1 MiB".to_owned());
    if response.content_length().is_some_and(|length| length > MAX_BODY as u64) {
        return Err(too_large());
    }
    let Some(first) = response.chunk().await.map_err(|error| broken(&error))? else {
        return Ok(Bytes::new());
    };
    let Some(mut piece) = response.chunk().await.map_err(|error| broken(&error))? else {
        // Most answers are one piece, and are not copied.
        return if first.len() > MAX_BODY { Err(too_large()) } else { Ok(first) };
    };
    let mut body = BytesMut::from(first);
    loop {
        if body.len() + piece.len() > MAX_BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
        match response.chunk().await.map_err(|error| broken(&error))? {
            Some(next) => piece = next,
            None => return Ok(body.freeze()),
        }
    }
}

/// Why no answer began, in words without an address. What is no matter of connecting happened on a connection, with the
/// request on its way.
fn unreachable(error: &reqwest::Error) -> Failure {
    if error.is_connect() && error.is_timeout() {
        return Failure::Unreachable("connecting took too long".to_owned());
    }
    if error.is_dns() {
        return Failure::Unreachable("the host's name cannot be resolved".to_owned());
    }
    if error.is_connect() || error.is_builder() {
        return Failure::Unreachable(innermost(error));
    }
    Failure::Lost(innermost(error))
}

/// Why an answer did not end. What unpacks it fails with an I/O error of its own; a wire's error comes from
/// further below, or as `Other` through what unpacks.
fn broken(error: &reqwest::Error) -> Failure {
    let unpacking = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    if unpacking.is_some_and(|error| error.kind() != io::ErrorKind::Other) {
        return Failure::Unreadable("it cannot be unpacked".to_owned());
    }
    Failure::Lost("cut off in the middle of the answer".to_owned())
}

/// The cause under all others; reqwest's own words, which hold the URL, are the outermost.
fn innermost(error: &reqwest::Error) -> String {
    let Some(cause) = causes(error).filter(|cause| !cause.is::<reqwest::Error>()).last() else {
        return "the request could not be sent".to_owned();
    };
    match cause.downcast_ref::<io::Error>() {
        Some(error) => error.kind().to_string(),
        None => cause.to_string(),
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};

    use super::HttpTransport;
    use crate::plan::operation::{HttpUpstream, Limits};
    use crate::upstream::transport::Transport;

    fn upstream(connect_timeout_ms: u64) -> HttpUpstream {
        let connect_timeout = Duration::from_millis(connect_timeout_ms);
        HttpUpstream { name: Arc::from("crm"), connect_timeout, redirects: false, limits: Limits::default() }
    }

    #[test]
    fn what_the_files_say_now_is_ready_on_every_runtime_before_a_call_needs_it() {
        let transport = HttpTransport::new();
        let runtimes = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
        let is_ready = |runtime: &Runtime, upstream: &HttpUpstream| {
            let key = (runtime.handle().id(), upstream.connect_timeout, upstream.redirects);
            transport.clients().contains_key(&key)
        };
        let (before, now) = (upstream(800), upstream(900));
        for runtime in &runtimes {
            let _guard = runtime.enter();
            transport.warm(&before);
        }
        assert!(!runtimes.iter().any(|runtime| is_ready(runtime, &now)));
        // The files are read on a thread without a runtime.
        transport.warm(&now);
        assert!(runtimes.iter().all(|runtime| is_ready(runtime, &before) && is_ready(runtime, &now)));
    }
}
