//! A claim as Redis holds it, sealed: that it was begun; or that it was done, about whom, and what it gave.

use std::sync::Arc;

/// The first byte. Of another form nothing is known but that somebody has it.
const BEGUN: u8 = 2;
const DONE: u8 = 3;
/// Done, as an earlier version told it: with what it gave, and not about whom. That it gave is not taken over, since it
/// could not be forgotten.
const DONE_BEFORE: u8 = 1;

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cache) struct Done {
    /// Whom it is about: keyed hashes.
    pub(in crate::cache) about: Vec<u128>,
    /// None: it is not kept.
    pub(in crate::cache) gave: Option<Arc<[u8]>>,
}

/// That it was begun.
pub(in crate::cache) fn begun() -> Vec<u8> {
    vec![BEGUN]
}

/// That it was done, about these, and gave this.
pub(in crate::cache) fn done(about: &[u128], gave: Option<&[u8]>) -> Vec<u8> {
    let about = about.iter().take(usize::from(u8::MAX));
    let mut bytes = vec![DONE, about.len() as u8];
    about.for_each(|who| bytes.extend(who.to_le_bytes()));
    bytes.extend(gave.unwrap_or_default());
    bytes
}

/// What was done, if it was.
pub(in crate::cache) fn read(bytes: &[u8]) -> Option<Done> {
    let (count, rest) = match bytes {
        [DONE, count, rest @ ..] => (count, rest),
        [DONE_BEFORE, ..] => return Some(Done { about: Vec::new(), gave: None }),
        _ => return None,
    };
    let (about, gave) = rest.split_at_checked(16 * usize::from(*count))?;
    let (about, _) = about.as_chunks::<16>();
    let about = about.iter().copied().map(u128::from_le_bytes).collect();
    Some(Done { about, gave: (!gave.is_empty()).then(|| gave.into()) })
}

#[cfg(test)]
mod tests {
    use super::{Done, begun, done, read};

    #[test]
    fn what_is_told_is_read_and_what_is_cut_off_is_not() {
        for (about, gave) in [(&[][..], None), (&[1, u128::MAX], Some(&b"7"[..])), (&[2], None)] {
            let told = Done { about: about.to_vec(), gave: gave.map(Into::into) };
            assert_eq!(read(&done(about, gave)), Some(told));
        }
        for bytes in [&begun()[..], b"", &[0], &[3], &[3, 1, 0], &[4, 0]] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn what_an_earlier_version_has_done_is_done_and_what_it_gave_is_not_kept() {
        for bytes in [&b"\x01{\"ticket\":\"T-1\"}"[..], b"\x01"] {
            assert_eq!(read(bytes), Some(Done { about: Vec::new(), gave: None }));
        }
    }
}
