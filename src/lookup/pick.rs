//! Of several records, the one that counts.

mod decimal;

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use crate::expr::{Path, text_of};
use crate::lookup::pick::decimal::Decimal;
use crate::plan::Pick;
use crate::record::Record;

/// What picking gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Picked {
    /// The record.
    One(Record),
    /// There was none.
    None,
    /// There were several where only one may be.
    Several,
}

/// Picks. The same record twice is one. It looks at each record once: how many there are, the upstream says.
pub(super) fn pick(pick: &Pick, records: Vec<Record>) -> Picked {
    let mut records = records.into_iter();
    let picked = match pick {
        Pick::First => records.next(),
        Pick::Newest(path) => newest(path, records),
        Pick::Only => {
            let first = records.next();
            if records.any(|other| first.as_ref() != Some(&other)) {
                return Picked::Several;
            }
            first
        }
    };
    picked.map_or(Picked::None, Picked::One)
}

/// The first of those that have the latest value under the path; one without a value is older than any.
fn newest(path: &Path, records: impl Iterator<Item = Record>) -> Option<Record> {
    let mut best: Option<(Record, Option<Moment>)> = None;
    for record in records {
        let at = path.first(&record).and_then(moment);
        let is_newer = match (&best, &at) {
            (None, _) | (Some((_, None)), Some(_)) => true,
            (Some((_, Some(best))), Some(at)) => at.compare(best) == Ordering::Greater,
            (Some(_), None) => false,
        };
        if is_newer {
            best = Some((record, at));
        }
    }
    best.map(|(record, _)| record)
}

/// A point in time, or a number, or text that at least sorts.
enum Moment {
    Number(Decimal),
    Time(Timestamp),
    Text(String),
}

impl Moment {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Number(_) => 1,
            Self::Time(_) => 2,
        }
    }
}

fn moment(value: &Value) -> Option<Moment> {
    let text = text_of(value)?;
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if let Some(number) = Decimal::parse(text) {
        return Some(Moment::Number(number));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Moment::Time(time));
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok();
    let utc = civil.and_then(|local| local.to_zoned(jiff::tz::TimeZone::UTC).ok());
    Some(utc.map_or_else(|| Moment::Text(text.to_owned()), |zoned| Moment::Time(zoned.timestamp())))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::{Picked, pick};
    use crate::expr::Path;
    use crate::plan::Pick;
    use crate::record::Record;

    fn records(values: Value) -> Vec<Record> {
        values.as_array().unwrap().iter().cloned().map(Record::new).collect()
    }

    fn newest(values: Value) -> Value {
        let by = Pick::Newest(Path::compile("$.at").unwrap());
        match pick(&by, records(values)) {
            Picked::One(record) => record["id"].clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_newest_is_by_time_whatever_the_zone() {
        let values = json!([
            {"id": "noon in Singapore", "at": "2026-01-01T12:00:00+08:00"},
            {"id": "five in London", "at": "2026-01-01T05:00:00Z"},
            {"id": "never", "at": null},
        ]);
        assert_eq!(newest(values), "five in London");
    }

    #[test]
    fn the_newest_is_by_number_and_not_by_its_text() {
        assert_eq!(newest(json!([{"id": "b", "at": 10}, {"id": "a", "at": "9"}])), "b");
        assert_eq!(
            newest(json!([{"id": "a", "at": "2025-12-31 23:59:59"}, {"id": "b", "at": "2026-01-01"}])),
            "b"
        );
    }

    #[test]
    fn numbers_are_told_apart_to_their_last_digit() {
        for (less, more) in [
            (json!(1_760_000_000_000_000_001_u64), json!(1_760_000_000_000_000_002_u64)),
            (json!("-1760000000000000002"), json!("-1760000000000000001")),
            (json!(-2), json!("+1")),
            (json!("007"), json!("8.50")),
            (json!("8.5"), json!("8.51")),
            (json!("0.09"), json!(".1")),
            (json!(9), json!("1e1")),
            (json!("1e400"), json!("1e401")),
            (json!("-1e-401"), json!("0")),
            (json!("nan"), json!(1)),
            (json!("inf"), json!(1)),
        ] {
            for (first, second) in [(&less, &more), (&more, &less)] {
                let record = |at: &Value| json!({ "id": at, "at": at });
                assert_eq!(newest(json!([record(first), record(second)])), more, "{first} {second}");
            }
        }
        assert_eq!(
            newest(json!([{"id": "a", "at": "1.0"}, {"id": "b", "at": 1}, {"id": "c", "at": "10e-1"}])),
            "a"
        );
    }

    #[test]
    fn of_equals_the_first_stays() {
        assert_eq!(newest(json!([{"id": "a", "at": 1}, {"id": "b", "at": 1}])), "a");
    }

    #[test]
    fn only_one_means_one_and_the_same_twice_is_one() {
        let a = json!({"id": 1});
        assert_eq!(pick(&Pick::Only, records(json!([a, a]))), Picked::One(Record::new(a)));
        assert_eq!(pick(&Pick::Only, records(json!([{"id": 1}, {"id": 2}]))), Picked::Several);
        assert_eq!(pick(&Pick::Only, Vec::new()), Picked::None);
    }

    /// Each of these took minutes while a record was compared with all before it.
    #[test]
    fn however_many_records_an_answer_has_they_are_looked_through_once() {
        let many = |at: &dyn Fn(usize) -> Value| {
            records(Value::Array((0..60_000).map(|id| json!({ "id": id, "at": at(id) })).collect()))
        };
        let long = Value::String("1".repeat(500_000));
        let begun = Instant::now();
        let last_differs = many(&|_| json!(7)).into_iter().map(|_| Record::new(json!({ "id": 1 })));
        let last_differs = last_differs.chain([Record::new(json!({ "id": 2 }))]).collect();
        assert_eq!(pick(&Pick::Only, last_differs), Picked::Several);
        assert_eq!(pick(&Pick::Only, many(&|id| json!(id))), Picked::Several);
        let by = Pick::Newest(Path::compile("$.at").unwrap());
        let Picked::One(found) = pick(&by, many(&|id| if id == 0 { long.clone() } else { json!(id) })) else {
            panic!("none is the newest");
        };
        assert_eq!(found["id"], 0);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
