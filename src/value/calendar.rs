//! Working days: Monday to Friday, but for public holidays and for the days that are worked in their place.

use std::collections::BTreeMap;

use crate::value::Date;

/// The working days between two days, both inclusive. Beyond them nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Calendar {
    pub first: Date,
    pub last: Date,
    /// In ascending order.
    workdays: Vec<Date>,
}

impl Calendar {
    /// With the days that are (`true`) or are not worked, whatever day of the week they are.
    pub fn new(first: Date, last: Date, exceptions: &BTreeMap<Date, bool>) -> Calendar {
        let days = (first.0..=last.0).map(Date);
        let worked = |day: &Date| exceptions.get(day).copied().unwrap_or_else(|| is_weekday(*day));
        Calendar { first, last, workdays: days.filter(worked).collect() }
    }

    /// The working day so many after a day (before it for negative counts); for none the day itself. `None` where
    /// the calendar does not reach.
    pub fn after(&self, day: Date, count: i64) -> Option<Date> {
        if day < self.first || self.last < day {
            return None;
        }
        let at = match count {
            0 => return Some(day),
            1.. => (self.workdays.partition_point(|own| *own <= day) as i64).checked_add(count - 1)?,
            _ => (self.workdays.partition_point(|own| *own < day) as i64).checked_add(count)?,
        };
        self.workdays.get(usize::try_from(at).ok()?).copied()
    }
}

/// 1970-01-01 was a Thursday.
fn is_weekday(day: Date) -> bool {
    (i64::from(day.0) + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i64, month: i64, day: i64) -> Date {
        Date::new(year, month, day).expect("a day")
    }

    #[test]
    fn weekends_holidays_and_days_worked_in_their_place() {
        let exceptions = [
            (day(2020, 5, 1), false),
            (day(2020, 5, 4), false),
            (day(2020, 5, 5), false),
            (day(2020, 5, 9), true),
        ];
        let calendar = Calendar::new(day(2020, 1, 1), day(2020, 12, 31), &exceptions.into_iter().collect());
        assert_eq!(calendar.after(day(2020, 2, 28), 1), Some(day(2020, 3, 2)), "Friday, then Monday");
        assert_eq!(calendar.after(day(2020, 2, 29), 1), Some(day(2020, 3, 2)), "from a Saturday");
        assert_eq!(calendar.after(day(2020, 4, 30), 1), Some(day(2020, 5, 6)), "over the holidays");
        assert_eq!(calendar.after(day(2020, 5, 8), 1), Some(day(2020, 5, 9)), "a Saturday that is worked");
        assert_eq!(calendar.after(day(2020, 3, 2), -1), Some(day(2020, 2, 28)));
        assert_eq!(calendar.after(day(2020, 2, 29), 0), Some(day(2020, 2, 29)));
        assert_eq!(calendar.after(day(2020, 12, 31), 1), None, "beyond its end");
        assert_eq!(calendar.after(day(2019, 12, 31), 1), None, "before its start");
        assert_eq!(calendar.after(day(2020, 3, 2), i64::MAX), None);
        assert_eq!(calendar.after(day(2020, 3, 2), i64::MIN), None);
    }
}
