//! When a record is from: a time in one of the ways in which systems write one, a number, or a text that at least sorts.
//! What two people may read as two days (`02/01/2025`) is no time.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::expr::text_of;
use crate::lookup::pick::decimal::Decimal;

/// Days with the name of their month, and the times behind them.
const NAMED: [&str; 5] = ["%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y"];
const TIMES: [&str; 2] = ["%H:%M:%S", "%H:%M"];

/// The value by which records are compared.
pub(super) enum Moment {
    /// A number, and the time that it is where it counts from 1970 or writes a day (`20250102`).
    Number(Decimal, Option<Timestamp>),
    /// A point in time.
    Time(Timestamp),
    /// Anything else.
    Text(String),
}

impl Moment {
    /// What a value says; none: it says nothing.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let text = text_of(value)?;
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some(number) = Decimal::parse(text) {
            return Some(Self::Number(number, counted(text)));
        }
        Some(time(text).map_or_else(|| Self::Text(text.to_owned()), Self::Time))
    }

    /// Numbers are compared as numbers, and with times as times.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a, _), Self::Number(b, _)) => a.cmp(b),
            (Self::Time(a) | Self::Number(_, Some(a)), Self::Time(b) | Self::Number(_, Some(b))) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Number(..) => 1,
            Self::Time(_) => 2,
        }
    }
}

/// The time that a number is: a day by its eight digits, a second by its fourteen, or the seconds, milliseconds,
/// microseconds or nanoseconds since 1970, which their length tells apart for every time from 1973 to 2286.
fn counted(text: &str) -> Option<Timestamp> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let count = || whole.parse::<i64>().ok();
    match whole.len() {
        _ if !whole.bytes().all(|byte| byte.is_ascii_digit()) => None,
        8 => Date::strptime("%Y%m%d", whole).ok().filter(is_of_our_time).and_then(|day| utc(day.into())),
        14 => {
            let second = DateTime::strptime("%Y%m%d%H%M%S", whole).ok();
            second.filter(|second| is_of_our_time(&second.date())).and_then(utc)
        }
        9 | 10 => Timestamp::from_second(count()?).ok(),
        12 | 13 => Timestamp::from_millisecond(count()?).ok(),
        15 | 16 => Timestamp::from_microsecond(count()?).ok(),
        18 | 19 => Timestamp::from_nanosecond(count()?.into()).ok(),
        _ => None,
    }
}

fn is_of_our_time(day: &Date) -> bool {
    (1900..2100).contains(&day.year())
}

/// A time as text; without a zone it is in UTC.
fn time(text: &str) -> Option<Timestamp> {
    usual(text)
        .or_else(|| DateTimeParser::new().parse_timestamp(text).ok())
        .or_else(|| of_json(text))
        .or_else(|| loose(text))
        .or_else(|| named(text))
}

/// As ISO 8601 and RFC 3339 have it.
fn usual(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| utc(text.parse().ok()?))
}

fn utc(local: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(local).ok()
}

/// `/Date(1735689600000)/`, `/Date(1735689600000+0800)/`: milliseconds in UTC, whatever zone stands behind them.
fn of_json(text: &str) -> Option<Timestamp> {
    let inner = text.trim_matches('/').strip_prefix("Date(")?.strip_suffix(')')?;
    let end = inner.rfind(['+', '-']).filter(|at| *at > 0).unwrap_or(inner.len());
    Timestamp::from_millisecond(inner.get(..end)?.parse().ok()?).ok()
}

/// `2025-1-2 9:05`, `2025/01/02`, `2025.1.2`, `2025年1月2日`, and `2.1.2025`, which nobody writes with the month first.
fn loose(text: &str) -> Option<Timestamp> {
    let text = text.replace(['年', '月'], "-").replacen('日', " ", 1);
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((&text, ""));
    let sign = ['-', '/', '.'].into_iter().find(|sign| day.contains(*sign))?;
    let parts: Vec<&str> = day.split(sign).collect();
    let [first, month, last] = parts.as_slice() else {
        return None;
    };
    let (year, day) = match (first.len(), last.len()) {
        (4, 1..=2) => (first, last),
        (1..=2, 4) if sign == '.' => (last, first),
        _ => return None,
    };
    let day = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let time = time.replace(' ', "").replace("UTC", "Z").replace("GMT", "Z");
    let zero = if time.find(':') == Some(1) { "0" } else { "" };
    if time.is_empty() { utc(day.into()) } else { usual(&format!("{day}T{zero}{time}")) }
}

