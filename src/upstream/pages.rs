//! A walk over the pages of an operation, one request each. It goes by the count that the answer gives, never until a
//! page is empty: some upstreams repeat the last page for every one beyond it.

use serde_json::Value;

use crate::expr::text_of;
use crate::plan::operation::{Call, Operation};
use crate::plan::pages::{Count, Pages};
use crate::record::{Failure, Record};
use crate::upstream::args::Args;

/// From here on a float does not tell whole numbers apart.
const MOST_COUNTED: f64 = 9e15;

/// What one request found.
#[derive(Debug, Default)]
pub struct Page {
    /// The records, in the answer's order.
    pub records: Vec<Record>,
    /// What the answer counts, pages or records, where the operation has pages.
    pub(crate) count: Option<u64>,
    /// How many records are on it, whether or not all of them are wanted; 0 where that cannot be told.
    pub(crate) held: u64,
}

impl Page {
    /// Records of what has no pages.
    pub(crate) fn only(records: Vec<Record>) -> Self {
        Self { records, ..Self::default() }
    }
}

impl Pages {
    /// What the answer counts; none where it does not say.
    pub(crate) fn count_in(&self, body: &Value) -> Option<u64> {
        let text = text_of(self.count.path().first(body)?)?;
        let text = text.trim();
        text.parse().ok().or_else(|| whole(text.parse().ok()?))
    }
}

/// A count that is written with a point or an exponent.
fn whole(count: f64) -> Option<u64> {
    (count.fract() == 0.0 && (0.0..MOST_COUNTED).contains(&count)).then_some(count as u64)
}

/// A walk from the first page on.
#[derive(Debug)]
pub struct Walk<'o> {
    pages: &'o Pages,
    args: Args,
    most: u64,
    /// How many pages have been turned.
    turned: u64,
    /// The most records that one of them held.
    fullest: u64,
}

impl<'o> Walk<'o> {
    /// Stands at the first page. None: the operation has no pages, or these arguments ask for one of them.
    #[must_use]
    pub fn begin(operation: &'o Operation, args: &Args) -> Option<Self> {
        let Call::Http(call) = &operation.call else {
            return None;
        };
        let pages = call.pages.as_ref().filter(|pages| args.at(pages.number).is_none())?;
        let args = args.with(pages.number, pages.first.into());
        Some(Self { pages, args, most: pages.most, turned: 0, fullest: 0 })
    }

    /// The same walk, over at most so many pages.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// The arguments that ask for the page at which it stands.
    #[must_use]
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// How many pages there are by what this one says; none where it does not say. Whatever size was asked for, a page
    /// is as long as the fullest that came: some upstreams send fewer records than they are asked for.
    #[must_use]
    pub fn length(&self, page: &Page) -> Option<u64> {
        let count = page.count?;
        let Count::Records(_) = self.pages.count else {
            return Some(count);
        };
        let asked = || self.args.at(self.pages.size?).and_then(Value::as_u64);
        let came = Some(self.fullest.max(page.held)).filter(|came| *came > 0);
        came.or_else(asked).filter(|size| *size > 0).map(|size| count.div_ceil(size))
    }

    /// Turns to the next page; false: this one was the last. A page without records and without a count is.
    ///
    /// # Errors
    /// [`Failure::Unreadable`] where the answer does not say how much there is, [`Failure::Unfinished`] where there
    /// are more pages than may be asked for.
    pub fn turn(&mut self, page: &Page) -> Result<bool, Failure> {
        let Some(length) = self.length(page) else {
            let path = self.pages.count.path().text();
            let missing = || Failure::Unreadable(format!("it does not say at {path} how much there is"));
            return if page.records.is_empty() { Ok(false) } else { Err(missing()) };
        };
        self.turned += 1;
        self.fullest = self.fullest.max(page.held);
        if self.turned >= length {
            return Ok(false);
        }
        if self.turned >= self.most {
            let reason = format!("there are {length} pages, and at most {} may be asked for", self.most);
            return Err(Failure::Unfinished(reason));
        }
        self.args = self.args.with(self.pages.number, (self.pages.first + self.turned).into());
        Ok(true)
    }
}
