/// The last row of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End<K> {
    /// Its key.
    pub key: K,
    /// How many rows the span has up to there, this one included.
    pub rows: usize,
}
