//! An entry as it is written to Redis: a short head, then the record's bytes. A head that is not read whole is no
//! entry.

use std::sync::Arc;

use crate::cache::entry::{Content, Span};
use crate::cache::packed::Packed;
use crate::trace::TraceId;

/// The form of the head. An entry of another form is a miss.
const VERSION: u8 = 3;
const RECORD: u8 = 1;
const ALIAS: u8 = 2;

/// Writes an entry.
pub(super) fn encode(content: &Content) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let record = if content.kept.is_record() { RECORD } else { 0 };
    let alias = if content.alias { ALIAS } else { 0 };
    bytes.extend([VERSION, record | alias]);
    let Span { made, fresh_until, stale_until } = content.span;
    for number in [content.fields, made, fresh_until, stale_until, content.by.number()] {
        bytes.extend(number.to_le_bytes());
    }
    let identifiers = content.identifiers.iter().take(usize::from(u8::MAX));
    bytes.push(identifiers.len() as u8);
    for identifier in identifiers {
        bytes.extend(identifier.to_le_bytes());
    }
    if let Packed::Record(record) = &content.kept {
        bytes.extend_from_slice(record);
    }
    bytes
}

/// Reads an entry.
pub(super) fn decode(bytes: &[u8]) -> Option<Content> {
    let mut rest = bytes;
    let [version, kind] = take::<2>(&mut rest)?;
    if version != VERSION {
        return None;
    }
    let fields = number(&mut rest)?;
    let span =
        Span { made: number(&mut rest)?, fresh_until: number(&mut rest)?, stale_until: number(&mut rest)? };
    let by = TraceId::of(number(&mut rest)?);
    let [count] = take::<1>(&mut rest)?;
    let identifiers: Option<Arc<[u128]>> =
        (0..count).map(|_| take::<16>(&mut rest).map(u128::from_le_bytes)).collect();
    let kept = match kind & RECORD {
        0 if rest.is_empty() => Packed::Nothing,
        0 => return None,
        _ => Packed::Record(rest.into()),
    };
    Some(Content { kept, fields, span, identifiers: identifiers?, alias: kind & ALIAS != 0, by })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    take::<8>(rest).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{decode, encode};
    use crate::cache::binary::written;
    use crate::cache::entry::{Content, Span};
    use crate::cache::packed::Packed;
    use crate::trace::TraceId;

    fn content(kept: Packed) -> Content {
        let span = Span { made: 1, fresh_until: 2, stale_until: 3 };
        Content { kept, fields: 9, span, identifiers: Arc::from([7, 8]), alias: true, by: TraceId::of(4) }
    }

    #[test]
    fn what_is_written_is_read_back_with_its_order_and_digits() {
        let record = serde_json::from_str(r#"{"z":1.50,"a":{"id":900719925474099312345}}"#).unwrap();
        for kept in [Packed::Record(written(&record).into()), Packed::Nothing] {
            let content = content(kept);
            assert_eq!(decode(&encode(&content)), Some(content));
        }
    }

    #[test]
    fn what_is_cut_or_of_another_version_is_no_entry() {
        let record = serde_json::from_str(r#"{"id":7}"#).unwrap();
        let mut bytes = encode(&content(Packed::Record(written(&record).into())));
        for length in 0..bytes.len() {
            let kept = decode(&bytes[..length]).and_then(|content| content.kept.read());
            assert_eq!(kept, None, "{length}");
        }
        bytes[0] = 1;
        assert_eq!(decode(&bytes), None);
        let mut longer = encode(&content(Packed::Nothing));
        longer.push(b'1');
        assert_eq!(decode(&longer), None);
    }
}
