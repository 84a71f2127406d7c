//! Stringee's access: a token that the caller signs itself (JWT, HS256), with claims of Stringee's own.

use std::collections::HashSet;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::sim::exchange::Members;
use crate::sim::stringee::NOT_LOGGED_IN;

/// The key's id.
pub(super) const SID: &str = "SKtest";
/// The key's secret.
pub(super) const SECRET: &str = "secret";

/// The tokens seen, and those of them that are refused from now on.
#[derive(Default)]
pub(super) struct Login {
    seen: HashSet<String>,
    ended: HashSet<String>,
}

impl Login {
    /// Whether a token opens the door.
    ///
    /// # Errors
    /// `r` and why.
    pub(super) fn admit(&mut self, token: &str) -> Result<(), (i64, &'static str)> {
        let refused = |message| Err((NOT_LOGGED_IN, message));
        let Some(claims) = signed(token) else {
            return refused("the token is missing, or not signed as Stringee asks for");
        };
        let now = jiff::Timestamp::now().as_second();
        if claims.at("iss") != SID || claims.at("rest_api") != true || !claims.at("jti").is_string() {
            return refused("the token's claims are not those of this account's REST API");
        }
        if claims.at("exp").as_i64().is_none_or(|exp| exp <= now) || self.ended.contains(token) {
            return refused("the token has expired");
        }
        self.seen.insert(token.to_owned());
        Ok(())
    }

    /// Refuses all that were seen.
    pub(super) fn expire(&mut self) {
        self.ended.extend(self.seen.drain());
    }
}

/// The claims of a token whose header and signature are right.
fn signed(token: &str) -> Option<Value> {
    let (said, signature) = token.rsplit_once('.')?;
    let (header, claims) = said.split_once('.')?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hmac::verify(&key, said.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let header = json(header)?;
    let is_right =
        header.at("typ") == "JWT" && header.at("alg") == "HS256" && header.at("cty") == "stringee-api;v=1";
    is_right.then(|| json(claims)).flatten()
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
