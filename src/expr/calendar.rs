//! Calendars, as filters of templates: whether a moment lies in one of the periods of a list, and how it is written in a
//! zone. Periods are read as people keep them: days of the week, or days of the year, with times of day.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tera::{Kwargs, State, Tera, TeraResult, Value};

/// Seconds of a day.
const DAY: u32 = 86_400;

/// Adds `weekly(at=…, zone=…, day=…, from=…, to=…)`, `yearly(at=…, zone=…, from=…, to=…)` and
/// `date(zone=…, format=…)`.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("weekly", |periods: Value, named: Kwargs, _: &State| -> TeraResult<bool> {
        let now = local(&named.must_get::<Value>("at")?, &named)?;
        let (day, from, to) = (member(&named, "day")?, member(&named, "from")?, member(&named, "to")?);
        any(&periods, |period| {
            let (day, from, to) = (text(period, &day)?, text(period, &from)?, text(period, &to)?);
            Some(is_in_week(now, day.trim().parse().ok()?, seconds(&from)?, seconds(&to)?))
        })
    });
    tera.register_filter("yearly", |periods: Value, named: Kwargs, _: &State| -> TeraResult<bool> {
        let now = local(&named.must_get::<Value>("at")?, &named)?;
        let (from, to) = (member(&named, "from")?, member(&named, "to")?);
        any(&periods, |period| {
            Some(is_in_year(now, day_of_year(&text(period, &from)?)?, day_of_year(&text(period, &to)?)?))
        })
    });
    tera.register_filter("date", |at: Value, named: Kwargs, _: &State| -> TeraResult<String> {
        let format = named.must_get::<Value>("format")?;
        let zoned = zoned(&at, &named)?;
        jiff::fmt::strtime::format(&*plain(&format), &zoned).map_err(|error| wrong(&error.to_string()))
    });
}

/// Whether there is a zone of that name.
pub(super) fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// Why a moment cannot be written in a format, or only the same for all; and how one is written.
pub(super) fn unusable_format(format: &str) -> Option<(String, String)> {
    let help = "a part begins with `%`: '%H:%M', '%Y-%m-%d'";
    if !format.contains('%') {
        let message = format!("this format holds no part of a moment: `{format}` is what it writes");
        return Some((message, help.to_owned()));
    }
    let error = jiff::fmt::strtime::format(format, &Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC)).err()?;
    Some((format!("this format cannot be written: {error}"), help.to_owned()))
}

