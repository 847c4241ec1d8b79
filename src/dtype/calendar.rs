//! Counts of time: from one unit to another where that is exact, and as text.
//!
//! Years and months are counted on the calendar, all finer units are of one length.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "128 bits hold a 64-bit count of any unit's months, or of its attoseconds if the \
              product has been checked; what is divided by is a length, which is not 0"
)]

use super::{Kind, TimeBase, TimeUnit};

/// NumPy's "not a time".
pub(crate) const NAT: i64 = i64::MIN;

/// A number of units of a dtype: a `Kind::Datetime` or a `Kind::Timedelta`.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    pub(crate) value: i64,
    pub(crate) kind: Kind,
}

impl Count {
    /// As NumPy writes it.
    pub(crate) fn text(self) -> String {
        match self.kind {
            Kind::Datetime(unit) => datetime_text(self.value, unit),
            Kind::Timedelta(unit) => timedelta_text(self.value, unit),
            _ => self.value.to_string(),
        }
    }

    /// The same moment or difference in the unit of `to`, if there is exactly that one.
    pub(crate) fn convert(self, to: Kind) -> Option<i64> {
        match (self.kind, to) {
            (Kind::Datetime(_), Kind::Datetime(_)) | (Kind::Timedelta(_), Kind::Timedelta(_))
                if self.value == NAT =>
            {
                Some(NAT)
            }
            // A generic count takes any unit, as in NumPy.
            (Kind::Datetime(None), Kind::Datetime(_)) => Some(self.value),
            (Kind::Timedelta(None), Kind::Timedelta(_)) => Some(self.value),
            (Kind::Datetime(Some(from)), Kind::Datetime(Some(to))) => {
                convert_datetime(self.value.into(), from, to)
            }
            (Kind::Timedelta(Some(from)), Kind::Timedelta(Some(to))) => {
                convert_timedelta(self.value.into(), from, to)
            }
            _ => None,
        }
    }
}

/// How long a unit is: months on the calendar, or attoseconds.
enum Length {
    Months(i128),
    Attoseconds(i128),
}

impl TimeUnit {
    fn length(self) -> Length {
        const SECOND: i128 = 1_000_000_000_000_000_000;
        let length = match self.base {
            TimeBase::Year => return Length::Months(12 * i128::from(self.multiple)),
            TimeBase::Month => return Length::Months(self.multiple.into()),
            TimeBase::Week => 7 * 86_400 * SECOND,
            TimeBase::Day => 86_400 * SECOND,
            TimeBase::Hour => 3_600 * SECOND,
            TimeBase::Minute => 60 * SECOND,
            TimeBase::Second => SECOND,
            TimeBase::Millisecond => SECOND / 1_000,
            TimeBase::Microsecond => SECOND / 1_000_000,
            TimeBase::Nanosecond => SECOND / 1_000_000_000,
            TimeBase::Picosecond => 1_000_000,
            TimeBase::Femtosecond => 1_000,
            TimeBase::Attosecond => 1,
        };
        Length::Attoseconds(length * i128::from(self.multiple))
    }
}

const DAY: i128 = 86_400 * 1_000_000_000_000_000_000;

