//! Calendar dates and moments, as counts of days and seconds from 1970-01-01.

use std::fmt;

use jiff::civil;

/// A day of the calendar, as days from 1970-01-01. Years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A day and a time of day without a zone, as seconds from 1970-01-01 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// What a date becomes when adding months lands on a day that the month does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayRule {
    /// The last day of the month.
    Down,
    /// The first day of the next month.
    Up,
}

const EPOCH: civil::Date = civil::date(1970, 1, 1);
const SECONDS_A_DAY: i64 = 86_400;

impl Date {
    pub const MIN: Date = Date(-719_162);
    pub const MAX: Date = Date(2_932_896);

    /// The date, or `None` where the calendar has no such day.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Date> {
        let year = i16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
        let date = civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        Some(Date::from_civil(date))
    }

    fn from_civil(date: civil::Date) -> Date {
        Date(EPOCH.until(date).expect("both dates are in range").get_days())
    }

    fn civil(self) -> civil::Date {
        EPOCH.checked_add(jiff::Span::new().days(self.0)).expect("a date is in range")
    }

    /// A day by its count, or `None` outside years 1 to 9999.
    pub fn from_days(days: i64) -> Option<Date> {
        let days = i32::try_from(days).ok()?;
        (Date::MIN.0..=Date::MAX.0).contains(&days).then_some(Date(days))
    }

    pub fn year(self) -> i64 {
        self.civil().year().into()
    }

    pub fn month(self) -> i64 {
        self.civil().month().into()
    }

    pub fn day(self) -> i64 {
        self.civil().day().into()
    }

    /// The date `months` later (earlier where negative); `None` outside years 1 to 9999.
    pub fn add_months(self, months: i64, rule: DayRule) -> Option<Date> {
        let index = self.year() * 12 + (self.month() - 1) + months;
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
        if let Some(date) = Date::new(year, month, self.day()) {
            return Some(date);
        }
        let first = Date::new(year, month, 1)?;
        let last = Date::from_days(first.0 as i64 + first.civil().days_in_month() as i64 - 1)?;
        match rule {
            DayRule::Down => Some(last),
            DayRule::Up => last.add_days(1),
        }
    }

    pub fn add_days(self, days: i64) -> Option<Date> {
        Date::from_days((self.0 as i64).checked_add(days)?)
    }

    pub fn midnight(self) -> Time {
        Time(self.0 as i64 * SECONDS_A_DAY)
    }
}

impl Time {
    /// A moment, or `None` where there is no such time of day.
    pub fn new(date: Date, hour: i64, minute: i64, second: i64) -> Option<Time> {
        let valid = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        valid.then(|| Time(date.midnight().0 + hour * 3600 + minute * 60 + second))
    }

    /// A moment by its count of seconds, or `None` outside years 1 to 9999.
    pub fn from_seconds(seconds: i64) -> Option<Time> {
        Date::from_days(seconds.div_euclid(SECONDS_A_DAY)).map(|_| Time(seconds))
    }

    pub fn date(self) -> Date {
        Date(self.0.div_euclid(SECONDS_A_DAY) as i32)
    }

    pub fn add_seconds(self, seconds: i64) -> Option<Time> {
        Time::from_seconds(self.0.checked_add(seconds)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.rem_euclid(SECONDS_A_DAY);
        write!(f, "{}T{:02}:{:02}:{:02}", self.date(), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i64, month: i64, day: i64) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn limits_are_the_first_and_last_day() {
        assert_eq!(Date::MIN, date(1, 1, 1));
        assert_eq!(Date::MAX, date(9999, 12, 31));
        assert_eq!(Date::MAX.add_days(1), None);
        assert_eq!(Date::new(2020, 2, 30), None);
        assert_eq!(Date::new(10_000, 1, 1), None);
    }

    #[test]
    fn months_land_on_days_that_exist() {
        let january = date(2020, 1, 31);
        assert_eq!(january.add_months(1, DayRule::Down), Some(date(2020, 2, 29)));
        assert_eq!(january.add_months(1, DayRule::Up), Some(date(2020, 3, 1)));
        assert_eq!(january.add_months(2, DayRule::Up), Some(date(2020, 3, 31)));
        assert_eq!(date(2020, 2, 29).add_months(12, DayRule::Down), Some(date(2021, 2, 28)));
        assert_eq!(date(2020, 2, 10).add_months(-2, DayRule::Down), Some(date(2019, 12, 10)));
    }

    #[test]
    fn printed_form() {
        assert_eq!(date(2020, 2, 10).to_string(), "2020-02-10");
        assert_eq!(Time::new(date(1969, 12, 31), 23, 59, 1).unwrap().to_string(), "1969-12-31T23:59:01");
    }
}
