//! A JSON web token (RFC 7519) as a login describes it, signed by HMAC.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::expr::RenderError;
use crate::plan::login::{Algorithm, Jwt};
use crate::plan::operation::JsonTemplate;
use crate::record::Failure;
use crate::upstream::args::Args;
use crate::upstream::body;

/// Signs a token at `now`, in seconds since 1970: the token, and how long it is good for.
///
/// # Errors
/// [`Failure::Template`] where its header or claims cannot be written.
pub(crate) fn sign(jwt: &Jwt, args: &Args, now: u64) -> Result<(String, Duration), Failure> {
    let mut header = Map::new();
    header.insert("typ".to_owned(), "JWT".into());
    header.insert("alg".to_owned(), jwt.algorithm.name().into());
    header.extend(object("header", &jwt.header, args)?);
    let mut claims = object("claims", &jwt.claims, args)?;
    let exp = claims.entry("exp").or_insert_with(|| (now + jwt.life.as_secs()).into());
    let life = exp.as_u64().map_or(jwt.life, |exp| Duration::from_secs(exp.saturating_sub(now)));
    let part = |object: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(object).to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let key = hmac::Key::new(algorithm(jwt.algorithm), jwt.secret.expose().as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()));
    Ok((format!("{text}.{signature}"), life))
}

fn algorithm(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
    }
}

fn object(place: &str, template: &JsonTemplate, args: &Args) -> Result<Map<String, Value>, Failure> {
    let wrong = |(below, error): (String, RenderError)| Failure::Template {
        place: format!("auth, {place}{below}"),
        reason: error.to_string(),
    };
    match body::json(template, args).map_err(wrong)? {
        Some(Value::Object(object)) => Ok(object),
        _ => Ok(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_lc_rs::hmac;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::sign;
    use crate::expr::{Place, Template};
    use crate::plan::login::{Algorithm, Jwt};
    use crate::plan::operation::JsonTemplate;
    use crate::secret::Secret;
    use crate::upstream::args::Args;

    const NOW: u64 = 1_700_000_000;

    fn text(text: &str) -> JsonTemplate {
        JsonTemplate::Text(Template::compile(text, Place::Text).unwrap())
    }

    fn jwt(algorithm: Algorithm, claims: Vec<(String, JsonTemplate)>) -> Jwt {
        Jwt {
            algorithm,
            secret: Secret::new("secret"),
            header: JsonTemplate::Constant(json!({"cty": "an-api;v=1"})),
            claims: JsonTemplate::Object(claims),
            life: Duration::from_secs(3600),
        }
    }

    fn claims() -> Vec<(String, JsonTemplate)> {
        vec![
            ("jti".into(), text("{{ sid }}-{{ now }}")),
            ("iss".into(), text("{{ sid }}")),
            ("rest_api".into(), JsonTemplate::Constant(json!(true))),
        ]
    }

    fn args() -> Args {
        Args::known([("sid".to_owned(), json!("me")), ("now".to_owned(), json!(NOW))])
    }

    fn part(token: &str, at: usize) -> Value {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn is_signed_by(token: &str, algorithm: hmac::Algorithm) -> bool {
        let (said, signature) = token.rsplit_once('.').unwrap();
        let key = hmac::Key::new(algorithm, b"secret");
        hmac::verify(&key, said.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).is_ok()
    }

    #[test]
    fn a_token_says_what_is_written_and_when_it_ends() {
        let (token, life) = sign(&jwt(Algorithm::Hs256, claims()), &args(), NOW).unwrap();
        assert_eq!(part(&token, 0), json!({"typ": "JWT", "alg": "HS256", "cty": "an-api;v=1"}));
        let claims = json!({"jti": "me-1700000000", "iss": "me", "rest_api": true, "exp": NOW + 3600});
        assert_eq!((part(&token, 1), life), (claims, Duration::from_secs(3600)));
    }

    #[test]
    fn each_algorithm_is_named_and_used() {
        for (algorithm, of_hmac) in [
            (Algorithm::Hs256, hmac::HMAC_SHA256),
            (Algorithm::Hs384, hmac::HMAC_SHA384),
            (Algorithm::Hs512, hmac::HMAC_SHA512),
        ] {
            let (token, _) = sign(&jwt(algorithm, claims()), &args(), NOW).unwrap();
            assert_eq!(part(&token, 0)["alg"], algorithm.name());
            assert!(is_signed_by(&token, of_hmac), "{token}");
        }
    }

    #[test]
    fn an_end_that_is_written_is_kept_and_counts() {
        let mut claims = claims();
        claims.push(("iat".into(), text("{{ now }}")));
        claims.push(("exp".into(), JsonTemplate::Constant(json!(NOW + 60))));
        let (token, life) = sign(&jwt(Algorithm::Hs256, claims), &args(), NOW).unwrap();
        assert_eq!((&part(&token, 1)["exp"], &part(&token, 1)["iat"]), (&json!(NOW + 60), &json!(NOW)));
        assert_eq!(life, Duration::from_secs(60));
    }

    #[test]
    fn a_claim_that_cannot_be_written_is_named() {
        let claims = vec![("iss".into(), text("x{{ gone }}"))];
        let failure = sign(&jwt(Algorithm::Hs256, claims), &args(), NOW).unwrap_err();
        assert_eq!(failure.to_string(), "auth, claims.iss: `gone` is not there");
    }
}
