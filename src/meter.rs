//! What is counted while calls are answered: counters and histograms that cost an atomic addition, and families of
//! them by name that are read without a lock. Nothing here knows what it counts; the console shows it.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

/// Counts up.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something took, in classes from a millisecond to the longest budget of a call.
#[derive(Debug, Default)]
pub struct Histogram {
    /// One for each bound, and one for what is longer.
    classes: [Counter; Self::BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    /// The longest that a class holds, in microseconds, and the same in seconds as it is shown.
    pub const BOUNDS: [(u64, &str); 15] = [
        (1_000, "0.001"),
        (2_500, "0.0025"),
        (5_000, "0.005"),
        (10_000, "0.01"),
        (25_000, "0.025"),
        (50_000, "0.05"),
        (100_000, "0.1"),
        (250_000, "0.25"),
        (500_000, "0.5"),
        (750_000, "0.75"),
        (1_000_000, "1"),
        (1_500_000, "1.5"),
        (1_800_000, "1.8"),
        (2_500_000, "2.5"),
        (4_500_000, "4.5"),
    ];

    /// Counts one that took so long.
    pub fn add(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = Self::BOUNDS.iter().position(|(bound, _)| micros <= *bound);
        if let Some(class) = self.classes.get(class.unwrap_or(Self::BOUNDS.len())) {
            class.add();
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How many took at most as long as each bound, and how many there were in all.
    #[must_use]
    pub fn cumulated(&self) -> (Vec<(&'static str, u64)>, u64) {
        let mut sum = 0;
        let mut up_to = |class: &Counter| {
            sum += class.count();
            sum
        };
        let sums: Vec<u64> = self.classes.iter().map(&mut up_to).collect();
        (Self::BOUNDS.iter().map(|(_, shown)| *shown).zip(sums).collect(), sum)
    }

    /// How long all of them took together, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64()
    }
}

/// Meters of one kind by name. Names come from mapping files and from our own code, never from a caller, so that there
/// are few.
pub struct Family<T> {
    known: ArcSwap<HashMap<Arc<str>, Arc<T>>>,
    adding: Mutex<()>,
}

impl<T: Default> Family<T> {
    /// Does this with the meter of that name, which is new where there was none.
    pub fn with<R>(&self, name: &str, act: impl FnOnce(&T) -> R) -> R {
        match self.known.load().get(name) {
            Some(meter) => act(meter),
            None => act(&self.begin(name)),
        }
    }

    fn begin(&self, name: &str) -> Arc<T> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = HashMap::clone(&self.known.load());
        let meter = Arc::clone(known.entry(Arc::from(name)).or_default());
        self.known.store(Arc::new(known));
        meter
    }

    /// All meters, by name.
    #[must_use]
    pub fn all(&self) -> Vec<(Arc<str>, Arc<T>)> {
        let known = self.known.load();
        let mut all: Vec<_> =
            known.iter().map(|(name, meter)| (Arc::clone(name), Arc::clone(meter))).collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }
}

impl<T> Default for Family<T> {
    fn default() -> Self {
        Self { known: ArcSwap::default(), adding: Mutex::default() }
    }
}

impl<T> fmt::Debug for Family<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Family({})", self.known.load().len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Counter, Family, Histogram};

    #[test]
    fn what_took_as_long_as_a_bound_is_in_its_class_and_the_rest_in_the_last() {
        let histogram = Histogram::default();
        for micros in [50, 1_000, 1_001, 1_800_000, 9_000_000] {
            histogram.add(Duration::from_micros(micros));
        }
        let (sums, count) = histogram.cumulated();
        let of = |bound: &str| sums.iter().find(|(shown, _)| *shown == bound).map(|(_, sum)| *sum);
        let at = ["0.001", "0.0025", "1.5", "1.8", "4.5"].map(of);
        assert_eq!((at, count), ([Some(2), Some(3), Some(3), Some(4), Some(4)], 5));
        assert!((histogram.seconds() - 10.802_051).abs() < 1e-9);
    }

    #[test]
    fn many_who_meet_a_new_name_at_once_count_on_the_same_meter() {
        let family: Family<Counter> = Family::default();
        std::thread::scope(|scope| {
            for at in 0..8 {
                let family = &family;
                scope.spawn(move || (0..100).for_each(|_| family.with(["a", "b"][at % 2], Counter::add)));
            }
        });
        let counts: Vec<(String, u64)> =
            family.all().iter().map(|(name, counter)| (name.to_string(), counter.count())).collect();
        assert_eq!(counts, [("a".to_owned(), 400), ("b".to_owned(), 400)]);
    }
}