/// Whether it is so for any of the periods.
fn any(periods: &Value, is_in: impl Fn(&Value) -> Option<bool>) -> TeraResult<bool> {
    let periods = periods.as_array().ok_or_else(|| wrong("what is looked through is no list"))?;
    for period in periods {
        if is_in(period).ok_or_else(|| wrong("a period of the list cannot be read"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Monday is 1. A period that ends no later than it begins ends on the next day.
fn is_in_week(now: DateTime, day: i8, from: u32, to: u32) -> bool {
    let (today, time) = (now.weekday().to_monday_one_offset(), second_of_day(now));
    let yesterday = if today == 1 { 7 } else { today - 1 };
    let is_over_midnight = to <= from;
    let is_begun = day == today && time >= from && (time < to || is_over_midnight);
    is_begun || (is_over_midnight && day == yesterday && time < to)
}

/// The last second belongs to the period. One that ends before it begins goes over the end of the year.
fn is_in_year(now: DateTime, from: (i8, i8, u32), to: (i8, i8, u32)) -> bool {
    let now = (now.month(), now.day(), second_of_day(now));
    if from <= to { from <= now && now <= to } else { now >= from || now <= to }
}

fn second_of_day(at: DateTime) -> u32 {
    let part = |value: i8| u32::try_from(value).unwrap_or_default();
    part(at.hour()) * 3600 + part(at.minute()) * 60 + part(at.second())
}

/// `08:00`, `08:00:0`, `18:00:00`, `24:00`: seconds since midnight.
fn seconds(text: &str) -> Option<u32> {
    let mut parts = text.trim().split(':');
    let (hour, minute): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second: u32 = parts.next().map_or(Some(0), |second| second.parse().ok())?;
    let time = hour * 3600 + minute * 60 + second;
    (minute < 60 && second < 60 && time <= DAY && parts.next().is_none()).then_some(time)
}

/// `03-03 08:00:00`: month, day and time of day.
fn day_of_year(text: &str) -> Option<(i8, i8, u32)> {
    let (date, time) = text.trim().split_once(' ')?;
    let (month, day) = date.split_once('-')?;
    let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day, seconds(time)?))
}

fn local(at: &Value, named: &Kwargs) -> TeraResult<DateTime> {
    Ok(zoned(at, named)?.datetime())
}

/// A moment in seconds since 1970, as a number or as text, in the zone that is named.
fn zoned(at: &Value, named: &Kwargs) -> TeraResult<Zoned> {
    let zone = plain(&named.must_get::<Value>("zone")?);
    let zone = TimeZone::get(&zone).map_err(|_| wrong(&format!("there is no time zone `{zone}`")))?;
    let at = plain(at).trim().parse().ok().and_then(|at| Timestamp::from_second(at).ok());
    Ok(at.ok_or_else(|| wrong("a moment is written in seconds since 1970"))?.to_zoned(zone))
}

/// The name of a member that each period has.
fn member(named: &Kwargs, name: &str) -> TeraResult<String> {
    Ok(plain(&named.must_get::<Value>(name)?))
}

fn text(period: &Value, member: &str) -> Option<String> {
    let found = period.as_map()?.iter().find(|(name, _)| name.as_str() == Some(member))?.1;
    Some(plain(found))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn wrong(message: &str) -> tera::Error {
    tera::Error::message(message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::expr::fixture::Variables;
    use crate::expr::{Condition, Place, Template};

    fn second(at: &str) -> i64 {
        at.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    fn is_in(filter: &str, list: &Value, at: &str) -> bool {
        let condition = Condition::compile(&format!("list | {filter}")).unwrap();
        condition.test(&Variables(json!({ "list": list, "now": second(at) }))).unwrap()
    }

    #[test]
    fn a_week_has_days_times_and_nights() {
        let weekly = "weekly(at=now, zone='Asia/Shanghai', day='weekday', from='start_time', to='end_time')";
        let list = json!([
            { "weekday": "1", "start_time": "08:00:0", "end_time": "18:00:00" },
            { "weekday": 5, "start_time": "22:00", "end_time": "06:00:00" },
            { "weekday": "7", "start_time": "20:00:00", "end_time": "24:00" },
        ]);
        // 2026-11-23 is a Monday; Shanghai is eight hours ahead.
        for (at, expected) in [
            ("2026-11-23T00:00:00Z", true),
            ("2026-11-22T23:59:59Z", false),
            ("2026-11-23T09:59:59Z", true),
            ("2026-11-23T10:00:00Z", false),
            ("2026-11-24T03:00:00Z", false),
            ("2026-11-27T13:59:59Z", false),
            ("2026-11-27T14:00:00Z", true),
            ("2026-11-27T21:59:59Z", true),
            ("2026-11-27T22:00:00Z", false),
            ("2026-11-22T15:59:59Z", true),
            ("2026-11-22T16:00:00Z", false),
        ] {
            assert_eq!(is_in(weekly, &list, at), expected, "{at}");
        }
        assert!(!is_in(weekly, &json!([]), "2026-11-23T00:00:00Z"));
    }

    #[test]
    fn a_year_has_days_off_also_over_its_end() {
        let yearly = "yearly(at=now, zone='Europe/Berlin', from='start_date', to='end_date')";
        let list = json!([
            { "start_date": "03-03 08:00:00", "end_date": "03-03 20:00:00" },
            { "start_date": "12-24 12:00:00", "end_date": "01-01 23:59:59" },
        ]);
        for (at, expected) in [
            ("2026-03-03T06:59:59Z", false),
            ("2026-03-03T07:00:00Z", true),
            ("2026-03-03T19:00:00Z", true),
            ("2026-03-03T19:00:01Z", false),
            ("2026-12-24T10:59:59Z", false),
            ("2026-12-31T23:30:00Z", true),
            ("2027-01-01T22:59:59Z", true),
            ("2027-01-01T23:00:00Z", false),
        ] {
            assert_eq!(is_in(yearly, &list, at), expected, "{at}");
        }
    }

    #[test]
    fn a_moment_is_written_in_its_zone() {
        let template =
            Template::compile("{{ now | date(zone='Asia/Shanghai', format='%Y-%m-%d %H:%M') }}", Place::Text);
        let now = json!({ "now": second("2026-11-22T16:30:00Z") });
        assert_eq!(template.unwrap().render(&Variables(now)).unwrap(), "2026-11-23 00:30");
    }

    #[test]
    fn what_cannot_be_read_is_no_answer_and_an_unknown_zone_is_told_before() {
        let weekly = "list | weekly(at=now, zone='Asia/Shanghai', day='d', from='f', to='t')";
        let condition = Condition::compile(weekly).unwrap();
        for list in [json!({}), json!([{}]), json!([{ "d": "1", "f": "8", "t": "9:00" }])] {
            assert!(condition.test(&Variables(json!({ "list": list, "now": 0 }))).is_err(), "{list}");
        }
        let unknown =
            Condition::compile("list | weekly(at=now, zone='Asia/Shanghi', day='d', from='f', to='t')");
        assert!(unknown.unwrap_err().to_string().contains("there is no time zone `Asia/Shanghi`"));
    }
}
