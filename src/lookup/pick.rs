//! Of several records, the one that counts.

mod decimal;
mod moment;

use std::cmp::Ordering;

use crate::expr::Path;
use crate::lookup::pick::moment::Moment;
use crate::plan::Pick;
use crate::record::Record;
use crate::trace::Trace;
use crate::trace::note::What;

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

/// Picks, and notes how. The same record twice is one. It looks at each record once: how many there are, the upstream
/// says.
pub(super) fn pick(by: &Pick, records: Vec<Record>, trace: &Trace) -> Picked {
    let of = records.len();
    let mut records = records.into_iter();
    let picked = match by {
        Pick::First => {
            note(trace, of, || "the first".to_owned());
            records.next()
        }
        Pick::Newest(path) => {
            let newest = Newest::of(path, records);
            note(trace, of, || newest.told(path));
            newest.best.map(|(record, _)| record)
        }
        Pick::Only => {
            let first = records.next();
            if records.any(|other| first.as_ref() != Some(&other)) {
                return Picked::Several;
            }
            note(trace, of, || "the first, because all are the same".to_owned());
            first
        }
    };
    picked.map_or(Picked::None, Picked::One)
}

/// Where there was something to pick.
fn note(trace: &Trace, of: usize, taken: impl FnOnce() -> String) {
    if of > 1 {
        trace.note(|| What::Said(format!("taken of {of} records: {}", taken())));
    }
}

/// The first of those that have the latest value under the path; one without a value is older than any.
#[derive(Default)]
struct Newest {
    best: Option<(Record, Option<Moment>)>,
    /// Which one that is, counted from 1.
    number: usize,
    /// Records without a value, and such with one that is neither a time nor a number.
    empty: usize,
    unknown: usize,
}

impl Newest {
    fn of(path: &Path, records: impl Iterator<Item = Record>) -> Self {
        let mut newest = Self::default();
        for (at, record) in records.enumerate() {
            let moment = path.first(&record).and_then(Moment::of);
            newest.empty += usize::from(moment.is_none());
            newest.unknown += usize::from(matches!(moment, Some(Moment::Text(_))));
            let is_newer = match (&newest.best, &moment) {
                (None, _) | (Some((_, None)), Some(_)) => true,
                (Some((_, Some(best))), Some(moment)) => moment.compare(best) == Ordering::Greater,
                (Some(_), None) => false,
            };
            if is_newer {
                newest.best = Some((record, moment));
                newest.number = at + 1;
            }
        }
        newest
    }

    /// What was taken, and what could not be compared.
    fn told(&self, path: &Path) -> String {
        let mut told = format!("number {}, the newest by `{}`", self.number, path.text());
        if self.empty > 0 {
            told += &format!("; records without a value there: {}", self.empty);
        }
        if self.unknown > 0 {
            told += &format!(
                "; with one that is not understood as a time or number, and compared by its letters: {}",
                self.unknown
            );
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::Picked;
    use crate::expr::Path;
    use crate::plan::Pick;
    use crate::record::Record;
    use crate::trace::Trace;
    use crate::trace::note::What;

    fn records(values: Value) -> Vec<Record> {
        values.as_array().unwrap().iter().cloned().map(Record::new).collect()
    }

    fn pick(by: &Pick, records: Vec<Record>) -> Picked {
        super::pick(by, records, &Trace::new(tokio::time::Instant::now()))
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

    #[test]
    fn what_was_picked_is_noted_and_what_could_not_be_compared() {
        let newest = Pick::Newest(Path::compile("$.at").unwrap());
        let told = |by: &Pick, values: Value| {
            let trace = Trace::new(tokio::time::Instant::now()).recording();
            let _ = super::pick(by, records(values), &trace);
            let notes = trace.notes().into_iter().map(|note| match note.what {
                What::Said(text) => text,
                other => panic!("{other:?}"),
            });
            notes.collect::<Vec<_>>().join("\n")
        };
        let values = json!([{"at": "2025-1-2"}, {"at": "02.01.2026"}, {"at": "01/02/2027"}, {}, {"at": ""}]);
        assert_eq!(
            told(&newest, values),
            "taken of 5 records: number 2, the newest by `$.at`; records without a value there: 2; with one that is \
             not understood as a time or number, and compared by its letters: 1"
        );
        assert_eq!(told(&Pick::First, json!([{"at": 1}, {}])), "taken of 2 records: the first");
        assert_eq!(
            told(&Pick::Only, json!([1, 1])),
            "taken of 2 records: the first, because all are the same"
        );
        for by in [Pick::First, Pick::Only, newest] {
            assert_eq!(told(&by, json!([{"at": 1}])), "", "there is nothing to pick");
        }
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
