//! Numbers compared by their digits: as 64-bit floats, long ones that differ would be the same.

use std::cmp::Ordering;

/// A number as it is written in decimal digits, of any length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    is_negative: bool,
    /// Where the point stands before the first of the digits, counted in digits to the right.
    point: i64,
    /// Without zeros at either end; zero has none.
    digits: String,
}

impl Decimal {
    /// `-12`, `+1.50`, `.5`, `1e3`. None: it is no number; neither is `nan`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (written, exponent) = match text.split_once(['e', 'E']) {
            Some((written, exponent)) => (written, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
        let all = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, point: i64::MIN, digits });
        }
        let point = i64::from(exponent) + whole.len() as i64 - (all.len() - significant.len()) as i64;
        Some(Self { is_negative, point, digits })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = || (self.point, &self.digits).cmp(&(other.point, &other.digits));
        match (self.is_negative, other.is_negative) {
            (false, false) => by_size(),
            (true, true) => by_size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
