use std::time::Duration;

/// How large batches are: as many rows as take the target time, within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The rows of the first batch; 1,000 by default.
    pub start: u32,
    /// The fewest rows of an ordinary batch; 10 by default, and at least 1.
    pub min: u32,
    /// The most rows of a batch, which are in memory at once; 20,000 by default.
    pub max: u32,
    /// How long a batch should take, and so keep its rows locked; 300 ms by default.
    pub target: Duration,
    /// How long to leave the database alone after each batch; not at all by default.
    pub rest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { start: 1_000, min: 10, max: 20_000, target: Duration::from_millis(300), rest: Duration::ZERO }
    }
}

impl Pace {
    /// The same with bounds that make sense.
    pub(crate) fn sound(self) -> Self {
        let min = self.min.max(1);
        Self { min, max: self.max.max(min), ..self }
    }
}
