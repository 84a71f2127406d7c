//! How much of Redis past calls may take. It is lent by time: what a day gives is never more than the whole, however the
//! calls come, and a burst of calls that went well leaves room for those that did not.

use std::time::Duration;

use tokio::time::Instant;

/// How long what was written is there.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// Room in Redis, in bytes.
pub(super) struct Room {
    /// What a burst may take at once: a quarter of the whole.
    most: f64,
    /// What comes back in a second.
    rate: f64,
    left: f64,
    at: Instant,
}

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(bytes: u64, now: Instant) -> Self {
        let whole = bytes as f64;
        let most = whole / 4.0;
        Self { most, rate: (whole - most) / LIFE.as_secs_f64(), left: most, at: now }
    }

    /// Takes so many bytes; false: there is no room. Calls that went well take no more than half of a burst.
    pub(super) fn take(&mut self, bytes: usize, went_well: bool, now: Instant) -> bool {
        self.left += now.saturating_duration_since(self.at).as_secs_f64() * self.rate;
        self.left = self.left.min(self.most);
        self.at = now;
        let reserved = if went_well { self.most / 2.0 } else { 0.0 };
        let left = self.left - bytes as f64;
        let is_there = left >= reserved;
        if is_there {
            self.left = left;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Room;

    #[test]
    fn a_day_takes_no_more_than_the_whole_and_bursts_leave_room_for_what_went_wrong() {
        let begun = Instant::now();
        let mut room = Room::new(1_000_000, begun);
        let burst =
            |room: &mut Room, went_well, at| (0..1000).filter(|_| room.take(1000, went_well, at)).count();
        assert_eq!(burst(&mut room, true, begun), 125, "half of a quarter");
        assert_eq!(burst(&mut room, false, begun), 125, "and the other half");
        assert_eq!(burst(&mut room, false, begun), 0);
        let mut all = 250;
        for minute in 1..=24 * 60 {
            all += burst(&mut room, false, begun + Duration::from_secs(minute * 60));
        }
        assert!((990..=1000).contains(&all), "{all}");
    }
}