/// `2 Jan 2025`, `January 2, 2025 10:00`, `02-Jan-2025`.
fn named(text: &str) -> Option<Timestamp> {
    let day = NAMED.iter().find_map(|day| Date::strptime(day, text).ok());
    if let Some(day) = day {
        return utc(day.into());
    }
    let both = NAMED.iter().flat_map(|day| TIMES.map(|time| format!("{day} {time}")));
    both.into_iter().find_map(|both| DateTime::strptime(both, text).ok()).and_then(utc)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use serde_json::{Value, json};

    use super::Moment;

    /// 2 January 2025 at midnight in UTC, as time, number or text.
    fn said(value: &Value) -> String {
        match Moment::of(value) {
            Some(Moment::Time(at) | Moment::Number(_, Some(at))) => at.to_string(),
            Some(Moment::Number(_, None)) => "a number".to_owned(),
            Some(Moment::Text(_)) => "a text".to_owned(),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_time_is_understood_however_a_system_writes_it() {
        for text in [
            "2025-01-02",
            "2025-01-02T00:00:00Z",
            "2025-01-02T08:00:00+0800",
            "2025-01-02 08:00:00 +0800",
            "2025-01-02 00:00:00 UTC",
            "2025-1-2",
            "2025-1-2 0:00",
            "2025/01/02",
            "2025/1/2 00:00:00",
            "2025.01.02",
            "02.01.2025",
            "2.1.2025 00:00",
            "2025年1月2日",
            "2025年01月02日 00:00:00",
            "Thu, 02 Jan 2025 00:00:00 GMT",
            "Thu, 2 Jan 2025 08:00:00 +0800",
            "2 Jan 2025",
            "02-Jan-2025",
            "January 2, 2025",
            "Jan 2, 2025 00:00",
            "/Date(1735776000000)/",
            "/Date(1735776000000+0800)/",
            "20250102",
            "20250102000000",
            "1735776000",
            "1735776000000",
            "1735776000000000",
            "1735776000000000000",
            "1735776000.25",
        ] {
            assert_eq!(said(&json!(text)), "2025-01-02T00:00:00Z", "{text}");
        }
        assert_eq!(said(&json!(1_735_776_000_000_u64)), "2025-01-02T00:00:00Z");
    }

    #[test]
    fn what_may_be_two_days_or_none_is_no_time() {
        for text in
            ["02/01/2025", "2-1-2025", "2025-13-01", "31.02.2025", "yesterday", "v1.2.3", "10:00", "true"]
        {
            assert_eq!(said(&json!(text)), "a text", "{text}");
        }
        for number in ["7", "20251399", "99999999", "-1735776000", "17357760000", "1e9"] {
            assert_eq!(said(&json!(number)), "a number", "{number}");
        }
        assert_eq!((said(&json!(null)).as_str(), said(&json!("  ")).as_str()), ("nothing", "nothing"));
    }

    #[test]
    fn a_number_is_a_time_only_beside_a_time() {
        let order = |a: Value, b: Value| Moment::of(&a).unwrap().compare(&Moment::of(&b).unwrap());
        assert_eq!(order(json!(1_735_776_000), json!("2025-01-01")), Ordering::Greater);
        assert_eq!(order(json!("1577836800000"), json!("2020-01-02")), Ordering::Less);
        assert_eq!(order(json!("20250102"), json!("2025-01-01T23:59:59Z")), Ordering::Greater);
        assert_eq!(order(json!(20_000_101), json!(100_000_000)), Ordering::Less);
        assert_eq!(order(json!(7), json!("2020-01-02")), Ordering::Less);
        assert_eq!(order(json!("soon"), json!(7)), Ordering::Less);
    }
}
