//! Reads `name=value&name=value`, of a query or of a FORM body, into parameters. Strict where a declared parameter
//! would be guessed at, indifferent to all others.

use std::borrow::Cow;

use crate::http::extract::params::Params;
use crate::http::extract::unreadable::{Place, Unreadable};

/// Reads one source.
///
/// # Errors
/// [`Unreadable::Percent`] and [`Unreadable::NotUtf8`] for the value of a declared parameter,
/// [`Unreadable::NameNotUtf8`] for a name that cannot be compared with the declared ones.
pub fn read(encoded: &[u8], place: Place, params: &mut Params<'_>) -> Result<(), Unreadable> {
    let pieces = encoded.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    for (at, piece) in pieces.enumerate() {
        let (name, value) = halves(piece);
        let name = name_of(name).ok_or(Unreadable::NameNotUtf8 { position: at + 1, place })?;
        let Some(declared) = params.declared(&name) else {
            continue;
        };
        let value = value_of(value, &name, place)?;
        params.take(declared, value);
    }
    params.end_source();
    Ok(())
}

/// Name and value; a name without `=` has an empty value.
fn halves(piece: &[u8]) -> (&[u8], &[u8]) {
    let mut halves = piece.splitn(2, |byte| *byte == b'=');
    (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
}

/// A name that is badly encoded is what it says: it may be undeclared, and then nobody minds.
fn name_of(encoded: &[u8]) -> Option<Cow<'_, str>> {
    match decode(encoded).unwrap_or(Cow::Borrowed(encoded)) {
        Cow::Borrowed(name) => std::str::from_utf8(name).ok().map(Cow::Borrowed),
        Cow::Owned(name) => String::from_utf8(name).ok().map(Cow::Owned),
    }
}

fn value_of(encoded: &[u8], name: &str, place: Place) -> Result<String, Unreadable> {
    let decoded = decode(encoded).map_err(|at| Unreadable::Percent { name: name.to_owned(), place, at })?;
    String::from_utf8(decoded.into_owned()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Unreadable::NotUtf8 { name: name.to_owned(), place, at }
    })
}

/// Undoes percent-encoding, and `+` for a space.
///
/// # Errors
/// The place of a `%` without two hexadecimal digits.
fn decode(encoded: &[u8]) -> Result<Cow<'_, [u8]>, usize> {
    if !encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(encoded));
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => decoded.push(b' '),
            b'%' => {
                let at = encoded.len() - after.len() - 1;
                let (byte, after) = hex_pair(after).ok_or(at)?;
                decoded.push(byte);
                rest = after;
            }
            other => decoded.push(*other),
        }
    }
    Ok(Cow::Owned(decoded))
}

fn hex_pair(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (pair, rest) = bytes.split_first_chunk::<2>()?;
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    Some((u8::try_from(high? * 16 + low?).ok()?, rest))
}
