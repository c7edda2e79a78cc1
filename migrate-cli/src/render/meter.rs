//! How far a backfill is: a bar on a terminal, lines in a log.
//!
//! Values in, text out; the clock is passed in.

use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr as _;

use super::text::{lasting, rate, rows, thousands, took};
use crate::ui::Palette;

/// How much the latest sample of the rate counts: as in GitLab's batched migrations, high enough to follow a server
/// that grows slow, low enough for a time left that does not jump.
const ALPHA: f64 = 0.4;

/// The least time between two samples of the rate: workers report in bursts.
const SAMPLE: Duration = Duration::from_secs(1);

/// The widths of the bar itself.
const BAR: std::ops::RangeInclusive<usize> = 10..=40;

/// What stands between two parts of the line.
const GAP: usize = 2;

/// The numbers of a backfill: those of all runs and all workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Numbers {
    pub(crate) rows: u64,
    pub(crate) batches: u64,
    pub(crate) rejected: u64,
    /// How many rows there were to do when it began.
    pub(crate) total: Option<u64>,
    pub(crate) workers: u32,
}

impl Numbers {
    /// What is done of the total, in whole percent that are really done.
    pub(crate) fn percent(&self) -> Option<u64> {
        let total = self.total.filter(|total| *total > 0)?;
        let visited = u128::from(self.rows + self.rejected);
        Some(u64::try_from(visited * 100 / u128::from(total)).unwrap_or(100).min(100))
    }

    /// `1,234 of 5,678 rows`.
    pub(crate) fn done(&self) -> String {
        match self.total {
            Some(total) => format!("{} of {}", thousands(self.rows), rows(total)),
            None => rows(self.rows),
        }
    }
}

/// One backfill as somebody watches it.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    revision: String,
    numbers: Numbers,
    began: Instant,
    /// The rows that were done before anybody watched.
    rows_before: u64,
    /// Smoothed, in rows a second.
    rate: Option<f64>,
    sampled: (Instant, u64),
    /// What keeps it waiting.
    held: Option<String>,
}

impl Meter {
    /// Begins to watch a backfill that stands at these numbers.
    pub(crate) fn new(revision: &str, numbers: Numbers, now: Instant) -> Self {
        Self {
            revision: revision.to_owned(),
            rows_before: numbers.rows,
            sampled: (now, numbers.rows),
            numbers,
            began: now,
            rate: None,
            held: None,
        }
    }

    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// Takes the numbers after a batch.
    pub(crate) fn told(&mut self, numbers: Numbers, now: Instant) {
        let (at, rows) = self.sampled;
        let passed = now.saturating_duration_since(at);
        if passed >= SAMPLE {
            #[expect(clippy::cast_precision_loss, reason = "rows of a second, for a person to read")]
            let sample = numbers.rows.saturating_sub(rows) as f64 / passed.as_secs_f64();
            self.rate = Some(self.rate.map_or(sample, |rate| ALPHA * sample + (1.0 - ALPHA) * rate));
            self.sampled = (now, numbers.rows);
        }
        self.numbers = numbers;
    }

    /// Something keeps it waiting, or no longer; the time until it goes on says nothing about its rate.
    pub(crate) fn held(&mut self, why: Option<String>, now: Instant) {
        if self.held.is_some() || why.is_some() {
            self.sampled = (now, self.numbers.rows);
        }
        self.held = why;
    }

    /// The time left at this rate.
    fn left(&self) -> Option<Duration> {
        let Numbers { rows, rejected, total, .. } = self.numbers;
        let left = total?.checked_sub(rows + rejected).filter(|left| *left > 0)?;
        let rate = self.rate.filter(|rate| *rate > 0.0 && self.held.is_none())?;
        #[expect(clippy::cast_precision_loss, reason = "seconds, for a person to read")]
        let seconds = left as f64 / rate;
        // What takes longer than a thousand years is not known.
        Duration::try_from_secs_f64(seconds).ok().filter(|left| left.as_secs() < 1_000 * 365 * 86_400)
    }

