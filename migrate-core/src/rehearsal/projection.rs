use std::time::Duration;

/// One batch of a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// How many rows it had; at least 1.
    pub rows: u32,
    /// How long `rows` and `apply` took, without a commit.
    pub took: Duration,
    /// By how much the server's write-ahead log grew meanwhile, in bytes. An upper bound, for others write it, too;
    /// `None` on SQLite.
    pub log_bytes: Option<u64>,
}

/// What the whole backfill will take, if its other rows are like those of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Projection {
    /// How many rows are to be done.
    pub rows: u64,
    /// How long one worker needs, the pauses between batches included and the commits not.
    pub time: Range<Duration>,
    /// How much is written to the write-ahead log, in bytes.
    pub log_bytes: Option<Range<u64>>,
    /// From how many batches it is projected.
    pub batches: usize,
}

/// A projected number: what half of the batches keep to, and what nine of ten do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range<T> {
    /// From the median of the batches.
    pub likely: T,
    /// From the ninth decile.
    pub cautious: T,
}

impl Projection {
    /// Projects `rows` rows from measured batches, with a rest after each `batch_size` rows.
    ///
    /// Quantiles are weighed by the rows of a batch, by nearest rank. `None` without a batch.
    #[must_use]
    pub fn new(rows: u64, measures: &[Measure], rest: Duration, batch_size: u32) -> Option<Self> {
        let pauses =
            rest.saturating_mul(u32::try_from(rows / u64::from(batch_size.max(1))).unwrap_or(u32::MAX));
        let time = quantiles(measures, |measure| Some(measure.took.as_nanos()))?;
        let scaled = |per_row: f64| Duration::try_from_secs_f64(per_row * as_float(rows) / 1e9);
        let time = Range {
            likely: scaled(time.likely).unwrap_or(Duration::MAX).saturating_add(pauses),
            cautious: scaled(time.cautious).unwrap_or(Duration::MAX).saturating_add(pauses),
        };
        let bytes = quantiles(measures, |measure| measure.log_bytes.map(u128::from));
        let log_bytes = bytes.map(|bytes| Range {
            likely: as_count(bytes.likely * as_float(rows)),
            cautious: as_count(bytes.cautious * as_float(rows)),
        });
        Some(Self { rows, time, log_bytes, batches: measures.len() })
    }
}

/// The quantiles of a quantity per row.
fn quantiles(measures: &[Measure], of: impl Fn(&Measure) -> Option<u128>) -> Option<Range<f64>> {
    let mut per_row: Vec<(f64, u64)> = measures
        .iter()
        .filter(|measure| measure.rows > 0)
        .filter_map(|measure| Some((large(of(measure)?) / f64::from(measure.rows), u64::from(measure.rows))))
        .collect();
    per_row.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let total: u64 = per_row.iter().map(|(_, rows)| rows).sum();
    let at = |tenths: u64| {
        let mut seen = 0;
        per_row.iter().find_map(|(quantity, rows)| {
            seen += rows;
            (seen * 10 >= total * tenths).then_some(*quantity)
        })
    };
    Some(Range { likely: at(5)?, cautious: at(9)? })
}

#[expect(clippy::cast_precision_loss, reason = "a projection has not that many digits")]
fn as_float(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "a projection has not that many digits")]
fn large(number: u128) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, and is not negative"
)]
fn as_count(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(rows: u32, milliseconds: u64, log_bytes: Option<u64>) -> Measure {
        Measure { rows, took: Duration::from_millis(milliseconds), log_bytes }
    }

    #[test]
    fn the_median_is_likely_and_the_ninth_decile_cautious() {
        let mut measures: Vec<_> = (0..8).map(|_| measure(100, 10, Some(1_000))).collect();
        measures.extend([measure(100, 100, Some(9_000)), measure(100, 500, Some(90_000))]);
        let projection = Projection::new(1_000_000, &measures, Duration::ZERO, 1_000).unwrap();
        let time = Range { likely: Duration::from_secs(100), cautious: Duration::from_secs(1_000) };
        assert_eq!(projection.time, time);
        assert_eq!(projection.log_bytes, Some(Range { likely: 10_000_000, cautious: 90_000_000 }));
        assert_eq!((projection.rows, projection.batches), (1_000_000, 10));
    }

    #[test]
    fn a_small_batch_counts_for_its_rows_alone() {
        let measures = [measure(1, 1_000, None), measure(999, 999, None)];
        let projection = Projection::new(1_000, &measures, Duration::ZERO, 10).unwrap();
        assert_eq!(projection.time.cautious, Duration::from_secs(1));
        assert_eq!(projection.log_bytes, None);
    }

    #[test]
    fn pauses_are_part_of_the_time() {
        let projection =
            Projection::new(10_000, &[measure(10, 10, None)], Duration::from_secs(1), 1_000).unwrap();
        assert_eq!(projection.time.likely, Duration::from_secs(20));
        assert_eq!(Projection::new(10, &[], Duration::ZERO, 10), None);
    }
}
