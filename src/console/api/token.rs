//! Who may use the API: those who hold the token. Without one that is set, nobody.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};

use crate::console::State;
use crate::console::api::refusal::Refusal;
use crate::secret::Secret;

/// Lets a request through, or says why not.
pub(super) async fn check(
    state: Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_explaining = request.path().starts_with("/api/explain");
    let personal = state.personal_token.as_ref().filter(|_| is_explaining);
    if admit(personal, request.headers()).is_ok() {
        request.extensions_mut().insert(MaySeePersons);
    } else {
        admit(state.token.as_ref(), request.headers())?;
    }
    next.call(request).await
}

/// Who asks may see what is personal in past calls. Their token opens nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct MaySeePersons;

fn admit(token: Option<&Secret>, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = token.ok_or(Refusal::Closed)?;
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, given) = sent.and_then(|sent| sent.trim().split_once(' ')).ok_or(Refusal::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoToken);
    }
    if token.matches(given.trim()) { Ok(()) } else { Err(Refusal::WrongToken) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

    use super::admit;
    use crate::console::api::refusal::Refusal;
    use crate::secret::Secret;

    #[test]
    fn only_the_token_opens_and_without_one_nothing_does() {
        let token = Secret::new("s3cr3t");
        let sent = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            headers
        };
        assert_eq!(admit(Some(&token), &sent("bearer  s3cr3t ")), Ok(()));
        assert_eq!(admit(Some(&token), &sent("Bearer s3cr3")), Err(Refusal::WrongToken));
        for missing in [sent("s3cr3t"), sent("Basic s3cr3t"), HeaderMap::new()] {
            assert_eq!(admit(Some(&token), &missing), Err(Refusal::NoToken));
        }
        assert_eq!(admit(None, &sent("Bearer ")), Err(Refusal::Closed));
    }
}