/// `value × from ÷ to`, if it is whole, and a 64-bit count.
fn ratio(value: i128, from: i128, to: i128) -> Option<i64> {
    let common = gcd(from, to);
    let scaled = value.checked_mul(from / common)?;
    let to = to / common;
    let converted = (scaled % to == 0).then_some(scaled / to)?;
    i64::try_from(converted).ok().filter(|&converted| converted != NAT)
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A time difference in another unit. Months and days do not convert into each other.
pub(crate) fn convert_timedelta(value: i128, from: TimeUnit, to: TimeUnit) -> Option<i64> {
    match (from.length(), to.length()) {
        (Length::Months(from), Length::Months(to)) => ratio(value, from, to),
        (Length::Attoseconds(from), Length::Attoseconds(to)) => ratio(value, from, to),
        _ => None,
    }
}

/// A moment in another unit.
pub(crate) fn convert_datetime(value: i128, from: TimeUnit, to: TimeUnit) -> Option<i64> {
    match (from.length(), to.length()) {
        (Length::Months(months), Length::Attoseconds(to)) => {
            let months = i64::try_from(value.checked_mul(months)?).ok()?;
            ratio(days_of_month(months), DAY, to)
        }
        (Length::Attoseconds(from), Length::Months(months)) => {
            let days = ratio(value, from, DAY)?;
            let (year, month, day) = civil(days);
            let since = i128::from(year - 1970) * 12 + i128::from(month - 1);
            if day == 1 { ratio(since, 1, months) } else { None }
        }
        _ => convert_timedelta(value, from, to),
    }
}

/// The days from 1970-01-01 to the first of a month, counted from January 1970.
fn days_of_month(months: i64) -> i128 {
    let (year, month) =
        (1970 + i128::from(months.div_euclid(12)), i128::from(months.rem_euclid(12)) + 1);
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years from March on.
    let year = year - i128::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = i128::from(days) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    (year as i64, month as i64, day as i64)
}

/// A moment as NumPy writes it: ISO 8601, as precise as its unit.
pub(crate) fn datetime_text(value: i64, unit: Option<TimeUnit>) -> String {
    let Some(unit) = unit.filter(|_| value != NAT) else {
        return timedelta_text(value, unit);
    };
    let (days, attoseconds) = match unit.length() {
        Length::Months(months) => match i64::try_from(i128::from(value) * months) {
            Ok(months) => (days_of_month(months), 0),
            Err(_) => return timedelta_text(value, Some(unit)),
        },
        Length::Attoseconds(length) => {
            // In two steps, which stay within 128 bits: whole days, then the rest.
            let common = gcd(length, DAY);
            let (scaled, per_day) = (i128::from(value).checked_mul(length / common), DAY / common);
            let Some(scaled) = scaled else { return timedelta_text(value, Some(unit)) };
            (scaled.div_euclid(per_day), scaled.rem_euclid(per_day) * common)
        }
    };
    let Ok(days) = i64::try_from(days) else { return timedelta_text(value, Some(unit)) };
    let (year, month, day) = civil(days);
    let seconds = attoseconds / (DAY / 86_400);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = format!("{:018}", attoseconds % (DAY / 86_400));
    let sign = if year < 0 { "-" } else { "" };
    let year = format!("{sign}{:04}", year.unsigned_abs());
    let date = format!("{year}-{month:02}-{day:02}");
    let with_fraction =
        |digits: usize| format!("{date}T{hour:02}:{minute:02}:{second:02}.{fraction:.digits$}");
    match unit.base {
        TimeBase::Year => year,
        TimeBase::Month => format!("{year}-{month:02}"),
        TimeBase::Week | TimeBase::Day => date,
        TimeBase::Hour => format!("{date}T{hour:02}"),
        TimeBase::Minute => format!("{date}T{hour:02}:{minute:02}"),
        TimeBase::Second => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        TimeBase::Millisecond => with_fraction(3),
        TimeBase::Microsecond => with_fraction(6),
        TimeBase::Nanosecond => with_fraction(9),
        TimeBase::Picosecond => with_fraction(12),
        TimeBase::Femtosecond => with_fraction(15),
        TimeBase::Attosecond => with_fraction(18),
    }
}

/// A time difference: its value and its unit.
pub(crate) fn timedelta_text(value: i64, unit: Option<TimeUnit>) -> String {
    match unit {
        _ if value == NAT => "NaT".to_owned(),
        None => value.to_string(),
        Some(TimeUnit { multiple: 1, base }) => format!("{value} {base}"),
        Some(TimeUnit { multiple, base }) => format!("{value} [{multiple}{base}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(base: TimeBase) -> TimeUnit {
        TimeUnit { multiple: 1, base }
    }

    #[test]
    fn days_and_dates_agree() {
        for (days, date) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (11_016, "2000-02-29")]
        {
            assert_eq!(datetime_text(days, Some(unit(TimeBase::Day))), date);
        }
        for month in -30_000..30_000 {
            let days = days_of_month(month) as i64;
            let (year, month_of_year, day) = civil(days);
            assert_eq!(((year - 1970) * 12 + month_of_year - 1, day), (month, 1));
            assert_eq!(civil(days - 1).2, days as i128 as i64 - days_of_month(month - 1) as i64);
        }
    }

    /// From `str(numpy.datetime64(…))`.
    #[test]
    fn moments_are_written_as_numpy_writes_them() {
        for (value, base, text) in [
            (54, TimeBase::Year, "2024"),
            (650, TimeBase::Month, "2024-03"),
            (2835, TimeBase::Week, "2024-05-02"),
            (-1, TimeBase::Hour, "1969-12-31T23"),
            (1, TimeBase::Minute, "1970-01-01T00:01"),
            (-1, TimeBase::Second, "1969-12-31T23:59:59"),
            (1_500, TimeBase::Millisecond, "1970-01-01T00:00:01.500"),
            (-1, TimeBase::Nanosecond, "1969-12-31T23:59:59.999999999"),
            (1, TimeBase::Attosecond, "1970-01-01T00:00:00.000000000000000001"),
            (NAT, TimeBase::Day, "NaT"),
            (-2000, TimeBase::Year, "-0030"),
        ] {
            assert_eq!(datetime_text(value, Some(unit(base))), text);
        }
        assert_eq!(
            datetime_text(2, Some(TimeUnit { multiple: 25, base: TimeBase::Second })),
            "1970-01-01T00:00:50"
        );
    }

    #[test]
    fn units_convert_where_that_is_exact() {
        use TimeBase::*;
        let datetime = |value, from, to| convert_datetime(value, unit(from), unit(to));
        assert_eq!(datetime(1, Week, Hour), Some(168));
        assert_eq!(datetime(3_600, Second, Hour), Some(1));
        assert_eq!(datetime(3_601, Second, Hour), None);
        assert_eq!(datetime(54, Year, Day), Some(19_723));
        assert_eq!(datetime(19_723, Day, Year), Some(54));
        assert_eq!(datetime(19_724, Day, Year), None);
        assert_eq!(datetime(649, Month, Day), Some(19_754));
        assert_eq!(datetime(i64::MAX.into(), Week, Attosecond), None);
        assert_eq!(datetime(8, Day, Week), None);
        assert_eq!(datetime(i64::MAX.into(), Year, Day), None);
        assert_eq!(convert_timedelta(1, unit(Month), unit(Day)), None);
        assert_eq!(convert_timedelta(2, unit(Year), unit(Month)), Some(24));
        let quarter = TimeUnit { multiple: 25, base: Second };
        assert_eq!(convert_timedelta(4, quarter, unit(Second)), Some(100));
        assert_eq!(convert_timedelta(50, unit(Second), quarter), Some(2));
        assert_eq!(convert_timedelta(51, unit(Second), quarter), None);
    }
}
