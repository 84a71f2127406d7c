//! Receives a body, whole, within its size and its time.

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::timeout_at;

use crate::clock::Deadline;
use crate::http::extract::unreadable::Unreadable;

/// The largest body that is read, in bytes. A data node sends a few hundred.
pub const LIMIT: usize = 64 * 1024;

/// Receives the body until `deadline`.
///
/// # Errors
/// [`Unreadable::TooLarge`] (before anything is read, where the length is announced), [`Unreadable::Late`] or
/// [`Unreadable::Cut`].
pub async fn receive(
    headers: &HeaderMap,
    mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    deadline: Deadline,
) -> Result<Bytes, Unreadable> {
    let announced = announced(headers);
    if announced > LIMIT {
        return Err(Unreadable::TooLarge(LIMIT));
    }
    let mut whole = BytesMut::with_capacity(announced);
    loop {
        let chunk = timeout_at(deadline.instant(), payload.next()).await.map_err(|_| Unreadable::Late)?;
        let Some(chunk) = chunk else {
            return Ok(whole.freeze());
        };
        let chunk = chunk.map_err(|_| Unreadable::Cut)?;
        if whole.len() + chunk.len() > LIMIT {
            return Err(Unreadable::TooLarge(LIMIT));
        }
        whole.extend_from_slice(&chunk);
    }
}

/// The announced length; 0 where there is none. One that is no `usize` is larger than any limit.
fn announced(headers: &HeaderMap) -> usize {
    let Some(length) = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()) else {
        return 0;
    };
    length.trim().parse().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::error::PayloadError;
    use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
    use bytes::Bytes;
    use futures_util::stream::{self, Stream, StreamExt};
    use tokio::time::Instant;

    use super::{LIMIT, receive};
    use crate::clock::Deadline;
    use crate::http::extract::unreadable::Unreadable;

    fn soon() -> Deadline {
        Deadline::new(Instant::now(), Duration::from_millis(500))
    }

    fn chunks(sizes: &[usize]) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        stream::iter(sizes.iter().map(|size| Ok(Bytes::from(vec![b'a'; *size]))).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
        let headers = HeaderMap::new();
        let whole = receive(&headers, chunks(&[LIMIT - 1, 1]), soon()).await;
        assert_eq!(whole.map(|body| body.len()), Ok(LIMIT));
        let over = receive(&headers, chunks(&[LIMIT, 1]), soon()).await;
        assert_eq!(over, Err(Unreadable::TooLarge(LIMIT)));
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_before_reading() {
        for length in ["65537", "99999999999999999999999999"] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            let refused = receive(&headers, stream::pending(), soon()).await;
            assert_eq!(refused, Err(Unreadable::TooLarge(LIMIT)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_past_the_deadline_is_late() {
        let drip = chunks(&[1; 9]).then(|chunk| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            chunk
        });
        assert_eq!(receive(&HeaderMap::new(), Box::pin(drip), soon()).await, Err(Unreadable::Late));
    }

    #[tokio::test]
    async fn a_body_that_is_cut_off_is_named_so() {
        let cut = stream::iter([Ok(Bytes::from_static(b"tel=1")), Err(PayloadError::Incomplete(None))]);
        assert_eq!(receive(&HeaderMap::new(), cut, soon()).await, Err(Unreadable::Cut));
    }
}