    /// The line of a terminal of that many columns; the last one stays free, as some terminals break there.
    pub(crate) fn bar(&self, palette: Palette, columns: usize) -> String {
        let room = columns.saturating_sub(1);
        let mut parts = self.parts();
        let width = |parts: &[Part]| parts.iter().map(|part| part.text.width() + GAP).sum::<usize>();
        let percent = self.numbers.percent();
        let wanted = if percent.is_some() { *BAR.start() } else { 0 };
        // What matters least goes first, and the bar itself before the numbers in it.
        while width(&parts) + wanted > room {
            match parts.iter().enumerate().max_by_key(|(_, part)| part.rank) {
                Some((at, part)) if part.rank > Part::BAR => _ = parts.remove(at),
                _ => break,
            }
        }
        let free = room.saturating_sub(width(&parts));
        let bar = percent.filter(|_| free >= *BAR.start()).map(|percent| (percent, free.min(*BAR.end())));
        while bar.is_none() && width(&parts) > room + GAP {
            match parts.iter().enumerate().max_by_key(|(_, part)| part.rank) {
                Some((at, part)) if part.rank > 0 => _ = parts.remove(at),
                _ => break,
            }
        }
        let mut words: Vec<_> = parts.iter().map(|part| (part.paint)(palette, &part.text)).collect();
        if let Some((percent, width)) = bar {
            words.insert(1, drawn(palette, percent, width));
        }
        let line = words.join(&" ".repeat(GAP));
        if parts.len() == 1 && line.width() > room {
            self.revision.chars().take(room).collect()
        } else {
            line
        }
    }

    fn parts(&self) -> Vec<Part> {
        let Numbers { rejected, workers, total, .. } = self.numbers;
        let mut parts = vec![Part::new(0, self.revision.clone(), |p, text| p.name(text))];
        let mut add = |rank, text: Option<String>, paint| {
            parts.extend(text.map(|text| Part::new(rank, text, paint)));
        };
        let plain: Paint = |_, text| text.to_owned();
        let faint: Paint = |p, text| p.faint(text);
        add(1, self.numbers.percent().map(|percent| format!("{percent} %")), |p, text| p.strong(text));
        add(2, self.held.clone(), |p, text| p.notice(text));
        add(if total.is_some() { 5 } else { 1 }, Some(self.numbers.done()), plain);
        add(6, self.rate.filter(|_| self.held.is_none()).map(rate), plain);
        add(2, self.left().map(|left| format!("{} left", lasting(left))), plain);
        add(7, (workers > 1).then(|| format!("{workers} workers")), faint);
        add(4, (rejected > 0).then(|| format!("{} rejected", thousands(rejected))), |p, text| p.bad(text));
        parts
    }

    /// The line of a log.
    pub(crate) fn line(&self) -> String {
        let texts: Vec<_> = self.parts().into_iter().skip(1).map(|part| part.text).collect();
        format!("Backfill {}: {}", self.revision, texts.join(", "))
    }

    /// The line at the end, when it is done or the run ends in the middle.
    pub(crate) fn last_line(&self, now: Instant) -> String {
        let Numbers { rows: all, batches, rejected, .. } = self.numbers;
        let (here, elapsed) =
            (all.saturating_sub(self.rows_before), now.saturating_duration_since(self.began));
        let mut texts = vec![if elapsed < Duration::from_secs(60) {
            format!("{} in {}", rows(here), took(elapsed))
        } else {
            format!("{} in {}", rows(here), lasting(elapsed))
        }];
        if self.rows_before > 0 {
            texts.push(format!("{} in all", thousands(all)));
        }
        if elapsed >= SAMPLE {
            #[expect(clippy::cast_precision_loss, reason = "rows of a second, for a person to read")]
            texts.push(rate(here as f64 / elapsed.as_secs_f64()));
        }
        texts.push(batches_of(batches));
        if rejected > 0 {
            texts.push(format!("{} rejected", thousands(rejected)));
        }
        format!("Backfill {}: {}", self.revision, texts.join(", "))
    }
}

/// `1 batch`, `1,234 batches`.
pub(crate) fn batches_of(number: u64) -> String {
    if number == 1 { "1 batch".to_owned() } else { format!("{} batches", thousands(number)) }
}

