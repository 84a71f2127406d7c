//! The bytes of a file that somebody named or put into a folder. Only plain files are opened: a pipe would be waited for,
//! and a device never ends.

use std::path::Path;
use std::{fs, io};

/// How a file that is none is called.
pub(super) const SPECIAL: &str = "is no plain file, but a pipe, a socket, a device or a folder";

/// Why there are no bytes.
pub(super) enum Unread {
    /// It is something else than a file.
    Special,
    /// It has so many bytes.
    TooLarge(u64),
    /// The system does not give them.
    Refused(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Refused(error)
    }
}

/// Reads a file of at most `largest` bytes.
pub(super) fn read(path: &Path, largest: u64) -> Result<Vec<u8>, Unread> {
    let file = fs::metadata(path)?;
    if !file.is_file() {
        return Err(Unread::Special);
    }
    if file.len() > largest {
        return Err(Unread::TooLarge(file.len()));
    }
    Ok(fs::read(path)?)
}
