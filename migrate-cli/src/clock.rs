//! The UTC date and time of a point in time.
//!
//! Two file name fields are all that this program writes of a date, which a calendar crate would not repay.

use std::time::{SystemTime, UNIX_EPOCH};

/// A date and a time of day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc {
    year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
}

impl Utc {
    /// The date and time of `time`; a time before 1970 counts as 1970.
    #[must_use]
    pub fn of(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // Days are counted from 1 March of year 0, so that the leap day is the last of its year; an era is the
        // 400 years after which the calendar repeats.
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Self {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            second_of_day: seconds % 86_400,
        }
    }

    /// `YYYYMMDD_HHMM`: how a migration's file name starts.
    #[must_use]
    pub fn file_prefix(self) -> String {
        let Self { year, month, day, second_of_day } = self;
        let (hour, minute) = (second_of_day / 3_600, second_of_day / 60 % 60);
        format!("{year:04}{month:02}{day:02}_{hour:02}{minute:02}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_fall_on_their_date() {
        for (seconds, expected) in [
            (0, "19700101_0000"),
            (951_782_399, "20000228_2359"),
            (951_782_400, "20000229_0000"),
            (1_709_164_800, "20240229_0000"),
            (1_735_689_599, "20241231_2359"),
            (1_760_193_000, "20251011_1430"),
            (4_107_542_400, "21000301_0000"),
        ] {
            assert_eq!(Utc::of(UNIX_EPOCH + Duration::from_secs(seconds)).file_prefix(), expected);
        }
    }
}
