//! A running gateway, as commands speak to it: JSON over HTTP to its admin listener, with its token. What goes wrong
//! is said as a sentence for the person at the shell.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use thiserror::Error;

use crate::app::Environment;
use crate::cli::{Unusable, runtime, say};

/// The variable that holds the token.
const TOKEN: &str = "DATADIP_ADMIN_TOKEN";
const CONNECT: Duration = Duration::from_secs(3);
/// Longer than any answer takes.
const ANSWER: Duration = Duration::from_secs(30);

/// Where the gateway is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct AdminFlag {
    /// The admin listener of the running gateway; its token is taken from DATADIP_ADMIN_TOKEN
    #[arg(long, value_name = "URL", env = "DATADIP_ADMIN", default_value = "http://127.0.0.1:8081")]
    admin: String,
}

/// Why the gateway did not do what it was asked.
#[derive(Debug, Error)]
pub(super) enum AdminError {
    #[error("`{0}` is no URL; write --admin http://127.0.0.1:8081")]
    Url(String),
    #[error("set {0} to the token that the gateway was started with")]
    NoToken(&'static str),
    #[error(
        "no gateway answers at {0}: is `datadip serve` running? Name its admin listener with --admin URL"
    )]
    Absent(String),
    #[error("the gateway at {0} did not answer: {1}")]
    Lost(String, &'static str),
    #[error("the gateway at {0} does not accept this token: set {TOKEN} to the one that it was started with")]
    WrongToken(String),
    #[error("what answers at {0} is not the admin listener of a gateway ({1})")]
    Foreign(String, StatusCode),
    /// In the gateway's own words.
    #[error("{error}")]
    Refused { status: StatusCode, error: String },
}

/// The gateway.
#[derive(Debug, Clone)]
pub(super) struct Admin {
    url: Url,
    token: String,
    client: Client,
}

impl Admin {
    pub(super) fn new(flags: &AdminFlag, environment: Environment) -> Result<Self, Unusable> {
        Self::with(flags, environment, TOKEN)
    }

    /// The same, with the token that this variable holds.
    pub(super) fn with(
        flags: &AdminFlag,
        environment: Environment,
        variable: &'static str,
    ) -> Result<Self, Unusable> {
        let url: Url = flags.admin.parse().map_err(|_| AdminError::Url(flags.admin.clone()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AdminError::Url(flags.admin.clone()).into());
        }
        let token = environment(variable).filter(|token| !token.trim().is_empty());
        let token = token.ok_or(AdminError::NoToken(variable))?;
        // A proxy of the environment is for the world outside, not for the machine that is managed.
        let client = Client::builder().no_proxy().connect_timeout(CONNECT).timeout(ANSWER).build()?;
        Ok(Self { url, token: token.trim().to_owned(), client })
    }

    /// Asks for what there is, and gives the answer.
    pub(super) async fn get(&self, path: &str, asked: &[(&str, String)]) -> Result<Value, AdminError> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        if !asked.is_empty() {
            url.query_pairs_mut().extend_pairs(asked);
        }
        let request = self.client.get(url).bearer_auth(&self.token);
        let response = request.send().await.map_err(|error| self.lost(&error))?;
        self.answer(response).await
    }

    /// Asks, and gives the answer.
    pub(super) async fn post(&self, path: &str, asked: &Value) -> Result<Value, AdminError> {
        let response = self.send(path, asked).await?;
        self.answer(response).await
    }

    async fn send(&self, path: &str, asked: &Value) -> Result<Response, AdminError> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        let request = self.client.post(url).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json").body(asked.to_string());
        request.send().await.map_err(|error| self.lost(&error))
    }

    /// Asks, and gives the answer also where it is that what was sent cannot be taken (422).
    pub(super) async fn post_or_findings(&self, path: &str) -> Result<(bool, Value), AdminError> {
        let response = self.send(path, &Value::Null).await?;
        if response.status() != StatusCode::UNPROCESSABLE_ENTITY {
            return Ok((true, self.answer(response).await?));
        }
        let body = response.text().await.map_err(|error| self.lost(&error))?;
        Ok((false, serde_json::from_str(&body).unwrap_or_default()))
    }

    async fn answer(&self, response: Response) -> Result<Value, AdminError> {
        let (status, place) = (response.status(), self.url.to_string());
        let body = response.text().await.map_err(|error| self.lost(&error))?;
        if status == StatusCode::UNAUTHORIZED {
            return Err(AdminError::WrongToken(place));
        }
        let body: Option<Value> = serde_json::from_str(&body).ok();
        match body {
            Some(body) if status.is_success() => Ok(body),
            Some(Value::Object(body)) => match body.get("error").and_then(Value::as_str) {
                Some(error) => Err(AdminError::Refused { status, error: error.to_owned() }),
                None => Err(AdminError::Foreign(place, status)),
            },
            _ => Err(AdminError::Foreign(place, status)),
        }
    }

    fn lost(&self, error: &reqwest::Error) -> AdminError {
        let place = self.url.to_string();
        if error.is_connect() {
            return AdminError::Absent(place);
        }
        AdminError::Lost(
            place,
            if error.is_timeout() { "no answer in time" } else { "the connection was cut" },
        )
    }
}

/// Asks for an eviction and prints its receipt.
pub(super) fn evict(
    flags: &AdminFlag,
    environment: Environment,
    path: &str,
    asked: &Value,
) -> Result<ExitCode, Unusable> {
    let admin = Admin::new(flags, environment)?;
    let receipt = runtime()?.block_on(admin.post(path, asked))?;
    say(&told(&receipt))?;
    let is_later = receipt.get("replicas").and_then(Value::as_str) == Some("later");
    Ok(ExitCode::from(u8::from(is_later)))
}

/// A receipt as people read it.
fn told(receipt: &Value) -> String {
    let text = |name: &str| receipt.get(name).and_then(Value::as_str).unwrap_or_default();
    let count = |name: &str| receipt.get(name).and_then(Value::as_u64);
    let memory = count("memory").unwrap_or(0);
    let (redis, replicas) = match text("replicas") {
        "none" => ("no Redis".to_owned(), "there are none without Redis"),
        "told" => {
            let removed = count("redis").map(|count| format!("{count} removed"));
            (removed.unwrap_or_else(|| "out of reach at once, not counted".to_owned()), "told")
        }
        _ => (
            "not reached".to_owned(),
            "not told yet: as soon as Redis is back, before anything is read from it",
        ),
    };
    let lines = [
        format!("removed   {}", text("what")),
        format!("when      {}", text("at")),
        format!("memory    {memory} removed"),
        format!("redis     {redis}"),
        format!("replicas  {replicas}"),
    ];
    lines.map(|line| line + "\n").concat()
}

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write NAME=VALUE, such as tel=+6591234567 or email=a@example.com".to_owned()),
    }
}