type Paint = fn(Palette, &str) -> String;

/// A word of the line, and how soon it gives way: the highest rank goes first, 0 never.
struct Part {
    rank: u8,
    text: String,
    paint: Paint,
}

impl Part {
    /// What ranks higher goes before the bar does.
    const BAR: u8 = 3;

    fn new(rank: u8, text: String, paint: Paint) -> Self {
        Self { rank, text, paint }
    }
}

/// A thick line as far as it is done and a thin one from there on, which differ also without colours.
fn drawn(palette: Palette, percent: u64, width: usize) -> String {
    let filled = usize::try_from(percent).unwrap_or(100) * width / 100;
    let rest = palette.faint("─".repeat(width - filled));
    format!("{}{rest}", palette.good("━".repeat(filled)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(rows: u64) -> Numbers {
        Numbers { rows, batches: rows / 1_000, rejected: 0, total: Some(2_000_000), workers: 1 }
    }

    fn after(began: Instant, seconds: u64) -> Instant {
        began + Duration::from_secs(seconds)
    }

    /// 10,000 rows a second for two minutes.
    fn two_minutes(total: Option<u64>) -> (Meter, Instant) {
        let began = Instant::now();
        let mut meter = Meter::new("c3d4e5f6a7b8", Numbers { total, ..numbers(0) }, began);
        for second in 1..=120 {
            let numbers = Numbers { total, workers: 4, ..numbers(second * 10_000) };
            meter.told(numbers, after(began, second));
        }
        (meter, began)
    }

    #[test]
    fn a_narrow_terminal_shows_what_matters_most() {
        let (mut meter, began) = two_minutes(Some(2_000_000));
        let drawn = |meter: &Meter| {
            [120, 100, 80, 60, 48, 40, 24, 8]
                .map(|columns| {
                    let line = meter.bar(Palette::PLAIN, columns);
                    assert!(line.width() < columns, "{columns}: {line}");
                    line
                })
                .join("\n")
        };
        expect_test::expect![[r"
            c3d4e5f6a7b8  ━━━━━━━━━━━━━━━━────────────  60 %  1,200,000 of 2,000,000 rows  10.0k rows/s  1 min 20 s left  4 workers
            c3d4e5f6a7b8  ━━━━━━━━━━━────────  60 %  1,200,000 of 2,000,000 rows  10.0k rows/s  1 min 20 s left
            c3d4e5f6a7b8  ━━━━━━━──────  60 %  1,200,000 of 2,000,000 rows  1 min 20 s left
            c3d4e5f6a7b8  ━━━━━━━━━━━━━─────────  60 %  1 min 20 s left
            c3d4e5f6a7b8  ━━━━━━────  60 %  1 min 20 s left
            c3d4e5f6a7b8  60 %  1 min 20 s left
            c3d4e5f6a7b8  60 %
            c3d4e5f"]].assert_eq(&drawn(&meter));
        let numbers = Numbers { rejected: 12, workers: 4, ..numbers(1_200_000) };
        meter.told(numbers, after(began, 121));
        meter.held(Some("waiting for a replica, 12 s behind".to_owned()), after(began, 121));
        expect_test::expect![[r"
            c3d4e5f6a7b8  ━━━━━━────  60 %  waiting for a replica, 12 s behind  1,200,000 of 2,000,000 rows  4 workers  12 rejected
            c3d4e5f6a7b8  ━━━━━━━━━━━━━━━━━━────────────  60 %  waiting for a replica, 12 s behind  12 rejected
            c3d4e5f6a7b8  ━━━━━━────  60 %  waiting for a replica, 12 s behind  12 rejected
            c3d4e5f6a7b8  60 %  waiting for a replica, 12 s behind
            c3d4e5f6a7b8  60 %
            c3d4e5f6a7b8  60 %
            c3d4e5f6a7b8  60 %
            c3d4e5f"]].assert_eq(&drawn(&meter));
    }

    #[test]
    fn without_a_total_there_is_no_percent_and_no_end() {
        let (meter, began) = two_minutes(None);
        expect_test::expect!["c3d4e5f6a7b8  1,200,000 rows  10.0k rows/s  4 workers"]
            .assert_eq(&meter.bar(Palette::PLAIN, 80));
        expect_test::expect!["Backfill c3d4e5f6a7b8: 1,200,000 rows, 10.0k rows/s, 4 workers"]
            .assert_eq(&meter.line());
        expect_test::expect![
            "Backfill c3d4e5f6a7b8: 1,200,000 rows in 2 min 00 s, 10.0k rows/s, 1,200 batches"
        ]
        .assert_eq(&meter.last_line(after(began, 120)));
    }

    #[test]
    fn a_log_has_the_same_numbers() {
        let (mut meter, began) = two_minutes(Some(2_000_000));
        expect_test::expect!["Backfill c3d4e5f6a7b8: 60 %, 1,200,000 of 2,000,000 rows, 10.0k rows/s, 1 min 20 s left, 4 workers"].assert_eq(&meter.line());
        meter.held(Some("paused".to_owned()), after(began, 121));
        expect_test::expect!["Backfill c3d4e5f6a7b8: 60 %, paused, 1,200,000 of 2,000,000 rows, 4 workers"]
            .assert_eq(&meter.line());
        meter.told(Numbers { rejected: 2, ..numbers(1_999_998) }, after(began, 200));
        expect_test::expect![
            "Backfill c3d4e5f6a7b8: 1,999,998 rows in 3 min 20 s, 10.0k rows/s, 1,999 batches, 2 rejected"
        ]
        .assert_eq(&meter.last_line(after(began, 200)));
    }

    #[test]
    fn a_run_that_goes_on_counts_its_own_rows_for_the_rate() {
        let began = Instant::now();
        let mut meter = Meter::new("b1", numbers(1_000_000), began);
        meter.told(numbers(1_020_000), after(began, 2));
        assert_eq!(meter.left(), Some(Duration::from_secs(98)));
        expect_test::expect![
            "Backfill b1: 20,000 rows in 2.0 s, 1,020,000 in all, 10.0k rows/s, 1,020 batches"
        ]
        .assert_eq(&meter.last_line(after(began, 2)));
    }

    #[test]
    fn the_rate_is_smoothed_and_a_pause_does_not_count() {
        let began = Instant::now();
        let mut meter = Meter::new("b1", numbers(0), began);
        meter.told(numbers(500), began + Duration::from_millis(300));
        assert_eq!((meter.rate, meter.left()), (None, None), "a third of a second says little");
        meter.told(numbers(1_000), after(began, 1));
        assert_eq!(meter.rate, Some(1_000.0));
        meter.told(numbers(3_000), after(began, 2));
        assert_eq!(meter.rate, Some(0.4 * 2_000.0 + 0.6 * 1_000.0));
        meter.held(Some("paused".to_owned()), after(began, 3));
        assert_eq!(meter.left(), None);
        meter.held(None, after(began, 603));
        meter.told(numbers(4_400), after(began, 604));
        assert_eq!(meter.rate, Some(1_400.0));
    }

    #[test]
    fn all_is_only_what_is_all() {
        let percent =
            |rows, rejected, total| Numbers { rows, rejected, total, ..Numbers::default() }.percent();
        assert_eq!(percent(1_999_999, 0, Some(2_000_000)), Some(99));
        assert_eq!(percent(1_999_999, 1, Some(2_000_000)), Some(100));
        assert_eq!(percent(2_500_000, 0, Some(2_000_000)), Some(100));
        assert_eq!((percent(5, 0, None), percent(0, 0, Some(0))), (None, None));
    }

    #[test]
    fn colours_add_no_width_of_their_own() {
        let (meter, _) = two_minutes(Some(2_000_000));
        let coloured = meter.bar(Palette::new(true), 100);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstyle_less(&coloured), meter.bar(Palette::PLAIN, 100));
    }

    fn anstyle_less(text: &str) -> String {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, styled)) = rest.split_once("\u{1b}[") {
            plain.push_str(before);
            rest = styled.split_once('m').map_or("", |(_, rest)| rest);
        }
        plain + rest
    }
}
