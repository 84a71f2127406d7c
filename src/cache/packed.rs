//! What a lookup step found, and the form in which it is kept.

use std::sync::Arc;

use crate::cache::binary;
use crate::record::Record;

/// What a step found.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// The picked record.
    Record(Record),
    /// There is none.
    Nothing,
}

/// The same as it is kept: a record as its bytes, which take a small part of the memory that it takes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packed {
    Record(Arc<[u8]>),
    Nothing,
}

impl Packed {
    pub(super) fn of(kept: &Kept) -> Self {
        match kept {
            Kept::Record(record) => Self::Record(binary::written(record).into()),
            Kept::Nothing => Self::Nothing,
        }
    }

    /// None: the bytes are no record, as those that another version has written.
    pub(super) fn read(&self) -> Option<Kept> {
        match self {
            Self::Record(bytes) => binary::read(bytes).map(|record| Kept::Record(Arc::new(record))),
            Self::Nothing => Some(Kept::Nothing),
        }
    }

    pub(super) fn is_record(&self) -> bool {
        matches!(self, Self::Record(_))
    }
}
