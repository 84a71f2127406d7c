//! How an operation's pages are walked: which argument turns them, and how many there are.

use crate::expr::Path;

/// The pages of an operation.
#[derive(Debug)]
pub struct Pages {
    /// The argument that holds the page's number: an index into the operation's `args`.
    pub number: usize,
    /// The argument that says how many records a page holds.
    pub size: Option<usize>,
    /// The number of the first page.
    pub first: u64,
    /// Where the answer says how much there is.
    pub count: Count,
    /// At most so many pages are asked for.
    pub most: u64,
}

/// What an answer counts.
#[derive(Debug)]
pub enum Count {
    /// The pages.
    Pages(Path),
    /// The records on all pages.
    Records(Path),
}

impl Count {
    /// Where the answer says it.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Pages(path) | Self::Records(path) => path,
        }
    }
}
