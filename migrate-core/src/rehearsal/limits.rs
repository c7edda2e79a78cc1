use std::time::Duration;

/// How much a rehearsal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// About how many rows; 1,000 by default, and at least 1.
    pub rows: u32,
    /// How long the sample may take and so keep its rows locked, give or take one batch; 3 s by default.
    ///
    /// Some of the rows are done once more for examples, which may take two thirds of it.
    pub time: Duration,
}

impl Limits {
    /// How long it may take to do rows once more for examples.
    pub(crate) fn for_examples(self) -> Duration {
        self.time * 2 / 3
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 1_000, time: Duration::from_secs(3) }
    }
}

impl From<u32> for Limits {
    /// So many rows, within the usual time.
    fn from(rows: u32) -> Self {
        Self { rows, ..Self::default() }
    }
}
