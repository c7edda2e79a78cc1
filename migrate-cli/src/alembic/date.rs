//! The `Create Date:` of a script.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The point in time that a date says: `2025-10-11`, `2025-10-11 14:00:00.123456`, `…+02:00`; UTC without a zone.
///
/// `None` for what is no date, and before 1970.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let fits = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then_some(())?;
    let seconds = days(year, month, day) * 86_400 + time_of_day(rest.trim())?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Seconds since midnight UTC; below zero where the zone is ahead.
fn time_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let zone_at = text.find(['+', '-', 'Z', ' ']).unwrap_or(text.len());
    let (time, zone) = text.split_at(zone_at);
    let mut parts =
        time.split(':').map(|part| part.split('.').next().and_then(|part| part.parse::<i64>().ok()));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let offset = match zone.trim().split_at_checked(1) {
        Some((sign @ ("+" | "-"), offset)) => {
            let digits: String = offset.chars().filter(char::is_ascii_digit).take(4).collect();
            let (hours, minutes) = digits.split_at_checked(2)?;
            let seconds = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().unwrap_or(0) * 60;
            if sign == "-" { -seconds } else { seconds }
        }
        _ => 0,
    };
    Some(hour * 3_600 + minute * 60 + second - offset)
}

/// Days since 1970-01-01, with years that begin in March, as in `clock`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let (era, year_of_era) = (year / 400, year % 400);
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Utc;

    #[test]
    fn every_form_of_date_that_alembic_writes_is_read() {
        for (text, expected) in [
            ("2025-10-12 13:38:51.071942+00:00", Some("20251012_1338")),
            ("2025-10-11 14:00:00", Some("20251011_1400")),
            ("2025-10-11T14:00:00", Some("20251011_1400")),
            ("2025-10-26", Some("20251026_0000")),
            ("2024-03-01 00:30:00+02:00", Some("20240229_2230")),
            ("2023-12-31 23:30:00-0130", Some("20240101_0100")),
            ("2024-02-29 12:00", Some("20240229_1200")),
            ("yesterday", None),
            ("2025-13-01", None),
            ("1969-01-01", None),
        ] {
            let found = parse(text).map(|time| Utc::of(time).file_prefix());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
